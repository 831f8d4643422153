"""A range of one employee's work dates: dividing, what one day hands to the next, and assessing."""

from collections.abc import Sequence
from datetime import date

from msgspec.structs import replace

from server.attendance.engine.day.assessing import assess_day
from server.attendance.engine.day.dividing import RulesOf, divide, with_corrections
from server.attendance.model.days import AttendanceDay, Horizon, TimedPunch
from server.attendance.model.grants import Grant
from server.roster.model import PlannedDay


def assess_days(
    plans: Sequence[PlannedDay],
    punches: Sequence[TimedPunch],
    grants: Sequence[Grant],
    rules_of: RulesOf,
    horizon: Horizon,
    first: date,
    last: date,
    *,
    explain: bool = True,
) -> list[AttendanceDay]:
    """The days from first to last, both included.

    plans, punches, grants: of the employee, from `REACH_DAYS` before first to `REACH_DAYS` behind last; what lies farther away changes
    nothing. punches: in any order, may hold repeats; corrections among the grants are added here.
    """
    rules_on = rules_of if callable(rules_of) else (lambda _: rules_of)
    divided = divide(plans, with_corrections(punches, grants) if grants else punches, rules_of)
    found: list[AttendanceDay] = []
    left_at: int | None = None
    for place, plan in enumerate(plans):
        if plan.work_date > last:
            break
        if plan.work_date < first:
            follows = place + 1 < len(plans) and plans[place + 1].work_date == first
            if not (follows and plans[place + 1].late_leave):
                continue
        known = replace(plan, previous_left_at=left_at) if plan.late_leave else plan
        own = divided.get(plan.work_date, ())
        day = assess_day(known, own, grants, rules_on(plan.work_date), horizon, explain=explain)
        left_at = day.left_at
        if plan.work_date >= first:
            found.append(day)
    return found
