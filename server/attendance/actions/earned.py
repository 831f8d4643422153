"""Overtime that is settled by time off, as days show it: what leave gives back."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import date

from server.attendance.model.days import AttendanceDay, DayState
from server.attendance.model.rules import SettledBy
from server.attendance.store.days import overtime_days
from server.attendance.store.periods import accepted_days
from server.storage import UnitOfWork


def time_off_earned(uow: UnitOfWork, person_ids: Collection[int], first: date, last: date) -> dict[int, dict[date, int]]:
    """By person the minutes of overtime settled by time off of each final day from first to last, as it counts."""
    found: dict[int, dict[date, int]] = defaultdict(dict)
    for person_id, day in overtime_days(uow, person_ids, first, last):
        found[person_id][day.work_date] = _earned([day])
    for (person_id, work_date), day in accepted_days(uow, list(person_ids), first, last).items():
        found[person_id][work_date] = _earned([day])
    return {person_id: {day: minutes for day, minutes in days.items() if minutes} for person_id, days in found.items()}


def _earned(days: Iterable[AttendanceDay]) -> int:
    """Of days that are settled: one that may still change gives nothing yet."""
    final = (day for day in days if day.state is DayState.FINAL)
    return sum(one.minutes for day in final for one in day.overtime if one.settled_by is SettledBy.TIME_OFF)
