"""Carries out orders of the server: each once, in time, and with an answer. An order that comes again gets the same answer again."""

import asyncio
from datetime import UTC, datetime

import structlog

from edge.collect import Crew
from edge.errors import OutboxError
from edge.health import HealthBook
from edge.link import Arrived, Link, LinkEvent
from edge.outbox import Outbox
from protocol.identifiers import TerminalSerial
from protocol.messages import Order, OrderKind, OrderOutcome, OrderResult

log = structlog.get_logger(__name__)


class Downlink:
    """Build it before the link runs, then `run` it."""

    def __init__(self, outbox: Outbox, link: Link, crew: Crew, book: HealthBook) -> None:
        self._outbox, self._link, self._crew, self._book = outbox, link, crew, book
        self._orders: asyncio.Queue[Order] = asyncio.Queue()
        link.listen(self._hear)

    def _hear(self, event: LinkEvent) -> None:
        if isinstance(event, Arrived) and isinstance(event.message, Order):
            self._orders.put_nowait(event.message)

    async def run(self) -> None:
        """Carry out until cancelled."""
        while True:
            order = await self._orders.get()
            try:
                outcome, detail = await self._obey(order)
            except OutboxError as error:  # not done: the server asks again, or the order expires
                log.warning("order_failed", order=order.order, error=error.english)
                continue
            self._book.reached("order")
            now = datetime.now(UTC)
            self._link.publish(OrderResult(edge=order.edge, order=order.order, at=now, outcome=outcome, detail=detail))

    async def _obey(self, order: Order) -> tuple[OrderOutcome, str]:
        done = await asyncio.to_thread(self._outbox.order_done, order.order)
        if done:
            return OrderOutcome(done[0]), done[1]
        if order.expires_at < datetime.now(UTC):
            await asyncio.to_thread(self._outbox.remember_order, order.order, OrderOutcome.EXPIRED, "")
            return OrderOutcome.EXPIRED, ""
        match order.action:
            case OrderKind.RE_READ:
                return await self._read_again(order)
            case _:
                return await self._refuse(order, "this release does not know how: update the edge")

    async def _read_again(self, order: Order) -> tuple[OrderOutcome, str]:
        """Everything of a terminal (or of all) is appended and sent again; identity at the server absorbs what it has."""
        named = order.parameters.get("terminal")
        serial = TerminalSerial(named) if named else None
        if serial is not None and serial not in self._outbox.terminals():
            return await self._refuse(order, "no such terminal here")
        found = await asyncio.to_thread(self._outbox.forget, serial, order.order)
        self._crew.read_now(serial)
        return OrderOutcome.DONE, f"terminals: {len(found)}"

    async def _refuse(self, order: Order, detail: str) -> tuple[OrderOutcome, str]:
        await asyncio.to_thread(self._outbox.remember_order, order.order, OrderOutcome.REFUSED, detail)
        return OrderOutcome.REFUSED, detail
