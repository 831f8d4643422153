"""What the form of a request says, read into a content, and a content written into the form. Times are those of the person's site."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import TypeVar
from zoneinfo import ZoneInfo

from server.attendance.model.grants import DayPart
from server.attendance.model.rules import SettledBy
from server.errors import InvalidInputError
from server.hr.requests.model import (
    Content,
    CorrectionCause,
    CorrectionContent,
    FieldWorkContent,
    LeaveContent,
    NewRequest,
    OvertimeContent,
    Purpose,
    RequestKind,
    ShiftChangeContent,
    Span,
    SwapContent,
    TripContent,
)
from server.web.asking import given_day, whole

Typed = Mapping[str, str]
E = TypeVar("E", bound=StrEnum)


class Stretch(StrEnum):
    """How long: whole days, half of each, or from a time to a time."""

    DAYS = "days"
    MORNINGS = "mornings"
    AFTERNOONS = "afternoons"
    HOURS = "by-the-clock"


PARTS = {Stretch.DAYS: DayPart.DAY, Stretch.MORNINGS: DayPart.MORNING, Stretch.AFTERNOONS: DayPart.AFTERNOON}
REST = "rest"
"""What the form calls a day of rest where it asks for a shift."""


def read_request(kind: RequestKind, typed: Typed, person_id: int, zone: str) -> NewRequest:
    """Raises InvalidInputError with the field."""
    target = whole(typed.get("target", ""), "target")
    purpose = Purpose.NEW if target is None else Purpose.CHANGE
    return NewRequest(
        person_id=person_id,
        content=read_content(kind, typed, zone),
        reason=_text(typed, "reason"),
        key=_text(typed, "key"),
        purpose=purpose,
        target_id=target,
        late=bool(typed.get("late")),
    )


def read_content(kind: RequestKind, typed: Typed, zone: str) -> Content:  # noqa: C901 - one case a kind
    clock = ZoneInfo(zone)
    match kind:
        case RequestKind.LEAVE:
            code = _text(typed, "leave")
            if not code:
                raise InvalidInputError(field="leave", reason="choose one that the list offers")
            return LeaveContent(leave=code[:40], span=_span(typed, clock))
        case RequestKind.OVERTIME:
            settled = typed.get("settled_by", "")
            return OvertimeContent(
                starts_at=_moment(typed, "starts_at", clock),
                ends_at=_moment(typed, "ends_at", clock),
                minutes=whole(typed.get("minutes", ""), "minutes"),
                settled_by=_member(SettledBy, settled, "settled_by") if settled else None,
            )
        case RequestKind.CORRECTION:
            cause = _member(CorrectionCause, typed.get("cause", ""), "cause")
            at = None if cause is CorrectionCause.TERMINAL_FAULT else _moment(typed, "at", clock)
            return CorrectionContent(cause=cause, work_date=_day(typed, "work_date"), at=at)
        case RequestKind.TRIP:
            return TripContent(place=_text(typed, "place"), span=_span(typed, clock))
        case RequestKind.FIELD_WORK:
            return FieldWorkContent(place=_text(typed, "place"), span=_span(typed, clock))
        case RequestKind.SHIFT_CHANGE:
            shift = typed.get("shift", "")
            if not shift:
                raise InvalidInputError(field="shift", reason="choose one that the list offers")
            return ShiftChangeContent(day=_day(typed, "day"), shift_id=None if shift == REST else whole(shift, "shift"))
        case RequestKind.SWAP:
            partner = whole(typed.get("partner", ""), "partner")
            if partner is None:
                raise InvalidInputError(field="partner", reason="choose one that the list offers")
            day = _day(typed, "day")
            return SwapContent(day=day, partner_id=partner, partner_day=given_day(typed.get("partner_day", ""), "partner_day") or day)


def typed_of(content: Content, zone: str) -> dict[str, str]:
    """The fields of the form that say this content."""
    clock = ZoneInfo(zone)
    match content:
        case LeaveContent(leave=code, span=span):
            return {"leave": code, **_typed_span(span, clock)}
        case TripContent(place=place, span=span) | FieldWorkContent(place=place, span=span):
            return {"place": place, **_typed_span(span, clock)}
        case OvertimeContent():
            times = {"starts_at": local(content.starts_at, clock), "ends_at": local(content.ends_at, clock)}
            return times | {"minutes": str(content.minutes or ""), "settled_by": content.settled_by or ""}
        case CorrectionContent():
            at = {} if content.at is None else {"at": local(content.at, clock)}
            return {"cause": content.cause.value, "work_date": content.work_date.isoformat(), **at}
        case ShiftChangeContent():
            return {"day": content.day.isoformat(), "shift": REST if content.shift_id is None else str(content.shift_id)}
        case SwapContent():
            days = {"day": content.day.isoformat(), "partner_day": content.partner_day.isoformat()}
            return {**days, "partner": str(content.partner_id)}


def local(at: int, clock: ZoneInfo) -> str:
    """A moment as a browser's input has it."""
    return datetime.fromtimestamp(at, UTC).astimezone(clock).strftime("%Y-%m-%dT%H:%M")


def _typed_span(span: Span, clock: ZoneInfo) -> dict[str, str]:
    if span.first_day is None:
        assert span.starts_at is not None
        assert span.ends_at is not None
        return {"stretch": Stretch.HOURS, "starts_at": local(span.starts_at, clock), "ends_at": local(span.ends_at, clock)}
    stretch = next(one for one, part in PARTS.items() if part is span.part)
    last = span.last_day or span.first_day
    return {"stretch": stretch, "first_day": span.first_day.isoformat(), "last_day": last.isoformat()}


def _span(typed: Typed, clock: ZoneInfo) -> Span:
    stretch = _member(Stretch, typed.get("stretch", "") or Stretch.DAYS, "stretch")
    if stretch is Stretch.HOURS:
        return Span(starts_at=_moment(typed, "starts_at", clock), ends_at=_moment(typed, "ends_at", clock))
    first = _day(typed, "first_day")
    return Span(first_day=first, last_day=given_day(typed.get("last_day", ""), "last_day") or first, part=PARTS[stretch])


def _day(typed: Typed, field: str) -> date:
    found = given_day(typed.get(field, ""), field)
    if found is None:
        raise InvalidInputError(field=field, reason="give a date such as 2026-11-23")
    return found


def _moment(typed: Typed, field: str, clock: ZoneInfo) -> int:
    try:
        return int(datetime.fromisoformat(typed.get(field, "")).replace(tzinfo=clock).timestamp())
    except (ValueError, OverflowError) as error:
        raise InvalidInputError(field=field, reason="give a date and a time such as 2026-11-23 18:00") from error


def _text(typed: Typed, field: str) -> str:
    return typed.get(field, "").replace("\0", "").strip()


def _member(kind: type[E], value: str, field: str) -> E:
    try:
        return kind(value)
    except ValueError as error:
        raise InvalidInputError(field=field, reason="choose one that the list offers") from error
