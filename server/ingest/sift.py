"""Which rows of an edge may become punches, and why the others may not. Pure.

A row that may not is quarantined with its bytes and counts as received: one bad row stops nobody.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from hashlib import sha256
from zoneinfo import ZoneInfo

from protocol import codec
from protocol.errors import DecodeError
from protocol.instants import WallTime, pack_moment, pack_wall, wall_moment
from protocol.messages import PunchRow


class Reason(StrEnum):
    """Why a row is quarantined. A doubt of the edge's own is kept in its words beside these."""

    UNDECODABLE = "undecodable"
    UNKNOWN_TERMINAL = "unknown-terminal"
    UNKNOWN_USER = "unknown-user"
    IMPOSSIBLE_TIME = "impossible-time"
    FUTURE_TIME = "future-time"
    PAST_TIME = "past-time"


@dataclass(frozen=True, slots=True)
class KnownTerminal:
    """A terminal as sifting needs it; `zone` is the site's time zone, `group` the zone in which a user number is one person."""

    id: int
    group: int
    zone: ZoneInfo


@dataclass(frozen=True, slots=True)
class Limits:
    """How far a terminal's time may lie from when the edge received the punch."""

    future: timedelta = timedelta(hours=24)
    past: timedelta = timedelta(days=400)


@dataclass(frozen=True, slots=True)
class Known:
    """What is provisioned, as of `version`: terminals by serial number; days (first, last, packed YYYYMMDD) by (group, user)."""

    version: int
    terminals: Mapping[str, KnownTerminal]
    enrolments: Mapping[tuple[int, str], Sequence[tuple[int, int]]]


@dataclass(frozen=True, slots=True)
class Sifted:
    """A row that may become a punch, with where it stood in its message."""

    position: int
    row: PunchRow
    terminal: int
    wall: WallTime
    body: bytes


@dataclass(frozen=True, slots=True)
class Doubted:
    """A row for the quarantine; `row` is None where its bytes are no row at all."""

    position: int
    row: PunchRow | None
    reason: str
    body: bytes

    @property
    def content_hash(self) -> bytes:
        """Of what the row says of a punch, without salt and the times of the way: the same thing is kept once; 32 bytes."""
        if self.row is None:
            return sha256(self.body).digest()
        row = self.row
        content = f"{row.terminal}\n{row.wall}\n{row.user}\n" if row.wall else f"{row.terminal}\n\n{row.raw.hex()}\n"
        return sha256(content.encode()).digest()


@dataclass(slots=True)
class Sieve:
    """Sifts rows against what is known. It remembers the limits of each hour, because turning instants into site time costs most."""

    known: Known
    limits: Limits
    _windows: dict[tuple[int, int], tuple[int, int]] = field(default_factory=dict)

    def sift(self, bodies: Sequence[bytes]) -> tuple[list[Sifted], list[Doubted]]:
        """Every row comes out in exactly one of the two lists."""
        good: list[Sifted] = []
        doubted: list[Doubted] = []
        for position, body in enumerate(bodies):
            try:
                row = codec.decode_row(body)
            except DecodeError:
                doubted.append(Doubted(position, None, Reason.UNDECODABLE, body))
                continue
            found = self._judge(row)
            if isinstance(found, str):
                doubted.append(Doubted(position, row, found, body))
            else:
                terminal, wall = found
                good.append(Sifted(position, row, terminal, wall, body))
        return good, doubted

    def _judge(self, row: PunchRow) -> tuple[int, WallTime] | str:
        """(terminal, wall time) of an admissible row, or the reason against it."""
        if row.doubt:
            return row.doubt
        terminal = self.known.terminals.get(row.terminal)
        if terminal is None:
            return Reason.UNKNOWN_TERMINAL
        try:
            wall = pack_wall(row.wall)
        except DecodeError:
            return Reason.IMPOSSIBLE_TIME
        earliest, latest = self._window(terminal, row.received_at)
        if wall > latest:
            return Reason.FUTURE_TIME if wall_moment(wall) else Reason.IMPOSSIBLE_TIME
        if wall < earliest:
            return Reason.PAST_TIME if wall_moment(wall) else Reason.IMPOSSIBLE_TIME
        if not _exists(wall):
            return Reason.IMPOSSIBLE_TIME
        day = wall // 1_000_000
        if not any(first <= day <= last for first, last in self.known.enrolments.get((terminal.group, row.user), ())):
            return Reason.UNKNOWN_USER
        return terminal.id, wall

    def _window(self, terminal: KnownTerminal, received: datetime) -> tuple[int, int]:
        hour = (terminal.id, int(received.timestamp()) // 3600)
        window = self._windows.get(hour)
        if window is None:
            local = received.astimezone(terminal.zone).replace(tzinfo=None)
            window = pack_moment(local - self.limits.past), pack_moment(local + self.limits.future)
            self._windows[hour] = window
        return window


_days: dict[int, bool] = {}
"""Whether a packed date exists; a few thousand dates at most are ever asked for within the limits."""


def _exists(wall: WallTime) -> bool:
    day, time = divmod(wall, 1_000_000)
    known = _days.get(day)
    if known is None:
        try:
            date(day // 10_000, day // 100 % 100, day % 100)
            known = True
        except ValueError:
            known = False
        if len(_days) < 100_000:
            _days[day] = known
    return known and time // 10_000 < 24 and time // 100 % 100 < 60 and time % 100 < 60
