"""Copies of the whole database in one file, made while it is in use, and put back.

SQLite is copied by its own online backup, PostgreSQL by `pg_dump`. A copy is complete or not there: it is written under another name,
checked, made durable, and then named. What a restored database misses, the edges send again: they see that the server's mark fell back.
"""

import os
import shutil
import sqlite3
import subprocess
import tempfile
from collections.abc import Callable
from contextlib import closing, suppress
from itertools import count
from pathlib import Path

from server.storage.database import Database
from server.storage.errors import BackupError, DatabaseBrokenError, DatabaseUnreachableError

DUMP_FORMAT = "--format=custom"
WITHOUT_QUEUES = "--exclude-schema=clockbridge_jobs"
"""Queues of long work are no facts (server.jobs.runner): what had not ended is handed to them again, also after a restore."""
VERSION_TABLE = "alembic_version"


def back_up(database: Database, file: Path) -> int:
    """Write a copy to a new file and give its size in bytes; raises BackupError or another StorageError, with nothing left behind."""
    if file.exists():
        raise BackupError(file=file, reason="there is something of this name already; a backup never overwrites. Choose another name.")
    partial = file.with_name(file.name + ".partial")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        partial.unlink(missing_ok=True)
        os.close(os.open(partial, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        try:
            _copy_sqlite(_sqlite_file(database), partial) if database.dialect == "sqlite" else _dump(database, partial)
            _make_durable(partial)
            partial.rename(file)
        finally:
            partial.unlink(missing_ok=True)
        _make_durable(file.parent)
    except OSError as error:
        raise BackupError(
            file=file, reason="it cannot be written there ({detail}). Choose another folder, or make room.", detail=error.strerror
        ) from error
    return file.stat().st_size


def put_back(database: Database, file: Path, check: Callable[[str], None]) -> None:
    """Replace the whole database by a copy. Nobody else may use it meanwhile.

    check: told the copy's revision before anything is touched; raises when it must not be put back. The SQLite file that was in force is
    kept beside it as `….before-restore-<n>`; on PostgreSQL all is replaced in one transaction. Raises BackupError or another StorageError.
    """
    if not file.is_file():
        raise BackupError(file=file, reason="there is no such file. Name a copy that `clockbridge server backup` made.")
    check(_revision_in_sqlite(file) if database.dialect == "sqlite" else _revision_in_dump(file))
    try:
        _put_back_sqlite(database, file) if database.dialect == "sqlite" else _load(database, file)
    except OSError as error:
        raise BackupError(
            file=file, reason="it could not be copied into place ({detail}). The database is as it was.", detail=error.strerror
        ) from error


def _sqlite_file(database: Database) -> Path:
    return Path(str(database.url.database))


def _copy_sqlite(source: Path, target: Path) -> None:
    if not source.is_file():
        raise DatabaseUnreachableError(detail=f"there is no {source}")
    try:
        with closing(sqlite3.connect(source)) as origin, closing(sqlite3.connect(target)) as copy:
            origin.backup(copy)
            copy.execute("PRAGMA journal_mode=DELETE")  # one file, no log beside it
    except sqlite3.OperationalError as error:
        raise OSError(0, str(error)) from error  # of the copy: a full disk above all
    except sqlite3.DatabaseError as error:
        raise DatabaseBrokenError(detail=f"{source.name}: {error}") from error
    found = _unsound(target)
    if found:
        raise DatabaseBrokenError(detail=f"{source.name}: {found}")


def _unsound(file: Path) -> str:
    """What SQLite finds wrong in a file; empty when it is well."""
    try:
        with closing(sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro", uri=True)) as copy:
            found = str(copy.execute("PRAGMA quick_check(1)").fetchone()[0])
    except sqlite3.DatabaseError as error:
        return str(error)
    return "" if found == "ok" else found


def _revision_in_sqlite(file: Path) -> str:
    unsound = _unsound(file)
    if unsound:
        raise _no_backup(file, unsound)
    try:
        with closing(sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro", uri=True)) as copy:
            row = copy.execute(f"SELECT version_num FROM {VERSION_TABLE}").fetchone()  # noqa: S608 - our own name
    except sqlite3.DatabaseError as error:
        raise _no_backup(file, str(error)) from error
    if row is None:
        raise _no_backup(file, "it holds no revision")
    return str(row[0])


def _no_backup(file: Path, detail: str) -> BackupError:
    return BackupError(
        file=file,
        reason="this is no backup of Clockbridge for this kind of database, or it is damaged ({detail}). Take another one.",
        detail=detail,
    )


def _put_back_sqlite(database: Database, file: Path) -> None:
    target = _sqlite_file(database)
    database.close()
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    partial = target.with_name(target.name + ".restoring")
    try:
        shutil.copyfile(file, partial)
        partial.chmod(0o600)
        _make_durable(partial)
        _set_aside(target)
        partial.replace(target)
    finally:
        partial.unlink(missing_ok=True)
    _make_durable(target.parent)


def _set_aside(target: Path) -> None:
    """Keep what is in force under a name of its own, with its log: left behind, SQLite would play that into the restored file."""
    aside = next(name for number in count(1) if not (name := target.with_name(f"{target.name}.before-restore-{number}")).exists())
    with suppress(FileNotFoundError):
        os.link(target, aside)  # not moved: at every moment there is a database of this name
    for suffix in ("-wal", "-shm"):
        with suppress(FileNotFoundError):
            target.with_name(target.name + suffix).rename(aside.with_name(aside.name + suffix))


def _dump(database: Database, target: Path) -> None:
    _run("pg_dump", [*_connection(database), DUMP_FORMAT, WITHOUT_QUEUES, "--no-owner", "--no-privileges", f"--file={target}"], database)


def _revision_in_dump(file: Path) -> str:
    """The one line that a dump copies into the table of revisions."""
    try:
        said = _run("pg_restore", ["--data-only", f"--table={VERSION_TABLE}", "--file=-", str(file)])
    except DatabaseUnreachableError as error:
        raise _no_backup(file, error.facts["detail"]) from error
    lines = iter(said.splitlines())
    if any(line.startswith("COPY ") for line in lines):
        found = next(lines, "\\.")
        if found != "\\.":
            return found
    raise _no_backup(file, "it holds no revision")


def _load(database: Database, file: Path) -> None:
    """All in one transaction, also what the copy does not know: tables of a newer release would be in the way of the next migration."""
    load = ["--no-psqlrc", "--quiet", "--single-transaction", "--set=ON_ERROR_STOP=1", "--command=DROP SCHEMA public CASCADE"]
    with tempfile.TemporaryDirectory(prefix="clockbridge-") as folder:  # whole before it is played: a pipe that breaks looks like an end
        script = Path(folder) / "restore.sql"
        _run("pg_restore", ["--no-owner", "--no-privileges", f"--file={script}", str(file)])
        _run("psql", [*_connection(database), *load, "--command=CREATE SCHEMA public", f"--file={script}"], database)


def _connection(database: Database) -> list[str]:
    plain = database.url.set(drivername="postgresql", password=None).render_as_string(hide_password=False)
    return [f"--dbname={plain}"]


def _run(program: str, arguments: list[str], database: Database | None = None) -> str:
    """Its output. The password travels in the environment: a command line can be read by everybody on the machine."""
    found = shutil.which(program)
    if found is None:
        raise DatabaseUnreachableError(detail=f"{program} is not installed: apt install postgresql-client")
    password = database.url.password if database else None
    environment = os.environ | ({"PGPASSWORD": str(password)} if password else {})
    done = subprocess.run(  # noqa: S603 - PostgreSQL's own program, without a shell
        [found, *arguments], stdin=subprocess.DEVNULL, capture_output=True, text=True, env=environment, check=False
    )
    if done.returncode:
        lines = done.stderr.strip().splitlines()
        raise DatabaseUnreachableError(detail=lines[0] if lines else f"{program} failed")
    return done.stdout


def _make_durable(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
