"""Trials: days worked out without being kept, set beside the days that count. Recalculating a range begins as one, and so does what-if."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from msgspec import Struct

from server.attendance.model.days import AttendanceDay
from server.attendance.model.rules import Rules


class TrialKind(StrEnum):
    """RECALCULATION: by the present inputs; may be applied. RULES: by other rules, which are nobody's. SWEEP: the nightly look."""

    RECALCULATION = "recalculation"
    RULES = "rules"
    SWEEP = "sweep"


class Decision(StrEnum):
    """What became of a recalculation."""

    OPEN = "open"
    APPLIED = "applied"
    DROPPED = "dropped"


class WhoKind(StrEnum):
    """RULE_SET: whoever has that rule set on a day of the range, and only those days."""

    ALL = "all"
    DEPARTMENT = "department"
    SITE = "site"
    PERSON = "person"
    RULE_SET = "rule-set"


@dataclass(frozen=True, slots=True)
class Who:
    """Whose days. id: 0 for all. name: as people call it, for titles."""

    kind: WhoKind
    id: int
    name: str


class FigureChange(Struct, frozen=True, array_like=True, gc=False):
    """A figure of a day or of a period that comes out otherwise. name: see `engine.comparing`. Minutes, times, halves, or a word."""

    name: str
    before: Any
    after: Any


@dataclass(frozen=True, slots=True)
class Trial:
    """A trial as it was asked for. rules: those that are tried; rules_version_id: 0 for edited ones that are not stored.

    totals: figures of everybody together, before and after; None until it is done. changed_days, changed_people: likewise.
    """

    id: int
    kind: TrialKind
    who: Who
    first_day: date
    last_day: date
    rules: Rules | None
    rules_name: str
    rules_version_id: int
    job_id: int
    decision: Decision
    decided_by: str | None
    decided_at: datetime | None
    asked_by: str
    asked_at: datetime
    totals: tuple[FigureChange, ...] | None
    changed_days: int
    changed_people: int


@dataclass(frozen=True, slots=True)
class ChangedPerson:
    """Somebody whose totals or days come out otherwise. figures: totals of the range that changed."""

    person_id: int
    employee_number: str
    name: str
    department_name: str | None
    days: int
    figures: tuple[FigureChange, ...]


@dataclass(frozen=True, slots=True)
class ChangedDay:
    """A day that comes out otherwise. before, after: None where there is no such day then or now."""

    person_id: int
    employee_number: str
    name: str
    work_date: date
    figures: tuple[FigureChange, ...]


@dataclass(frozen=True, slots=True)
class DayPair:
    """A changed day with both explanations."""

    changed: ChangedDay
    before: AttendanceDay | None
    after: AttendanceDay | None
    zone: str
