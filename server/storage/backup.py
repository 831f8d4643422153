"""Copies of the whole database in one file, made while it is in use, and put back.

SQLite is copied by its own online backup, PostgreSQL by `pg_dump`. A copy is complete or not there: it is written under another name,
checked, made durable, and then named. What a restored database misses, the edges send again: they see that the server's mark fell back.
"""

import os
import shutil
import sqlite3
import subprocess
from contextlib import closing, suppress
from pathlib import Path

from server.storage.database import Database
from server.storage.errors import DatabaseBrokenError, DatabaseUnreachableError

DUMP_FORMAT = "--format=custom"


def back_up(database: Database, file: Path) -> int:
    """Write a copy to a new file and give its size in bytes; raises FileExistsError, OSError or StorageError, with nothing left behind."""
    if file.exists():
        raise FileExistsError(f"{file} is there already; a backup never overwrites one.")
    file.parent.mkdir(parents=True, exist_ok=True)
    partial = file.with_name(file.name + ".partial")
    partial.unlink(missing_ok=True)
    os.close(os.open(partial, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    try:
        _copy_sqlite(Path(str(database.url.database)), partial) if database.dialect == "sqlite" else _dump(database, partial)
        _make_durable(partial)
        partial.rename(file)
    finally:
        partial.unlink(missing_ok=True)
    _make_durable(file.parent)
    return file.stat().st_size


def put_back(database: Database, file: Path) -> None:
    """Replace the whole database by a copy. Nobody else may use it meanwhile.

    The file that was in force is kept beside it as `….before-restore`; on PostgreSQL all is replaced in one transaction.
    """
    if not file.is_file():
        raise FileNotFoundError(f"There is no backup {file}.")
    _put_back_sqlite(database, file) if database.dialect == "sqlite" else _load(database, file)


def _copy_sqlite(source: Path, target: Path) -> None:
    if not source.is_file():
        raise DatabaseUnreachableError(detail=f"there is no {source}")
    with closing(sqlite3.connect(source)) as origin, closing(sqlite3.connect(target)) as copy:
        origin.backup(copy)
        copy.execute("PRAGMA journal_mode=DELETE")  # one file, no log beside it
    _require_sound(target)


def _require_sound(file: Path) -> None:
    try:
        with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as copy:
            found = copy.execute("PRAGMA quick_check(1)").fetchone()[0]
    except sqlite3.DatabaseError as error:
        raise DatabaseBrokenError(detail=f"{file.name}: {error}") from error
    if found != "ok":
        raise DatabaseBrokenError(detail=f"{file.name}: {found}")


def _put_back_sqlite(database: Database, file: Path) -> None:
    _require_sound(file)
    target = Path(str(database.url.database))
    database.close()
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    partial = target.with_name(target.name + ".restoring")
    shutil.copyfile(file, partial)
    partial.chmod(0o600)
    _make_durable(partial)
    aside = target.with_name(target.name + ".before-restore")
    # The log belongs to the old file: left behind, SQLite would play it into the restored one.
    for suffix in ("-wal", "-shm", ""):
        with suppress(FileNotFoundError):
            target.with_name(target.name + suffix).rename(aside.with_name(aside.name + suffix))
    partial.rename(target)
    _make_durable(target.parent)


def _dump(database: Database, target: Path) -> None:
    _run("pg_dump", database, [DUMP_FORMAT, "--no-owner", "--no-privileges", f"--file={target}"])


def _load(database: Database, file: Path) -> None:
    options = ["--clean", "--if-exists", "--no-owner", "--no-privileges", "--single-transaction", "--exit-on-error"]
    _run("pg_restore", database, [*options, str(file)])


def _run(program: str, database: Database, arguments: list[str]) -> None:
    """The password travels in the environment: a command line can be read by everybody on the machine."""
    found = shutil.which(program)
    if found is None:
        raise DatabaseUnreachableError(detail=f"{program} is not installed: apt install postgresql-client")
    url = database.url
    plain = url.set(drivername="postgresql", password=None).render_as_string(hide_password=False)
    environment = os.environ | ({"PGPASSWORD": str(url.password)} if url.password else {})
    done = subprocess.run(  # noqa: S603 - PostgreSQL's own program, without a shell
        [found, f"--dbname={plain}", *arguments], capture_output=True, text=True, env=environment, check=False
    )
    if done.returncode:
        lines = done.stderr.strip().splitlines()
        raise DatabaseUnreachableError(detail=f"{program}: {lines[0] if lines else 'failed'}")


def _make_durable(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
