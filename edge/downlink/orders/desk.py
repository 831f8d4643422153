"""Takes orders, has them carried out, and answers: each once and in time. An order that comes again gets the same answer again.

What must not happen twice is noted on the disk before it happens, so that a crash in the middle ends in "nobody knows" and not in a
second reboot.
"""

import asyncio
import time
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime

import structlog

from edge.devices.driver import CannotError, DriverError
from edge.downlink.orders.ledger import OrderLedger, Stage
from edge.downlink.orders.order import Answer, FailedOrderError, Handler, Ordered, RefusedOrderError
from edge.errors import OutboxError
from edge.health import HealthBook
from edge.link import Link
from protocol.messages import Order, OrderKind, OrderOutcome, OrderResult

QUICK_SECONDS = 1.0
"""An order that takes longer is answered TAKEN first."""
AT_ONCE = 16
AGAIN_SECONDS = 3600.0
"""Results of the last hour may have been on a line that broke: they are told again on a new one."""
UNKNOWN = "this release does not know how: update the edge"
CUT_OFF = "the edge was restarted in the middle of it; see at the terminal what became of it"
UNHEARD = "it was begun, and no end of it was heard in time"

log = structlog.get_logger(__name__)


class OrderDesk:
    """Carries out orders while `run` runs."""

    def __init__(self, link: Link, book: HealthBook, ledger: OrderLedger, handlers: Mapping[OrderKind, Handler]) -> None:
        self._link, self._book, self._ledger, self._handlers = link, book, ledger, handlers
        self._orders: asyncio.Queue[Order] = asyncio.Queue()
        self._running: set[str] = set()
        self._room = asyncio.Semaphore(AT_ONCE)

    def hear(self, order: Order) -> None:
        """An order has come."""
        self._orders.put_nowait(order)

    async def run(self) -> None:
        """Carry out until cancelled, first what was taken before a restart."""
        async with asyncio.TaskGroup() as group:
            for stage, order in await asyncio.to_thread(self._ledger.open):
                if stage is Stage.BEGUN:
                    await self._end(order, Answer(OrderOutcome.FAILED, CUT_OFF))
                else:
                    self._start(group, order)
            while True:
                order = await self._orders.get()
                with suppress(OutboxError):  # not taken: the server asks again, or the order expires
                    await self._take(group, order)

    async def tell_again(self) -> None:
        """A new line is open."""
        for result in await asyncio.to_thread(self._ledger.ended_since, time.time() - AGAIN_SECONDS):
            self._link.publish(result)

    async def _take(self, group: asyncio.TaskGroup, order: Order) -> None:
        if order.order in self._running:
            self._tell(order, Answer(OrderOutcome.TAKEN))
            return
        found = await asyncio.to_thread(self._ledger.find, order.order)
        if found is not None:
            self._link.publish(found[1] or self._result(order, Answer(OrderOutcome.TAKEN)))
            return
        if order.expires_at < datetime.now(UTC):
            await self._end(order, Answer(OrderOutcome.EXPIRED))
        elif order.action not in self._handlers:
            await self._end(order, Answer(OrderOutcome.REFUSED, UNKNOWN))
        else:
            await asyncio.to_thread(self._ledger.take, order)
            self._start(group, order)

    def _start(self, group: asyncio.TaskGroup, order: Order) -> None:
        self._running.add(order.order)
        group.create_task(self._carry_out(order))

    async def _carry_out(self, order: Order) -> None:
        work = asyncio.create_task(self._work(order))
        try:
            await asyncio.wait([work], timeout=QUICK_SECONDS)
            if not work.done():
                self._tell(order, Answer(OrderOutcome.TAKEN))
            await self._end(order, await work)
        except OutboxError as error:
            log.warning("order_failed", order=order.order, error=error.english)
        finally:
            work.cancel()
            self._running.discard(order.order)

    async def _work(self, order: Order) -> Answer:
        begun = False

        async def begin() -> None:
            nonlocal begun
            await asyncio.to_thread(self._ledger.begin, order.order)
            begun = True

        left = (order.expires_at - datetime.now(UTC)).total_seconds()
        try:
            async with asyncio.timeout(left), self._room:
                return await self._handlers[order.action](Ordered(order, begin))
        except TimeoutError:
            return (
                Answer(OrderOutcome.FAILED, "it was begun, and no end of it was heard in time") if begun else Answer(OrderOutcome.EXPIRED)
            )
        except (RefusedOrderError, CannotError) as error:
            return Answer(OrderOutcome.REFUSED, str(error))
        except (FailedOrderError, DriverError) as error:
            return Answer(OrderOutcome.FAILED, str(error))
        except OutboxError:
            raise
        except Exception as error:
            log.exception("order_broke", order=order.order, action=order.action)
            return Answer(OrderOutcome.FAILED, f"a fault of the edge's own ({type(error).__name__}); see its log")

    async def _end(self, order: Order, answer: Answer) -> None:
        result = self._result(order, answer)
        await asyncio.to_thread(self._ledger.end, order, result)
        self._book.reached("order")
        log.info("order_ended", order=order.order, action=order.action, outcome=answer.outcome)
        self._link.publish(result)

    def _tell(self, order: Order, answer: Answer) -> None:
        self._link.publish(self._result(order, answer))

    def _result(self, order: Order, answer: Answer) -> OrderResult:
        return OrderResult(
            edge=order.edge,
            order=order.order,
            at=datetime.now(UTC),
            outcome=answer.outcome,
            detail=answer.detail[:2000],
            found=answer.found,
            body=answer.body,
        )
