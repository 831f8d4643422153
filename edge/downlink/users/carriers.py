"""The book at work: whatever is due at a terminal that can be reached is carried out there, and told."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress

import structlog

from edge.collect import Crew
from edge.collect.tasks import TerminalLeftError
from edge.devices.driver import DriverError
from edge.downlink.users.book import WantedBook
from edge.downlink.users.pull import PullCarrier
from edge.downlink.users.push import NotListedError, PushCarrier
from edge.downlink.users.teller import Teller
from edge.errors import OutboxError
from protocol.identifiers import TerminalSerial
from protocol.wanted import WantedUser

LOOK_SECONDS = 1.0
PAUSE_SECONDS = 20.0
"""A terminal whose line broke in the middle is left alone for so long."""
DAY = 86_400.0
LOOK_AGAIN_SECONDS = 3600.0
"""A day's look that came to nothing is tried again after so long."""

log = structlog.get_logger(__name__)


class Carriers:
    """`run` it while the file of the book is open."""

    def __init__(self, crew: Crew, book: WantedBook, teller: Teller) -> None:
        self._crew, self.book, self.teller = crew, book, teller
        self._pull, self._push = PullCarrier(book, teller.tell_templates), PushCarrier(book, teller.tell_templates)
        self._busy: set[TerminalSerial] = set()
        self._rests: dict[TerminalSerial, float] = {}
        self._looked: dict[TerminalSerial, float] = {}
        self._wake = asyncio.Event()

    async def take(self, serial: TerminalSerial, users: Sequence[WantedUser]) -> None:
        """The server wants this; it is on the disk when this returns."""
        await asyncio.to_thread(self.book.merge, serial, users, int(time.time()))
        self._wake.set()

    async def look(self, serial: TerminalSerial) -> int:
        """See at once who is on a terminal, and tell all that is known of it; gives how many are there."""
        owner, desk = self._crew.owner_of(serial), self._crew.desk
        if owner is not None:
            count = await self._pull.look(owner, serial)
        elif desk is not None:
            count = await self._push.look(desk, serial)
        else:
            raise TerminalLeftError(serial)
        self._looked[serial] = time.monotonic()
        await asyncio.to_thread(self.book.tell_again, 0, serial)
        self._wake.set()
        return count

    async def look_at_user(self, serial: TerminalSerial, user: str) -> None:
        """Somebody was enrolled at a terminal just now."""
        await asyncio.to_thread(self.book.look_again, serial, [user], int(time.time()))
        self._wake.set()

    async def run(self) -> None:
        """Carry out and tell until cancelled."""
        async with asyncio.TaskGroup() as group:
            while True:
                self._wake.clear()
                await self._look_at_enrolled()
                for serial in await asyncio.to_thread(self.book.serials_due, int(time.time())):
                    self._start(group, serial)
                for serial in self._unseen():
                    self._start(group, serial)
                await self.teller.tell()
                with suppress(TimeoutError):
                    async with asyncio.timeout(LOOK_SECONDS):
                        await self._wake.wait()

    async def _look_at_enrolled(self) -> None:
        """Whoever was enrolled at a terminal that pushes is looked at now, not in a day: their templates may be wanted elsewhere."""
        for serial, user in self._crew.desk.take_enrolled() if self._crew.desk else ():
            await asyncio.to_thread(self.book.look_again, serial, [user], int(time.time()))

    def _unseen(self) -> list[TerminalSerial]:
        """Terminals with wanted users that nobody has looked through for a day: somebody may have been added or deleted there."""
        now = time.monotonic()
        managed = [serial for serial in self._crew.serials() if self.book.standing(serial)[0]]
        return [serial for serial in managed if now - self._looked.get(serial, float("-inf")) > DAY]

    def _start(self, group: asyncio.TaskGroup, serial: TerminalSerial) -> None:
        if serial in self._busy or time.monotonic() < self._rests.get(serial, float("-inf")):
            return
        owner, desk = self._crew.owner_of(serial), self._crew.desk
        if owner is not None and owner.here:
            work = self._work(serial, lambda: self._pull.carry(owner, serial), lambda: self._pull.look(owner, serial))
        elif owner is None and desk is not None and desk.is_here(serial):
            work = self._work(serial, lambda: self._push.carry(desk, serial), lambda: self._push.look(desk, serial))
        else:
            return
        self._busy.add(serial)
        group.create_task(self._kept(serial, work))

    async def _work(self, serial: TerminalSerial, carry: Callable[[], Awaitable[None]], look: Callable[[], Awaitable[int]]) -> None:
        """Carry out what is due, and once nothing is, look through the terminal where the day's look is due."""
        await carry()
        if serial in self._unseen() and serial not in await asyncio.to_thread(self.book.serials_due, int(time.time())):
            self._looked[serial] = time.monotonic() - DAY + LOOK_AGAIN_SECONDS
            await look()
            self._looked[serial] = time.monotonic()

    async def _kept(self, serial: TerminalSerial, work: Awaitable[None]) -> None:
        """A fault in one terminal's work stops no other's."""
        try:
            await work
        except (DriverError, TerminalLeftError, NotListedError, OutboxError) as error:
            self._rests[serial] = time.monotonic() + PAUSE_SECONDS
            log.warning("carrying_broke_off", terminal=serial, reason=str(error))
        except Exception:
            self._rests[serial] = time.monotonic() + 10 * PAUSE_SECONDS
            log.exception("carrying_failed", terminal=serial)
        finally:
            self._busy.discard(serial)
            self._wake.set()
