"""The file push.db beside the outbox: what is remembered of terminals that push, and their commands.

Losing it loses no punch: terminals send again what it does not say was taken. So a transaction is not waited for until the disk has it, and
a power cut may take the last ones back; only what a person was told is queued is `promise`d. On the card of a small box a write takes ten
milliseconds and more, and each punch, command and count of hundreds of terminals would be one.
"""

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self

import structlog

from edge.errors import OutboxDiskError

VERSION = 1
TABLES = f"""
CREATE TABLE terminal (
    serial TEXT PRIMARY KEY,
    facts TEXT NOT NULL         -- JSON, see memory.Remembered
) STRICT;
CREATE TABLE administrator (
    serial TEXT NOT NULL,
    pin TEXT NOT NULL,
    PRIMARY KEY (serial, pin)
) STRICT, WITHOUT ROWID;
CREATE TABLE unknown (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    at TEXT NOT NULL,
    serial TEXT NOT NULL,
    what TEXT NOT NULL,
    body BLOB NOT NULL          -- its beginning
) STRICT;
CREATE TABLE command (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    serial TEXT NOT NULL,
    text TEXT NOT NULL,
    state TEXT NOT NULL,
    made_at INTEGER NOT NULL,   -- Unix seconds
    expires_at INTEGER NOT NULL,
    sent_at INTEGER,            -- last time
    times INTEGER NOT NULL,     -- how often it was sent
    ended_at INTEGER,
    code INTEGER,               -- what the terminal returned
    detail TEXT NOT NULL,
    purpose TEXT NOT NULL       -- what the result is for, empty where a person asked
) STRICT;
CREATE INDEX command_open ON command (serial, state);
CREATE TABLE proof (
    serial TEXT NOT NULL,
    day TEXT NOT NULL,
    at INTEGER NOT NULL,
    terminal_count INTEGER NOT NULL,
    edge_count INTEGER NOT NULL,
    missing INTEGER NOT NULL,
    PRIMARY KEY (serial, day)
) STRICT, WITHOUT ROWID;
PRAGMA user_version = {VERSION};
"""

log = structlog.get_logger(__name__)


class PushFile:
    """The open file. `with` opens it, making it where there is none; a damaged one is moved aside. Any thread may use it."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._turn = threading.Lock()
        self._connection: sqlite3.Connection

    def __enter__(self) -> Self:
        self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        try:
            self._open()
        except sqlite3.DatabaseError as error:
            if isinstance(error, sqlite3.OperationalError):
                raise _disk(error) from error
            log.exception("push_file_damaged")
            self._path.replace(self._path.with_suffix(".damaged"))
            for left in ("-wal", "-shm"):
                self._path.with_name(self._path.name + left).unlink(missing_ok=True)
            self._open()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        with self._turn:
            self._connection.close()

    def _open(self) -> None:
        if not self._path.exists():
            self._path.touch(mode=0o600)
        self._connection = sqlite3.connect(self._path, isolation_level=None, check_same_thread=False, timeout=30)
        try:
            self._connection.execute("PRAGMA journal_mode=WAL")
            if not self._connection.execute("PRAGMA user_version").fetchone()[0]:
                self._connection.executescript(f"BEGIN IMMEDIATE; {TABLES} COMMIT;")
        except sqlite3.Error:
            self._connection.close()
            raise

    def change(self) -> AbstractContextManager[sqlite3.Connection]:
        """One transaction, which only a power cut can take back; raises OutboxDiskError where the disk does not take it."""
        return self._transaction("NORMAL")

    def promise(self) -> AbstractContextManager[sqlite3.Connection]:
        """One transaction that is there for good; raises OutboxDiskError."""
        return self._transaction("FULL")

    @contextmanager
    def _transaction(self, synchronous: str) -> Iterator[sqlite3.Connection]:
        with self._turn:
            try:
                self._connection.execute(f"PRAGMA synchronous={synchronous}")
                self._connection.execute("BEGIN IMMEDIATE")
                yield self._connection
                self._connection.execute("COMMIT")
            except sqlite3.Error as error:
                self._roll_back()
                raise _disk(error) from error
            except BaseException:
                self._roll_back()
                raise

    @contextmanager
    def look(self) -> Iterator[sqlite3.Connection]:
        """Read; raises OutboxDiskError."""
        with self._turn:
            try:
                yield self._connection
            except sqlite3.Error as error:
                raise _disk(error) from error

    def _roll_back(self) -> None:
        if self._connection.in_transaction:
            self._connection.execute("ROLLBACK")


def _disk(error: sqlite3.Error) -> OutboxDiskError:
    return OutboxDiskError(
        f"The disk failed the file of terminals that push ({error}). Check the disk and the rights on data_dir.",
        f"磁盘无法写入推送考勤机的数据文件（{error}）。请检查磁盘和 data_dir 的权限。",
    )
