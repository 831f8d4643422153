"""What a request says, as lines for people: a label and a text of ours with what is put into it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from server.attendance.model.grants import DayPart
from server.hr.approvals.model import Told
from server.hr.requests.engine.telling import LEAVE_NAME, as_days, hours
from server.hr.requests.engine.words import word_of
from server.hr.requests.model import (
    Content,
    CorrectionContent,
    FieldWorkContent,
    LeaveContent,
    OvertimeContent,
    Purpose,
    Request,
    ShiftChangeContent,
    Span,
    SwapContent,
    TripContent,
)

Line = tuple[str, str | Told]
TITLES = {
    Purpose.NEW: "{kind} {number}",
    Purpose.CHANGE: "{kind} {number}, in place of {target}",
    Purpose.CANCEL: "{kind} {number}, cancels {target}",
}
PARTS = {DayPart.DAY: "{first} – {last}", DayPart.MORNING: "mornings, {first} – {last}", DayPart.AFTERNOON: "afternoons, {first} – {last}"}
ONE_DAY = {DayPart.DAY: "{first}", DayPart.MORNING: "morning of {first}", DayPart.AFTERNOON: "afternoon of {first}"}


@dataclass(frozen=True, slots=True)
class Names:
    """What things are called that a content has by number or code. leave: (English, Chinese) by code; leave_days: minutes of a day of the
    kinds that people count in days."""

    people: Mapping[int, str] = field(default_factory=dict)
    shifts: Mapping[int, str] = field(default_factory=dict)
    leave: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    leave_days: Mapping[str, int] = field(default_factory=dict)


def lines_of(held: Request, zone: str, names: Names) -> tuple[Line, ...]:
    """In the order of weight."""
    lines = list(_content(held.content, ZoneInfo(zone), names))
    if held.minutes:
        day = names.leave_days.get(held.content.leave) if isinstance(held.content, LeaveContent) else None
        lines.append(("Length", hours(held.minutes) if day is None else as_days(held.minutes, day)))
    return tuple(lines)


def when_of(content: Content, zone: str) -> Told:
    """The time that it is for, in a few words."""
    clock = ZoneInfo(zone)
    match content:
        case LeaveContent(span=span) | TripContent(span=span) | FieldWorkContent(span=span):
            return _span(span, clock)
        case OvertimeContent():
            return _from_until(content.starts_at, content.ends_at, clock)
        case CorrectionContent(work_date=work_date, at=at):
            return Told("{first}", {"first": _day(work_date) if at is None else _clock(at, clock)})
        case ShiftChangeContent():
            return Told("{first}", {"first": _day(content.day)})
        case SwapContent(day=day, partner_day=other) if day == other:
            return Told("{first}", {"first": _day(day)})
        case _:
            return Told("{first} and {last}", {"first": _day(content.day), "last": _day(content.partner_day)})


def _content(content: Content, zone: ZoneInfo, names: Names) -> list[Line]:
    when: Line = ("When", when_of(content, zone.key))
    match content:
        case LeaveContent():
            english, chinese = names.leave.get(content.leave, (content.leave, content.leave))
            return [("Type of leave", Told(LEAVE_NAME, {"en": english, "zh": chinese})), when]
        case OvertimeContent():
            lines = [when]
            if content.minutes is not None:
                lines.append(("Of this", Told("{n} min", {"n": content.minutes})))
            if content.settled_by is not None:
                lines.append(("Settled by", Told(word_of(content.settled_by))))
            return lines
        case CorrectionContent():
            lines = [("Cause", Told(word_of(content.cause))), when]
            return [*lines, ("Work date", _day(content.work_date))]
        case TripContent(place=place) | FieldWorkContent(place=place):
            return [when, ("Place", place)]
        case ShiftChangeContent():
            wanted = "rest" if content.shift_id is None else ""
            return [when, ("Shift", Told(wanted) if wanted else names.shifts.get(content.shift_id or 0, "?"))]
        case SwapContent():
            return [when, ("Partner", names.people.get(content.partner_id, "?"))]


def _span(span: Span, zone: ZoneInfo) -> Told:
    if span.first_day is None:
        assert span.starts_at is not None
        assert span.ends_at is not None
        return _from_until(span.starts_at, span.ends_at, zone)
    last = span.last_day or span.first_day
    if last == span.first_day:
        return Told(ONE_DAY[span.part], {"first": _day(span.first_day)})
    return Told(PARTS[span.part], {"first": _day(span.first_day), "last": _day(last)})


def _from_until(starts_at: int, ends_at: int, zone: ZoneInfo) -> Told:
    first, last = _clock(starts_at, zone), _clock(ends_at, zone)
    return Told("{first} – {last}", {"first": first, "last": last[11:] if last[:10] == first[:10] else last})


def _clock(at: int, zone: ZoneInfo) -> str:
    return f"{datetime.fromtimestamp(at, UTC).astimezone(zone):%Y-%m-%d %H:%M}"


def _day(day: date) -> str:
    return day.isoformat()
