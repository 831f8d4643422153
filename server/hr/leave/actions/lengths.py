"""How long a leave is, by the roster: work time of planned days, halves and hours; days of the calendar where the kind says so."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from server.attendance import actions as attendance
from server.attendance.model.grants import DayPart, Grant, GrantKind
from server.directory import actions as directory
from server.errors import InvalidInputError
from server.hr.leave.engine.measuring import measured
from server.hr.leave.model import LeaveLength, LeaveType, Unit
from server.storage import UnitOfWork

MOST_DAYS = 800


def minutes_of(
    uow: UnitOfWork,
    person_id: int,
    kind: LeaveType,
    first_day: date | None,
    last_day: date | None,
    part: DayPart = DayPart.DAY,
    starts_at: int | None = None,
    ends_at: int | None = None,
) -> LeaveLength:
    """What a leave takes, day by day: by days (first to last, and `part` of each), or by time (instants).

    Goes by the roster as it is published, else by the pattern; a workday that nobody made a roster for is a standard day. Raises
    InvalidInputError for what the kind's unit does not allow, or a span that cannot be; NotFoundError.
    """
    directory.see_person(uow, person_id)
    grant = Grant(id=0, kind=GrantKind.LEAVE, first_day=first_day, last_day=last_day, part=part, starts_at=starts_at, ends_at=ends_at)
    first, last = _dates(uow, person_id, grant, kind)
    covered = attendance.covered_days(uow, person_id, grant, first, last)
    return measured(kind.terms, covered, part if first_day is not None else None)


def _dates(uow: UnitOfWork, person_id: int, grant: Grant, kind: LeaveType) -> tuple[date, date]:
    if grant.first_day is not None and grant.last_day is not None:
        first, last = grant.first_day, grant.last_day
        if grant.part is not DayPart.DAY and kind.unit is Unit.DAY:
            raise InvalidInputError(field="part", reason="this kind of leave is taken in whole days")
        if grant.part is not DayPart.DAY and first != last:
            raise InvalidInputError(field="part", reason="half a day is of one day: ask for the others by themselves")
    elif grant.starts_at is not None and grant.ends_at is not None:
        if kind.unit is not Unit.HOUR:
            raise InvalidInputError(field="starts_at", reason="this kind of leave is not taken by the hour")
        if grant.ends_at <= grant.starts_at:
            raise InvalidInputError(field="ends_at", reason="it must end after it begins")
        zone = ZoneInfo(attendance.zones_of(uow, [person_id])[person_id])
        first, last = (
            datetime.fromtimestamp(moment, UTC).astimezone(zone).date() + timedelta(days=days)
            for moment, days in ((grant.starts_at, -1), (grant.ends_at - 1, 0))
        )  # a night shift of the day before may still go on
    else:
        raise InvalidInputError(field="first_day", reason="name a first and a last day, or from when to when")
    if last < first:
        raise InvalidInputError(field="last_day", reason="it must not be before the first day")
    if (last - first).days >= MOST_DAYS:
        raise InvalidInputError(field="last_day", reason="a leave is at most {most} days long", most=MOST_DAYS)
    return first, last
