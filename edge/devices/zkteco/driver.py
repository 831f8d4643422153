"""Reads one terminal by the pull protocol: `edge.devices.driver.Driver` over a conversation. What changes a terminal is `writer`.

Reading never disables the terminal and never clears anything.
"""

import asyncio
import logging
import time
from datetime import UTC, datetime
from types import TracebackType
from typing import Self

from edge.devices.driver import (
    ClockReading,
    LiveEvent,
    LogRead,
    ReadReceipt,
    TerminalAddress,
    TerminalFacts,
    TerminalRefusedError,
    UnreadableEvent,
)
from edge.devices.watch import Watch
from edge.devices.zkteco.events import EventMask, decode_punch_event, names_only_uid
from edge.devices.zkteco.frames import Command, Frame
from edge.devices.zkteco.layouts import Decoded, count_repeats, decode_log, decode_users, in_pieces, numbers_of
from edge.devices.zkteco.records import PUNCH_LAYOUTS, decode_time
from edge.devices.zkteco.session import Table
from edge.devices.zkteco.sizes import Sizes
from edge.devices.zkteco.talk import Talk, text_of
from edge.devices.zkteco.writer import ZkWriter

KEEP_ALIVE_SECONDS = 30.0
UID_ROW_BYTES = 8
"""Rows of this length name people by their uid only."""
NO_SIZES = Sizes(0, 0, 0, None, None, None, None, None)

log = logging.getLogger(__name__)


class ZkDriver:
    """One terminal. layout: the punch layout a person has chosen for it; None to let each body decide."""

    def __init__(self, address: TerminalAddress, layout: str | None = None, silence_seconds: float | None = None) -> None:
        self.address = address
        self.users: dict[int, str] = {}
        self._layout = layout
        self._known_layout: str | None = None
        self._talk = Talk(address, silence_seconds)
        self._uids_in_log: set[int] = set()
        """Of a log whose rows name nobody otherwise."""
        self.writer = ZkWriter(self._talk, self, self._uids_in_log)

    def follow(self, watch: Watch) -> None:
        """Let somebody follow every frame from the next connection on."""
        self._talk.watch = watch

    async def __aenter__(self) -> Self:
        await self._talk.open()
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        await self._talk.close()

    async def describe(self) -> TerminalFacts:
        """Who the terminal is; a field it does not tell stays empty."""
        sizes = await self._talk.sizes()
        told = sizes or NO_SIZES
        return TerminalFacts(
            serial=await self._option("~SerialNumber"),
            name=await self._option("~DeviceName"),
            platform=await self._option("~Platform"),
            firmware=text_of((await self._talk.ask(Command.VERSION)).data),
            mac=await self._option("MAC"),
            users=told.users if sizes else None,
            punches=told.punches if sizes else None,
            algorithm=_algorithm(await self._option("~ZKFPVersion")),
            face_algorithm=_algorithm(await self._option("ZKFaceVersion")),
            fingers=told.fingers if sizes else None,
            faces=told.faces,
            users_capacity=told.users_capacity,
            fingers_capacity=told.fingers_capacity,
            faces_capacity=told.faces_capacity,
            punches_capacity=told.punches_capacity,
        )

    async def read_clock(self) -> ClockReading:
        asked, started = datetime.now(UTC), time.monotonic()
        answer = await self._talk.ask(Command.GET_TIME)
        seconds = time.monotonic() - started
        if answer.command != Command.ACK_OK or len(answer.data) < 4:
            raise TerminalRefusedError("the terminal does not tell its time")
        wall = decode_time(int.from_bytes(answer.data[:4], "little"))
        return ClockReading(wall, asked + (datetime.now(UTC) - asked) / 2, round(seconds * 1000))

    async def read_log(self) -> LogRead:
        """Read users, then the whole log. A count that disagrees is told in the receipt; only bytes decide what is complete."""
        started = datetime.now(UTC)
        sizes = await self._talk.sizes()
        await self.read_users(sizes.users if sizes else None)
        self._talk.was_deaf = False
        table = await self._talk.read_table(Command.READ_ATTENDANCE)
        if self._talk.session.unsound:
            log.warning("%d frames of %s had a wrong checksum", self._talk.session.unsound, self.address)
        count = sizes.punches if sizes else None
        decoded = await asyncio.to_thread(  # a full log takes a second, in which the other terminals go on
            decode_log, table.records, self.users, started, count, self._known_layout, self._layout
        )
        if decoded.layout and not decoded.reason and decoded.punches:
            self._known_layout = decoded.layout
            if PUNCH_LAYOUTS[decoded.layout].size == UID_ROW_BYTES:
                self._uids_in_log |= {int.from_bytes(punch.raw[:2], "little") for punch in decoded.punches}
        return _log_read(table, decoded, count, started)

    async def read_users(self, count: int | None = None) -> None:
        """Learn which number a uid stands for; a table that is not whole or not certain teaches nothing."""
        table = await self._talk.read_table(Command.READ_USERS, 5)
        found = decode_users(table.records, count) if table.complete else None
        if found is None:
            log.warning("user table of %s is not usable: %s", self.address, table.reason or "its row size is not certain")
        self.users = numbers_of(found or ())

    async def listen(self) -> None:
        await self._talk.listen(EventMask.ATTENDANCE)

    async def next_event(self, timeout: float) -> LiveEvent | None:  # noqa: ASYNC109 - see the protocol
        """Wait for a punch; other events are passed over. Asks for the time after a long silence, so that a dead line is found."""
        talk = self._talk
        until = time.monotonic() + timeout
        while True:
            if talk.was_deaf:
                talk.was_deaf = False
                return UnreadableEvent(b"", "line-was-renewed")
            while talk.session.events:
                event = talk.session.events.popleft()
                if event.session == EventMask.ATTENDANCE:
                    return await self._punch_of(event)
            now = time.monotonic()
            if now >= until:
                return None
            if now - talk.heard_at >= KEEP_ALIVE_SECONDS:
                await talk.run(talk.session.exchange(Command.GET_TIME))  # a session that was lost is no line to listen on
            else:
                await talk.hear(min(until, talk.heard_at + KEEP_ALIVE_SECONDS) - now)

    async def _punch_of(self, event: Frame) -> LiveEvent:
        """An event of the kind that names only a uid is resolved by the user list of this moment: uids are given to somebody new."""
        if not event.sound and self._talk.session.checks_sums:
            return UnreadableEvent(event.data, "damaged")
        if names_only_uid(event.data):
            await self.read_users()
        return decode_punch_event(event.data, self.users)

    async def _option(self, name: str) -> str:
        return await self._talk.option(name) or ""


def _algorithm(version: str) -> str:
    return f"zk-{version}" if version else ""


def _log_read(table: Table, decoded: Decoded, count: int | None, started: datetime) -> LogRead:
    doubtful = decoded.doubtful
    if table.odd_tail and table.received > 4:
        doubtful += in_pieces(table.odd_tail, len(table.records), "behind-the-table")
    receipt = ReadReceipt(
        declared_count=count,
        declared_bytes=table.declared,
        received_bytes=table.received,
        decoded=len(decoded.punches),
        doubtful=len(doubtful) + sum(punch.doubt is not None for punch in decoded.punches),
        repeated=count_repeats(decoded.punches),
        record_size=PUNCH_LAYOUTS[decoded.layout].size if decoded.layout else None,
        layout=decoded.layout,
        complete=table.complete,
        reason=table.reason or decoded.reason,
        started_at=started,
        finished_at=datetime.now(UTC),
    )
    return LogRead(decoded.punches, doubtful, receipt)
