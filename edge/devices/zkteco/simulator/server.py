"""The simulated terminal on the network: TCP and UDP at once on one port, as a real terminal.

One event loop owns everything; nothing here may be called from another thread (`thread.py` has the form for that).
"""

import asyncio
import math
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from random import Random
from typing import Self
from zoneinfo import ZoneInfo

from edge.devices.driver import FrameError
from edge.devices.zkteco.frames import Frame, FrameStream, decode_payload, encode_payload, encode_tcp
from edge.devices.zkteco.simulator.answers import Conversation, Desk, Then
from edge.devices.zkteco.simulator.delivery import panel_frame
from edge.devices.zkteco.simulator.events import EventWriter
from edge.devices.zkteco.simulator.faults import Faults
from edge.devices.zkteco.simulator.furnish import empty_terminal, furnish, impossible
from edge.devices.zkteco.simulator.keep import StateFile
from edge.devices.zkteco.simulator.lines import Encode, Line, TcpCarrier, UdpCarrier
from edge.devices.zkteco.simulator.model import Log, Punch
from edge.devices.zkteco.simulator.options import SimulatorError, SimulatorOptions
from protocol.instants import WallTime, pack_moment

READ_SIZE = 65_536
UDP_CLIENTS = 64
"""Conversations kept for UDP clients; the oldest is forgotten first, because datagrams never say goodbye."""
TICK = 0.02
"""Seconds between two turns of live punching; the punches of one turn share one write to the state file."""
IDLE_TICK = 0.2
RESTART_DELAY = 0.05
"""Seconds in which the answer to a restart can leave."""
GOODBYE = 2.0
"""Seconds in which dropped clients are taken leave of."""
PORT_TRIES = 20
TCP_CHECKSUM, UDP_CHECKSUM = 10, 2

Address = tuple[str, int]


