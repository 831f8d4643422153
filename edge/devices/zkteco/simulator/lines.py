"""One client's line to the simulated terminal: what waits to be sent, in order, and how it leaves over TCP or UDP."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from random import Random
from typing import Protocol

from edge.devices.zkteco.frames import Frame
from edge.devices.zkteco.simulator.delivery import tcp_writes, udp_sends
from edge.devices.zkteco.simulator.desk import Answer, Conversation, Then
from edge.devices.zkteco.simulator.faults import Faults

QUEUE_LIMIT = 20_000
"""Events and answers waiting for a client that does not read; beyond it the line is dropped."""
ANSWERS_AHEAD = 32
FLUSH_AFTER = 1.0
"""Seconds after which kept-back events are reported although what they wait for did not come."""

Encode = Callable[[Frame], bytes]


@dataclass(frozen=True, slots=True)
class Bundle:
    """Encoded frames that belong together; `in_one_write` keeps them so, `then` is what happens to the line after them."""

    frames: tuple[bytes, ...]
    then: Then = Then.GO_ON
    in_one_write: bool = False


class Carrier(Protocol):
    """What takes bundles to the client; raises OSError when the client is gone."""

    async def carry(self, bundle: Bundle) -> None: ...

    def drop(self) -> None: ...


class Line:
    """Queue of one client. Answers and events leave in the order they were queued, one bundle at a time.

    heard_at: when it last asked something, by the event loop's clock.
    """

    def __init__(self, talk: Conversation, faults: Faults, encode: Encode, carrier: Carrier) -> None:
        self.talk = talk
        self.heard_at = 0.0
        self._dropped = False
        self._faults = faults
        self._encode = encode
        self._carrier = carrier
        self._queue: asyncio.Queue[Bundle] = asyncio.Queue()
        self._roomy = asyncio.Event()
        self._roomy.set()
        self._held: list[bytes] = []
        self._flush: asyncio.TimerHandle | None = None
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to send what is queued."""
        self._task = asyncio.create_task(self._carry_all())

    def reply(self, answer: Answer) -> None:
        """Queue an answer; events that were kept back for one go out inside it, before its last frame."""
        frames = [self._encode(frame) for frame in answer.frames]
        if "event-interleaved" in self._faults and frames:
            place = min(1, len(frames) - 1)
            frames[place:place] = self._take_held()
        if frames or answer.then is not Then.GO_ON:
            self._put(Bundle(tuple(frames), answer.then))

    def report(self, event: Frame) -> None:
        """Queue a live event, or keep it back when a fault mode says so."""
        encoded = self._encode(event)
        interleaved = "event-interleaved" in self._faults
        if not interleaved and "event-burst" not in self._faults:
            self._put(Bundle((encoded,)))
            return
        self._held.append(encoded)
        if not interleaved and len(self._held) >= self._faults.number("event-burst"):
            self._report_held()
        elif self._flush is None:
            self._flush = asyncio.get_running_loop().call_later(FLUSH_AFTER, self._report_held)

    async def room(self) -> None:
        """Wait until few answers are queued, so that a client that asks without reading fills no memory."""
        await self._roomy.wait()

    def _take_held(self) -> list[bytes]:
        if self._flush is not None:
            self._flush.cancel()
            self._flush = None
        taken, self._held = self._held, []
        return taken

    def _report_held(self) -> None:
        if held := self._take_held():
            self._put(Bundle(tuple(held), in_one_write=True))

    def _put(self, bundle: Bundle) -> None:
        if self._dropped:
            return
        if self._queue.qsize() >= QUEUE_LIMIT:
            self.drop()
        else:
            self._queue.put_nowait(bundle)
            if self._queue.qsize() > ANSWERS_AHEAD:
                self._roomy.clear()

    async def _carry_all(self) -> None:
        with suppress(OSError):
            while True:
                bundle = await self._queue.get()
                while "coalesced" in self._faults and bundle.then is Then.GO_ON and not self._queue.empty():
                    following = self._queue.get_nowait()
                    bundle = Bundle(bundle.frames + following.frames, following.then, in_one_write=True)
                if self._queue.qsize() <= ANSWERS_AHEAD:
                    self._roomy.set()
                await self._carrier.carry(bundle)
        self.drop()

    def drop(self) -> None:
        """End the line at once; safe to repeat."""
        self._dropped = True
        self._take_held()
        self._roomy.set()
        if self._task is not None:
            self._task.cancel()
        self._carrier.drop()


class TcpCarrier:
    """Writes to a TCP connection, cut and paused as the fault modes say."""

    def __init__(self, writer: asyncio.StreamWriter, faults: Faults) -> None:
        self._writer = writer
        self._faults = faults

    async def carry(self, bundle: Bundle) -> None:
        """Write a bundle; returns when the operating system has taken nearly all of it."""
        if bundle.then is Then.CUT:
            whole = b"".join(bundle.frames)
            self._writer.write(whole[: len(whole) // 2])
            await self._writer.drain()
            self._writer.close()
            await self._writer.wait_closed()
            return
        frames = (b"".join(bundle.frames),) if bundle.in_one_write else bundle.frames
        for pause, piece in tcp_writes(frames, self._faults):
            if pause:
                await asyncio.sleep(pause)
            self._writer.write(piece)
            await self._writer.drain()

    def drop(self) -> None:
        """Reset the connection, unless it is being closed already."""
        if not self._writer.is_closing():
            self._writer.transport.abort()


class UdpCarrier:
    """Sends datagrams to one address; loses, repeats and swaps them as the fault modes say."""

    def __init__(self, send_datagram: Callable[[bytes], None], faults: Faults, chance: Random) -> None:
        self._send_datagram = send_datagram
        self._faults = faults
        self._chance = chance

    async def carry(self, bundle: Bundle) -> None:
        """Send a bundle; lets others run every few datagrams, so that a client on this machine can empty its buffer."""
        for count, datagram in enumerate(udp_sends(bundle.frames, self._faults, self._chance), 1):
            self._send_datagram(datagram)
            if count % 8 == 0:
                await asyncio.sleep(0)

    def drop(self) -> None:
        """Nothing to end: datagrams have no connection."""
