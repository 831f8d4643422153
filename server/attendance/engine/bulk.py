"""A grant for many people at once: what it is for each of them, and which exceptions it would take away. Pure."""

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from msgspec import Struct

from server.attendance.engine.foreseeing import days_with
from server.attendance.model import DayInputs, GrantOrigin, NewGrant
from server.attendance.model.days import AttendanceException
from server.attendance.model.grants import DayPart, Grant, GrantKind
from server.attendance.model.rules import DayRules
from server.errors import InvalidInputError

BULK_KINDS = (GrantKind.EXCUSED, GrantKind.UNPUNCHED)
"""What may be given to many at once: everything else is about one person."""
LATEST_MINUTE = 36 * 60


class BulkWish(Struct, frozen=True, kw_only=True):
    """What many people are to be granted. hours: from a minute to a minute from midnight of first_day, on each person's own clock; None:
    the days from first_day to last_day, `part` of each. late: as in `NewGrant`."""

    kind: GrantKind
    first_day: date
    last_day: date
    reason: str
    part: DayPart = DayPart.DAY
    hours: tuple[int, int] | None = None
    late: bool = False


def check_bulk(wish: BulkWish) -> None:
    """Raises InvalidInputError for what cannot be given to many; the rest is checked as for one."""
    if wish.kind not in BULK_KINDS:
        raise InvalidInputError(field="kind", reason="choose one that the list offers")
    if wish.hours is None:
        return
    start, end = wish.hours
    if wish.first_day != wish.last_day:
        raise InvalidInputError(field="last_day", reason="hours are of one day: choose the same first and last day")
    if not 0 <= start < end <= LATEST_MINUTE:
        raise InvalidInputError(field="until", reason="the end must be after the beginning, at most 36:00")


def for_person(wish: BulkWish, person_id: int, zone: str, reference: str) -> NewGrant:
    """The grant of one person, in the instants of that person's site."""
    if wish.hours is None:
        span = {"first_day": wish.first_day, "last_day": wish.last_day, "part": wish.part}
    else:
        start, end = (_instant(wish.first_day, minute, zone) for minute in wish.hours)
        span = {"starts_at": start, "ends_at": end}
    origin = {"origin": GrantOrigin.BULK, "origin_reference": reference}
    return NewGrant(person_id=person_id, kind=wish.kind, reason=wish.reason, late=wish.late, **span, **origin)  # type: ignore[arg-type]


def as_grant(new: NewGrant) -> Grant:
    """What assessing would read of it. Its number is 0: it is not recorded."""
    return Grant(
        id=0,
        kind=new.kind,
        first_day=new.first_day,
        last_day=new.last_day,
        part=new.part,
        starts_at=new.starts_at,
        ends_at=new.ends_at,
        leave=new.leave,
        heading=new.heading,
        minutes=new.minutes,
        settled_by=new.settled_by,
    )


def exceptions_with(inputs: DayInputs, grant: Grant, rules: Mapping[int, DayRules]) -> tuple[AttendanceException, ...]:
    """The exceptions that are left of a day with one more grant."""
    return days_with([inputs], grant, rules)[0].exceptions


def _instant(day: date, minute: int, zone: str) -> int:
    wall = datetime.combine(day, time()) + timedelta(minutes=minute)
    return int(wall.replace(tzinfo=ZoneInfo(zone)).timestamp())
