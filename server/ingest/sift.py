"""Which rows of an edge may become punches, and why the others may not. Pure.

A row that may not is quarantined with its bytes and counts as received: one bad row stops nobody.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from hashlib import sha256
from typing import NamedTuple
from zoneinfo import ZoneInfo

from protocol import codec
from protocol.errors import DecodeError
from protocol.instants import WallTime, pack_moment, pack_wall, wall_moment
from protocol.messages import PunchRow
from server.attendance.model import NewPunch


class Reason(StrEnum):
    """Why a row is quarantined. A doubt of the edge's own is kept in its words beside these."""

    UNDECODABLE = "undecodable"
    UNKNOWN_TERMINAL = "unknown-terminal"
    UNKNOWN_USER = "unknown-user"
    IMPOSSIBLE_TIME = "impossible-time"
    FUTURE_TIME = "future-time"
    PAST_TIME = "past-time"
    OUT_OF_SERVICE = "out-of-service"


@dataclass(frozen=True, slots=True)
class KnownTerminal:
    """A terminal as sifting needs it; `zone` is the site's time zone, `group` the zone in which a user number is one person.

    Out of service from (included) until (excluded), by when the edge received a punch; None, None while it serves.
    """

    id: int
    group: int
    zone: ZoneInfo
    out_from: datetime | None = None
    out_until: datetime | None = None

    def is_out(self, received: datetime) -> bool:
        return self.out_from is not None and self.out_from <= received and (self.out_until is None or received < self.out_until)


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
class Origin:
    """Where a message's rows come from, in numbers of the database; the first row has the sequence `first`."""

    edge_id: int
    epoch_id: int
    first: int
    live: bool = False


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


class _Window(NamedTuple):
    """What may be received at an instant: packed times at the terminal, both included."""

    received: datetime
    received_us: int
    earliest: WallTime
    latest: WallTime


NUL = b"\\u0000"
"""The one way to write this character in JSON. Databases do not keep it in text, so it would stop everything that came together with it."""
DAYS_LIMIT = 100_000
MIDNIGHT = 1_000_000
"""A packed time is a packed date times this, plus the time of day."""
_START = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


@dataclass(slots=True)
class Sieve:
    """Sifts rows against what is known. What does not depend on the second is remembered: the same people punch on the same days."""

    known: Known
    limits: Limits
    _who: dict[tuple[str, str], tuple[int, int, int]] = field(default_factory=dict)
    """(terminal, user) to (terminal's id, first and last midnight of the one enrolment); those with several take the long way."""
    _days: dict[str, int] = field(default_factory=dict)
    """Dates that exist, with the blank behind them, to their packed midnight."""
    _times: dict[str, int] = field(default_factory=dict)
    """Times of day that were met, packed; at most 86,400."""
    _windows: dict[int, _Window] = field(default_factory=dict)
    """By terminal, for the last instant of receipt: batches are received together."""

    def sift(self, bodies: Sequence[bytes], origin: Origin) -> tuple[list[NewPunch], list[Doubted]]:
        """Every row comes out in exactly one of the two lists: as a punch to record, or with the reason why not."""
        good: list[NewPunch] = []
        doubted: list[Doubted] = []
        edge, epoch, live = origin.edge_id, origin.epoch_id, origin.live
        who, days, times, windows = self._who.get, self._days.get, self._times.get, self._windows
        source, word = None, ""
        for position, body in enumerate(bodies):
            try:
                row = codec.decode_row(_storable(body))
            except DecodeError:
                doubted.append(Doubted(position, None, Reason.UNDECODABLE, body))
                continue
            if row.source is not source:  # an enum's member would slow the database's driver down, and its text costs a call
                source, word = row.source, str(row.source)
            # The quick way, for a row whose person, date and time were met before; written out, because a call each costs a tenth.
            known, midnight, time = who((row.terminal, row.user)), days(row.wall[:11]), times(row.wall[11:])
            if known is None or midnight is None or time is None or row.doubt:
                found = self._judge(row)
            else:
                terminal, first, last = known
                window, wall = windows[terminal], midnight + time
                is_fine = first <= midnight <= last and window.received == row.received_at and window.earliest <= wall <= window.latest
                found = (terminal, wall, window.received_us) if is_fine else self._judge(row)
            if isinstance(found, str):
                doubted.append(Doubted(position, row, found, body))
                continue
            terminal, wall, received = found
            place = origin.first + position
            values = (wall, terminal, row.user, received, row.drift_ms, row.verify, row.state, word, edge, epoch, place, live, body)
            good.append(tuple.__new__(NewPunch, values))  # what its own constructor does, without the call
        return good, doubted

    def _judge(self, row: PunchRow) -> tuple[int, int, int] | str:
        """(terminal, wall time, microseconds of receipt) of an admissible row, or the reason against it."""
        if row.doubt:
            return row.doubt
        terminal = self.known.terminals.get(row.terminal)
        if terminal is None:
            return Reason.UNKNOWN_TERMINAL
        if terminal.is_out(row.received_at):
            return Reason.OUT_OF_SERVICE
        try:
            wall = pack_wall(row.wall)
        except DecodeError:
            return Reason.IMPOSSIBLE_TIME
        if wall_moment(wall) is None:
            return Reason.IMPOSSIBLE_TIME
        try:
            window = self._window(terminal, row.received_at)
        except OverflowError:  # received at the very beginning or end of what a calendar holds
            return Reason.IMPOSSIBLE_TIME
        if wall > window.latest:
            return Reason.FUTURE_TIME
        if wall < window.earliest:
            return Reason.PAST_TIME
        day = wall // MIDNIGHT
        spans = self.known.enrolments.get((terminal.group, row.user), ())
        if not any(first <= day <= last for first, last in spans):
            return Reason.UNKNOWN_USER
        self._remember(row, terminal, wall, spans)
        return terminal.id, wall, window.received_us

    def _window(self, terminal: KnownTerminal, received: datetime) -> _Window:
        window = self._windows.get(terminal.id)
        if window is None or window.received != received:
            local = received.astimezone(terminal.zone).replace(tzinfo=None)
            earliest, latest = pack_moment(local - self.limits.past), pack_moment(local + self.limits.future)
            window = self._windows[terminal.id] = _Window(received, (received - _START) // _MICROSECOND, earliest, latest)
        return window

    def _remember(self, row: PunchRow, terminal: KnownTerminal, wall: WallTime, spans: Sequence[tuple[int, int]]) -> None:
        if len(self._days) < DAYS_LIMIT:
            self._days[row.wall[:11]] = wall - wall % MIDNIGHT
        self._times[row.wall[11:]] = wall % MIDNIGHT
        if terminal.out_from is None and len(spans) == 1:  # else each row must be asked
            self._who[row.terminal, row.user] = terminal.id, spans[0][0] * MIDNIGHT, spans[0][1] * MIDNIGHT


def _storable(body: bytes) -> bytes:
    """The row as it is; raises DecodeError where a database could not keep its texts."""
    if NUL in body:
        raise DecodeError("it holds a NUL")
    return body
