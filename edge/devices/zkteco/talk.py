"""A conversation with one terminal over a line that may break: what both reading and writing need.

Over a session and a line. It connects again where that helps, keeps the events that came in between, and always says goodbye, so that a
terminal which serves one client is free.
"""

import asyncio
import logging
import time
from collections.abc import Callable
from contextlib import suppress
from typing import ClassVar, TypeVar

from edge.devices.driver import DriverError, FrameError, TerminalAddress, TerminalUnreachableError, Transport
from edge.devices.watch import Nobody, Watch
from edge.devices.zkteco.frames import Command, Frame
from edge.devices.zkteco.lines import Line, open_line
from edge.devices.zkteco.session import Dialogue, Session, SessionLostError, Table
from edge.devices.zkteco.sizes import Sizes, decode_sizes
from edge.devices.zkteco.watched import WatchedLine

OPEN_SECONDS = 5.0
SILENCE_SECONDS = {Transport.TCP: 5.0, Transport.UDP: 1.0}
"""How long a terminal may say nothing in the middle of an answer, not how long the whole may take: a full log takes minutes."""
RECONNECT_PAUSES = (0.2, 0.5, 1.0, 2.0)
"""Seconds before each new connection while one thing is done that can be begun again."""

log = logging.getLogger(__name__)
T = TypeVar("T")


