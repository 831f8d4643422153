"""What is rostered for single people and days, beside patterns; who need not punch; the company's settings."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from server.roster.model.calendars import CalendarKind
from server.roster.model.days import RosterDay


class EntryKind(StrEnum):
    """PATTERN: no entry, the day is what the pattern makes of it; only ever wished for, to take a published entry away."""

    SHIFT = "shift"
    REST = "rest"
    PATTERN = "pattern"


@dataclass(frozen=True, slots=True)
class Wish:
    """What a cell of the roster should be. shift_id: of SHIFT only."""

    person_id: int
    day: date
    kind: EntryKind
    shift_id: int | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """One cell of the roster that somebody set. draft: not published, so it does not count yet."""

    id: int
    person_id: int
    day: date
    kind: EntryKind
    shift_id: int | None
    draft: bool
    author: str
    at: datetime


@dataclass(frozen=True, slots=True)
class GridDay:
    """One person's cell for one date, as a grid shows it.

    counts: the roster as it is. wanted: as it would be once drafts are published; the same where there is none. pattern_shift_id: what the
    pattern alone would give (None: rest; no pattern: pattern_id is None, too). published, draft: entries; None where there is none.
    """

    counts: RosterDay
    wanted: RosterDay
    pattern_id: int | None
    pattern_shift_id: int | None
    published: Entry | None
    draft: Entry | None
    calendar_kind: CalendarKind | None


@dataclass(frozen=True, slots=True)
class PersonName:
    """How somebody is called."""

    id: int
    employee_number: str
    name: str


@dataclass(frozen=True, slots=True)
class Published:
    """What publishing came to: cells that were set or taken away, and whose they are."""

    cells: int
    people: int


@dataclass(frozen=True, slots=True)
class PunchExemption:
    """Somebody need not punch (免打卡) from first_day to last_day, both included; None: until further notice."""

    id: int
    person_id: int
    first_day: date
    last_day: date | None
    reason: str
    author: str
    at: datetime


@dataclass(frozen=True, slots=True)
class RosterSettings:
    """What the roster warns of, and the calendar of sites that name none. minimum_rest_minutes: between two shifts; None: not looked at.

    most_days_in_row: working days in a row beyond which it warns; None: never.
    """

    calendar_id: int
    minimum_rest_minutes: int | None
    most_days_in_row: int | None