class Simulator:
    """A terminal that can be punched at, read, and broken. `async with` starts and stops it; constructing it does nothing."""

    def __init__(self, options: SimulatorOptions, *, now: Callable[[], datetime] | None = None) -> None:
        """`now` gives the true naive wall time at the terminal; the clock of this machine when left out."""
        self.options = options
        self.faults = Faults(options.faults)
        self.rate = options.rate
        self.restarts = 0
        self.port = 0
        self.failure: SimulatorError | None = None
        self.failed = asyncio.Event()
        self.terminal = empty_terminal(options)
        self._chance = Random(options.seed)  # noqa: S311 - a failing case must replay
        self._zone = ZoneInfo(options.zone) if options.zone else None
        self._now = now or self._wall_clock
        self._desk = Desk(self.terminal, self.faults, self._chance, options.user_size, options.key, self._punch_somebody)
        self._events = EventWriter(self.faults, options.record_size)
        self._state: StateFile | None = None
        self._server: asyncio.Server | None = None
        self._datagrams: asyncio.DatagramTransport | None = None
        self._tcp_lines: set[Line] = set()
        self._serving: set[asyncio.Task[None]] = set()
        self._udp_lines: dict[Address, Line] = {}
        self._live: asyncio.Task[None] | None = None
        self._down_until = 0.0
        self._made = 0
        self._next_in_turn = 0

    async def __aenter__(self) -> Self:
        """Load or make the terminal's memory and open the port; raises SimulatorError."""
        try:
            self._remember()
            await self._open_port()
        except BaseException:
            self._close_state()
            raise
        self._live = asyncio.create_task(self._punch_live())
        return self

    async def __aexit__(self, *_: object) -> None:
        """Drop every line and free the port."""
        if self._live is not None:
            self._live.cancel()
        self._drop_lines()
        if self._datagrams is not None:
            self._datagrams.close()
        if self._server is not None:
            self._server.close()
            await self._server.wait_closed()
        if self._serving:
            await asyncio.wait(self._serving, timeout=GOODBYE)
        self._close_state()

    # What a person does at the terminal

    @property
    def log(self) -> Log:
        """What the terminal holds."""
        return self.terminal.log

    def punch(self, number: str, wall: WallTime | None = None, verify: int = 1, state: int = 0) -> Punch:
        """Punch as `number`, now by the terminal's clock or at `wall`; in the log and the state file when this returns.

        Raises ValueError for a number or time that the terminal's records cannot carry, SimulatorError when its state file fails.
        """
        made = self._make_punch(number, wall, verify, state)
        self._keep_changes()
        self._report(made)
        return made

    def clear(self) -> int:
        """Clear the log by the terminal's menu; returns how many different punches are gone."""
        gone = self.terminal.clear_log()
        self._keep_changes()
        return gone

    def restart(self) -> None:
        """Switch off and on: every line is dropped, every session lost, nobody gets in for `restart_seconds`. The log stays."""
        self.restarts += 1
        self._down_until = asyncio.get_running_loop().time() + self.options.restart_seconds
        self._drop_lines()

    def counts(self) -> dict[str, object]:
        """What it holds: `held` counts distinct identities, `rows` all rows, `cleared` the distinct identities it once held."""
        return {
            "serial": self.terminal.serial,
            "held": self.terminal.log.distinct(),
            "rows": len(self.terminal.log),
            "cleared": self.terminal.cleared,
            "users": len(self.terminal.users),
            "enabled": self.terminal.enabled,
        }

    # Starting

    def _remember(self) -> None:
        loaded = False
        if self.options.state is not None:
            self._state = StateFile(self.options.state)
            loaded = self._state.load(self.terminal)
            self.terminal.changes = []
        if not loaded:
            furnish(self.terminal, self.options, self.faults, self._chance, self._now())
            self._keep_changes()
        self._made = len(self.terminal.log)

    async def _open_port(self) -> None:
        host = self.options.host
        for _ in range(PORT_TRIES):
            try:
                server = await asyncio.start_server(self._accept, host, self.options.port)
            except OSError as problem:
                raise SimulatorError(f"port {self.options.port} of {host} cannot be opened for TCP: {problem.strerror}") from problem
            port = server.sockets[0].getsockname()[1]
            try:
                loop = asyncio.get_running_loop()
                self._datagrams, _ = await loop.create_datagram_endpoint(lambda: _Datagrams(self._receive), local_addr=(host, port))
            except OSError as problem:
                server.close()
                await server.wait_closed()
                if self.options.port:
                    raise SimulatorError(f"port {port} of {host} cannot be opened for UDP: {problem.strerror}") from problem
                continue
            self._server, self.port = server, port
            return
        raise SimulatorError(f"no port of {host} is free for TCP and UDP at once")

    def _wall_clock(self) -> datetime:
        return datetime.now(self._zone).replace(tzinfo=None)

    def _close_state(self) -> None:
        if self._state is not None:
            self._state.close()

    # Punching

    def _make_punch(self, number: str, wall: WallTime | None, verify: int, state: int) -> Punch:
        shown = pack_moment(self.terminal.clock(self._now())) if wall is None else wall
        self._made += 1
        if "impossible-dates" in self.faults and self._made % self.faults.number("impossible-dates") == 0:
            shown = impossible(shown)
        return self.terminal.punch(number, shown, verify, state)

    def _punch_somebody(self) -> None:
        self._report(self._make_punch(self._somebody(), None, 1, 0))

    def _somebody(self) -> str:
        """Users take turns, so that up to one punch a second each stays distinct."""
        users = self.terminal.users
        if not users:
            return "1"
        self._next_in_turn += 1
        uids = self.terminal.uids()
        return users[uids[self._next_in_turn % len(uids)]].number

    async def _punch_live(self) -> None:
        loop = asyncio.get_running_loop()
        last, owed = loop.time(), 0.0
        while True:
            await asyncio.sleep(TICK if self.rate else IDLE_TICK)
            now = loop.time()
            owed += (now - last) * self.rate
            last = now
            due = int(owed)
            owed -= due
            made = [self._make_punch(self._somebody(), None, 1, self._chance.randrange(2)) for _ in range(due)]
            with suppress(SimulatorError):
                self._keep_changes()
            if self.failure:
                return
            for punch in made:
                self._report(punch)

    def _keep_changes(self) -> None:
        """Make changes durable. A terminal that cannot keep its memory is broken: it tells nobody anything more."""
        if self._state is None:
            return
        try:
            self._state.append(self.terminal.drain_changes())
        except OSError as problem:
            self.failure = SimulatorError(f"the state file {self.options.state} cannot be written: {problem.strerror}")
            self.failed.set()
            self._down_until = math.inf
            self._drop_lines()
            raise self.failure from problem

    def _report(self, punch: Punch) -> None:
        for line in [*self._tcp_lines, *self._udp_lines.values()]:
            for event in self._events.events_of(punch, line.talk.event_mask):
                line.report(event)

    # Lines

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.create_task(self._serve_tcp(reader, writer))
        self._serving.add(task)
        task.add_done_callback(self._serving.discard)

    async def _serve_tcp(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._is_down() or await self._has_client():
            writer.transport.abort()
            return
        line = Line(Conversation(datagrams=False), self.faults, self._encoder(encode_tcp, TCP_CHECKSUM), TcpCarrier(writer, self.faults))
        line.start()
        self._tcp_lines.add(line)
        stream = FrameStream()
        try:
            while data := await reader.read(READ_SIZE):
                if "no-answer" in self.faults:
                    continue
                if "access-panel" in self.faults:
                    writer.write(panel_frame())
                    continue
                for frame in stream.feed(data):
                    self._take(line, frame)
                    await line.room()
        except (FrameError, SimulatorError, OSError):
            pass  # a client that sends what is no frame, or is gone, is a client no more
        finally:
            self._tcp_lines.discard(line)
            line.drop()

    async def _has_client(self) -> bool:
        """Whether somebody is there already; one that has just left is given a moment to be gone."""
        if "single-client" not in self.faults or not self._tcp_lines:
            return False
        await asyncio.sleep(TICK)
        return bool(self._tcp_lines)

    def _receive(self, data: bytes, address: Address) -> None:
        lost = self._chance.random() < self.faults.chance("udp-loss")
        if lost or self._is_down() or "no-answer" in self.faults:
            return
        if "access-panel" in self.faults:
            self._send_datagram(panel_frame(), address)
            return
        with suppress(FrameError, SimulatorError):
            frame = decode_payload(data)
            self._take(self._udp_line(address), frame)

    def _udp_line(self, address: Address) -> Line:
        line = self._udp_lines.get(address)
        if line is None:
            if len(self._udp_lines) >= UDP_CLIENTS:
                self._udp_lines.pop(next(iter(self._udp_lines))).drop()
            carrier = UdpCarrier(lambda datagram: self._send_datagram(datagram, address), self.faults, self._chance)
            line = Line(Conversation(datagrams=True), self.faults, self._encoder(encode_payload, UDP_CHECKSUM), carrier)
            line.start()
            self._udp_lines[address] = line
        return line

    def _send_datagram(self, datagram: bytes, address: Address) -> None:
        if self._datagrams is not None and not self._datagrams.is_closing():
            self._datagrams.sendto(datagram, address)

    def _take(self, line: Line, frame: Frame) -> None:
        if line.talk.datagrams and "single-client" in self.faults and self._other_has_session(line):
            line.reply(self._desk.refuse(line.talk, frame))
            return
        answer = self._desk.answer(line.talk, frame, self._now())
        self._keep_changes()
        line.reply(answer)
        if answer.then is Then.RESTART:
            asyncio.get_running_loop().call_later(RESTART_DELAY, self.restart)

    def _other_has_session(self, line: Line) -> bool:
        return any(other is not line and other.talk.session is not None for other in self._udp_lines.values())

    def _encoder(self, encode: Encode, checksum_at: int) -> Encode:
        def encode_frame(frame: Frame) -> bytes:
            encoded = encode(frame)
            if "checksum-off" not in self.faults:
                return encoded
            wrong = (int.from_bytes(encoded[checksum_at : checksum_at + 2], "little") - 1) % 65_536
            return encoded[:checksum_at] + wrong.to_bytes(2, "little") + encoded[checksum_at + 2 :]

        return encode_frame

    def _is_down(self) -> bool:
        return asyncio.get_running_loop().time() < self._down_until

    def _drop_lines(self) -> None:
        for line in [*self._tcp_lines, *self._udp_lines.values()]:
            line.talk.forget()
            line.drop()
        self._udp_lines.clear()


class _Datagrams(asyncio.DatagramProtocol):
    def __init__(self, receive: Callable[[bytes, Address], None]) -> None:
        self._receive = receive

    def datagram_received(self, data: bytes, addr: tuple[str | object, int]) -> None:
        self._receive(data, (str(addr[0]), addr[1]))
