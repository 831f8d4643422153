"""A small database beside the outbox: one connection behind a lock, for any thread."""

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self

import structlog

from edge.errors import OutboxDiskError

log = structlog.get_logger(__name__)


class SmallFile:
    """The open file. `with` opens it, making it where there is none; a damaged one is moved aside. Any thread may use it."""

    def __init__(self, path: Path, tables: str, what: tuple[str, str]) -> None:
        """tables: statements that make them and set user_version. what: the file's name in a sentence, in English and Chinese."""
        self.path = path
        self._tables, self._what = tables, what
        self._turn = threading.Lock()
        self._connection: sqlite3.Connection

    def __enter__(self) -> Self:
        self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        try:
            self._open()
        except sqlite3.DatabaseError as error:
            if isinstance(error, sqlite3.OperationalError):
                raise self._disk(error) from error
            log.exception("small_file_damaged", file=self.path.name)
            self.path.replace(self.path.with_suffix(".damaged"))
            for left in ("-wal", "-shm"):
                self.path.with_name(self.path.name + left).unlink(missing_ok=True)
            self._open()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        with self._turn:
            self._connection.close()

    def _open(self) -> None:
        if not self.path.exists():
            self.path.touch(mode=0o600)
        self._connection = sqlite3.connect(self.path, isolation_level=None, check_same_thread=False, timeout=30)
        try:
            self._connection.execute("PRAGMA journal_mode=WAL")
            self._connection.execute("PRAGMA secure_delete=ON")
            if not self._connection.execute("PRAGMA user_version").fetchone()[0]:
                self._connection.executescript(f"BEGIN IMMEDIATE; {self._tables} COMMIT;")
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
                raise self._disk(error) from error
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
                raise self._disk(error) from error

    def _roll_back(self) -> None:
        if self._connection.in_transaction:
            self._connection.execute("ROLLBACK")

    def _disk(self, error: sqlite3.Error) -> OutboxDiskError:
        english, chinese = self._what
        return OutboxDiskError(
            f"The disk failed {english} ({error}). Check the disk and the rights on data_dir.",
            f"磁盘无法写入{chinese}（{error}）。请检查磁盘和 data_dir 的权限。",
        )
