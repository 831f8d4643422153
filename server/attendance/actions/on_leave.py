"""Days of approved leave, for those below who must not give somebody work on them."""

from collections.abc import Collection
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from server.attendance.model import StoredGrant
from server.attendance.model.grants import DayPart, GrantKind, LeaveKind
from server.attendance.store.grants import grants_touching
from server.attendance.store.people import zones_of
from server.roster.actions import ApprovedLeave
from server.storage import UnitOfWork


def leave_days(uow: UnitOfWork, person_ids: Collection[int], first: date, last: date) -> dict[int, dict[date, ApprovedLeave]]:
    """By person the days from first to last with approved leave; of a day with more than one the one that takes all of it.

    Leave by time is a part of each day it touches, on the clock of the person's site.
    """
    found: dict[int, dict[date, ApprovedLeave]] = {}
    zones = zones_of(uow, person_ids)
    for person_id, stored in grants_touching(uow, person_ids, first, last).items():
        days: dict[date, ApprovedLeave] = {}
        for one in stored:
            if one.grant.kind is GrantKind.LEAVE:
                _add(days, one, ZoneInfo(zones[person_id]))
        if held := {day: leave for day, leave in days.items() if first <= day <= last}:
            found[person_id] = held
    return found


def _add(days: dict[date, ApprovedLeave], stored: StoredGrant, zone: ZoneInfo) -> None:
    grant = stored.grant
    leave = ApprovedLeave(name=(grant.leave or LeaveKind.OTHER).value, whole=grant.first_day is not None and grant.part is DayPart.DAY)
    since, until = _span(stored, zone)
    for number in range((until - since).days + 1):
        day = since + timedelta(days=number)
        if day not in days or leave.whole:
            days[day] = leave


def _span(stored: StoredGrant, zone: ZoneInfo) -> tuple[date, date]:
    grant = stored.grant
    if grant.first_day is not None and grant.last_day is not None:
        return grant.first_day, grant.last_day
    assert grant.starts_at is not None, "a grant is by days or by time"
    assert grant.ends_at is not None, "leave by time has an end"
    start, end = (datetime.fromtimestamp(moment, UTC).astimezone(zone) for moment in (grant.starts_at, grant.ends_at - 1))
    return start.date(), end.date()
