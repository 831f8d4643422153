"""What stands at an address: a terminal of ours, one that must be spoken to differently, or nothing. And what to do next."""

import asyncio
import socket
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum

from edge.devices.driver import (
    ClockReading,
    DriverError,
    TerminalAddress,
    TerminalFacts,
    TerminalRefusedError,
    Transport,
)
from edge.devices.zkteco.driver import ZkDriver
from edge.devices.zkteco.frames import PREFIX, Command, Frame, encode_payload, encode_tcp

PANEL_START = b"\xaa"
PUSH_PORTS = (80, 8081, 8088, 443)
"""Web pages of units that are set up to push; the pull port is closed on them."""
LOOK_SECONDS = 3.0


class Finding(StrEnum):
    """What was found, from good to nothing at all."""

    TERMINAL = "terminal"
    WRONG_KEY = "wrong-key"
    BUSY = "busy"
    PULL_REFUSED = "pull-refused"
    LINE_BROKEN = "line-broken"
    ACCESS_PANEL = "access-panel"
    PUSH_ONLY = "push-only"
    NO_ZK_ANSWER = "no-zk-answer"
    PORT_CLOSED = "port-closed"
    NO_ROUTE = "no-route"


@dataclass(frozen=True, slots=True)
class ProbeResult:
    """facts and clock are there for a terminal that let us in; `detail` is for support and names no person."""

    address: TerminalAddress
    finding: Finding
    facts: TerminalFacts | None = None
    clock: ClockReading | None = None
    detail: str = ""


async def probe(address: TerminalAddress) -> ProbeResult:
    """Look once, politely; never raises for what a terminal or network does."""
    try:
        async with ZkDriver(address, silence_seconds=LOOK_SECONDS if address.transport is Transport.TCP else 1.0) as driver:
            facts, clock = await driver.describe(), None
            with suppress(TerminalRefusedError):  # one that does not tell its time can be read all the same
                clock = await driver.read_clock()
    except DriverError as error:
        return await explain(address, error)
    return ProbeResult(address, Finding.TERMINAL, facts, clock)


async def answers(host: str, port: int, seconds: float) -> Transport | None:
    """By which transport something is to be had at a port; quick, so that many addresses can be asked. None for nobody."""
    try:
        async with asyncio.timeout(seconds):
            _, writer = await asyncio.open_connection(host, port)
    except (OSError, TimeoutError):
        address = TerminalAddress(host, port, Transport.UDP)
        return Transport.UDP if await _first_datagram(address, seconds) else None
    await _hang_up(writer)
    return Transport.TCP


async def explain(address: TerminalAddress, error: DriverError) -> ProbeResult:
    """What stands at an address where `error` came of talking to it; looks there once more where the error alone does not say."""
    cause = str(error)
    if isinstance(error, TerminalRefusedError):
        finding = next((finding for finding in Finding if finding == cause), Finding.PULL_REFUSED)
        return ProbeResult(address, finding, detail=cause)
    match cause:
        case "no-route":
            return ProbeResult(address, Finding.NO_ROUTE, detail=str(error.__cause__ or cause))
        case "port-closed":
            pushes = [port for port in PUSH_PORTS if await _is_open(address.host, port)]
            return ProbeResult(address, Finding.PUSH_ONLY if pushes else Finding.PORT_CLOSED, detail=f"open: {pushes}" if pushes else cause)
    return await (_look_closer(address, cause) if address.transport is Transport.TCP else _look_closer_udp(address))


async def _look_closer(address: TerminalAddress, cause: str) -> ProbeResult:
    """The port is open: what does it say to a CONNECT, byte for byte?"""
    said = b"" if cause == "no-answer" else await _first_bytes(address)
    if said is None:
        return ProbeResult(address, Finding.BUSY, detail="the connection is accepted and then closed")
    if said.startswith(PREFIX):
        return ProbeResult(address, Finding.LINE_BROKEN, detail=cause)
    return _judge(address, said, "it accepts a connection and says nothing")


async def _look_closer_udp(address: TerminalAddress) -> ProbeResult:
    """Over UDP silence may mean anything; whether a machine is there at all, a TCP connection to the same port shows."""
    said = await _first_datagram(address)
    if not said and not await _is_there(address.host, address.port):
        return ProbeResult(address, Finding.NO_ROUTE, detail="neither datagrams nor a connection are answered")
    return _judge(address, said, "no datagram is answered")


def _judge(address: TerminalAddress, said: bytes, silence: str) -> ProbeResult:
    finding = Finding.ACCESS_PANEL if said.startswith(PANEL_START) else Finding.NO_ZK_ANSWER
    return ProbeResult(address, finding, detail=said[:16].hex() or silence)


async def _first_bytes(address: TerminalAddress) -> bytes | None:
    """What it answers to CONNECT; empty for silence, None when it closes the connection instead."""
    try:
        async with asyncio.timeout(LOOK_SECONDS):
            reader, writer = await asyncio.open_connection(address.host, address.port)
            try:
                writer.write(encode_tcp(Frame(Command.CONNECT, 0, 0)))
                return await reader.read(64) or None
            finally:
                await _hang_up(writer)
    except TimeoutError:
        return b""
    except OSError:
        return None


async def _first_datagram(address: TerminalAddress, seconds: float = LOOK_SECONDS) -> bytes:
    """What it answers to CONNECT over UDP; empty for silence."""
    loop = asyncio.get_running_loop()
    try:
        async with asyncio.timeout(seconds):
            family, kind, _, _, name = (await loop.getaddrinfo(address.host, address.port, type=socket.SOCK_DGRAM))[0]
            with socket.socket(family, kind) as line:
                line.setblocking(False)
                await loop.sock_connect(line, name)
                await loop.sock_sendall(line, encode_payload(Frame(Command.CONNECT, 0, 0)))
                return await loop.sock_recv(line, 64)
    except (OSError, TimeoutError):
        return b""


async def _is_there(host: str, port: int) -> bool:
    """Whether a machine answers to a connection, be it with a refusal."""
    try:
        async with asyncio.timeout(LOOK_SECONDS):
            _, writer = await asyncio.open_connection(host, port)
    except ConnectionRefusedError:
        return True
    except (OSError, TimeoutError):
        return False
    await _hang_up(writer)
    return True


async def _is_open(host: str, port: int) -> bool:
    try:
        async with asyncio.timeout(1):
            _, writer = await asyncio.open_connection(host, port)
    except (OSError, TimeoutError):
        return False
    await _hang_up(writer)
    return True


async def _hang_up(writer: asyncio.StreamWriter) -> None:
    writer.close()
    with suppress(OSError):
        await writer.wait_closed()
