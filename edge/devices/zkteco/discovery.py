"""What stands at an address: a terminal of ours, one that must be spoken to differently, or nothing. And what to do next."""

import asyncio
from dataclasses import dataclass
from enum import StrEnum

from edge.devices.driver import (
    ClockReading,
    DriverError,
    FrameError,
    TerminalAddress,
    TerminalFacts,
    TerminalRefusedError,
    TerminalUnreachableError,
    Transport,
)
from edge.devices.zkteco.driver import ZkDriver
from edge.devices.zkteco.frames import Command, Frame, encode_tcp

PANEL_START = b"\xaa"
PUSH_PORTS = (80, 8081, 8088, 443)
"""Web pages of units that are set up to push; the pull port is closed on them."""
LOOK_SECONDS = 3.0


class Finding(StrEnum):
    """What was found, from good to nothing at all."""

    TERMINAL = "terminal"
    WRONG_KEY = "wrong-key"
    BUSY = "busy"
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
            facts = await driver.describe()
            clock = await driver.read_clock()
    except TerminalRefusedError as error:
        return ProbeResult(address, Finding.WRONG_KEY if "key" in str(error) else Finding.NO_ZK_ANSWER, detail=str(error))
    except FrameError as error:
        return await _look_closer(address, str(error))
    except TerminalUnreachableError as error:
        return await _unreachable(address, str(error))
    except DriverError as error:
        return ProbeResult(address, Finding.NO_ZK_ANSWER, detail=str(error))
    return ProbeResult(address, Finding.TERMINAL, facts, clock)


async def _unreachable(address: TerminalAddress, cause: str) -> ProbeResult:
    match cause:
        case "no-route":
            return ProbeResult(address, Finding.NO_ROUTE, detail=cause)
        case "port-closed":
            pushes = [port for port in PUSH_PORTS if await _is_open(address.host, port)]
            return ProbeResult(address, Finding.PUSH_ONLY if pushes else Finding.PORT_CLOSED, detail=f"open: {pushes}" if pushes else cause)
    return await _look_closer(address, cause)


async def _look_closer(address: TerminalAddress, cause: str) -> ProbeResult:
    """The port is open: what does it say to a CONNECT, byte for byte?"""
    if address.transport is Transport.UDP:
        return ProbeResult(address, Finding.NO_ZK_ANSWER, detail=cause)
    said = await _first_bytes(address)
    if said is None:
        return ProbeResult(address, Finding.BUSY, detail="the connection is accepted and then closed")
    if said.startswith(PANEL_START):
        return ProbeResult(address, Finding.ACCESS_PANEL, detail=said[:16].hex())
    return ProbeResult(address, Finding.NO_ZK_ANSWER, detail=said[:16].hex() or "it accepts a connection and says nothing")


async def _first_bytes(address: TerminalAddress) -> bytes | None:
    """What it answers to CONNECT; empty for silence, None when it closes the connection instead."""
    try:
        async with asyncio.timeout(LOOK_SECONDS):
            reader, writer = await asyncio.open_connection(address.host, address.port)
            try:
                writer.write(encode_tcp(Frame(Command.CONNECT, 0, 0)))
                return await reader.read(64) or None
            finally:
                writer.close()
    except TimeoutError:
        return b""
    except OSError:
        return None


async def _is_open(host: str, port: int) -> bool:
    try:
        async with asyncio.timeout(1):
            _, writer = await asyncio.open_connection(host, port)
    except (OSError, TimeoutError):
        return False
    writer.close()
    return True
