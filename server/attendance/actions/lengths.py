"""How much of the plan of days leave would cover: what a request is told before it is made, by the rules that the days will go by."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from server.attendance.engine.day.owing import owed_of, take_leave, touches
from server.attendance.model.grants import Grant
from server.roster import actions as roster
from server.roster.model import DayKind, PlannedDay
from server.storage import UnitOfWork


@dataclass(frozen=True, slots=True)
class CoveredDay:
    """planned_minutes: what is owed on the day by the roster; covered_minutes: what of it the leave would take away. rostered False: nobody
    made a roster. calendar_known False: the kind of the day may still change."""

    day: date
    kind: DayKind
    planned_minutes: int
    covered_minutes: int
    rostered: bool
    calendar_known: bool
    employed: bool


def covered_days(uow: UnitOfWork, person_id: int, grant: Grant, first: date, last: date) -> list[CoveredDay]:
    """The days from first to last as leave by this grant would cover them, in order; days that it does not touch are left out.

    grant: of kind LEAVE; nothing is recorded, its id does not matter. Other leave on the days is not looked at.
    """
    plans: Sequence[PlannedDay] = roster.planned_days(uow, [person_id], first, last)[person_id]
    return [_covered(plan, grant) for plan in plans if touches(grant, plan)]


def _covered(plan: PlannedDay, grant: Grant) -> CoveredDay:
    owed = owed_of(plan, None)
    take_leave(owed, plan, [grant])
    minutes = owed.leave_minutes() if plan.employed else 0
    told = (plan.rostered, plan.calendar_known, plan.employed)
    return CoveredDay(plan.work_date, plan.kind, owed.scheduled // 60, minutes, *told)
