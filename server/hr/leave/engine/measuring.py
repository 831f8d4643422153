"""What each day of a leave takes from the balance.

| kind counts   | a day takes                                                                                          |
|---------------|------------------------------------------------------------------------------------------------------|
| calendar days | a standard day, whatever it is: days off, holidays and working days alike; half a day half of it     |
| work days,    | a standard day for all of the planned time, however long the shift is; a half half of it; hours their|
|   STANDARD    | share of the planned time, so that all hours of a day together are one day                           |
| work days,    | the planned minutes that it covers                                                                   |
|   ROSTER      |                                                                                                      |

A day off takes nothing of work days. A workday without a roster is taken to be a standard day.
"""

from collections.abc import Sequence
from datetime import date
from typing import Protocol

from server.attendance.model.grants import DayPart
from server.hr.leave.model import Counting, DayLength, LeaveDay, LeaveLength, LeaveTerms
from server.roster.model import DayKind


class Covered(Protocol):
    """A day as attendance says a leave would cover it."""

    @property
    def day(self) -> date: ...
    @property
    def kind(self) -> DayKind: ...
    @property
    def planned_minutes(self) -> int: ...
    @property
    def covered_minutes(self) -> int: ...
    @property
    def rostered(self) -> bool: ...
    @property
    def calendar_known(self) -> bool: ...
    @property
    def employed(self) -> bool: ...


def measured(terms: LeaveTerms, covered: Sequence[Covered], part: DayPart | None) -> LeaveLength:
    """The length of a leave. part: of leave by days; None: by time."""
    days = tuple(_day(terms, one, part) for one in covered)
    if part is None:
        days = tuple(one for one in days if one.work_minutes or one.minutes)
    return LeaveLength(days, terms.standard_day_minutes)


def _day(terms: LeaveTerms, one: Covered, part: DayPart | None) -> LeaveDay:
    assumed = one.employed and not one.rostered and one.kind is DayKind.WORKDAY
    whole = terms.standard_day_minutes
    planned, work = one.planned_minutes, one.covered_minutes
    if assumed:
        planned = whole
        work = whole if part is DayPart.DAY else whole // 2 if part is not None else 0
    minutes = _taken(terms, one, part, planned, work) if one.employed else 0
    return LeaveDay(one.day, one.kind, planned, work, minutes, assumed, not one.calendar_known)


def _taken(terms: LeaveTerms, one: Covered, part: DayPart | None, planned: int, work: int) -> int:
    whole = terms.standard_day_minutes
    if terms.counting is Counting.CALENDAR_DAYS:
        return whole if part is DayPart.DAY else whole // 2
    if one.kind is not DayKind.WORKDAY or not planned:
        return 0
    if terms.day_length is DayLength.ROSTER:
        return work
    if part is not None:
        return (whole if part is DayPart.DAY else whole // 2) if work else 0
    return -(-work * whole // planned)
