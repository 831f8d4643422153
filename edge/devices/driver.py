"""What a terminal can do, whatever its family, and what it can tell.

A driver reads; it never disables a terminal and never clears its log. A writer changes what a terminal holds.

DriverError
  TerminalUnreachableError   transient; collect tries again, delays in `edge.collect`
  TerminalRefusedError       wrong key, busy, no terminal of ours, or no to one request; a person must act
    TerminalFullError        no room for one more
  FrameError                 bytes that are no frame; the line is of no more use
  CannotError                this terminal, or its driver, has no way to do it
  NotKeptError               acknowledged, and read back it is something else
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
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


class WriteProblem(StrEnum):
    """Why something was not written: the text of the errors that a `Writer` raises, beside those of a line that is lost."""

    FULL = "full"
    REFUSED = "refused"
    NOT_KEPT = "not-kept"
    READS_ONLY = "reads-only"
    UNKNOWN_COMMAND = "unknown-command"
    TABLE_UNCLEAR = "table-unclear"
    NO_SUCH_USER = "no-such-user"
    NUMBER = "number-does-not-fit"
    PASSWORD = "password-does-not-fit"  # noqa: S105 - the name of a problem
    CARD = "card-does-not-fit"
    GROUP = "group-does-not-fit"
    VERIFY = "verify-does-not-fit"
    ALGORITHM = "other-algorithm"
    TEMPLATE = "template-does-not-fit"
    MOMENT = "moment-does-not-fit"
    SECONDS = "seconds-do-not-fit"
    LOG_NOT_READ = "log-not-read-whole"
    LOG_CHANGED = "log-changed"


class TerminalFullError(TerminalRefusedError):
    """The terminal holds as many as it can."""


class CannotError(DriverError):
    """There is no way to do this on this terminal, or with this driver; another try changes nothing."""


class NotKeptError(DriverError):
    """The terminal acknowledged, and what was read back is not what was written."""


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
    """What a terminal says of itself; empty where it does not say.

    algorithm, face_algorithm: of its templates, such as "zk-10": they go only to terminals of the same.
    """

    serial: str
    name: str = ""
    platform: str = ""
    firmware: str = ""
    mac: str = ""
    users: int | None = None
    punches: int | None = None
    algorithm: str = ""
    face_algorithm: str = ""
    fingers: int | None = None
    faces: int | None = None
    users_capacity: int | None = None
    fingers_capacity: int | None = None
    faces_capacity: int | None = None
    punches_capacity: int | None = None


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


@dataclass(frozen=True, slots=True)
class TerminalUserRecord:
    """A user as a terminal holds them. user: their number as text, leading zeros kept; at most once on a terminal.

    card: digits, empty for none. group, verify: the terminal's own numbers; written empty, they stay as the terminal has them.
    privilege: 0 an ordinary user, 14 an administrator; the lowest bit bars the user.
    """

    user: str
    name: str = field(default="", repr=False)
    privilege: int = 0
    password: str = field(default="", repr=False)
    card: str = field(default="", repr=False)
    group: str = ""
    verify: str = ""


@dataclass(frozen=True, slots=True)
class UserTemplate:
    """One finger of a user: 0 (left little) to 9 (right little). duress: the finger that gives alarm."""

    user: str
    finger: int
    algorithm: str
    data: bytes = field(repr=False)
    duress: bool = False


class Enrolment(StrEnum):
    """How an enrolment at the terminal ended."""

    DONE = "done"
    POOR = "poor"
    DUPLICATE = "duplicate"
    CANCELLED = "cancelled"
    NOBODY = "nobody"


class Writer(Protocol):
    """What changes a terminal, while its driver is connected.

    Whatever is written is read back, and only what was found is success. Everything may be repeated: what is already as wanted is not
    written again. Punches that happen meanwhile are kept for `Driver.next_event`. Raises DriverError; CannotError where there is no way.
    """

    async def read_users(self) -> Sequence[TerminalUserRecord]:
        """All users; `verify` is not read and stays empty."""
        ...

    async def write_user(self, user: TerminalUserRecord) -> None:
        """Add a user, or change the one with this number."""
        ...

    async def write_users(self, users: Sequence[TerminalUserRecord]) -> Mapping[str, DriverError]:
        """Many at once, much quicker than one by one; who failed, by number, and why. A line that is lost is raised: repeat all."""
        ...

    async def delete_user(self, user: str) -> None:
        """Take a user and their templates away; nothing happens to one that is not there. Their punches stay in the log."""
        ...

    async def delete_users(self, users: Sequence[str]) -> Mapping[str, DriverError]:
        """Many at once; who failed, and why."""
        ...

    async def read_templates(self, user: str | None = None) -> Sequence[UserTemplate]:
        """Fingers of one user, or of all."""
        ...

    async def write_templates(self, user: str, templates: Sequence[UserTemplate]) -> None:
        """Bring fingers to a user who is there; other fingers stay. CannotError for templates of another algorithm."""
        ...

    async def delete_templates(self, user: str) -> None:
        """Take all fingers of a user away."""
        ...

    async def set_clock(self, moment: datetime) -> None:
        """Make the clock show `moment` as it is written, whatever its zone; the time that passes meanwhile is added."""
        ...

    async def restart(self) -> None:
        """Switch off and on; the line is lost."""
        ...

    async def unlock(self, seconds: float) -> None:
        """Open the door for this long; asked once, so that a lost answer opens it to nobody later."""
        ...

    async def enrol(self, user: str, finger: int, seconds: float = 60) -> Enrolment:
        """Have the terminal ask for a finger three times; ended after `seconds`, or when cancelled."""
        ...

    async def read_options(self, names: Sequence[str]) -> dict[str, str]:
        """Settings by their own names; those that the terminal does not know are left out."""
        ...

    async def clear_log(self, read: LogRead) -> None:
        """Clear the log, if it holds exactly what was `read`; else TerminalRefusedError, and nothing is cleared."""
        ...
