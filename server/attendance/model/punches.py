"""Values of punches."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import NamedTuple

from protocol.identifiers import TerminalSerial, TerminalUser
from protocol.instants import WallTime
from server.access.model import EVERYBODY, Scope


class NewPunch(NamedTuple):
    """A punch as ingest hands it over; plain values in a plain tuple, because hundreds of thousands of them pass in a minute.

    wall: packed, see `protocol.instants.WallTime`. received_us: microseconds since 1970, UTC. drift_ms: terminal minus true time.
    live: came ahead of a backlog. body: the row's bytes as the edge wrote them. The order of the fields is the one in which the columns
    are written.
    """

    wall: int
    terminal_id: int
    terminal_user: str
    received_us: int
    drift_ms: int | None
    verify: int | None
    state: int | None
    source: str
    edge_id: int
    epoch_id: int
    sequence: int
    live: bool
    body: bytes


@dataclass(frozen=True, slots=True)
class Punch:
    """A punch with its three times and where its evidence is: the edge's chain at (epoch, sequence)."""

    id: int
    wall: WallTime
    terminal_id: int
    terminal_user: TerminalUser
    received_at: datetime
    admitted_at: datetime
    drift_ms: int | None
    verify: int | None
    state: int | None
    source: str
    edge_id: int
    epoch_id: int
    sequence: int
    live: bool
    body: bytes


@dataclass(frozen=True, slots=True)
class PunchLine:
    """A punch in lists, with whom it belongs to as enrolments say today; None where nobody is enrolled as that user on that day."""

    id: int
    wall: WallTime
    terminal_id: int
    terminal_serial: TerminalSerial
    terminal_name: str
    terminal_user: TerminalUser
    site_id: int
    site_name: str
    time_zone: str
    person_id: int | None
    employee_number: str | None
    person_name: str | None
    department_name: str | None
    received_at: datetime
    admitted_at: datetime
    drift_ms: int | None
    verify: int | None
    state: int | None
    source: str
    live: bool


@dataclass(frozen=True, slots=True)
class PunchFilter:
    """What a list shows; None and "" leave a question open. since, until: dates as the terminals showed them, both included.

    department_id includes the departments below it. text: a part of a person's name or its sound, the beginning of an employee number,
    or a whole terminal user number. see_people False: for readers who may not see people; then `text` finds terminal user numbers only,
    and lines name nobody. scope: of whom punches may be seen; but for everybody's, those of nobody are left out.
    """

    person_id: int | None = None
    department_id: int | None = None
    site_id: int | None = None
    terminal_id: int | None = None
    since: date | None = None
    until: date | None = None
    text: str = ""
    see_people: bool = True
    scope: Scope = EVERYBODY


class PunchOrder(StrEnum):
    """How a list is sorted: by what the terminals showed. Other orders have no index, and a million rows are not sorted for a page."""

    NEWEST = "newest"
    OLDEST = "oldest"


@dataclass(frozen=True, slots=True)
class PunchKey:
    """Where a page of the list ends: the next one begins behind this punch, whichever way the list is sorted."""

    wall: WallTime
    id: int


@dataclass(frozen=True, slots=True)
class BoardCursor:
    """What a live board has seen. Opaque: `punches_after` gives the next one.

    On PostgreSQL a punch may become visible after one with a higher id, so everything above `settled` is looked at again: `seen` holds
    what was given out there, and `settled` moves up to `watched_id` when every transaction below `watched_until` is over.
    """

    settled: int
    seen: frozenset[int] = frozenset()
    watched_id: int = 0
    watched_until: int = 0


@dataclass(frozen=True, slots=True)
class DayPunches:
    """One person's punches of one date, in the order of their times."""

    day: date
    punches: tuple[PunchLine, ...]


@dataclass(frozen=True, slots=True)
class Recorded:
    """What became of punches handed over. new: rows stored now. duplicates: positions of rows whose identity another row already had.

    A row that came before itself (on the live lane, or in a message that was repeated) is neither.
    """

    new: int
    duplicates: frozenset[int]


@dataclass(frozen=True, slots=True)
class Tally:
    """One terminal's punches: how many were admitted, the highest wall time, when the last one was admitted."""

    terminal_id: int
    admitted: int
    latest_wall: WallTime
    latest_admitted_at: datetime


@dataclass(frozen=True, slots=True)
class Presence:
    """A site on a day: how many active people belong to it and how many of them have punched, anywhere."""

    site_id: int
    people: int
    punched: int


@dataclass(frozen=True, slots=True)
class MissingPerson:
    """Somebody who has not punched on a day."""

    person_id: int
    employee_number: str
    name: str
    department_name: str | None
