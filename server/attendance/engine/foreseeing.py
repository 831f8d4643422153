"""What stored days would be with one more grant. Pure."""

from collections.abc import Mapping, Sequence

from server.attendance.engine.day.assessing import assess_day
from server.attendance.engine.day.dividing import divide, with_corrections
from server.attendance.model import DayInputs
from server.attendance.model.days import AttendanceDay, TimedPunch
from server.attendance.model.grants import Grant
from server.attendance.model.rules import DayRules


def days_with(days: Sequence[DayInputs], grant: Grant, rules: Mapping[int, DayRules]) -> list[AttendanceDay]:
    """Each day with the grant, without its explanation. days: one person's, in the order of date; rules: by their version.

    The punch of a correction goes to the day that it belongs to among these; right for days with their neighbours on both sides.
    """
    punches = _with_its_punch(days, grant, rules)
    return [
        assess_day(
            one.plan,
            punches.get(place, one.punches),
            (*one.grants, grant),
            rules[one.rules_version_id],
            one.horizon,
            explain=False,
        )
        for place, one in enumerate(days)
    ]


def _with_its_punch(days: Sequence[DayInputs], grant: Grant, rules: Mapping[int, DayRules]) -> dict[int, tuple[TimedPunch, ...]]:
    """The punches of the days, by their place, that the punch of a correction belongs to."""
    added = with_corrections((), [grant])
    if not added:
        return {}
    rules_on = {one.plan.work_date: rules[one.rules_version_id] for one in days}
    there = dict.fromkeys(punch for one in days for punch in one.punches)
    divided = divide([one.plan for one in days], [*there, *added], rules_on.__getitem__)
    own = {place: divided.get(one.plan.work_date, ()) for place, one in enumerate(days)}
    return {place: punches for place, punches in own.items() if added[0] in punches}
