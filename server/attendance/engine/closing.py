"""Days of a closed span do not change: what comes later gives a list of differences for a person to accept or refuse."""

from collections.abc import Sequence
from datetime import date

from msgspec import Struct
from msgspec.structs import asdict

from server.attendance.model.days import AttendanceDay

ONLY_TOLD = frozenset({"steps", "settles_at"})
"""Fields that explain a day and are no result of it."""


class DayDifference(Struct, frozen=True, kw_only=True):
    """before None: the day was not there. fields: names of the results that differ."""

    work_date: date
    before: AttendanceDay | None
    after: AttendanceDay
    fields: tuple[str, ...]


def hold_closed(
    before: Sequence[AttendanceDay], after: Sequence[AttendanceDay], closed: Sequence[tuple[date, date]]
) -> tuple[list[AttendanceDay], list[DayDifference]]:
    """The days that stand, and the differences that wait. closed: spans, both ends included.

    A day outside every closed span is taken as it comes out now; inside one the day of before stays.
    """
    stood = {day.work_date: day for day in before}
    standing, differences = [], []
    for day in after:
        old = stood.get(day.work_date)
        if old is None or not any(first <= day.work_date <= last for first, last in closed):
            standing.append(day)
            continue
        standing.append(old)
        fields = different_fields(old, day)
        if fields:
            differences.append(DayDifference(work_date=day.work_date, before=old, after=day, fields=fields))
    return standing, differences


def different_fields(before: AttendanceDay, after: AttendanceDay) -> tuple[str, ...]:
    """Names of the results that differ."""
    old, new = asdict(before), asdict(after)
    return tuple(name for name in new if name not in ONLY_TOLD and old[name] != new[name])
