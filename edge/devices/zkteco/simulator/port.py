"""The simulated terminal's port: TCP and UDP at once on one number, the lines of its clients, and how it is switched off for a while."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from random import Random

from edge.devices.driver import FrameError
from edge.devices.zkteco.frames import Frame, FrameStream, decode_payload, encode_payload, encode_tcp
from edge.devices.zkteco.simulator.delivery import panel_frame
from edge.devices.zkteco.simulator.desk import Conversation
from edge.devices.zkteco.simulator.faults import Faults
from edge.devices.zkteco.simulator.lines import Encode, Line, TcpCarrier, UdpCarrier
from edge.devices.zkteco.simulator.options import SimulatorError

READ_SIZE = 65_536
UDP_CLIENTS = 64
"""Conversations kept for UDP clients; the oldest is forgotten first, because datagrams never say goodbye."""
UDP_IDLE = 60.0
"""Seconds of silence after which a UDP client no longer counts as being there."""
LEAVING = 0.05
"""Seconds in which a client that has just gone is noticed to be gone."""
GOODBYE = 2.0
"""Seconds in which dropped clients are taken leave of."""
PORT_TRIES = 20
TCP_CHECKSUM, UDP_CHECKSUM = 10, 2
"""Where the checksum stands in an encoded frame."""

Address = tuple[str, int]


class Port:
    """Owns the sockets. `take` gets each request with its line; it may raise SimulatorError to end the line."""

    def __init__(self, faults: Faults, chance: Random, take: Callable[[Line, Frame], None]) -> None:
        self.number = 0
        self._faults = faults
        self._chance = chance
        self._take = take
        self._server: asyncio.Server | None = None
        self._datagrams: asyncio.DatagramTransport | None = None
        self._tcp_lines: set[Line] = set()
        self._udp_lines: dict[Address, Line] = {}
        self._serving: set[asyncio.Task[None]] = set()
        self._down_until = 0.0

    async def open(self, host: str, wanted: int) -> None:
        """Open `wanted`, or a free number for 0, for both; raises SimulatorError with both the address and the reason."""
        for _ in range(PORT_TRIES):
            try:
                server = await asyncio.start_server(self._accept, host, wanted)
            except OSError as problem:
                raise SimulatorError(f"port {wanted} of {host} cannot be opened for TCP: {problem.strerror}") from problem
            number = server.sockets[0].getsockname()[1]
            try:
                loop = asyncio.get_running_loop()
                self._datagrams, _ = await loop.create_datagram_endpoint(lambda: _Datagrams(self._receive), local_addr=(host, number))
            except OSError as problem:
                server.close()
                await server.wait_closed()
                if wanted:
                    raise SimulatorError(f"port {number} of {host} cannot be opened for UDP: {problem.strerror}") from problem
                continue
            self._server, self.number = server, number
            return
        raise SimulatorError(f"no port of {host} is free for TCP and UDP at once")

    async def close(self) -> None:
        """Drop every line and free the port; safe to repeat."""
        self.drop_lines()
        if self._datagrams is not None:
            self._datagrams.close()
        if self._server is not None:
            self._server.close()
            await self._server.wait_closed()
        if self._serving:
            await asyncio.wait(self._serving, timeout=GOODBYE)

    def switch_off(self, seconds: float) -> None:
        """Drop every line and answer nobody for that long; `math.inf` is for good."""
        self._down_until = asyncio.get_running_loop().time() + seconds
        self.drop_lines()

    def lines(self) -> list[Line]:
        """Every client that is there."""
        return [*self._tcp_lines, *self._udp_lines.values()]

    def drop_lines(self) -> None:
        """End every line at once; sessions are lost."""
        for line in self.lines():
            line.talk.forget()
            line.drop()
        self._udp_lines.clear()

    def is_taken(self, line: Line) -> bool:
        """Whether the terminal, which takes one client only, has another one already."""
        if "single-client" not in self._faults or not line.talk.datagrams:
            return False
        now = asyncio.get_running_loop().time()
        return any(
            other is not line and other.talk.session is not None and now - other.heard_at < UDP_IDLE for other in self._udp_lines.values()
        )

    def _is_down(self) -> bool:
        return asyncio.get_running_loop().time() < self._down_until

    # TCP

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.create_task(self._serve(reader, writer))
        self._serving.add(task)
        task.add_done_callback(self._serving.discard)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._is_down() or await self._has_tcp_client():
            writer.transport.abort()
            return
        line = self._start_line(encode_tcp, TCP_CHECKSUM, TcpCarrier(writer, self._faults), datagrams=False)
        self._tcp_lines.add(line)
        stream = FrameStream()
        try:
            while data := await reader.read(READ_SIZE):
                if "no-answer" in self._faults:
                    continue
                if "access-panel" in self._faults:
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

    async def _has_tcp_client(self) -> bool:
        if "single-client" not in self._faults or not self._tcp_lines:
            return False
        await asyncio.sleep(LEAVING)
        return bool(self._tcp_lines)

    # UDP

    def _receive(self, data: bytes, address: Address) -> None:
        lost = self._chance.random() < self._faults.chance("udp-loss")
        if lost or self._is_down() or "no-answer" in self._faults:
            return
        if "access-panel" in self._faults:
            self._send_datagram(panel_frame(), address)
            return
        with suppress(FrameError, SimulatorError):
            frame = decode_payload(data)
            line = self._udp_line(address)
            line.heard_at = asyncio.get_running_loop().time()
            self._take(line, frame)

    def _udp_line(self, address: Address) -> Line:
        line = self._udp_lines.get(address)
        if line is None:
            if len(self._udp_lines) >= UDP_CLIENTS:
                self._udp_lines.pop(next(iter(self._udp_lines))).drop()
            carrier = UdpCarrier(lambda datagram: self._send_datagram(datagram, address), self._faults, self._chance)
            line = self._udp_lines[address] = self._start_line(encode_payload, UDP_CHECKSUM, carrier, datagrams=True)
        return line

    def _send_datagram(self, datagram: bytes, address: Address) -> None:
        if self._datagrams is not None and not self._datagrams.is_closing():
            self._datagrams.sendto(datagram, address)

    # Both

    def _start_line(self, encode: Encode, checksum_at: int, carrier: TcpCarrier | UdpCarrier, *, datagrams: bool) -> Line:
        line = Line(Conversation(datagrams), self._faults, self._encoder(encode, checksum_at), carrier)
        line.start()
        return line

    def _encoder(self, encode: Encode, checksum_at: int) -> Encode:
        def encode_frame(frame: Frame) -> bytes:
            encoded = encode(frame)
            if "checksum-off" not in self._faults:
                return encoded
            wrong = (int.from_bytes(encoded[checksum_at : checksum_at + 2], "little") - 1) % 65_536
            return encoded[:checksum_at] + wrong.to_bytes(2, "little") + encoded[checksum_at + 2 :]

        return encode_frame


class _Datagrams(asyncio.DatagramProtocol):
    def __init__(self, receive: Callable[[bytes, Address], None]) -> None:
        self._receive = receive

    def datagram_received(self, data: bytes, addr: tuple[str | object, int]) -> None:
        self._receive(data, (str(addr[0]), addr[1]))
