"""A folder that people put USB exports into. A file that was taken is moved into `taken`, one that cannot be taken into `refused`.

A file is read when it has kept its size and time between two looks, so one that is still being copied is left alone. A crash after the
append and before the move reads it once more, and identity absorbs that.
"""

import asyncio
from concurrent.futures import Executor
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import structlog

from edge.collect.intake import Taken, take_file
from edge.collect.rows import Origin
from edge.devices.attlog.read import AttlogError, read_attlog
from edge.errors import OutboxError
from edge.health import HealthBook, TerminalState
from edge.outbox import Outbox
from edge.settings import DropFolder
from protocol.identifiers import TerminalSerial
from protocol.messages import Source

PATTERN = "*_attlog.dat"

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class _Look:
    size: int
    changed_ns: int


class FolderOwner:
    """One drop folder."""

    def __init__(self, drop: DropFolder, outbox: Outbox, book: HealthBook, readers: Executor) -> None:
        self._drop, self._outbox, self._book, self._readers = drop, outbox, book, readers
        self._serial = TerminalSerial(drop.terminal_serial)
        self._report = book.report(drop.path.name, str(drop.path), drop.terminal_serial, TerminalState.FOLDER)
        self._seen: dict[Path, _Look] = {}

    async def run(self) -> None:
        """Watch until cancelled."""
        while True:
            try:
                for path in await asyncio.to_thread(self._ready):
                    await self._take(path)
                self._enter("")
            except OutboxError as error:
                self._enter(error.english)
            except OSError as error:
                self._enter(f"{self._drop.path}: {error.strerror}")
            await asyncio.sleep(self._drop.poll_seconds)

    def _ready(self) -> list[Path]:
        self._drop.path.mkdir(parents=True, exist_ok=True)
        found = {}
        for path in sorted(self._drop.path.glob(PATTERN)):
            facts = path.stat()
            found[path] = _Look(facts.st_size, facts.st_mtime_ns)
        ready = [path for path, look in found.items() if self._seen.get(path) == look]
        self._seen = found
        return ready

    async def _take(self, path: Path) -> None:
        code = f"file-refused-{self._serial}"
        try:
            taken = await asyncio.get_running_loop().run_in_executor(self._readers, self._read, path)
        except AttlogError as error:
            self._book.alarm(code, str(error), 24 * 3600.0)
            await asyncio.to_thread(_move, path, "refused")
            return
        await asyncio.to_thread(_move, path, "taken")
        self._report.last_read_at = datetime.now(UTC)
        self._report.reached("read")
        log.info("file_taken", terminal=self._serial, new=taken.appended, held=taken.held)
        self._book.changed()

    def _read(self, path: Path) -> Taken:
        return take_file(self._outbox, read_attlog(path, self._serial), Origin(self._serial, Source.ATTLOG_FILE, datetime.now(UTC), None))

    def _enter(self, error: str) -> None:
        if self._report.last_error != error:
            self._report.last_error = error
            self._book.changed()


def _move(path: Path, folder: str) -> None:
    """Move a file into a folder beside it, under a name that is free."""
    target = path.parent / folder
    target.mkdir(exist_ok=True)
    path.rename(target / f"{datetime.now(UTC):%Y%m%dT%H%M%S%f}_{path.name}")
