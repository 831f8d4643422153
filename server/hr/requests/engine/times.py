"""The moments and work dates that a request is about. Instants are whole seconds; days are those of the person's zone."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from server.attendance.model.grants import DayPart
from server.errors import InvalidInputError
from server.hr.requests.model import (
    LONGEST_PLACE,
    Content,
    CorrectionCause,
    CorrectionContent,
    FieldWorkContent,
    LeaveContent,
    OvertimeContent,
    ShiftChangeContent,
    Span,
    SwapContent,
    TripContent,
)
from server.roster.model import PlannedDay

LONGEST_DAYS = 400
"""As grants have it: maternity leave with all that is added to it is shorter."""
LONGEST_SPAN = 31 * 86_400
"""By time; what is longer is asked for by days."""
FIRST_DATE, LAST_DATE = date(1970, 1, 2), date(9998, 12, 31)
"""Days outside have neighbours that no calendar has."""


def check_content(content: Content) -> None:
    """Raises InvalidInputError for what cannot be, whatever else there is."""
    match content:
        case LeaveContent(span=span):
            _check_span(span)
        case TripContent(place=place, span=span) | FieldWorkContent(place=place, span=span):
            _check_span(span)
            if not 1 <= len(place.strip()) <= LONGEST_PLACE or "\0" in place:
                raise InvalidInputError(field="place", reason="say where, in at most {most} characters", most=LONGEST_PLACE)
        case OvertimeContent():
            _check_times(content.starts_at, content.ends_at)
            if content.minutes is not None and not 1 <= content.minutes <= (content.ends_at - content.starts_at) // 60:
                raise InvalidInputError(field="minutes", reason="give no more than the time from beginning to end")
        case CorrectionContent():
            _check_day(content.work_date, "work_date")
            if content.at is None and content.cause is not CorrectionCause.TERMINAL_FAULT:
                raise InvalidInputError(field="at", reason="say at which time")
        case ShiftChangeContent():
            _check_day(content.day, "day")
        case SwapContent():
            _check_day(content.day, "day")
            _check_day(content.partner_day, "partner_day")


def _check_span(span: Span) -> None:
    if span.starts_at is not None and span.first_day is not None:
        raise InvalidInputError(field="starts_at", reason="give days or times, not both")
    if span.starts_at is not None:
        if span.ends_at is None:
            raise InvalidInputError(field="ends_at", reason="give the end too")
        _check_times(span.starts_at, span.ends_at)
        return
    if span.first_day is None:
        raise InvalidInputError(field="first_day", reason="give the days or the times it is for")
    _check_day(span.first_day, "first_day")
    last = span.last_day or span.first_day
    _check_day(last, "last_day")
    if last < span.first_day:
        raise InvalidInputError(field="last_day", reason="the last day must not be before the first")
    if (last - span.first_day).days >= LONGEST_DAYS:
        raise InvalidInputError(field="last_day", reason="that is longer than {most} days: give a shorter one", most=LONGEST_DAYS)


def _check_times(starts_at: int, ends_at: int) -> None:
    if not 86_400 <= starts_at <= 250_000_000_000:
        raise InvalidInputError(field="starts_at", reason="give a date and a time such as 2026-11-23 18:00")
    if ends_at <= starts_at:
        raise InvalidInputError(field="ends_at", reason="the end must be after the beginning")
    if ends_at - starts_at > LONGEST_SPAN:
        raise InvalidInputError(field="ends_at", reason="by time it may be 31 days at most: give days instead")


def _check_day(day: date, field: str) -> None:
    if not FIRST_DATE <= day <= LAST_DATE:
        raise InvalidInputError(field=field, reason="give a date such as 2026-11-23")


def days_of(content: Content, zone: str) -> tuple[date, date]:
    """The first and last date on the person's clock that it names; of a swap the asker's and the partner's together."""
    match content:
        case LeaveContent(span=span) | TripContent(span=span) | FieldWorkContent(span=span):
            if span.first_day is not None:
                return span.first_day, span.last_day or span.first_day
            assert span.starts_at is not None
            assert span.ends_at is not None
            return date_at(span.starts_at, zone), date_at(span.ends_at - 1, zone)
        case OvertimeContent():
            return date_at(content.starts_at, zone), date_at(content.ends_at - 1, zone)
        case CorrectionContent():
            return content.work_date, content.work_date
        case ShiftChangeContent():
            return content.day, content.day
        case SwapContent():
            return min(content.day, content.partner_day), max(content.day, content.partner_day)


def moments_of(content: Content, zone: str, plans: Mapping[date, PlannedDay]) -> tuple[int, int]:
    """From when until when; halves of a day are divided at the middle of what is planned, else at noon."""
    match content:
        case LeaveContent(span=span) | TripContent(span=span) | FieldWorkContent(span=span):
            return _span_moments(span, zone, plans)
        case OvertimeContent():
            return content.starts_at, content.ends_at
        case CorrectionContent(at=int() as at):
            return at, at + 60
        case _:
            first, last = days_of(content, zone)
            return midnight(first, zone), midnight(last + timedelta(days=1), zone)


def _span_moments(span: Span, zone: str, plans: Mapping[date, PlannedDay]) -> tuple[int, int]:
    if span.first_day is None:
        assert span.starts_at is not None
        assert span.ends_at is not None
        return span.starts_at, span.ends_at
    last = span.last_day or span.first_day
    start, end = midnight(span.first_day, zone), midnight(last + timedelta(days=1), zone)
    if span.first_day == last and span.part is not DayPart.DAY:
        middle = middle_of(span.first_day, zone, plans)
        return (start, middle) if span.part is DayPart.MORNING else (middle, end)
    return start, end


def middle_of(day: date, zone: str, plans: Mapping[date, PlannedDay]) -> int:
    """Where a day is halved."""
    plan = plans.get(day)
    if plan is None or not plan.parts:
        return midnight(day, zone) + 43_200
    return (plan.parts[0].start + plan.parts[-1].end) // 2


def date_at(at: int, zone: str) -> date:
    return datetime.fromtimestamp(at, UTC).astimezone(ZoneInfo(zone)).date()


def midnight(day: date, zone: str) -> int:
    return int(datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(zone)).timestamp())
