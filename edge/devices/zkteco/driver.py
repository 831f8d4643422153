"""Reads one terminal by the pull protocol: `edge.devices.driver.Driver` over a session and a line.

It never disables the terminal and never clears anything; it always says goodbye, so that a terminal which serves one client is free.
"""

import asyncio
import logging
import time
from contextlib import suppress
from datetime import UTC, datetime
from types import TracebackType
from typing import Self, TypeVar

from edge.devices.driver import (
    ClockReading,
    DriverError,
    FrameError,
    LiveEvent,
    LogRead,
    ReadReceipt,
    TerminalAddress,
    TerminalFacts,
    TerminalRefusedError,
    TerminalUnreachableError,
    Transport,
    UnreadableEvent,
)
from edge.devices.zkteco.events import EventMask, decode_punch_event, names_only_uid
from edge.devices.zkteco.frames import Command, Frame
from edge.devices.zkteco.layouts import Decoded, count_repeats, decode_log, decode_users, in_pieces, numbers_of
from edge.devices.zkteco.lines import Line, open_line
from edge.devices.zkteco.records import PUNCH_LAYOUTS, decode_time
from edge.devices.zkteco.session import Dialogue, Session, SessionLostError, Table

OPEN_SECONDS = 5.0
SILENCE_SECONDS = {Transport.TCP: 5.0, Transport.UDP: 1.0}
"""How long a terminal may say nothing in the middle of an answer, not how long the whole may take: a full log takes minutes."""
KEEP_ALIVE_SECONDS = 30.0
RECONNECT_PAUSES = (0.2, 0.5, 1.0, 2.0)
"""Seconds before each new connection while one table is read."""

log = logging.getLogger(__name__)
T = TypeVar("T")


