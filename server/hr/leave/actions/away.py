"""Who is away: approved leave and trips, as attendance has them, for those who may see these people."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from server.access.model import Scope
from server.attendance import actions as attendance
from server.attendance.model import GrantLine
from server.attendance.model.grants import DayPart, GrantKind
from server.directory import actions as directory
from server.errors import InvalidInputError
from server.hr.leave.model import Away
from server.storage import UnitOfWork

LONGEST_SPAN = 366
AWAY = (GrantKind.LEAVE, GrantKind.TRIP, GrantKind.FIELD_WORK)


def who_is_away(
    uow: UnitOfWork, scope: Scope, first: date, last: date, *, kinds_for: Scope | None = None, department_id: int | None = None
) -> list[Away]:
    """Everybody within the scope who is away on a day from first to last, by the first day and the name.

    kinds_for: whose kind of leave may be told, too; None: nobody's. Of the others only that they are away. Raises InvalidInputError.
    """
    if not first <= last or (last - first).days >= LONGEST_SPAN:
        raise InvalidInputError(field="until", reason="ask for 1 to {most} days", most=LONGEST_SPAN)
    people = directory.people_within(scope, first, last)
    lines = attendance.absences(uow, AWAY, first, last, people, department_id)
    told = directory.days_within(uow, kinds_for or Scope(), first, last)
    found = [_away(line, told(line.stored.person_id, max(first, line.stored.from_day))) for line in lines]
    within = directory.days_within(uow, scope, first, last)
    kept = [one for one in found if one.first_day <= last and one.last_day >= first and _any_day(within, one, first, last)]
    return sorted(kept, key=lambda one: (one.first_day, one.name, one.person_id))


def _any_day(within: directory.DaysWithin, one: Away, first: date, last: date) -> bool:
    return within(one.person_id, max(first, one.first_day)) or within(one.person_id, min(last, one.last_day))


def _away(line: GrantLine, is_told: bool) -> Away:
    grant = line.stored.grant
    first, last = _dates(line)
    what = grant.leave.value if grant.leave is not None else grant.kind.value
    whole = grant.first_day is not None and grant.part is DayPart.DAY
    who = (line.stored.person_id, line.person_name, line.employee_number, line.department_name)
    return Away(*who, first, last, whole, what if is_told else None)


def _dates(line: GrantLine) -> tuple[date, date]:
    """The days as the site's clock has them."""
    grant = line.stored.grant
    if grant.first_day is not None and grant.last_day is not None:
        return grant.first_day, grant.last_day
    assert grant.starts_at is not None, "a grant is by days or by time"
    zone = ZoneInfo(line.time_zone or "Asia/Shanghai")
    moments = (grant.starts_at, (grant.ends_at or grant.starts_at + 1) - 1)
    start, end = (datetime.fromtimestamp(moment, UTC).astimezone(zone).date() for moment in moments)
    return start, end
