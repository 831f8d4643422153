"""What the grant form has and asks, read into a `NewGrant`. Times are those of the person's site."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import TypeVar
from zoneinfo import ZoneInfo

from server.attendance.model import NewGrant
from server.attendance.model.grants import DayPart, GrantKind, Heading, LeaveKind
from server.attendance.model.rules import SettledBy
from server.errors import InvalidInputError
from server.web.asking import given_day, whole


class Span(StrEnum):
    """How long: whole days, half of each, or from a time to a time."""

    DAYS = "days"
    MORNINGS = "mornings"
    AFTERNOONS = "afternoons"
    HOURS = "by-the-clock"


@dataclass(frozen=True, slots=True)
class Form:
    """The fields of one kind of grant. help: what should be known before it is recorded, where it has weight."""

    kind: GrantKind
    spans: tuple[Span, ...] = ()
    leave: bool = False
    heading: bool = False
    minutes: str = ""
    settled_by: bool = False
    help: str = ""


BY_DAYS = (Span.DAYS, Span.MORNINGS, Span.AFTERNOONS, Span.HOURS)
FORMS: dict[GrantKind, Form] = {
    form.kind: form
    for form in (
        Form(
            GrantKind.CORRECTION,
            heading=True,
            help="Adds a punch that is missing. The raw punches stay as they are; the day says that it was corrected, and by whom.",
        ),
        Form(
            GrantKind.LEAVE,
            BY_DAYS,
            leave=True,
            help="Covers owed time only: rest days and holidays inside the span use nothing up. Whether enough leave is left is not "
            "checked here.",
        ),
        Form(
            GrantKind.OVERTIME,
            (Span.HOURS,),
            minutes="Approved minutes, where not all of the span",
            settled_by=True,
            help="Time off may stand for overtime on rest days only. Overtime on workdays (150 %) and statutory holidays (300 %) has to "
            "be paid: Labour Law, article 44.",
        ),
        Form(GrantKind.TRIP, BY_DAYS, help="Stands for presence at the person's planned hours; no punch is asked for."),
        Form(GrantKind.FIELD_WORK, BY_DAYS, help="Stands for presence at the person's planned hours; no punch is asked for."),
        Form(
            GrantKind.EXCUSED,
            BY_DAYS,
            help="No work is owed and the time is paid: for a typhoon, or half a day off for everybody. It uses no leave up.",
        ),
        Form(
            GrantKind.UNPUNCHED,
            BY_DAYS,
            help="No punch is asked for and the plan counts as worked: for a terminal that was out of order.",
        ),
        Form(
            GrantKind.NURSING,
            (Span.DAYS,),
            minutes="Minutes a day",
            help="Paid time in which a mother may come later or leave earlier until the child is one: at least 60 minutes a day, 60 more "
            "for each further child of a multiple birth (Special Rules on Labour Protection of Female Employees, article 9).",
        ),
    )
}
"""In the order in which the form offers them."""
PARTS = {Span.DAYS: DayPart.DAY, Span.MORNINGS: DayPart.MORNING, Span.AFTERNOONS: DayPart.AFTERNOON}
LONGEST_REASON = 500
E = TypeVar("E", bound=StrEnum)


def read_grant(typed: Mapping[str, str], person_id: int, zone: ZoneInfo) -> NewGrant:
    """What was typed as a grant; raises InvalidInputError with the field. What the engine makes of it is checked when it is recorded."""
    form = FORMS[_member(GrantKind, typed.get("kind", ""), "kind")]
    first, last, part = _days(form, typed)
    starts_at, ends_at = _times(form, typed, zone)
    minutes = whole(typed.get("minutes", ""), "minutes") if form.minutes else None
    if form.kind is GrantKind.NURSING and not minutes:
        raise InvalidInputError(field="minutes", reason="say how many minutes a day")
    return NewGrant(
        person_id=person_id,
        kind=form.kind,
        reason=_reason(typed),
        first_day=first,
        last_day=last,
        part=part,
        starts_at=starts_at,
        ends_at=ends_at,
        leave=_member(LeaveKind, typed.get("leave", ""), "leave") if form.leave else None,
        heading=_member(Heading, typed.get("heading", ""), "heading") if form.heading else None,
        minutes=minutes,
        settled_by=SettledBy(typed["settled_by"]) if form.settled_by and typed.get("settled_by") in set(SettledBy) else None,
        late=bool(typed.get("late")),
    )


def _days(form: Form, typed: Mapping[str, str]) -> tuple[date | None, date | None, DayPart]:
    span = _span(form, typed)
    if span is None or span is Span.HOURS:
        return None, None, DayPart.DAY
    first = given_day(typed.get("first_day", ""), "first_day")
    if first is None:
        raise InvalidInputError(field="first_day", reason="give a date such as 2026-11-23")
    last = given_day(typed.get("last_day", ""), "last_day") or first
    if last < first:
        raise InvalidInputError(field="last_day", reason="it lies before the first day")
    return first, last, PARTS[span]


def _times(form: Form, typed: Mapping[str, str], zone: ZoneInfo) -> tuple[int | None, int | None]:
    if form.kind is GrantKind.CORRECTION:
        return _instant(typed, "starts_at", zone), None
    if _span(form, typed) is not Span.HOURS:
        return None, None
    starts_at, ends_at = _instant(typed, "starts_at", zone), _instant(typed, "ends_at", zone)
    if ends_at <= starts_at:
        raise InvalidInputError(field="ends_at", reason="it has to lie behind the beginning")
    return starts_at, ends_at


def _span(form: Form, typed: Mapping[str, str]) -> Span | None:
    if len(form.spans) <= 1:
        return form.spans[0] if form.spans else None
    span = _member(Span, typed.get("span", "") or Span.DAYS, "span")
    if span not in form.spans:
        raise InvalidInputError(field="span", reason="choose one that the list offers")
    return span


def _instant(typed: Mapping[str, str], field: str, zone: ZoneInfo) -> int:
    try:
        return int(datetime.fromisoformat(typed.get(field, "")).replace(tzinfo=zone).timestamp())
    except (ValueError, OverflowError) as error:
        raise InvalidInputError(field=field, reason="give a date and a time such as 2026-11-23 18:00") from error


def _reason(typed: Mapping[str, str]) -> str:
    reason = typed.get("reason", "").replace("\0", "").strip()
    if not reason:
        raise InvalidInputError(field="reason", reason="say why, so that it can be understood later")
    return reason[:LONGEST_REASON]


def _member(kind: type[E], value: str, field: str) -> E:
    try:
        return kind(value)
    except ValueError as error:
        raise InvalidInputError(field=field, reason="choose one that the list offers") from error