class ZkDriver:
    """One terminal. layout: the punch layout a person has chosen for it; None to let each body decide."""

    def __init__(self, address: TerminalAddress, layout: str | None = None, silence_seconds: float | None = None) -> None:
        self.address = address
        self.users: dict[int, str] = {}
        self._layout = layout
        self._known_layout: str | None = None
        self._silence = silence_seconds or SILENCE_SECONDS[address.transport]
        self._line: Line | None = None
        self._session = self._new_session()
        self._listening = False
        self._was_deaf = False
        """Whether a new conversation began while listening: what happened in between is only in the log."""
        self._heard_at = 0.0
        """Monotonic time of the last frame that came."""

    async def __aenter__(self) -> Self:
        await self._open()
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        await self._close()

    async def describe(self) -> TerminalFacts:
        """Who the terminal is; a field it does not tell stays empty."""
        sizes = await self._sizes()
        return TerminalFacts(
            serial=await self._option("~SerialNumber"),
            name=await self._option("~DeviceName"),
            platform=await self._option("~Platform"),
            firmware=_text((await self._ask(Command.VERSION)).data),
            mac=await self._option("MAC"),
            users=sizes[0] if sizes else None,
            punches=sizes[1] if sizes else None,
        )

    async def read_clock(self) -> ClockReading:
        asked, started = datetime.now(UTC), time.monotonic()
        answer = await self._ask(Command.GET_TIME)
        seconds = time.monotonic() - started
        if answer.command != Command.ACK_OK or len(answer.data) < 4:
            raise TerminalRefusedError("the terminal does not tell its time")
        wall = decode_time(int.from_bytes(answer.data[:4], "little"))
        return ClockReading(wall, asked + (datetime.now(UTC) - asked) / 2, round(seconds * 1000))

    async def read_log(self) -> LogRead:
        """Read users, then the whole log. A count that disagrees is told in the receipt; only bytes decide what is complete."""
        started = datetime.now(UTC)
        sizes = await self._sizes()
        await self.read_users(sizes[0] if sizes else None)
        self._was_deaf = False
        table = await self._read_table(Command.READ_ATTENDANCE)
        if self._session.unsound:
            log.warning("%d frames of %s had a wrong checksum", self._session.unsound, self.address)
        count = sizes[1] if sizes else None
        decoded = await asyncio.to_thread(  # a full log takes a second, in which the other terminals go on
            decode_log, table.records, self.users, started, count, self._known_layout, self._layout
        )
        if decoded.layout and not decoded.reason and decoded.punches:
            self._known_layout = decoded.layout
        return _log_read(table, decoded, count, started)

    async def read_users(self, count: int | None = None) -> None:
        """Learn which number a uid stands for; a table that is not whole or not certain teaches nothing."""
        table = await self._read_table(Command.READ_USERS, 5)
        found = decode_users(table.records, count) if table.complete else None
        if found is None:
            log.warning("user table of %s is not usable: %s", self.address, table.reason or "its row size is not certain")
        self.users = numbers_of(found or ())

    async def listen(self) -> None:
        answer = await self._ask(Command.REGISTER_EVENTS, int(EventMask.ATTENDANCE).to_bytes(4, "little"))
        self._listening = answer.command == Command.ACK_OK

    async def next_event(self, timeout: float) -> LiveEvent | None:  # noqa: ASYNC109 - see the protocol
        """Wait for a punch; other events are passed over. Asks for the time after a long silence, so that a dead line is found."""
        until = time.monotonic() + timeout
        while True:
            if self._was_deaf:
                self._was_deaf = False
                return UnreadableEvent(b"", "line-was-renewed")
            while self._session.events:
                event = self._session.events.popleft()
                if event.session == EventMask.ATTENDANCE:
                    return await self._punch_of(event)
            now = time.monotonic()
            if now >= until:
                return None
            if now - self._heard_at >= KEEP_ALIVE_SECONDS:
                await self._run(self._session.exchange(Command.GET_TIME))  # a session that was lost is no line to listen on
            else:
                await self._hear(min(until, self._heard_at + KEEP_ALIVE_SECONDS) - now)

    async def _punch_of(self, event: Frame) -> LiveEvent:
        """An event of the kind that names only a uid is resolved by the user list of this moment: uids are given to somebody new."""
        if not event.sound and self._session.checks_sums:
            return UnreadableEvent(event.data, "damaged")
        if names_only_uid(event.data):
            await self.read_users()
        return decode_punch_event(event.data, self.users)

    # The line ------------------------------------------------------------------------------------------------------------------------

    def _new_session(self) -> Session:
        return Session(self.address.key, datagrams=self.address.transport is Transport.UDP)

    async def _open(self) -> None:
        self._session = self._new_session()
        self._line = await open_line(self.address, OPEN_SECONDS)
        try:
            await self._run(self._session.connect())
        except BaseException:
            await self._drop()
            raise

    async def _close(self) -> None:
        with suppress(DriverError):
            await self._say_goodbye()
            if self._line is not None:
                await self._line.receive(1.0)
        await self._drop()

    async def _say_goodbye(self) -> None:
        if self._line is not None:
            await self._line.send(self._session.ask(Command.EXIT))

    async def _drop(self) -> None:
        line, self._line = self._line, None
        if line is not None:
            await line.close()

    async def _leave_broken_line(self) -> None:
        """Over UDP the terminal must be told, or it takes the old conversation for another client."""
        with suppress(DriverError):
            await self._say_goodbye()
        await self._drop()

    async def _reopen(self) -> None:
        await self._leave_broken_line()
        await self._open()
        if self._listening:
            self._was_deaf = True
            await self.listen()

    async def _run(self, operation: Dialogue[T]) -> T:
        """Carry an operation's frames to the terminal and what comes back to the operation."""
        line = self._line
        if line is None:
            raise TerminalUnreachableError("line-closed")
        try:
            requests = next(operation)
            while True:
                for request in requests:
                    await line.send(request)
                requests = operation.send(await self._answer(line))
        except StopIteration as done:
            return done.value  # type: ignore[no-any-return] # the generator's own return type

    async def _answer(self, line: Line) -> Frame | None:
        """The next frame that answers; None after silence. Only answers count against it: events may flow for ever."""
        until = time.monotonic() + self._silence
        while (left := until - time.monotonic()) > 0:
            frame = await line.receive(left)
            if frame is None:
                return None
            answer = await self._take(line, frame)
            if answer:
                return answer
        return None

    async def _hear(self, seconds: float) -> None:
        """Take one frame while nothing was asked, if any comes."""
        if self._line is None:
            raise TerminalUnreachableError("line-closed")
        frame = await self._line.receive(seconds)
        if frame is not None:
            await self._take(self._line, frame)

    async def _take(self, line: Line, frame: Frame) -> Frame | None:
        self._heard_at = time.monotonic()
        answer, acknowledgement = self._session.take(frame)
        if acknowledgement:
            await line.send(acknowledgement)
        return answer

    async def _ask(self, command: int, data: bytes = b"") -> Frame:
        """Ask, and once more in a new session when the terminal has forgotten ours."""
        try:
            return await self._run(self._session.exchange(command, data))
        except SessionLostError:
            await self._reopen()
            return await self._run(self._session.exchange(command, data))

    async def _option(self, name: str) -> str:
        answer = await self._ask(Command.READ_OPTION, name.encode("ascii") + b"\0")
        return _text(answer.data).partition("=")[2] if answer.command == Command.ACK_OK else ""

    async def _sizes(self) -> tuple[int, int] | None:
        """Counts of users and punches as the terminal tells them; hints only. None when it does not tell."""
        answer = await self._ask(Command.SIZES)
        if answer.command != Command.ACK_OK or len(answer.data) < 36:
            return None
        return int.from_bytes(answer.data[16:20], "little"), int.from_bytes(answer.data[32:36], "little")

    async def _read_table(self, command: int, function: int = 0) -> Table:
        """Read a table; when the line breaks in the middle, connect again and go on from there."""
        already = b""
        for pause in (*RECONNECT_PAUSES, None):
            try:
                if self._line is None:
                    await self._reopen()
                return await self._run(self._session.read_table(command, function, already))
            except (TerminalUnreachableError, FrameError):
                already = max(already, bytes(self._session.got), key=len)
                await self._leave_broken_line()
                if pause is None:
                    raise
                log.warning("line to %s broke while reading; going on from byte %d", self.address, len(already))
                await asyncio.sleep(pause)
        raise AssertionError("the last pause is None")


def _text(data: bytes) -> str:
    """What a terminal says of itself, up to the first NUL; letters beyond ASCII are not expected here."""
    return data.split(b"\0")[0].decode("ascii", "replace").strip()


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
