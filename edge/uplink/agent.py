"""Carries out what the sender decides: rows from the outbox onto the link, receipts from the link into the outbox.

One task, one queue: what happens on the line, in the outbox and by the clock is handled one after the other, in the order of its coming.
"""

import asyncio
import os
import random
import time
from collections import deque
from collections.abc import Iterable
from contextlib import suppress
from datetime import UTC, datetime

import msgspec
import structlog

from edge.errors import OutboxError
from edge.health import VERSION, HealthBook
from edge.link import Arrived, Disbelieved, LineDown, LineUp, Link, LinkEvent
from edge.outbox import Outbox, State, Stretch
from edge.uplink.sender import (
    BATCH_BYTES,
    BATCH_ROWS,
    Alarm,
    Command,
    Held,
    Lower,
    ReadAgain,
    Reconnect,
    Release,
    RenewEpoch,
    SayHello,
    SendBatch,
    Sender,
    SendLive,
)
from protocol.identifiers import EdgeId, Epoch
from protocol.messages import Batch, Hello, Live, Receipt

TICK_SECONDS = 0.25
TIDY_SECONDS = 60.0
ALARM_SECONDS = 24 * 3600.0
"""Events such as a closed epoch stay in sight for a day."""
DISBELIEF_ALARM_SECONDS = 600.0
"""Raised again by each message that is not believed, so it ends by itself ten minutes after the last one."""

log = structlog.get_logger(__name__)


