"""The wire to a terminal: frames over TCP or UDP."""

import asyncio
import socket
from typing import Protocol, cast

from edge.devices.driver import FrameError, TerminalAddress, TerminalUnreachableError, Transport
from edge.devices.zkteco.frames import Frame, FrameStream, decode_payload, encode_payload, encode_tcp

READ_BYTES = 256 * 1024
WAITING_DATAGRAMS = 10_000
BURST_BYTES = 1024 * 1024
"""Asked of the system for datagrams that wait: old firmware sends its whole log at once. The system may grant less."""


class Line(Protocol):
    """Sends frames and gives what comes; raises TerminalUnreachableError when it is broken, FrameError for a foreign protocol."""

    async def send(self, frame: Frame) -> None: ...

    async def receive(self, seconds: float) -> Frame | None:
        """The next frame; None when none came in time."""
        ...

    async def close(self) -> None: ...


async def open_line(address: TerminalAddress, seconds: float) -> Line:
    """Connect; raises TerminalUnreachableError with its cause chained."""
    try:
        async with asyncio.timeout(seconds):
            return await (TcpLine.open(address) if address.transport is Transport.TCP else UdpLine.open(address))
    except TimeoutError as error:
        raise TerminalUnreachableError("no-route") from error
    except ConnectionRefusedError as error:
        raise TerminalUnreachableError("port-closed") from error
    except OSError as error:
        raise TerminalUnreachableError("no-route") from error


class TcpLine:
    """A TCP connection; frames are cut out of its stream."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer
        self._stream = FrameStream()
        self._frames: list[Frame] = []

    @classmethod
    async def open(cls, address: TerminalAddress) -> "TcpLine":
        reader, writer = await asyncio.open_connection(address.host, address.port, limit=4 * READ_BYTES)
        writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        return cls(reader, writer)

    async def send(self, frame: Frame) -> None:
        try:
            self._writer.write(encode_tcp(frame))
            await self._writer.drain()
        except OSError as error:
            raise TerminalUnreachableError("line-broken") from error

    async def receive(self, seconds: float) -> Frame | None:
        while not self._frames:
            try:
                async with asyncio.timeout(seconds):
                    data = await self._reader.read(READ_BYTES)
            except TimeoutError:
                return None
            except OSError as error:
                raise TerminalUnreachableError("line-broken") from error
            if not data:
                raise TerminalUnreachableError("line-closed")
            self._frames = self._stream.feed(data)
        return self._frames.pop(0)

    async def close(self) -> None:
        self._writer.close()
        try:
            async with asyncio.timeout(1):
                await self._writer.wait_closed()
        except (OSError, TimeoutError):
            self._writer.transport.abort()


class UdpLine(asyncio.DatagramProtocol):
    """A UDP socket bound to one terminal; each datagram is a packet."""

    def __init__(self) -> None:
        self._waiting: asyncio.Queue[bytes | OSError] = asyncio.Queue(WAITING_DATAGRAMS)
        self._transport: asyncio.DatagramTransport | None = None

    @classmethod
    async def open(cls, address: TerminalAddress) -> "UdpLine":
        loop = asyncio.get_running_loop()
        transport, line = await loop.create_datagram_endpoint(cls, remote_addr=(address.host, address.port))
        transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, BURST_BYTES)
        return line

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.DatagramTransport", transport)

    def datagram_received(self, data: bytes, addr: object) -> None:  # noqa: ARG002 - asyncio's signature; the socket is connected
        if not self._waiting.full():  # a flood loses datagrams, as the network may; the session notices
            self._waiting.put_nowait(data)

    def error_received(self, exc: Exception) -> None:
        if isinstance(exc, OSError) and not self._waiting.full():
            self._waiting.put_nowait(exc)

    async def send(self, frame: Frame) -> None:
        if self._transport is None or self._transport.is_closing():
            raise TerminalUnreachableError("line-closed")
        self._transport.sendto(encode_payload(frame))

    async def receive(self, seconds: float) -> Frame | None:
        while True:
            try:
                async with asyncio.timeout(seconds):
                    got = await self._waiting.get()
            except TimeoutError:
                return None
            if isinstance(got, OSError):
                raise TerminalUnreachableError("port-closed" if isinstance(got, ConnectionRefusedError) else "no-route") from got
            try:
                return decode_payload(got)
            except FrameError:
                continue  # somebody else's datagram

    async def close(self) -> None:
        if self._transport is not None:
            self._transport.close()
