"""Attendance in sentences: steps, exceptions, findings, whole days and periods, the answer first. Pure; the reader's `tell` translates.

Sentences of exceptions and findings stand here, those of steps beside the code that makes them.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date

from server.attendance.engine.period.steps import SENTENCES as OF_PERIODS
from server.attendance.engine.steps import SENTENCES as OF_DAYS
from server.attendance.engine.wording import Tell, duration, joined, moment, rate, spoken, worded
from server.attendance.model.days import (
    AttendanceDay,
    AttendanceException,
    DayState,
    DayStatus,
    ExceptionKind,
    Overtime,
    PartResult,
    Step,
)
from server.attendance.model.periods import AttendancePeriod, FindingKind, PeriodFinding
from server.attendance.model.rules import DayRules, SettledBy

SENTENCES: Mapping[str, str] = {**OF_DAYS, **OF_PERIODS}
"""Of every step that there is."""

EXCEPTIONS: Mapping[ExceptionKind, str] = {
    ExceptionKind.LATE: "Came {minutes} late.",
    ExceptionKind.SERIOUS_LATE: "Came {minutes} late, which the rules count as serious.",
    ExceptionKind.EARLY_LEAVE: "Left {minutes} early.",
    ExceptionKind.SERIOUS_EARLY_LEAVE: "Left {minutes} early, which the rules count as serious.",
    ExceptionKind.MISSING_IN: "The punch at the beginning is missing.",
    ExceptionKind.MISSING_OUT: "The punch at the end is missing.",
    ExceptionKind.MISSING_BREAK_OUT: "The punch at the beginning of the break is missing.",
    ExceptionKind.MISSING_BREAK_IN: "The punch at the end of the break is missing; the roster's break was taken off.",
    ExceptionKind.ABSENCE: "Work was owed and not done: {minutes}.",
    ExceptionKind.OVERLONG: "A stay of {minutes} is longer than a shift can be; it was not paired and needs a look.",
    ExceptionKind.DOUBLE_IN: "Two punches IN in a row at {at}: the earlier one counts.",
    ExceptionKind.DOUBLE_OUT: "Two punches OUT in a row at {at}: the earlier one counts.",
    ExceptionKind.LEADING_OUT: "A punch OUT at {at} with no punch IN before it.",
    ExceptionKind.NO_ROSTER: "There are punches, but nobody made a roster for the day.",
    ExceptionKind.OUTSIDE_WINDOW: "The punch at {at} lies outside of every window of the roster.",
    ExceptionKind.OVERTIME_NOT_APPROVED: "{minutes} beyond the roster are not approved as overtime.",
    ExceptionKind.ASSUMED_OUT: "Nobody punched out; {at} is assumed.",
    ExceptionKind.AWAY: "The punch at {at} was made too far from the site and waits for an approval.",
    ExceptionKind.PROTECTED_NIGHT: "Night work of {minutes} by somebody the law protects from it.",
}

FINDINGS: Mapping[FindingKind, str] = {
    FindingKind.OVERTIME_LIMIT: "Overtime came to {minutes}, above the limit for the period. It is paid all the same.",
    FindingKind.OVERTIME_DAY_LIMIT: (
        "On {count} {count:workday|workdays} overtime was above the daily limit, at most {minutes}. It is paid all the same."
    ),
    FindingKind.PROTECTED_OVERTIME: "{minutes} of overtime on {count} {count:day|days} by somebody the law protects from it.",
    FindingKind.CORRECTIONS_USED_UP: "All corrections of the period are used: {count}.",
    FindingKind.PROVISIONAL_DAYS: "{count} {count:day is|days are} not final yet.",
    FindingKind.INCOMPLETE_DAYS: "{count} {count:day has|days have} no verdict, because a punch is missing.",
    FindingKind.SEVEN_DAYS_IN_A_ROW: "Worked {count} days in a row; the law wants a day of rest a week.",
    FindingKind.SYSTEM_CHANGED: "The hours system changed within the period.",
}

_WITHOUT_WORK: Mapping[DayStatus, str] = {
    DayStatus.OFF: "No work planned.",
    DayStatus.HOLIDAY: "Holiday.",
    DayStatus.NOT_EMPLOYED: "Not employed on this day.",
    DayStatus.PENDING: "Not settled yet.",
    DayStatus.ABSENT: "Absent: {owed} owed, nothing recorded.",
}


def tell_steps(steps: Sequence[Step], tell: Tell, zone: str, work_date: date | None = None) -> list[str]:
    """Each step as a sentence, in order. work_date: moments on other dates are told with theirs."""
    return [tell(SENTENCES[step.code], **worded(tell, step.facts, zone, work_date)) for step in steps]


def tell_exception(exception: AttendanceException, tell: Tell, zone: str, work_date: date | None = None) -> str:
    facts = {"minutes": exception.minutes, "at": exception.at}
    return tell(EXCEPTIONS[exception.kind], **worded(tell, facts, zone, work_date))


def tell_finding(finding: PeriodFinding, tell: Tell) -> str:
    """The finding, and the dates it is about where these are not more than a reader wants."""
    said = tell(FINDINGS[finding.kind], count=finding.count, minutes=duration(tell, finding.minutes))
    if not 0 < len(finding.days) <= 7:
        return said
    return tell("{sentence} ({dates})", sentence=said, dates=tell(", ").join(f"{day:%m-%d}" for day in finding.days))


def tell_day(day: AttendanceDay, tell: Tell, zone: str, rules: DayRules | None = None) -> str:
    """The answer of a day in one line, what hurts most first. rules: those of the day, for the grace."""
    return joined(tell, _answers(day, tell, zone, rules))


def tell_period(period: AttendancePeriod, tell: Tell) -> str:
    """The answer of a period in one line."""
    said = [tell("Worked {worked} on {days} {days:day|days}.", worked=duration(tell, period.worked_minutes), days=period.attended_days)]
    late = period.late_times + period.serious_late_times
    if late:
        said.append(tell("Late {times} {times:time|times}, {minutes}.", times=late, minutes=duration(tell, period.late_minutes)))
    if period.early_times:
        facts = {"times": period.early_times, "minutes": duration(tell, period.early_minutes)}
        said.append(tell("Left early {times} {times:time|times}, {minutes}.", **facts))
    if period.absent_halves + period.counter_halves:
        said.append(tell("Absent {days} {days:day|days}.", days=f"{(period.absent_halves + period.counter_halves) / 2:g}"))
    said.extend(_overtime(one, tell) for one in period.overtime)
    return joined(tell, said)


def _answers(day: AttendanceDay, tell: Tell, zone: str, rules: DayRules | None) -> Iterator[str]:
    if day.state is DayState.PROVISIONAL:
        yield tell("Provisional: a terminal has not reported yet, or the year's calendar is not announced.")
    yield from _verdict(day, tell, zone)
    for part in day.parts:
        yield from _part(part, day, tell, zone, rules)
    for one in day.leave:
        yield tell("Leave: {kind}, {minutes}.", kind=spoken(tell, one.kind), minutes=duration(tell, one.minutes))
    yield from (_overtime(one, tell) for one in day.overtime)


def _verdict(day: AttendanceDay, tell: Tell, zone: str) -> Iterator[str]:
    """What the day came to, but lateness, which is told for each part."""
    owed, worked = duration(tell, day.scheduled_minutes), duration(tell, day.worked_minutes)
    match day.status:
        case DayStatus.INCOMPLETE:
            missing = [one for one in day.exceptions if one.kind in {ExceptionKind.MISSING_IN, ExceptionKind.MISSING_OUT}]
            yield from (tell_exception(one, tell, zone, day.work_date) for one in missing)
        case DayStatus.HALF_DAY:
            yield tell("Counts as half a day: {worked} worked of {owed}.", worked=worked, owed=owed)
        case DayStatus.ABSENT if day.worked_minutes:
            yield tell("Counts as absent: only {worked} worked of {owed}.", worked=worked, owed=owed)
        case DayStatus.LEAVE:
            yield from ()
        case DayStatus.PRESENT:
            if not (day.late_minutes or day.early_minutes):
                yield _present(day, tell, zone)
        case DayStatus.PENDING if day.arrived_at is not None and day.left_at is None:
            yield tell("In since {came}; not settled yet.", came=moment(day.arrived_at, zone, day.work_date))
        case _ if day.worked_minutes:
            yield _present(day, tell, zone)
        case status:
            yield tell(_WITHOUT_WORK[status], owed=owed)


def _present(day: AttendanceDay, tell: Tell, zone: str) -> str:
    worked = duration(tell, day.worked_minutes)
    if day.arrived_at is None or day.left_at is None:
        return tell("Worked {worked}.", worked=worked)
    came, left = (moment(at, zone, day.work_date) for at in (day.arrived_at, day.left_at))
    return tell("Worked {worked}, from {came} to {left}.", worked=worked, came=came, left=left)


def _part(part: PartResult, day: AttendanceDay, tell: Tell, zone: str, rules: DayRules | None) -> Iterator[str]:
    def at(instant: int) -> str:
        return moment(instant, zone, day.work_date)

    if part.late_minutes and part.arrived_at is not None:
        facts = {"late": duration(tell, part.late_minutes), "came": at(part.arrived_at), "required": at(part.required_in)}
        if rules is None or not rules.grace_in_minutes:
            yield tell("Late by {late}: came {came}, had to be there at {required}.", **facts)
        else:
            grace = duration(tell, rules.grace_in_minutes)
            yield tell("Late by {late}: came {came}, had to be there at {required} (grace {grace}).", **facts, grace=grace)
    if part.early_minutes and part.left_at is not None:
        facts = {"early": duration(tell, part.early_minutes), "left": at(part.left_at), "required": at(part.required_out)}
        if rules is None or not rules.grace_out_minutes:
            yield tell("Left {early} early: went {left}, had to stay until {required}.", **facts)
        else:
            grace = duration(tell, rules.grace_out_minutes)
            yield tell("Left {early} early: went {left}, had to stay until {required} (grace {grace}).", **facts, grace=grace)


def _overtime(one: Overtime, tell: Tell) -> str:
    facts = {"minutes": duration(tell, one.minutes), "rate": rate(one.rate), "kind": spoken(tell, one.kind)}
    if one.settled_by is SettledBy.TIME_OFF:
        return tell("Overtime ({kind}): {minutes}, taken as time off.", **facts)
    return tell("Overtime ({kind}): {minutes} at {rate}.", **facts)
