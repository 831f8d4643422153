"""What assessing one employee's work date takes and gives. Instants are whole seconds since 1970, UTC; durations whole minutes.

All of it is data that encodes to JSON and back (msgspec), so that a stored day can be told, compared and worked out again.
"""

from datetime import date
from enum import StrEnum
from typing import Any

from msgspec import Struct

from server.attendance.model.grants import Heading, LeaveKind
from server.attendance.model.rules import SettledBy
from server.roster.model import DayKind


class TimedPunch(Struct, frozen=True, kw_only=True, gc=False):
    """A punch as an instant. label: what the terminal said, None where it said nothing. role: what the terminal is for, None where for
    both.

    grant_id: set for a punch that a correction adds; then `id` is 0. distance_metres: from the site, for punches that know it.
    """

    id: int
    at: int
    label: Heading | None = None
    role: Heading | None = None
    terminal_id: int | None = None
    grant_id: int | None = None
    distance_metres: int | None = None


class Horizon(Struct, frozen=True, kw_only=True, gc=False):
    """What was known when a day was assessed. now: the moment. reported_until: every terminal of the person's sites has reported up to
    here; None: one never has. A day whose window ends behind either is not settled.
    """

    now: int
    reported_until: int | None


class DayStatus(StrEnum):
    """The verdict. PENDING: the day is not settled. INCOMPLETE: settled, but a punch is missing, so no verdict. OFF: a rest day, or not
    rostered. HOLIDAY: without credited work. HALF_DAY: counts half. PRESENT: work recorded, however late.
    """

    PENDING = "pending"
    PRESENT = "present"
    HALF_DAY = "half-day"
    ABSENT = "absent"
    LEAVE = "leave"
    INCOMPLETE = "incomplete"
    HOLIDAY = "holiday"
    OFF = "off"
    NOT_EMPLOYED = "not-employed"


class DayState(StrEnum):
    """PENDING: not over. PROVISIONAL: over, but a terminal has not reported past its end, or the year's calendar is not announced. FINAL:
    settled.
    """

    PENDING = "pending"
    PROVISIONAL = "provisional"
    FINAL = "final"


class ExceptionKind(StrEnum):
    """What somebody may have to look at. The values are what counters of a period and filters go by."""

    LATE = "late"
    SERIOUS_LATE = "serious-late"
    EARLY_LEAVE = "early-leave"
    SERIOUS_EARLY_LEAVE = "serious-early-leave"
    MISSING_IN = "missing-in"
    MISSING_OUT = "missing-out"
    MISSING_BREAK_OUT = "missing-break-out"
    MISSING_BREAK_IN = "missing-break-in"
    ABSENCE = "absence"
    OVERLONG = "overlong"
    DOUBLE_IN = "double-in"
    DOUBLE_OUT = "double-out"
    LEADING_OUT = "leading-out"
    NO_ROSTER = "no-roster"
    OUTSIDE_WINDOW = "outside-window"
    OVERTIME_NOT_APPROVED = "overtime-not-approved"
    ASSUMED_OUT = "assumed-out"
    AWAY = "away"
    PROTECTED_NIGHT = "protected-night"


class AttendanceException(Struct, frozen=True, kw_only=True, gc=False):
    """Something about a day that somebody may have to look at; a value, never raised. part: index into the plan's parts. at: the moment
    it is about.
    """

    kind: ExceptionKind
    minutes: int = 0
    part: int | None = None
    at: int | None = None
    punch_id: int | None = None


class PunchUse(Struct, frozen=True, kw_only=True, gc=False):
    """What became of one punch. heading: how it was read, None where it was not. reason: empty where the punch is used, else the code of
    the step that says why not. counted_at: the moment after rounding.

    shift: which stretch of work of the day it belongs to, counted from 0; part: index into the plan's parts.
    """

    punch_id: int
    at: int
    heading: Heading | None
    counted_at: int
    part: int | None = None
    shift: int | None = None
    reason: str = ""
    grant_id: int | None = None


class Interval(Struct, frozen=True, kw_only=True, gc=False):
    """Time at work that counts, after rounding and cuts. assumed: its end was not punched."""

    start: int
    end: int
    part: int | None = None
    assumed: bool = False


class Overtime(Struct, frozen=True, kw_only=True, gc=False):
    """Overtime of one kind at one rate (percent). name: "" or a rule's own word, such as `holiday`, `consecutive`, or an OvertimeWindow's
    name.
    """

    kind: DayKind
    rate: int
    minutes: int
    settled_by: SettledBy = SettledBy.PAY
    name: str = ""


class LeaveTaken(Struct, frozen=True, kw_only=True, gc=False):
    """Leave that covers owed time of the day. halves: 2 for a whole day, 1 for a half, 0 for hours."""

    kind: LeaveKind
    minutes: int
    halves: int
    grant_id: int


class PartResult(Struct, frozen=True, kw_only=True, gc=False):
    """The verdict on one part of the plan. required_in, required_out: when the person had to come and could go, after flexible bands,
    grants and what the day before decided.
    """

    status: DayStatus
    scheduled_minutes: int
    worked_minutes: int
    late_minutes: int
    early_minutes: int
    required_in: int
    required_out: int
    arrived_at: int | None = None
    left_at: int | None = None


class Step(Struct, frozen=True, kw_only=True, gc=False):
    """One step of the explanation: `code` names its sentence in `engine.steps`, facts are the numbers in it.

    Names of facts say what they are: `…_at` an instant, `…_minutes`, `…_id`, `…_time` minutes from midnight.
    """

    code: str
    facts: dict[str, Any]


class AttendanceDay(Struct, frozen=True, kw_only=True, gc=False):
    """The assessed result of one employee and work date.

    settles_at: when the day is over; it is final once every terminal has reported up to there. scheduled_minutes: of the roster, 0 on a day
    off. owed_minutes: what of it leave does not cover. lunch: the absence that the rules know as lunch. absent_halves: 2 for a day of
    absence, 1 for a half. leave: what covers owed time. allowances: minutes by code. night_minutes: inside the rules' night.
    premium_by_date: minutes of allowances by calendar date. by_rule: overtime windows. banked_minutes: to the time bank. on_duty: a trip
    or field work stood for presence. corrected: a punch was added by a correction. steps: empty where no explanation was asked.
    """

    work_date: date
    kind: DayKind
    state: DayState
    status: DayStatus
    settles_at: int = 0
    scheduled_minutes: int = 0
    owed_minutes: int = 0
    worked_minutes: int = 0
    worked_seconds: int = 0
    regular_minutes: int = 0
    undertime_minutes: int = 0
    late_minutes: int = 0
    early_minutes: int = 0
    absent_halves: int = 0
    absent_minutes: int = 0
    banked_minutes: int = 0
    night_minutes: int = 0
    trip_minutes: int = 0
    excused_minutes: int = 0
    top_up_minutes: int = 0
    overtime: tuple[Overtime, ...] = ()
    by_rule: tuple[tuple[str, int], ...] = ()
    leave: tuple[LeaveTaken, ...] = ()
    allowances: tuple[tuple[str, int], ...] = ()
    premium_by_date: tuple[tuple[date, int], ...] = ()
    arrived_at: int | None = None
    left_at: int | None = None
    lunch: tuple[int, int] | None = None
    parts: tuple[PartResult, ...] = ()
    intervals: tuple[Interval, ...] = ()
    uses: tuple[PunchUse, ...] = ()
    exceptions: tuple[AttendanceException, ...] = ()
    shifts: int = 0
    on_duty: bool = False
    corrected: bool = False
    steps: tuple[Step, ...] = ()
