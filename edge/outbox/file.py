"""Opening an outbox file: one agent at a time, never larger than it may be, and only when it can be trusted."""

import errno
import fcntl
import os
import shutil
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from edge.errors import (
    OutboxDamagedError,
    OutboxDiskError,
    OutboxError,
    OutboxForeignError,
    OutboxFullError,
    OutboxLockedError,
    OutboxNewerError,
)
from edge.outbox import ledger, schema
from protocol.identifiers import EdgeId

BALLAST_BYTES = 8 * 1024 * 1024
"""Given up when the disk is full: deleting needs room too (measured: on a full disk even DELETE fails)."""
SHARE_OF_DISK = 0.6
CHECKED_TAIL = 1000
"""Rows at the end whose chain is verified at each start; all of them are verified when they are read to be sent."""


@dataclass(frozen=True, slots=True)
class Limits:
    """max_megabytes: the file's own cap; the disk sets a lower one. keep_days: how long released rows stay."""

    max_megabytes: int = 2048
    keep_days: int = 30

    def pages(self, folder: Path) -> int:
        """Largest size of the file in pages: what is configured, or 60 % of the disk it lies on, so that draining always has room."""
        on_disk = int(shutil.disk_usage(folder).total * SHARE_OF_DISK)
        return max(min(self.max_megabytes * 1024 * 1024, on_disk) // schema.PAGE_BYTES, 64)


class Lock:
    """Keeps a second agent off the same outbox; the kernel lets go of it when the process ends, however it ends."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: IO[str] | None = None

    def take(self) -> None:
        """Raises OutboxLockedError at once when somebody else has it."""
        file = self._path.open("a+")
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            file.seek(0)
            owner = file.read(20).strip() or "?"
            file.close()
            raise OutboxLockedError(
                f"Another agent (process {owner}) works with {self._path.parent}. Stop it first, or give this edge a data_dir of its own.",
                f"另一个程序（进程 {owner}）正在使用 {self._path.parent}。请先停止它，或为本网关另设 data_dir。",
            ) from error
        self._file = file
        with suppress(OSError):  # on a full disk it holds all the same, only nobody can say whose it is
            os.ftruncate(file.fileno(), 0)
            os.write(file.fileno(), str(os.getpid()).encode())

    def give_back(self) -> None:
        if self._file:
            self._file.close()
            self._file = None


def open_checked(path: Path, edge: EdgeId) -> tuple[sqlite3.Connection, ledger.State]:
    """Open a file that exists and verify it; raises OutboxDamagedError, OutboxNewerError or OutboxForeignError."""
    with translated():
        connection = schema.connect(path)
    try:
        with translated():
            state = _check(connection, path, edge)
    except BaseException:
        connection.close()
        raise
    return connection, state


def _check(connection: sqlite3.Connection, path: Path, edge: EdgeId) -> ledger.State:
    version = connection.execute("PRAGMA user_version").fetchone()[0]
    if version > schema.VERSION:
        raise OutboxNewerError(
            f"{path} was written by a later release. Install that release again; nothing has been changed.",
            f"{path} 由更新的版本写入。请重新安装该版本；数据未被改动。",
        )
    verdict = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
    if verdict != "ok":
        raise OutboxDamagedError(str(verdict)[:200])
    state = ledger.load(connection)
    if state.edge != edge:
        raise OutboxForeignError(
            f"{path} belongs to edge {state.edge}, not to {edge}. Give this edge a data_dir of its own.",
            f"{path} 属于网关 {state.edge}，不是 {edge}。请为本网关另设 data_dir。",
        )
    _check_tail(connection, state)
    return state


def _check_tail(connection: sqlite3.Connection, state: ledger.State) -> None:
    if state.high:
        ledger.read(connection, state, max(state.low, state.high - CHECKED_TAIL + 1), CHECKED_TAIL, sys.maxsize)


@contextmanager
def translated() -> Iterator[None]:
    """Say in our own errors what SQLite or the disk says."""
    try:
        yield
    except sqlite3.Error as error:
        known = _translate(error)
        if known is None:
            raise
        raise known from error
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise full() from error
        raise _disk(str(error)) from error


def _translate(error: sqlite3.Error) -> OutboxError | None:
    """Which of our errors this is; None for a fault of ours, which must never be taken for a damaged file."""
    code = (getattr(error, "sqlite_errorcode", None) or 0) & 0xFF
    if code == sqlite3.SQLITE_FULL:
        return full()
    if code in (sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_BUSY, sqlite3.SQLITE_PERM):
        return _disk(str(error))
    if code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_FORMAT) or str(error).startswith("no such "):
        return OutboxDamagedError(str(error)[:200])
    return None


def full() -> OutboxFullError:
    return OutboxFullError(
        "The outbox is full: terminals keep their punches until the server has taken some. "
        "Check the line to the server, or free disk space.",
        "待发队列已满：在服务器收走一部分之前，打卡记录留在考勤机上。请检查与服务器的连接，或释放磁盘空间。",
    )


def _disk(detail: str) -> OutboxDiskError:
    return OutboxDiskError(
        f"The disk failed the outbox ({detail}). Check the disk and the rights on data_dir; "
        "the agent goes on by itself when it works again.",
        f"磁盘无法写入待发队列（{detail}）。请检查磁盘和 data_dir 的权限；恢复后程序会自动继续。",
    )


class Ballast:
    """A file that can be given up when the disk is full."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def lay(self) -> None:
        """Make it where there is plenty of room; without it an edge works all the same."""
        if self._path.exists() or shutil.disk_usage(self._path.parent).free < 4 * BALLAST_BYTES:
            return
        try:
            with self._path.open("wb") as file:
                os.posix_fallocate(file.fileno(), 0, BALLAST_BYTES)
        except OSError:
            self._path.unlink(missing_ok=True)

    def throw(self) -> bool:
        """Free its room; False when there was none to free."""
        try:
            self._path.unlink()
        except OSError:
            return False
        return True