class Talk:
    """One conversation. event_mask: what is listened to; kept through new connections. was_deaf: whether one began while listening.

    heard_at: monotonic time of the last frame that came. A terminal that was disabled and may still be is enabled as soon as anybody in
    this process talks to it again.
    """

    _may_be_disabled: ClassVar[set[TerminalAddress]] = set()

    def __init__(self, address: TerminalAddress, silence_seconds: float | None = None) -> None:
        self.address = address
        self.event_mask = 0
        self.was_deaf = False
        self.heard_at = 0.0
        self.watch: Watch = Nobody()
        self._silence = silence_seconds or SILENCE_SECONDS[address.transport]
        self._line: Line | None = None
        self.session = self._new_session()

    # Asking --------------------------------------------------------------------------------------------------------------------------

    async def ask(self, command: int, data: bytes = b"") -> Frame:
        """Ask, and once more in a new session when the terminal has forgotten ours."""
        try:
            return await self.run(self.session.exchange(command, data))
        except SessionLostError:
            await self._reopen()
            return await self.run(self.session.exchange(command, data))

    async def ask_once(self, command: int, data: bytes = b"") -> Frame | None:
        """Ask what must not happen twice; None when there was no answer, and nobody knows whether it happened."""
        return await self.run(self.session.say(self.session.ask(command, data)))

    async def insist(self, command: int, data: bytes = b"") -> Frame:
        """Ask what may happen twice, over new connections if it must be."""
        return await self.persist(lambda _: self.session.exchange(command, data))

    async def option(self, name: str) -> str | None:
        """One of the terminal's settings; None where it has no such thing."""
        answer = await self.ask(Command.READ_OPTION, name.encode("ascii") + b"\0")
        return text_of(answer.data).partition("=")[2] if answer.command == Command.ACK_OK else None

    async def sizes(self) -> Sizes | None:
        """Counts and capacities as the terminal tells them; hints only. None when it does not tell."""
        answer = await self.ask(Command.SIZES)
        return decode_sizes(answer.data) if answer.command == Command.ACK_OK else None

    async def read_table(self, command: int, function: int = 0) -> Table:
        """Read a table; when the line breaks in the middle, connect again and go on from there."""
        return await self.persist(lambda already: self.session.read_table(command, function, already))

    async def persist(self, begin: Callable[[bytes], Dialogue[T]]) -> T:
        """Carry out an operation that may be begun again; `begin` is given what earlier tries got of a table."""
        already = b""
        for pause in (*RECONNECT_PAUSES, None):
            try:
                if self._line is None:
                    await self._reopen()
                self.session.got = bytearray()
                return await self.run(begin(already))
            except (TerminalUnreachableError, FrameError):
                already = max(already, bytes(self.session.got), key=len)
                await self._leave_broken_line()
                if pause is None:
                    raise
                log.warning("line to %s broke; going on, with %d bytes already here", self.address, len(already))
                await asyncio.sleep(pause)
        raise AssertionError("the last pause is None")

    async def run(self, operation: Dialogue[T]) -> T:
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

    # Hearing -------------------------------------------------------------------------------------------------------------------------

    async def listen(self, mask: int) -> None:
        """Ask for live events; nothing more comes where the terminal refuses."""
        answer = await self.ask(Command.REGISTER_EVENTS, mask.to_bytes(4, "little"))
        self.event_mask = mask if answer.command == Command.ACK_OK else 0

    def take_events(self, mask: int) -> list[Frame]:
        """Events of these kinds that have come; the others stay where they are, in their order."""
        events = list(self.session.events)
        self.session.events.clear()
        self.session.events.extend(event for event in events if not event.session & mask)
        return [event for event in events if event.session & mask]

    async def hear(self, seconds: float) -> None:
        """Take one frame while nothing was asked, if any comes."""
        if self._line is None:
            raise TerminalUnreachableError("line-closed")
        frame = await self._line.receive(seconds)
        if frame is not None:
            await self._take(self._line, frame)

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

    async def _take(self, line: Line, frame: Frame) -> Frame | None:
        self.heard_at = time.monotonic()
        answer, acknowledgement = self.session.take(frame)
        if acknowledgement:
            await line.send(acknowledgement)
        return answer

    # The line ------------------------------------------------------------------------------------------------------------------------

    async def open(self) -> None:
        """Connect; events that an earlier connection brought are still there."""
        earlier, self.session = self.session, self._new_session()
        self.session.events.extend(earlier.events)
        self._line = WatchedLine(await open_line(self.address, OPEN_SECONDS), self.watch)
        try:
            await self.run(self.session.connect())
            if self.address in self._may_be_disabled:
                await self.enable()
        except BaseException:
            await self.drop()
            raise

    async def close(self) -> None:
        """Say goodbye and leave."""
        with suppress(DriverError):
            await self._say_goodbye()
            if self._line is not None:
                await self._line.receive(1.0)
        await self.drop()

    async def drop(self) -> None:
        """Leave without a word."""
        line, self._line = self._line, None
        if line is not None:
            await line.close()

    async def disable(self, seconds: int) -> None:
        """Keep people from punching for a moment. The terminal is told when to go on by itself, should nobody be able to tell it.

        Whoever calls this calls `enable` whatever happens; if that fails, the next conversation does it first of all.
        """
        self._may_be_disabled.add(self.address)
        await self.ask(Command.DISABLE_DEVICE, seconds.to_bytes(4, "little"))

    async def enable(self) -> None:
        """Let people punch again; raises DriverError when the terminal did not hear it."""
        answer = await self.run(self.session.exchange(Command.ENABLE_DEVICE))
        if answer.command == Command.ACK_OK:
            self._may_be_disabled.discard(self.address)

    async def enable_for_certain(self) -> None:
        """`enable`, over new connections if it must be: opening one enables."""
        try:
            await self.enable()
        except DriverError:
            await self.insist(Command.GET_TIME)

    def _new_session(self) -> Session:
        return Session(self.address.key, datagrams=self.address.transport is Transport.UDP)

    async def _say_goodbye(self) -> None:
        if self._line is not None:
            await self._line.send(self.session.ask(Command.EXIT))

    async def _leave_broken_line(self) -> None:
        """Over UDP the terminal must be told, or it takes the old conversation for another client."""
        with suppress(DriverError):
            await self._say_goodbye()
        await self.drop()

    async def _reopen(self) -> None:
        await self._leave_broken_line()
        await self.open()
        if self.event_mask:
            self.was_deaf = True
            await self.listen(self.event_mask)


def text_of(data: bytes) -> str:
    """What a terminal says of itself, up to the first NUL; letters beyond ASCII are not expected here."""
    return data.split(b"\0")[0].decode("ascii", "replace").strip()
