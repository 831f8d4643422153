"""Assessed days as they are kept, with their inputs, their exceptions' states, and what lists show of them."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import IntFlag, StrEnum
from typing import NamedTuple

from msgspec import Struct

from server.access.model import EVERYBODY, Scope
from server.attendance.model.days import AttendanceDay, AttendanceException, DayState, DayStatus, ExceptionKind, Horizon, TimedPunch
from server.attendance.model.grants import Grant, LeaveKind
from server.roster.model import DayKind, PlannedDay

EXCEPTION_BITS: dict[ExceptionKind, int] = {kind: 1 << place for place, kind in enumerate(ExceptionKind)}
"""The bit of each kind in `DaySigns.exceptions`. New kinds are added at the end of the enumeration, so that stored bits keep meaning."""


class DayFlag(IntFlag):
    """Signs of a day that are neither exceptions nor leave."""

    CORRECTED = 1
    TRIP = 2
    FIELD_WORK = 4
    EXCUSED = 8
    ASSUMED = 16
    UNPUNCHED = 32


class ExceptionState(StrEnum):
    """SETTLED: somebody has looked at it and it may stand as it is."""

    OPEN = "open"
    SETTLED = "settled"


class DayInputs(Struct, frozen=True, kw_only=True):
    """Everything a day is the value of, beside the rules of `rules_version_id`: assessing it again gives the same day."""

    plan: PlannedDay
    punches: tuple[TimedPunch, ...] = ()
    grants: tuple[Grant, ...] = ()
    horizon: Horizon
    rules_version_id: int


@dataclass(frozen=True, slots=True)
class StoredException:
    """An exception of a stored day with what a person made of it. settled_by: a login; None while it is open."""

    id: int
    person_id: int
    work_date: date
    exception: AttendanceException
    state: ExceptionState
    settled_by: str | None = None
    settled_at: datetime | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class StoredDay:
    """One employee's assessed work date as it counts.

    day: without its steps where a list was asked for. period_id: of the closed period that the day belongs to; None while it is open.
    """

    person_id: int
    day: AttendanceDay
    inputs: DayInputs
    inputs_hash: bytes
    assessed_at: datetime
    exceptions: tuple[StoredException, ...] = ()
    period_id: int | None = None

    @property
    def work_date(self) -> date:
        return self.day.work_date

    @property
    def plan(self) -> PlannedDay:
        return self.inputs.plan

    @property
    def rules_version_id(self) -> int:
        return self.inputs.rules_version_id

    @property
    def punch_ids(self) -> tuple[int, ...]:
        """The punches that the day was given, used or not, without those that corrections add."""
        return tuple(punch.id for punch in self.inputs.punches if punch.grant_id is None)

    @property
    def grant_ids(self) -> tuple[int, ...]:
        return tuple(grant.id for grant in self.inputs.grants)


@dataclass(frozen=True, slots=True)
class DecidedDay:
    """What a day of a closed period would be by a late fact, and what a person made of that. state: accepted or refused."""

    period: str
    state: str
    day: AttendanceDay
    inputs: DayInputs
    decided_at: datetime
    decided_by: str
    reason: str


class DaySigns(NamedTuple):
    """A day in a grid. leave_kind: of most of the leave. exceptions: `EXCEPTION_BITS`; open: how many of them nobody has settled."""

    person_id: int
    work_date: date
    state: DayState
    status: DayStatus
    kind: DayKind
    scheduled_minutes: int
    worked_minutes: int
    late_minutes: int
    early_minutes: int
    overtime_minutes: int
    absent_halves: int
    leave_minutes: int
    leave_halves: int
    leave_kind: LeaveKind | None
    exceptions: int
    open: int
    flags: int
    arrived_at: int | None
    left_at: int | None


@dataclass(frozen=True, slots=True)
class ExceptionFilter:
    """Which exceptions are wanted; None leaves a question open. since, until: work dates, both included. kinds: empty for all.

    department_id includes those below it; department and site are those of today. joined: an odd punch that stands beside the missing
    punch it means is left out, because that one tells of it.
    scope: whose days may be seen.
    """

    state: ExceptionState | None = ExceptionState.OPEN
    kinds: frozenset[ExceptionKind] = frozenset()
    person_id: int | None = None
    department_id: int | None = None
    site_id: int | None = None
    since: date | None = None
    until: date | None = None
    text: str = ""
    joined: bool = False
    scope: Scope = EVERYBODY


@dataclass(frozen=True, slots=True)
class ExceptionLine:
    """An exception in a list, with whose it is and the state of its day. odd: of a missing punch, the odd punches that mean it."""

    stored: StoredException
    employee_number: str
    person_name: str
    department_name: str | None
    time_zone: str
    day_state: DayState
    day_status: DayStatus
    odd: tuple[StoredException, ...] = ()


class ExceptionKey(NamedTuple):
    """Where a page of exceptions ends: the next one begins behind it, newest dates first."""

    work_date: date
    id: int
