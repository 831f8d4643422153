"""All owners of an edge: one task for each terminal and each drop folder, and the desk of terminals that push."""

import asyncio
from concurrent.futures import ThreadPoolExecutor

import structlog

from edge.collect.files.desk import FileDesk
from edge.collect.folder import FolderOwner
from edge.collect.owner import Claims, Owner
from edge.collect.push import PushDesk
from edge.health import HealthBook
from edge.outbox import Outbox
from edge.settings import EdgeSettings
from protocol.identifiers import TerminalSerial

RESTART_SECONDS = 10.0
READERS = 4
"""Logs that are appended at once. They have threads of their own: dozens of long ones on the first day keep neither live punches nor the
uplink waiting for a thread."""

_Keeps = Owner | FolderOwner | FileDesk | PushDesk
log = structlog.get_logger(__name__)


class Crew:
    """Owns every terminal of the settings while `run` runs."""

    def __init__(self, settings: EdgeSettings, outbox: Outbox, book: HealthBook) -> None:
        self._book = book
        claims = Claims()
        self._readers = ThreadPoolExecutor(READERS, thread_name_prefix="read")
        self._owners = [Owner(terminal, settings, outbox, book, claims, self._readers) for terminal in settings.terminals]
        self.desk = PushDesk(settings, settings.push, outbox, book) if settings.push else None
        """Of the terminals that push; None where there are none."""
        self._folders = [FolderOwner(drop, settings, outbox, book, self._readers) for drop in settings.drop_folders]
        self.files = FileDesk(settings, outbox, self._readers)

    async def run(self) -> None:
        """Own everything until cancelled."""
        try:
            async with asyncio.TaskGroup() as group:
                owners: list[_Keeps] = [*self._owners, *self._folders, self.files, *([self.desk] if self.desk else [])]
                for owner in owners:
                    group.create_task(self._keep(owner))
        finally:
            self._readers.shutdown(wait=False, cancel_futures=True)

    def read_now(self, serial: TerminalSerial | None) -> int:
        """Have a terminal read again, or all of them; gives how many that concerns."""
        wanted = [owner for owner in self._owners if serial in (None, owner.serial)]
        for owner in wanted:
            owner.read_now()
        return len(wanted) + (self.desk.read_now(serial) if self.desk else 0)

    async def _keep(self, owner: _Keeps) -> None:
        """A fault of ours in one owner stops neither the others nor, for longer than a moment, itself."""
        while True:
            try:
                await owner.run()
            except Exception as error:
                log.exception("owner_failed")
                self._book.alarm("owner-failed", type(error).__name__, 3600.0)
            await asyncio.sleep(RESTART_SECONDS)
