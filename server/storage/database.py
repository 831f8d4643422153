"""The database: where it is, units of work on it, and its failures in our words.

A unit of work is one transaction. Reading ones see one snapshot and cannot write; writing ones take the write lock at once on
SQLite (a transaction that reads first and writes later fails there under load, whatever the time-out). Only this file commits.
"""

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any
from urllib.parse import quote

import msgspec
from sqlalchemy import Connection, CursorResult, Engine, Executable, Row, Table, create_engine, event, make_url
from sqlalchemy.engine import URL, ExceptionContext
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError

from server.errors import NoSuchValueError
from server.storage.errors import (
    DatabaseBrokenError,
    DatabaseBusyError,
    DatabaseFullError,
    DatabaseUnreachableError,
    StorageError,
    VaultError,
)
from server.storage.rehearsal import Part, copy_tables, only_copies_written
from server.storage.vault import Vault

SQLITE_BUSY_MS = 10_000
WAL_PAGES = 8192
"""Pages (of 4 KB) in the log before SQLite brings them into the file. With its own 1,000 the pages of indices are written again and again:
recording punches then takes a third longer (measured)."""
IDLE_WRITER_MS = 15_000
"""A writing transaction in which its program is silent for this long is ended by PostgreSQL: a frozen one would hold its locks for ever."""


class UnitOfWork:
    """One transaction; lives inside `Database.reading()` or `.writing()`."""

    def __init__(self, connection: Connection, vault: Vault | None = None) -> None:
        self.connection = connection
        self._vault = vault
        self.dialect = connection.dialect.name
        """"sqlite" or "postgresql"."""

    @property
    def has_vault(self) -> bool:
        """Whether personal data can be sealed and opened here; where not, none can have been sealed that could be read."""
        return self._vault is not None

    @property
    def vault(self) -> Vault:
        """Seals and opens personal data; raises VaultError where the installation's key is not there."""
        if self._vault is None:
            raise VaultError(
                reason="The key of personal data is missing: put it back, or run `clockbridge server init` if there was none yet."
            )
        return self._vault

    def execute(self, statement: Executable, parameters: Any = None) -> CursorResult[Any]:
        """Run a statement; a list of parameter mappings makes it run once for each."""
        result: CursorResult[Any] = self.connection.execute(statement, parameters)
        return result

    def fetch_all(self, statement: Executable, parameters: Any = None) -> Sequence[Row[Any]]:
        return self.connection.execute(statement, parameters).all()

    def fetch_one(self, statement: Executable, parameters: Any = None) -> Row[Any] | None:
        """The first row; None when there is none."""
        return self.connection.execute(statement, parameters).first()

    def scalar(self, statement: Executable, parameters: Any = None) -> Any:
        """First column of the first row; None when there is none."""
        return self.connection.execute(statement, parameters).scalar()