class Uplink:
    """The edge's side of the hand-over. Build it before the link runs, then `run` it."""

    def __init__(self, edge: EdgeId, outbox: Outbox, link: Link, book: HealthBook, sealing_key: bytes = b"") -> None:
        """sealing_key: what is for this edge's eyes only is to be sealed for it."""
        self._edge, self._outbox, self._link, self._book, self._sealing_key = edge, outbox, link, book, sealing_key
        self._run = _nonce()
        self._sender = Sender(edge)
        self._events: asyncio.Queue[LinkEvent | int] = asyncio.Queue()
        self._epoch = Epoch("")  # the one the sender speaks of; the outbox may have begun another after damage
        self._up = False
        self._healings_told = 0
        link.listen(self._events.put_nowait)
        book.told_mark = self._told_mark

    async def run(self) -> None:
        """Hand over until cancelled."""
        loop = asyncio.get_running_loop()

        def appended(_: int, fresh: int) -> None:
            with suppress(RuntimeError):  # the loop may have ended
                loop.call_soon_threadsafe(self._events.put_nowait, fresh)

        self._outbox.on_append = appended
        tidy = asyncio.create_task(self._tidy())
        try:
            tick_at = loop.time() + TICK_SECONDS
            while True:
                event = await self._next_event(tick_at)
                if event is not None:
                    await self._handle(event)
                if loop.time() >= tick_at:  # also while events never end: time-outs are kept by it
                    await self._carry_out(self._sender.tick(time.monotonic(), _chance()))
                    await self._follow_epoch()
                    tick_at = loop.time() + TICK_SECONDS
        finally:
            tidy.cancel()

    async def _next_event(self, until: float) -> LinkEvent | int | None:
        """None when none came until then."""
        with suppress(TimeoutError):
            async with asyncio.timeout_at(until):
                return await self._events.get()
        return None

    def _told_mark(self) -> int:
        return self._sender.told if self._up and self._epoch == self._outbox.epoch else 0

    async def _handle(self, event: LinkEvent | int) -> None:
        now = time.monotonic()
        match event:
            case int(fresh):
                await self._carry_out(self._sender.appended(self._outbox.high, fresh, now))
            case LineUp():
                self._up, self._book.line_trouble = True, None
                self._book.reached("line")
                await self._greet()
            case LineDown(trouble):
                self._up, self._book.line_trouble = False, trouble
                await self._carry_out(self._sender.disconnected())
            case Disbelieved(reason):
                self._book.alarm("not-our-server", reason, DISBELIEF_ALARM_SECONDS)
                return
            case Arrived(Receipt() as receipt):
                if receipt.refusal is None:
                    self._book.reached("receipt")
                await self._received(receipt)
            case _:  # orders are the downlink's
                return
        if not isinstance(event, int):
            self._book.changed()

    async def _received(self, receipt: Receipt) -> None:
        try:
            head = await asyncio.to_thread(self._outbox.head_at, receipt.mark)
        except OutboxError as error:  # the receipt counts as lost
            log.warning("outbox_failed", command="head", error=error.english)
            self._link.reconnect()
            return
        if self._epoch == self._outbox.epoch:
            await self._carry_out(self._sender.received(receipt, head, time.monotonic(), _chance()))

    async def _greet(self) -> None:
        held = self._held()
        await self._carry_out(self._sender.connected(held, _nonce(), time.monotonic(), _chance()))

    def _held(self) -> Held:
        state = self._outbox.state()
        self._epoch = state.epoch
        return _held(state)

    async def _follow_epoch(self) -> None:
        """After damage the outbox goes on under another epoch by itself: say so, and greet for that one."""
        if self._outbox.healings != self._healings_told:
            self._healings_told = self._outbox.healings
            self._book.alarm("outbox-damaged", "what could be read was saved; see the note beside the old file", ALARM_SECONDS)
        if self._up and self._epoch != self._outbox.epoch:
            await self._carry_out(self._sender.disconnected())
            await self._greet()

    async def _carry_out(self, commands: Iterable[Command]) -> None:
        """Do what was decided, and what follows from that. The outbox's own failures end in a new attempt, never in a lost row."""
        queue = deque(commands)
        while queue:
            command = queue.popleft()
            try:
                queue.extend(await self._do(command))
            except OutboxError as error:
                log.warning("outbox_failed", command=type(command).__name__, error=error.english)
                if not isinstance(command, RenewEpoch):
                    self._link.reconnect()
                return

    async def _do(self, command: Command) -> Iterable[Command]:
        match command:
            case SayHello(nonce):
                await self._hello(nonce)
            case SendBatch(first):
                return await self._send_batch(first)
            case SendLive(first, last):
                await self._send_live(first, last)
            case Release(mark):
                await asyncio.to_thread(self._outbox.release, mark, self._epoch)
                self._book.clear("refused")
            case Lower(mark):
                log.warning("server_fell_back", mark=mark, had=self._outbox.mark)
                await asyncio.to_thread(self._outbox.release, mark, self._epoch)
            case RenewEpoch(reason):
                log.warning("epoch_renewing", reason=reason)
                await asyncio.to_thread(self._outbox.renew_epoch)
                return self._sender.renewed(self._held(), _nonce() if self._up else None, time.monotonic(), _chance())
            case ReadAgain():
                await asyncio.to_thread(self._outbox.forget, None)
            case Reconnect(reason):
                log.warning("line_given_up", reason=reason)
                self._link.reconnect()
            case Alarm(code, detail):
                self._book.alarm(code, detail, ALARM_SECONDS)
        return ()

    async def _hello(self, nonce: str) -> None:
        state = self._outbox.state()
        if state.epoch != self._epoch:
            return  # it healed itself this moment, and is greeted for at the next tick
        self._sender.said(_held(state))
        self._link.publish(
            Hello(
                edge=self._edge,
                epoch=state.epoch,
                low=state.low,
                high=state.high,
                low_head=state.low_head,
                high_head=state.high_head,
                acknowledged=state.mark,
                version=VERSION,
                clock=datetime.now(UTC),
                nonce=nonce,
                sealing_key=self._sealing_key,
                run=self._run,
                place=self._link.place,
            )
        )

    async def _send_batch(self, first: int) -> Iterable[Command]:
        if first < self._outbox.low:  # deleted between our hello and its answer, while the server fell back: a new hello says so
            self._link.reconnect()
            return ()
        packed = await asyncio.to_thread(self._pack_batch, first)
        if packed is None or not self._link.publish_packed(*packed[0]):
            return ()  # the line broke, or another epoch began: both are told next
        self._book.reached("batch")
        return self._sender.sent(first, packed[1], time.monotonic(), _chance())

    def _pack_batch(self, first: int) -> tuple[tuple[str, bytes], int] | None:
        stretch = self._read(first, BATCH_ROWS)
        if stretch is None:
            return None
        batch = Batch(
            edge=self._edge,
            epoch=self._epoch,
            first=first,
            last=stretch.last,
            previous_head=stretch.previous_head,
            head=stretch.head,
            rows=[msgspec.Raw(body) for body in stretch.bodies],
        )
        return self._link.pack(batch), stretch.last

    async def _send_live(self, first: int, last: int) -> None:
        stretch = await asyncio.to_thread(self._read, first, last - first + 1)
        if stretch is not None:
            rows = [msgspec.Raw(body) for body in stretch.bodies]
            self._link.publish(Live(edge=self._edge, epoch=self._epoch, first=first, rows=rows))

    def _read(self, first: int, rows: int) -> Stretch | None:
        """Rows of the epoch that the sender speaks of; None when there are none, or another epoch has begun."""
        stretch = self._outbox.read(first, rows, BATCH_BYTES)
        return stretch if stretch.bodies and self._outbox.epoch == self._epoch else None

    async def _tidy(self) -> None:
        """Delete what was kept long enough, a little at a time."""
        while True:
            await asyncio.sleep(TIDY_SECONDS)
            try:
                await asyncio.to_thread(self._outbox.tidy)
            except OutboxError as error:
                log.warning("outbox_failed", command="tidy", error=error.english)


def _held(state: State) -> Held:
    return Held(state.epoch, state.low, state.high, state.mark, state.predecessor is not None)


def _nonce() -> str:
    return os.urandom(16).hex()


def _chance() -> float:
    return random.random()  # noqa: S311 - spreads edges, hides nothing
