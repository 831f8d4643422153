"""What a terminal can do, whatever its family, and what it can tell.

A driver reads; it never disables a terminal and never clears its log.

DriverError
  TerminalUnreachableError   transient; collect tries again, delays in `edge.collect`
  TerminalRefusedError       wrong key, busy, or no terminal of ours; a person must act
  FrameError                 bytes that are no frame; the line is of no more use
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from types import TracebackType
from typing import Protocol, Self
from zoneinfo import ZoneInfo

import msgspec

from protocol.instants import WallTime, wall_moment


class DriverError(Exception):
    """Anything that keeps a driver from reading a terminal."""


class TerminalUnreachableError(DriverError):
    """No route, no answer, or the line broke; worth another try."""


class TerminalRefusedError(DriverError):
    """The terminal is there and says no."""


class FrameError(DriverError):
    """Bytes that are no frame; `reason` never holds content."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Transport(StrEnum):
    """How the terminal's protocol travels."""

    TCP = "tcp"
    UDP = "udp"


@dataclass(frozen=True, slots=True)
class TerminalAddress:
    """Where a terminal is; `key` is its communication key, up to six digits, 0 for none."""

    host: str
    port: int = 4370
    transport: Transport = Transport.TCP
    key: int = 0

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.port}" + ("/udp" if self.transport is Transport.UDP else "")

    def __repr__(self) -> str:
        return f"TerminalAddress({self})"  # the key is a secret and belongs in no log


class TerminalPunch(msgspec.Struct, frozen=True, gc=False):
    """One punch as the terminal tells it. A log makes a hundred thousand of them at once, hence the quickest kind of value.

    user: the terminal's own number as text; "uid:<n>" with a doubt where the user list of that read does not name the person.
    raw: the bytes or row it was decoded from. doubt: why it may not be admitted; None for a good one.
    """

    user: str
    wall: WallTime
    verify: int | None
    state: int | None
    raw: bytes
    doubt: str | None = None


@dataclass(frozen=True, slots=True)
class DoubtfulBytes:
    """Bytes of a log that make no sense; `offset` counts from the log's beginning."""

    offset: int
    raw: bytes
    reason: str


@dataclass(frozen=True, slots=True)
class ReadReceipt:
    """What one read of a log declared, delivered and decoded.

    declared_count: the terminal's own count, a hint that may be wrong. decoded: rows that became punches, those with a doubt among them.
    doubtful: punches with a doubt, and pieces of bytes that are no punch. repeated: rows that equal another in person and second.
    complete: all declared bytes were received and every row was decoded or accounted for as doubtful; `reason` says why not.
    """

    declared_count: int | None
    declared_bytes: int
    received_bytes: int
    decoded: int
    doubtful: int
    repeated: int
    record_size: int | None
    layout: str | None
    complete: bool
    reason: str | None
    started_at: datetime
    finished_at: datetime


@dataclass(frozen=True, slots=True)
class LogRead:
    """A terminal's log, in its own order."""

    punches: Sequence[TerminalPunch]
    doubtful: tuple[DoubtfulBytes, ...]
    receipt: ReadReceipt


@dataclass(frozen=True, slots=True)
class TerminalFacts:
    """What a terminal says of itself; empty where it does not say."""

    serial: str
    name: str = ""
    platform: str = ""
    firmware: str = ""
    mac: str = ""
    users: int | None = None
    punches: int | None = None


@dataclass(frozen=True, slots=True)
class ClockReading:
    """What the terminal's clock showed, and when it was asked: the middle of the round trip, aware."""

    wall: WallTime
    at: datetime
    round_trip_ms: int

    def drift_ms(self, zone: ZoneInfo) -> int | None:
        """Terminal minus true time in milliseconds; None where the clock shows no date that exists."""
        moment = wall_moment(self.wall)
        if moment is None:
            return None
        return round((moment.replace(tzinfo=zone) - self.at).total_seconds() * 1000)


@dataclass(frozen=True, slots=True)
class UnreadableEvent:
    """A live event that could not be decoded, or events that may have been missed (`raw` is empty then): read the log now."""

    raw: bytes
    reason: str


LiveEvent = TerminalPunch | UnreadableEvent


class Driver(Protocol):
    """One terminal. `async with driver:` connects and always disconnects; constructing does neither."""

    async def __aenter__(self) -> Self: ...

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None: ...

    async def describe(self) -> TerminalFacts: ...

    async def read_clock(self) -> ClockReading: ...

    async def read_log(self) -> LogRead:
        """Read the whole log. Never disables the terminal, never clears anything."""
        ...

    async def listen(self) -> None:
        """Ask for live events, where the terminal has them."""
        ...

    async def next_event(self, timeout: float) -> LiveEvent | None:  # noqa: ASYNC109 - part of the contract, not a cancellation
        """Wait for one; None after `timeout` seconds. Keeps the line alive; raises TerminalUnreachableError when it is dead."""
        ...
