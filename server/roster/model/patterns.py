"""Patterns: how duties repeat, and who works by which."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from msgspec import Struct

from server.directory.model import HoursSystem


class Anchor(StrEnum):
    """What a cycle is tied to. WEEK: whole weeks, each beginning on a Monday. ROTATION: a date, whatever its weekday."""

    WEEK = "week"
    ROTATION = "rotation"


class HolidayChoice(StrEnum):
    """What the calendar does to a pattern. OFF: its people are off on the calendar's days off and work on make-up days. GO_ON: it goes on
    through all of them; statutory days keep their rate."""

    OFF = "off"
    GO_ON = "go-on"


class PatternTerms(Struct, frozen=True, kw_only=True):
    """What a pattern is from one date on; the version that is edited.

    days: the cycle, each the number of a shift or None for rest. starts_on: the date of the first of them (WEEK: a Monday).
    make_up_shift: worked on a make-up day that the cycle has as rest; None: as on the last working day of the cycle before it.
    """

    days: tuple[int | None, ...]
    anchor: Anchor
    starts_on: date
    holidays: HolidayChoice
    make_up_shift: int | None = None


@dataclass(frozen=True, slots=True)
class Pattern:
    """A pattern by its name. archived: no longer offered; who has it keeps it."""

    id: int
    name: str
    archived: bool


@dataclass(frozen=True, slots=True)
class PatternVersion:
    """What a pattern is from `first_day` to the next version; see `ShiftVersion`."""

    id: int
    pattern_id: int
    first_day: date
    terms: PatternTerms
    author: str
    reason: str
    at: datetime
    withdrawn: bool


class Scope(StrEnum):
    """Whom a pattern is assigned to, the most specific first: that is the one that counts. A department means those below it, too; the
    nearest counts."""

    PERSON = "person"
    POSITION = "position"
    DEPARTMENT = "department"
    SITE = "site"
    COMPANY = "company"


@dataclass(frozen=True, slots=True)
class Assignment:
    """A pattern for somebody from first_day to last_day (both included; None: until further notice). scope_id: 0 for the company.

    offset_days: how many days of the cycle these people are ahead of its start, so that teams of one rotation share a pattern.
    """

    id: int
    pattern_id: int
    scope: Scope
    scope_id: int
    offset_days: int
    first_day: date
    last_day: date | None
    author: str
    reason: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Held:
    """What of somebody's terms a roster goes by, from a first to a last day, both included."""

    first_day: date
    last_day: date | None
    department_id: int | None
    position_id: int | None
    site_id: int | None
    hours_system: HoursSystem
    protected: bool
