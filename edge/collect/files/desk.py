"""Takes in the files that wait, one after the other. A full outbox lets them wait; nothing is taken twice by a repeat."""

import asyncio
import time
from collections.abc import Collection
from concurrent.futures import Executor
from datetime import UTC, datetime
from pathlib import Path

import structlog

from edge.collect.files.room import FileRoom, FileState, Handed
from edge.collect.files.taking import Told, look, take
from edge.devices.attlog.read import MAX_BYTES
from edge.errors import OutboxError
from edge.outbox import Outbox
from edge.settings import EdgeSettings
from protocol.attlog.problem import Refusal
from protocol.attlog.survey import refusal_of
from protocol.identifiers import TerminalSerial

POLL_SECONDS = 1.0
TIDY_SECONDS = 600.0
PROGRESS_SECONDS = 0.5

log = structlog.get_logger(__name__)


def known_terminals(settings: EdgeSettings, outbox: Outbox) -> list[str]:
    """Serial numbers that files may be of without further words: those of the settings, and all that ever appended."""
    named = {terminal.expected_serial for terminal in settings.terminals} | {drop.terminal_serial for drop in settings.drop_folders}
    pushing = {terminal.serial for terminal in settings.push.terminals} if settings.push else set()
    return sorted((named | pushing | set(outbox.terminals())) - {""})


class FileWork:
    """What is done with one file: blocks, and belongs into a thread."""

    def __init__(self, settings: EdgeSettings, outbox: Outbox) -> None:
        self.room = FileRoom(settings.files_folder)
        self._settings, self._outbox = settings, outbox
        self._told_at = 0.0

    def work(self, one: Handed, path: Path | None = None) -> None:
        """Look at the file, and take it where nobody wants to wait after that. path: where it lies, when not in the room.

        Raises OutboxError and OSError when it has to wait; a repeat is harmless.
        """
        if one.state is not FileState.TAKING:
            self._look(one, path)
        if one.state is FileState.TAKING:
            self._take(one, path)

    def _look(self, one: Handed, path: Path | None) -> None:
        self._step(one, FileState.LOOKING)
        refused = self._unfit(one)
        if refused is None:
            try:
                with (path or self.room.path_of(one.id)).open("rb") as file:
                    devices, serial = frozenset(one.devices), TerminalSerial(one.terminal)
                    one.survey = look(file, serial, devices, self._outbox, self._settings.zone, self._telling(one))
            except OSError as error:
                refused = Refusal.UNREADABLE, error.strerror or ""
            else:
                chosen = one.any_device or bool(one.devices)
                refused = refusal_of(one.survey, one.name, one.terminal, any_device=chosen)
        if refused:
            one.refusal, one.shown = refused
            self._end(one, FileState.REFUSED)
        elif one.only_look:
            self._end(one, FileState.LOOKED)
        else:
            self._step(one, FileState.TAKING)

    def _unfit(self, one: Handed) -> tuple[Refusal, str] | None:
        if one.size > MAX_BYTES:
            return Refusal.TOO_LARGE, f"{one.size / 1e6:,.0f} MB"
        known = known_terminals(self._settings, self._outbox)
        if one.new_terminal or one.terminal in known:
            return None
        same = next((serial for serial in known if serial.casefold() == one.terminal.casefold()), None)
        if same is None:
            return Refusal.UNKNOWN_TERMINAL, one.terminal
        one.terminal = same
        return None

    def _take(self, one: Handed, path: Path | None) -> None:
        with (path or self.room.path_of(one.id)).open("rb") as file:
            taken = take(file, TerminalSerial(one.terminal), frozenset(one.devices), self._outbox, self._telling(one))
        one.appended, one.quarantined = one.appended + taken.punches, one.quarantined + taken.doubtful
        self._end(one, FileState.TAKEN)
        self.room.path_of(one.id).unlink(missing_ok=True)
        log.info("file_taken", terminal=one.terminal, new=one.appended, doubtful=one.quarantined)

    def _telling(self, one: Handed) -> Told:
        def told(done: int) -> None:
            one.done = done
            if time.monotonic() - self._told_at > PROGRESS_SECONDS:
                self._told_at = time.monotonic()
                self.room.keep(one)

        return told

    def _step(self, one: Handed, state: FileState) -> None:
        one.state, one.done, one.trouble = state, 0, None
        self.room.keep(one)

    def _end(self, one: Handed, state: FileState) -> None:
        one.ended_at = datetime.now(UTC)
        self._step(one, state)


class FileDesk:
    """Watches the room while `run` runs."""

    def __init__(self, settings: EdgeSettings, outbox: Outbox, readers: Executor) -> None:
        self._work = FileWork(settings, outbox)
        self.room = self._work.room
        self._readers = readers
        self._tidied_at = float("-inf")

    async def run(self) -> None:
        """Take in until cancelled."""
        while True:
            for one in await asyncio.to_thread(self._waiting):
                await self._do(one)
            await asyncio.sleep(POLL_SECONDS)

    def _waiting(self) -> Collection[Handed]:
        if time.monotonic() - self._tidied_at > TIDY_SECONDS:
            self._tidied_at = time.monotonic()
            self.room.tidy(datetime.now(UTC))
        return [one for one in self.room.lying() if not one.over]

    async def _do(self, one: Handed) -> None:
        try:
            await asyncio.get_running_loop().run_in_executor(self._readers, self._work.work, one)
        except OutboxError as error:
            await asyncio.to_thread(self._wait, one, (error.english, error.chinese))
        except OSError as error:
            words = error.strerror or str(error)
            await asyncio.to_thread(self._wait, one, (words, words))

    def _wait(self, one: Handed, trouble: tuple[str, str]) -> None:
        if one.trouble != trouble:
            log.warning("file_waits", terminal=one.terminal, reason=trouble[0])
            one.trouble = trouble
            self.room.keep(one)
