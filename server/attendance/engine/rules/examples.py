"""A made-up day that shows what rules do: 09:00 to 18:00 with an hour of lunch, and what somebody punched."""

from datetime import UTC, date, datetime

from msgspec import Struct

from server.attendance.engine.day.assessing import assess_day
from server.attendance.model.days import AttendanceDay, Horizon, TimedPunch
from server.attendance.model.grants import Grant, GrantKind
from server.attendance.model.rules import DayRules
from server.roster.model import DayKind, PlannedBreak, PlannedDay, PlannedPart, RosterSource

ZONE = "UTC"
DAY = date(2026, 3, 2)
"""A Monday like any other."""
MIDNIGHT = int(datetime(DAY.year, DAY.month, DAY.day, tzinfo=UTC).timestamp())
STARTS, ENDS, LUNCH, LUNCH_ENDS = 9 * 60, 18 * 60, 12 * 60, 13 * 60
MARGIN = 4 * 60


class Example(Struct, frozen=True, kw_only=True):
    """came, left: minutes from midnight, None for no punch. approved_minutes: overtime that was approved."""

    kind: DayKind = DayKind.WORKDAY
    came: int | None = STARTS + 8
    left: int | None = ENDS + 100
    approved_minutes: int = 60


def assess_example(example: Example, rules: DayRules) -> AttendanceDay:
    """What the rules make of the day, with its explanation. On days off nothing is planned."""
    moments = sorted(_at(minutes) for minutes in (example.came, example.left) if minutes is not None)
    punches = [TimedPunch(id=number, at=at) for number, at in enumerate(moments, 1)]
    grants = [_approval(example.approved_minutes)] if example.approved_minutes else []
    long_after = _at(14 * 1440)
    return assess_day(_plan(example.kind), punches, grants, rules, Horizon(now=long_after, reported_until=long_after))


def _plan(kind: DayKind) -> PlannedDay:
    lunch = PlannedBreak(start=_at(LUNCH), end=_at(LUNCH_ENDS))
    part = PlannedPart(start=_at(STARTS), end=_at(ENDS), opens=_at(STARTS - MARGIN), closes=_at(ENDS + MARGIN * 2), breaks=(lunch,))
    workday = kind is DayKind.WORKDAY
    return PlannedDay(
        work_date=DAY,
        zone=ZONE,
        begins=_at(0),
        ends=_at(1440),
        kind=kind,
        rostered=workday,
        parts=(part,) if workday else (),
        roster_source=RosterSource.PATTERN if workday else RosterSource.NOTHING,
    )


def _approval(minutes: int) -> Grant:
    return Grant(id=1, kind=GrantKind.OVERTIME, first_day=DAY, last_day=DAY, minutes=minutes)


def _at(minutes: int) -> int:
    return MIDNIGHT + minutes * 60