class Database:
    """A database by its URL, `sqlite:///…` or `postgresql://…`. Constructing never connects; threads may share it.

    vault: seals personal data in its units of work; without one they can do all else. Raises DatabaseUnreachableError for a URL that
    cannot be understood.
    """

    def __init__(self, url: str, vault: Vault | None = None, *, connections: int = 10) -> None:
        self.url = _parse(url)
        self.vault = vault
        self.dialect = self.url.get_backend_name()
        self._writer = _engine(self.url, self.dialect, connections)
        if self.dialect == "sqlite":
            self._reader = _engine(self.url, self.dialect, connections, query_only=True)
        else:
            self._reader = self._writer.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)

    @contextmanager
    def reading(self) -> Iterator[UnitOfWork]:
        """One snapshot to read; a write in it fails."""
        with self._reader.connect() as connection, connection.begin():
            yield UnitOfWork(connection, self.vault)

    @contextmanager
    def writing(self) -> Iterator[UnitOfWork]:
        """Commits at the end of the block, with the data on the disk; rolls back on any exception."""
        with self._writer.connect() as connection, connection.begin():
            if self.dialect == "postgresql":
                connection.exec_driver_sql(f"SET LOCAL idle_in_transaction_session_timeout = {IDLE_WRITER_MS}")
            yield UnitOfWork(connection, self.vault)

    @contextmanager
    def rehearsing(self, tables: Mapping[Table, Part | None]) -> Iterator[UnitOfWork]:
        """A unit of work on copies of these tables, of one snapshot: it may write to them, nothing of it stays, and nobody waits for it."""
        if self.dialect == "sqlite":
            with self._reader.connect() as connection, only_copies_written(connection), connection.begin() as ends:
                copy_tables(connection, tables)
                yield UnitOfWork(connection, self.vault)
                ends.rollback()
        else:
            snapshot = self._writer.execution_options(isolation_level="REPEATABLE READ")
            with snapshot.connect() as connection, connection.begin() as ends:
                copy_tables(connection, tables)
                yield UnitOfWork(connection, self.vault)
                ends.rollback()

    @contextmanager
    def plain_connection(self) -> Iterator[Connection]:
        """A connection without a transaction of ours, for migrations and backups; foreign keys are as the pool has them."""
        with self._writer.connect() as connection:
            yield connection

    def make_file(self) -> None:
        """An empty file of our own (0600) where SQLite has none. Nothing else makes one: a disk that is not mounted would look like a
        new installation. Raises DatabaseUnreachableError."""
        if self.dialect != "sqlite":
            return
        try:
            with suppress(FileExistsError):
                os.close(os.open(_file(self.url), os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        except OSError as error:
            raise DatabaseUnreachableError(detail=f"{_file(self.url)}: {error.strerror}") from error

    def close(self) -> None:
        """Close idle connections; the object may be used again (a forked child calls this first)."""
        self._reader.dispose()
        self._writer.dispose()

    def __repr__(self) -> str:
        return f"Database({self.url.render_as_string(hide_password=True)})"


def _parse(url: str) -> URL:
    try:
        parsed = make_url(url)
    except ArgumentError as error:
        raise DatabaseUnreachableError(detail="the address cannot be understood") from error
    if parsed.get_backend_name() == "postgresql":
        return parsed.set(drivername="postgresql+psycopg")
    if parsed.get_backend_name() == "sqlite" and parsed.database not in (None, "", ":memory:"):
        return parsed
    raise DatabaseUnreachableError(detail="the address must begin with sqlite:/// and a file, or with postgresql://")


def _file(url: URL) -> Path:
    return Path(str(url.database)).absolute()


def _engine(url: URL, dialect: str, connections: int, *, query_only: bool = False) -> Engine:
    shared: dict[str, Any] = {
        "pool_size": connections,
        "max_overflow": connections,
        "pool_timeout": 10,
        "json_serializer": _json,
        "json_deserializer": _parsed,
        "hide_parameters": True,  # values of rows are people's data and belong in no log
    }
    try:
        if dialect == "sqlite":
            # isolation_level None: the driver opens no transaction by itself, the "begin" event below does
            arguments: dict[str, Any] = {"isolation_level": None, "timeout": SQLITE_BUSY_MS / 1000}
            existing = URL.create("sqlite", database=f"file:{quote(str(_file(url)))}", query={"mode": "rw", "uri": "true"})
            engine = create_engine(existing, connect_args=arguments, **shared)
        else:
            arguments = {"application_name": "clockbridge", "connect_timeout": 10}
            engine = create_engine(url, connect_args=arguments, pool_pre_ping=True, **shared)
    except (ArgumentError, NoSuchModuleError) as error:
        raise DatabaseUnreachableError(detail=str(error)) from error
    if dialect == "sqlite":
        _prepare_sqlite(engine, query_only=query_only)
    else:
        event.listen(engine, "connect", _prepare_postgresql)
    event.listen(engine, "handle_error", _in_our_words)
    return engine


def _json(value: Any) -> str:
    """Not escaped: SQLite's JSON functions do not find escaped Chinese."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _parsed(text: str | bytes) -> Any:
    """Pages that show a fleet read thousands of small values: this is several times as fast. What it does not take is rare and no fault."""
    try:
        return msgspec.json.decode(text)
    except msgspec.MsgspecError:
        return json.loads(text)


def _prepare_sqlite(engine: Engine, *, query_only: bool) -> None:
    def on_connect(connection: Any, _record: Any) -> None:
        cursor = connection.cursor()
        cursor.execute(f"PRAGMA busy_timeout={SQLITE_BUSY_MS}")
        cursor.execute("PRAGMA journal_mode=WAL")
        cursor.execute("PRAGMA synchronous=FULL")  # a receipt must survive a power cut
        cursor.execute("PRAGMA foreign_keys=ON")
        cursor.execute("PRAGMA recursive_triggers=ON")  # else INSERT OR REPLACE slips past the triggers that guard evidence
        cursor.execute("PRAGMA cache_size=-32768")  # 32 MB
        cursor.execute(f"PRAGMA wal_autocheckpoint={WAL_PAGES}")
        if query_only:
            cursor.execute("PRAGMA query_only=ON")
        cursor.close()

    def on_begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN" if query_only else "BEGIN IMMEDIATE")

    event.listen(engine, "connect", on_connect)
    event.listen(engine, "begin", on_begin)


def _prepare_postgresql(connection: Any, _record: Any) -> None:
    """A receipt must survive a power cut: a cluster that commits lazily is asked not to, for our connections."""
    lazily = "SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off'"
    connection.execute(lazily)
    connection.commit()


_SQLITE_WORDS: tuple[tuple[str, type[StorageError]], ...] = (
    ("unable to open database file", DatabaseUnreachableError),
    ("database is locked", DatabaseBusyError),
    ("database table is locked", DatabaseBusyError),
    ("database or disk is full", DatabaseFullError),
    ("disk i/o error", DatabaseFullError),
    ("file is not a database", DatabaseBrokenError),
    ("malformed", DatabaseBrokenError),
)
_POSTGRESQL_STATES: tuple[tuple[str, type[StorageError]], ...] = (
    ("40", DatabaseBusyError),  # serialisation failure, deadlock
    ("55P03", DatabaseBusyError),  # lock not available
    ("25P03", DatabaseUnreachableError),  # silent in a transaction for too long
    ("53100", DatabaseFullError),  # disk full
    ("53", DatabaseUnreachableError),  # too many connections, out of memory
    ("57", DatabaseUnreachableError),  # shutting down, killed by its administrator
    ("08", DatabaseUnreachableError),
    ("28", DatabaseUnreachableError),  # wrong password or user
    ("3D", DatabaseUnreachableError),  # no such database
    ("XX001", DatabaseBrokenError),
    ("XX002", DatabaseBrokenError),
)


def _in_our_words(context: ExceptionContext) -> None:
    """Turn a failure of the database into ours; anything about the statement itself stays what it is.

    Not a pool's look whether an idle connection still lives: a dead one is exchanged there, and nobody needs to hear of it.
    """
    if context.is_pre_ping:
        return
    original = context.original_exception
    if _cannot_be_kept(original):
        raise NoSuchValueError from original
    kind = _kind_of_failure(context)
    if kind is not None:
        lines = str(original).strip().splitlines()
        raise kind(detail=lines[0][:300] if lines else type(original).__name__) from original


def _cannot_be_kept(error: BaseException) -> bool:
    """Whether a value was a number beyond 64 bits, or a text with a lone surrogate or, in PostgreSQL, a zero byte."""
    if isinstance(error, OverflowError | UnicodeEncodeError) or getattr(error, "sqlstate", None) == "22003":
        return True
    return type(error).__name__ == "DataError" and "NUL" in str(error)  # the driver refuses it before the database sees it


def _kind_of_failure(context: ExceptionContext) -> type[StorageError] | None:
    original = context.original_exception
    if context.dialect.name == "sqlite":
        text = str(original).lower()
        if "readonly database" in text and (context.statement or "").startswith("BEGIN"):
            return DatabaseUnreachableError  # the file is not ours to write; elsewhere it is a write in a reading unit of work
        return next((kind for words, kind in _SQLITE_WORDS if words in text), None)
    if not isinstance(context.sqlalchemy_exception, DBAPIError):
        return None
    state = getattr(original, "sqlstate", None)
    if state is not None:
        return next((kind for prefix, kind in _POSTGRESQL_STATES if state.startswith(prefix)), None)
    lost = context.is_disconnect or context.connection is None
    return DatabaseUnreachableError if lost or "connection" in str(original) else None
