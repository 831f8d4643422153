"""A folder that people put USB exports into. A file that was taken is moved into `taken`, one that cannot be taken into `refused`.

A file is read when it has kept its size and time between two looks, so one that is still being copied is left alone. A crash after the
append and before the move reads it once more, and identity absorbs that.
"""

import asyncio
from concurrent.futures import Executor
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from edge.collect.files.desk import FileWork
from edge.collect.files.room import Handed
from edge.errors import OutboxError
from edge.health import NAME_CHARACTERS, HealthBook, TerminalState, plain
from edge.outbox import Outbox
from edge.settings import DropFolder, EdgeSettings
from protocol.attlog.words import refusal_words
from protocol.identifiers import TerminalSerial

PATTERN = "*_attlog.dat"


@dataclass(frozen=True, slots=True)
class _Look:
    size: int
    changed_ns: int


class FolderOwner:
    """One drop folder."""

    def __init__(self, drop: DropFolder, settings: EdgeSettings, outbox: Outbox, book: HealthBook, readers: Executor) -> None:
        self._drop, self._book, self._readers = drop, book, readers
        self._work = FileWork(settings, outbox)
        self._serial = TerminalSerial(drop.terminal_serial)
        self._report = book.report(drop.path.name, str(drop.path), drop.terminal_serial, TerminalState.FOLDER)
        self._seen: dict[Path, _Look] = {}

    async def run(self) -> None:
        """Watch until cancelled."""
        while True:
            try:
                for path in await asyncio.to_thread(self._ready):
                    await self._take(path)
                self._book.enter(self._report, self._report.state, "")
            except OutboxError as error:
                self._book.enter(self._report, self._report.state, error.english)
            except OSError as error:
                self._book.enter(self._report, self._report.state, f"{self._drop.path}: {error.strerror}")
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
        handed = _handed(path, self._drop)
        await asyncio.get_running_loop().run_in_executor(self._readers, self._work.work, handed, path)
        if handed.refusal is not None:
            words = refusal_words(handed.refusal, handed.shown, chinese=False)
            self._book.alarm(code, f"{handed.name}: {words}", 24 * 3600.0)
            await asyncio.to_thread(_move, path, "refused")
            return
        await asyncio.to_thread(_move, path, "taken")
        self._report.last_read_at = datetime.now(UTC)
        self._report.reached("read")
        self._book.changed()


def _handed(path: Path, drop: DropFolder) -> Handed:
    now = datetime.now(UTC)
    facts = path.stat()
    identity = f"{facts.st_ino:x}-{facts.st_mtime_ns:x}"  # the same file that comes up again after a crash is told of once
    name = f"{now:%Y%m%dT%H%M%S}-{identity}"
    numbers = list(drop.device_numbers)
    return Handed(
        name, plain(path.name, NAME_CHARACTERS), drop.terminal_serial, "folder", now, facts.st_size, devices=numbers, new_terminal=True
    )


def _move(path: Path, folder: str) -> None:
    """Move a file into a folder beside it, under a name that is free."""
    target = path.parent / folder
    target.mkdir(exist_ok=True)
    path.rename(target / f"{datetime.now(UTC):%Y%m%dT%H%M%S%f}_{path.name}")
