"""Hears what comes down and gives it to its part, in the order of its coming."""

import asyncio

import structlog

from edge.collect import Crew
from edge.downlink.file import downlink_file
from edge.downlink.orders.desk import OrderDesk
from edge.downlink.orders.ledger import OrderLedger
from edge.downlink.orders.registry import handlers_of
from edge.downlink.setup import SetupKeeper
from edge.errors import OutboxError
from edge.health import HealthBook
from edge.link import Arrived, LineUp, Link, LinkEvent
from edge.outbox import Outbox
from edge.settings import EdgeSettings
from edge.support import Support
from edge.vault import Vault
from protocol.identifiers import EdgeId
from protocol.messages import Order, Setup
from protocol.sealing import Opener

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
        self._crew, self._book = crew, book
        self._file = downlink_file(settings.data_dir)
        self._setups = SetupKeeper(EdgeId(settings.edge), settings.data_dir, opener, vault, book)
        self._orders = OrderDesk(link, book, OrderLedger(self._file), handlers_of(crew, outbox, support))
        self._events: asyncio.Queue[Setup | LineUp] = asyncio.Queue()
        link.listen(self._hear)

    def _hear(self, event: LinkEvent) -> None:
        match event:
            case Arrived(Order() as order):
                self._orders.hear(order)
            case Arrived(Setup() as message):
                self._events.put_nowait(message)
            case LineUp():
                self._events.put_nowait(event)
            case _:
                pass

    async def begin(self) -> None:
        """Put in force what was in force before the restart."""
        duty = await asyncio.to_thread(self._setups.load)
        if duty is not None:
            await self._crew.assign(duty)

    async def run(self) -> None:
        """Work until cancelled. A disk that fails is tried again: nothing that came is lost, the server sends it again."""
        while True:
            try:
                with self._file:
                    await self._work()
            except OutboxError as error:
                log.warning("downlink_failed", error=error.english)
            await asyncio.sleep(PAUSE_SECONDS)

    async def _work(self) -> None:
        async with asyncio.TaskGroup() as group:
            group.create_task(self._orders.run())
            while True:
                match await self._events.get():
                    case Setup() as message:
                        await self._set_up(message)
                    case LineUp():
                        await self._orders.tell_again()

    async def _set_up(self, message: Setup) -> None:
        duty = await asyncio.to_thread(self._setups.take, message)
        if duty is not None:
            await self._crew.assign(duty)
