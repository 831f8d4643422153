"""When time is up, counted in office hours of work days."""

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from server.hr.approvals.model import Flow, TimeLimit, Unit

MOST_DAYS, MOST_HOURS = 60, 480
"""Of a limit. Longer ones are a mistake, and would need calendars that are not announced yet."""
_LOOK_AHEAD = 366
"""Days in which work days are looked for; a calendar without any would else never end."""


def due_at(since: datetime, limit: TimeLimit, flow: Flow, zone: ZoneInfo, is_workday: Callable[[date], bool]) -> datetime:
    """The moment at which the time is up, in `zone`. What begins outside office hours counts from the next opening."""
    start = _opened(since.astimezone(zone), flow, is_workday)
    if limit.unit is Unit.WORK_DAYS:
        day = start.date()
        for _ in range(limit.amount):
            day = _workday_from(day + timedelta(days=1), is_workday)
        return datetime.combine(day, start.time(), zone)
    left = timedelta(hours=limit.amount)
    while (rest := _at(start.date(), flow.closes, zone) - start) < left:
        left -= rest
        start = _at(_workday_from(start.date() + timedelta(days=1), is_workday), flow.opens, zone)
    return start + left


def _opened(moment: datetime, flow: Flow, is_workday: Callable[[date], bool]) -> datetime:
    """The moment itself inside office hours, else the next opening."""
    zone, day = moment.tzinfo, moment.date()
    assert isinstance(zone, ZoneInfo)
    if is_workday(day) and moment < _at(day, flow.closes, zone):
        return max(moment, _at(day, flow.opens, zone))
    return _at(_workday_from(day + timedelta(days=1), is_workday), flow.opens, zone)


def _workday_from(day: date, is_workday: Callable[[date], bool]) -> date:
    for number in range(_LOOK_AHEAD):
        if is_workday(day + timedelta(days=number)):
            return day + timedelta(days=number)
    return day


def _at(day: date, minute: int, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(minute // 60, minute % 60), zone)
