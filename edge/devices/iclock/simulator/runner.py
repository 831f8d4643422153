"""The simulated terminal at work: its line to the server, its clock, and the people who punch at it. One event loop owns everything."""

import asyncio
import re
import time
from contextlib import suppress
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from random import Random
from typing import Self
from zoneinfo import ZoneInfo

from edge.devices.faults import Switches
from edge.devices.iclock.simulator.faces import enrol_face
from edge.devices.iclock.simulator.faults import PUSH_FAULTS
from edge.devices.iclock.simulator.memory import PushedPunch, PushMemory
from edge.devices.iclock.simulator.options import PushOptions
from edge.devices.iclock.simulator.unit import Ask, Unit
from protocol.instants import WallTime

TICK = 0.02
ENROLS_FACE = 65
IDLE_TICK = 1.0
"""A terminal at which nobody punches, and which has nothing to ask, looks up this seldom: a thousand of them fit into one process."""
ANSWER_SECONDS = 30.0
ANSWER_BYTES = 1024 * 1024


class PushSimulator:
    """A terminal that pushes. `async with` switches it on and off; constructing it does nothing."""

    def __init__(self, options: PushOptions) -> None:
        self.options = options
        self.faults = Switches(PUSH_FAULTS, options.faults)
        self.rate = options.rate
        self.requests = 0
        """Requests that were made, whatever became of them."""
        self._chance = Random(f"{options.seed} line")  # noqa: S311 - a failing case must replay
        self.memory = PushMemory(self.faults)
        moment = _moment()
        offset = moment.replace(tzinfo=UTC).astimezone(ZoneInfo(options.zone)).utcoffset()
        assert offset is not None
        self.unit = Unit(options, self.faults, self.memory, offset)
        self.memory.furnish(Random(f"{options.seed} past"), options.users, options.punches, moment + offset)  # noqa: S311 - as above
        self._tasks: list[asyncio.Task[None]] = []
        self._turn = self._faces = 0
        self._woken = asyncio.Event()

    async def __aenter__(self) -> Self:
        self._tasks = [asyncio.create_task(self._talk()), asyncio.create_task(self._punch_live())]
        return self

    async def __aexit__(self, *_: object) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def punch(self, number: str, wall: WallTime | None = None) -> PushedPunch:
        """Punch as `number`, now by the terminal's clock or at `wall`."""
        row = self.memory.punch(number, self.unit.clock(_moment()) if wall is None else wall)
        self.wake()
        return row

    def enrol_face(self, number: str) -> None:
        """Somebody enrols their face at the terminal; each time it is another one."""
        self._faces += 1
        enrol_face(self.memory, self.options.faces, number, f"{self.options.seed} face {self.options.serial} {number} {self._faces}")
        self.unit.tell_operation(ENROLS_FACE, _moment(), number)
        self.wake()

    def wake(self) -> None:
        """Something was done to it: look at once whether there is something to ask."""
        self._woken.set()

    def counts(self) -> dict[str, object]:
        """What it holds; `waiting` are rows that the server has not acknowledged."""
        memory = self.memory
        return {
            "serial": self.options.serial,
            "held": len(memory.identities()),
            "rows": len(memory.log),
            "cleared": memory.cleared,
            "users": len(memory.users),
            "waiting": len(memory.log) - memory.sent,
            "requests": self.requests,
        }

    async def _punch_live(self) -> None:
        owed, last = 0.0, time.monotonic()
        while True:
            await asyncio.sleep(TICK if self.rate else IDLE_TICK)
            now = time.monotonic()
            owed += min(now - last, 1.0) * self.rate
            last = now
            while owed >= 1 and self.memory.users:
                owed -= 1
                self._turn += 1
                numbers = list(self.memory.users)
                self.punch(numbers[self._turn % len(numbers)])

    async def _talk(self) -> None:
        while True:
            self._woken.clear()
            ask = self.unit.next(now := time.monotonic(), _moment())
            if ask is None:
                with suppress(TimeoutError):
                    async with asyncio.timeout(min(self.unit.rest(now), IDLE_TICK)):  # `wait_for` may swallow being cancelled
                        await self._woken.wait()
                continue
            status, body, date = await self._request(ask)
            self.unit.hear(ask, status, body, date, _moment(), time.monotonic())

    async def _request(self, ask: Ask) -> tuple[int | None, bytes, datetime | None]:
        """Status, body and Date of the answer; no status where none came."""
        self.requests += 1
        if self._chance.random() < self.faults.chance("lost-requests"):
            return None, b"", None
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                answer = await self._exchange(ask)
        except (OSError, TimeoutError):
            return None, b"", None
        if self._chance.random() < self.faults.chance("lost-answers"):
            return None, b"", None
        return _read(answer)

    async def _exchange(self, ask: Ask) -> bytes:
        reader, writer = await asyncio.open_connection(self.options.host, self.options.port)
        try:
            writer.write(self._head(ask) + ask.body)
            await writer.drain()
            return await _answer(reader)
        finally:
            writer.close()
            with suppress(OSError):
                await writer.wait_closed()

    def _head(self, ask: Ask) -> bytes:
        odd = "odd-heads" in self.faults
        lines = [
            f"{ask.method} {self.unit.target(ask)} HTTP/1.1",
            *(
                ["this line has no colon", f"Content-Length : {len(ask.body)}"]
                if odd
                else [f"Host: {self.options.host}:{self.options.port}"]
            ),
            "User-Agent: iClock Proxy/1.09",
            "Connection: close",
            *([f"Content-Length: {len(ask.body)}"] if ask.method == "POST" and not odd else []),
        ]
        return ("\r\n".join(lines) + "\r\n\r\n").encode()


async def _answer(reader: asyncio.StreamReader) -> bytes:
    """The whole answer, however many pieces it comes in: as long as its head says, or until the line is closed."""
    answer = b""
    while len(answer) < ANSWER_BYTES and (piece := await reader.read(ANSWER_BYTES)):
        answer += piece
        head, mark, body = answer.partition(b"\r\n\r\n")
        length = re.search(rb"\r\ncontent-length:[ \t]*([0-9]{1,9})", head, re.IGNORECASE)
        if mark and length and len(body) >= int(length[1]):
            break
    return answer


def _read(answer: bytes) -> tuple[int | None, bytes, datetime | None]:
    head, mark, body = answer.partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    words = first.split()
    if not mark or len(words) < 2 or not words[1].isdigit():
        return None, b"", None
    dates = [line.partition(":")[2].strip() for line in lines if line.lower().startswith("date:")]
    return int(words[1]), body, parsedate_to_datetime(dates[0]).replace(tzinfo=None) if dates else None


def _moment() -> datetime:
    return datetime.now(UTC).replace(tzinfo=None)
