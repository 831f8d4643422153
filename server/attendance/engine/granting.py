"""What a grant must say before it is recorded, and which work dates it can matter to. Pure."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from server.attendance.model.granted import NewGrant
from server.attendance.model.grants import DayPart, Grant, GrantKind
from server.errors import InvalidInputError

LONGEST_DAYS = 400
"""Maternity leave with all that is added to it is shorter."""
LONGEST_SPAN = 31 * 24 * 3600
"""By time; what is longer is given by days."""
DAY_SECONDS = 24 * 3600

_DAYS_ONLY = frozenset({GrantKind.NURSING})
_TIMES_ONLY = frozenset({GrantKind.CORRECTION})
_ONE_AT_A_TIME = (
    frozenset({GrantKind.LEAVE, GrantKind.TRIP, GrantKind.FIELD_WORK}),
    frozenset({GrantKind.OVERTIME}),
    frozenset({GrantKind.NURSING}),
    frozenset({GrantKind.EXCUSED}),
    frozenset({GrantKind.UNPUNCHED}),
)
"""Kinds of which nobody has two for one moment: somebody on leave is on no trip."""


def check_grant(new: NewGrant) -> None:
    """Raises InvalidInputError for what cannot be."""
    if not new.reason.strip():
        raise InvalidInputError(field="reason", reason="say why, so that it can be understood later")
    if new.first_day is not None and new.starts_at is not None:
        raise InvalidInputError(field="starts_at", reason="give days or times, not both")
    if new.first_day is None and new.starts_at is None:
        raise InvalidInputError(field="first_day", reason="give the days or the times it is for")
    if new.first_day is not None:
        _check_days(new, new.first_day)
    elif new.kind is GrantKind.CORRECTION:
        _check_correction(new)
    else:
        _check_times(new)
    if new.minutes is not None and not 1 <= new.minutes <= 1440:
        raise InvalidInputError(field="minutes", reason="use 1 to 1440 minutes")
    if new.kind is GrantKind.LEAVE and new.leave is None:
        raise InvalidInputError(field="leave", reason="say which kind of leave it is")


def _check_days(new: NewGrant, first: date) -> None:
    if new.kind in _TIMES_ONLY:
        raise InvalidInputError(field="starts_at", reason="a correction needs the time of the punch")
    if new.last_day is None:
        raise InvalidInputError(field="last_day", reason="give the last day too; for one day it is the first")
    if new.last_day < first:
        raise InvalidInputError(field="last_day", reason="the last day must not be before the first")
    if (new.last_day - first).days >= LONGEST_DAYS:
        raise InvalidInputError(field="last_day", reason="that is longer than {most} days: give a shorter one", most=LONGEST_DAYS)
    if new.kind is GrantKind.NURSING and new.minutes is None:
        raise InvalidInputError(field="minutes", reason="say how many minutes a day")
    if new.kind is GrantKind.OVERTIME and new.minutes is None:
        raise InvalidInputError(field="minutes", reason="say how many minutes of overtime are approved, or give its times")


def _check_correction(new: NewGrant) -> None:
    if new.heading is None:
        raise InvalidInputError(field="heading", reason="say whether the missing punch was in or out")
    if new.ends_at is not None:
        raise InvalidInputError(field="ends_at", reason="a correction is one moment: leave the end out")


def _check_times(new: NewGrant) -> None:
    assert new.starts_at is not None
    if new.kind in _DAYS_ONLY:
        raise InvalidInputError(field="first_day", reason="this kind is given by days")
    if new.ends_at is None:
        raise InvalidInputError(field="ends_at", reason="give the end too")
    if new.ends_at <= new.starts_at:
        raise InvalidInputError(field="ends_at", reason="the end must be after the beginning")
    if new.ends_at - new.starts_at > LONGEST_SPAN:
        raise InvalidInputError(field="ends_at", reason="by time it may be 31 days at most: give days instead")
    if new.minutes is not None and new.minutes * 60 > new.ends_at - new.starts_at:
        raise InvalidInputError(field="minutes", reason="that is more than the time from beginning to end")


def work_dates(new: NewGrant, zone: str) -> tuple[date, date]:
    """The first and last work date it can matter to: days as they are; times with a day around them, for shifts over midnight."""
    if new.first_day is not None and new.last_day is not None:
        return new.first_day, new.last_day
    assert new.starts_at is not None
    first, last = (_date_at(at, zone) for at in (new.starts_at, new.ends_at or new.starts_at))
    return first - timedelta(days=1), last + timedelta(days=1)


def own_dates(new: NewGrant, zone: str) -> tuple[date, date]:
    """The first and last date on the clock that it names."""
    if new.first_day is not None and new.last_day is not None:
        return new.first_day, new.last_day
    assert new.starts_at is not None
    return _date_at(new.starts_at, zone), _date_at(new.ends_at or new.starts_at, zone)


def clashing(new: NewGrant, others: Iterable[Grant], zone: str) -> Grant | None:
    """One of the grants that cannot stand beside the new one: for the same moment, or the same correction again."""
    together = next((kinds for kinds in _ONE_AT_A_TIME if new.kind in kinds), frozenset())
    start, end = _span(new, zone)
    for other in others:
        if new.kind is GrantKind.CORRECTION:
            same = other.kind is new.kind and other.heading is new.heading and other.starts_at is not None
            if same and new.starts_at is not None and other.starts_at is not None and other.starts_at // 60 == new.starts_at // 60:
                return other
        elif other.kind in together:
            first, last = _span(other, zone)
            if first < end and start < last:
                return other
    return None


def _span(grant: Grant | NewGrant, zone: str) -> tuple[int, int]:
    """Instants; halves of a day divided at noon, which is near enough to see that two are for one time."""
    if grant.first_day is None or grant.last_day is None:
        assert grant.starts_at is not None
        return grant.starts_at, grant.ends_at or grant.starts_at + 60
    start, end = _midnight(grant.first_day, zone), _midnight(grant.last_day + timedelta(days=1), zone)
    if grant.part is DayPart.MORNING and grant.first_day == grant.last_day:
        return start, end - DAY_SECONDS // 2
    if grant.part is DayPart.AFTERNOON and grant.first_day == grant.last_day:
        return start + DAY_SECONDS // 2, end
    return start, end


def _date_at(at: int, zone: str) -> date:
    return datetime.fromtimestamp(at, UTC).astimezone(ZoneInfo(zone)).date()


def _midnight(day: date, zone: str) -> int:
    return int(datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(zone)).timestamp())
