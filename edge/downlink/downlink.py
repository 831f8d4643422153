"""Hears what comes down and gives it to its part, in the order of its coming."""

import asyncio

import structlog

from edge.collect import Crew
from edge.collect.duty import Duty
from edge.downlink.comparing import Comparing
from edge.downlink.file import downlink_file
from edge.downlink.orders.desk import OrderDesk
from edge.downlink.orders.ledger import OrderLedger
from edge.downlink.orders.registry import handlers_of
from edge.downlink.setup import SetupKeeper
from edge.downlink.users.book import WantedBook
from edge.downlink.users.carriers import Carriers
from edge.downlink.users.teller import Teller
from edge.errors import OutboxError
from edge.health import HealthBook
from edge.link import Arrived, LineUp, Link, LinkEvent
from edge.outbox import Outbox
from edge.settings import EdgeSettings
from edge.support import Support
from edge.vault import Vault
from protocol.errors import ProtocolError
from protocol.identifiers import EdgeId, TerminalSerial
from protocol.messages import Order, Setup, Wanted
from protocol.sealing import Opener
from protocol.wanted import WantedUsers, unwrap

PAUSE_SECONDS = 10.0

log = structlog.get_logger(__name__)


class Downlink:
    """Build it before the link runs, `begin` it before the crew does, then `run` it."""

    def __init__(
        self,
        settings: EdgeSettings,
        outbox: Outbox,
        link: Link,
        crew: Crew,
        book: HealthBook,
        opener: Opener,
        vault: Vault,
        support: Support,
    ) -> None:
        self._edge, self._crew, self._book, self._opener = EdgeId(settings.edge), crew, book, opener
        self._file = downlink_file(settings.data_dir)
        self._setups = SetupKeeper(self._edge, settings.data_dir, opener, vault, book)
        self._wanted = WantedBook(self._file, vault)
        teller = Teller(self._edge, link, self._wanted, lambda: self._setups.server_key)
        self._carriers = Carriers(crew, self._wanted, teller)
        self._comparing = Comparing(self._edge, link, crew.rules, outbox)
        handlers = handlers_of(crew, outbox, self._carriers, self._comparing, support)
        self._orders = OrderDesk(link, book, OrderLedger(self._file), handlers)
        self._events: asyncio.Queue[Setup | Wanted | LineUp] = asyncio.Queue()
        self._duty: Duty | None = None
        book.wanted_of = self._wanted.standing
        link.listen(self._hear)

    def _hear(self, event: LinkEvent) -> None:
        match event:
            case Arrived(Order() as order):
                self._orders.hear(order)
            case Arrived(Setup() | Wanted() as message):
                self._events.put_nowait(message)
            case LineUp():
                self._events.put_nowait(event)
            case _:
                pass

    async def begin(self) -> None:
        """Put in force what was in force before the restart."""
        duty = await asyncio.to_thread(self._setups.load)
        if duty is not None:
            await self._assign(duty)

    async def run(self) -> None:
        """Work until cancelled. A disk that fails is tried again: nothing that came is lost, the server sends it again."""
        while True:
            try:
                with self._file:
                    await asyncio.to_thread(self._wanted.load)
                    await self._work()
            except* OutboxError as group:
                log.warning("downlink_failed", error=str(group.exceptions[0]))
            await asyncio.sleep(PAUSE_SECONDS)

    async def _work(self) -> None:
        async with asyncio.TaskGroup() as group:
            group.create_task(self._orders.run())
            group.create_task(self._carriers.run())
            group.create_task(self._comparing.run())
            while True:
                try:
                    await self._take(await self._events.get())
                except OutboxError as error:  # what came counts as lost: the server sends it again
                    log.warning("not_taken", error=error.english)

    async def _take(self, event: Setup | Wanted | LineUp) -> None:
        match event:
            case Setup():
                duty = await asyncio.to_thread(self._setups.take, event)
                if duty is not None:
                    await self._assign(duty)
            case Wanted():
                await self._want(event)
            case LineUp():
                await self._orders.tell_again()
                await self._carriers.teller.tell_again()

    async def _want(self, message: Wanted) -> None:
        try:
            found = unwrap(WantedUsers, message.sealed, self._opener, "wanted", self._edge, message.terminal)
        except ProtocolError as error:  # sealed for an earlier key, say: the server hears of the new one in the next hello
            self._book.alarm("wanted-refused", str(error), 3600.0)
            return
        self._book.clear("wanted-refused")
        await self._carriers.take(TerminalSerial(message.terminal), found.users)
        self._book.changed()

    async def _assign(self, duty: Duty) -> None:
        """Put a set-up in force. Of terminals that it takes away nothing about their users stays here."""
        before, self._duty = self._duty, duty
        await self._crew.assign(duty)
        self._book.setup_version = self._setups.version
        self._book.changed()
        if before is not None:
            gone = before.serials() - duty.serials() - self._crew.serials()
            await asyncio.to_thread(self._wanted.forget, gone)
