"""A range of one employee's work dates: each punch to its day, and what one day hands to the next. The one loop over days there is."""

from collections.abc import Callable, Sequence
from datetime import date

from msgspec.structs import replace

from server.attendance.engine.day.dividing import RulesOf, divide, with_corrections
from server.attendance.model.days import TimedPunch
from server.attendance.model.grants import Grant
from server.roster.model import PlannedDay

Assess = Callable[[PlannedDay, tuple[TimedPunch, ...], bool], int | None]
"""Given a day's plan, its punches, and whether the next day asks when somebody left on it; gives when that was, None where nobody knows."""


def go_through(
    plans: Sequence[PlannedDay], punches: Sequence[TimedPunch], grants: Sequence[Grant], rules_of: RulesOf, last: date, assess: Assess
) -> None:
    """Hand the planned days up to `last` to `assess`, in order, each with when somebody left on the day before where its plan asks.

    plans, punches, grants: of the employee, from `REACH_DAYS` before the first day that counts to `REACH_DAYS` behind `last`; what lies
    farther away changes nothing. punches: in any order, may hold repeats; corrections among the grants are added here.
    """
    divided = divide(plans, with_corrections(punches, grants) if grants else punches, rules_of)
    left_at: int | None = None
    for place, plan in enumerate(plans):
        if plan.work_date > last:
            return
        follows = place + 1 < len(plans) and bool(plans[place + 1].late_leave)
        whole = replace(plan, previous_left_at=left_at) if plan.late_leave else plan
        left_at = assess(whole, divided.get(plan.work_date, ()), follows)
