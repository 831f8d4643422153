"""Signs and figures of attendance days as pages show them. A sign is short, has a colour, and always a word beside or behind it."""

from collections.abc import Iterable
from dataclasses import dataclass

from server.attendance.engine.wording import moment
from server.attendance.model.days import DayStatus, ExceptionKind
from server.attendance.model.grants import LeaveKind


def clock(at: int | None, zone: str) -> str:
    """A moment as a clock of the zone shows it; a dash for none."""
    return "–" if at is None else moment(at, zone)


def hours(minutes: int) -> str:
    """Minutes as hours and minutes: 485 is "8:05"."""
    return f"{'-' if minutes < 0 else ''}{abs(minutes) // 60}:{abs(minutes) % 60:02}"


@dataclass(frozen=True, slots=True)
class Sign:
    """code: what it stands for, also the key of its word. kind: the state that colours it."""

    code: str
    zh: str
    en: str
    kind: str


SIGNS: tuple[Sign, ...] = (
    Sign("not-employed", "", "", "none"),
    Sign("pending", "·", "·", "off"),
    Sign("present", "✓", "✓", "plain"),
    Sign("half-day", "半", "½", "attention"),
    Sign("late", "迟", "L", "attention"),
    Sign("serious-late", "严", "S", "wrong"),
    Sign("early-leave", "早", "E", "attention"),
    Sign("serious-early-leave", "退", "SE", "wrong"),
    Sign("missing-punch", "缺", "M", "wrong"),
    Sign("absent", "旷", "A", "wrong"),
    Sign("off", "休", "R", "off"),
    Sign("holiday", "节", "H", "off"),
    Sign("trip", "出", "T", "ok"),
    Sign("field-work", "外", "F", "ok"),
    Sign("excused", "免", "X", "ok"),
    Sign("annual", "年", "AL", "leave"),
    Sign("sick", "病", "SL", "leave"),
    Sign("personal", "事", "PL", "leave"),
    Sign("marriage", "婚", "MR", "leave"),
    Sign("maternity", "产", "MA", "leave"),
    Sign("paternity", "陪", "PA", "leave"),
    Sign("bereavement", "丧", "BL", "leave"),
    Sign("child-care", "育", "CC", "leave"),
    Sign("work-injury", "伤", "WI", "leave"),
    Sign("time-off", "调", "TO", "leave"),
    Sign("other", "假", "V", "leave"),
)
"""In a fixed order: pages send the place in it."""
PLACE_OF = {sign.code: place for place, sign in enumerate(SIGNS)}
MISSING = {ExceptionKind.MISSING_IN, ExceptionKind.MISSING_OUT, ExceptionKind.MISSING_BREAK_IN, ExceptionKind.MISSING_BREAK_OUT}
GRAVE = (ExceptionKind.SERIOUS_LATE, ExceptionKind.SERIOUS_EARLY_LEAVE, ExceptionKind.LATE, ExceptionKind.EARLY_LEAVE)
"""What a day's sign says instead of "present", the gravest first."""


def sign_code(status: DayStatus, kinds: Iterable[ExceptionKind], leave: LeaveKind | None, duty: str) -> str:
    """What a cell of the month shows: the gravest of what there is. duty: "trip", "field-work", "excused" or "" for none."""
    found = set(kinds)
    if status in {DayStatus.NOT_EMPLOYED, DayStatus.PENDING, DayStatus.ABSENT}:
        return status.value
    if status is DayStatus.INCOMPLETE or found & MISSING:
        return "missing-punch"
    for grave in GRAVE:
        if grave in found:
            return grave.value
    if leave is not None:
        return leave.value
    if duty and status is not DayStatus.OFF:
        return duty
    return {DayStatus.LEAVE: "other"}.get(status, status.value)


STATES: dict[DayStatus, str] = {
    DayStatus.PENDING: "off",
    DayStatus.PRESENT: "ok",
    DayStatus.HALF_DAY: "attention",
    DayStatus.ABSENT: "wrong",
    DayStatus.LEAVE: "leave",
    DayStatus.INCOMPLETE: "wrong",
    DayStatus.HOLIDAY: "off",
    DayStatus.OFF: "off",
    DayStatus.NOT_EMPLOYED: "off",
}
"""The colour of a verdict."""
GRAVITY: tuple[ExceptionKind, ...] = (
    ExceptionKind.ABSENCE,
    ExceptionKind.MISSING_IN,
    ExceptionKind.MISSING_OUT,
    ExceptionKind.MISSING_BREAK_OUT,
    ExceptionKind.MISSING_BREAK_IN,
    ExceptionKind.OVERLONG,
    ExceptionKind.PROTECTED_NIGHT,
    ExceptionKind.SERIOUS_LATE,
    ExceptionKind.SERIOUS_EARLY_LEAVE,
    ExceptionKind.ASSUMED_OUT,
    ExceptionKind.OVERTIME_NOT_APPROVED,
    ExceptionKind.NO_ROSTER,
    ExceptionKind.LEADING_OUT,
    ExceptionKind.DOUBLE_IN,
    ExceptionKind.DOUBLE_OUT,
    ExceptionKind.OUTSIDE_WINDOW,
    ExceptionKind.AWAY,
    ExceptionKind.EARLY_LEAVE,
    ExceptionKind.LATE,
)
"""What hurts most stands first: it takes a day's pay, then a verdict, then minutes."""
WRONG = set(GRAVITY[:9])
WEEKEND_DAYS = (5, 6)
"""Saturday and Sunday, as `date.weekday` numbers them."""


def exception_state(kind: ExceptionKind) -> str:
    return "wrong" if kind in WRONG else "attention"
