"""Assessing an attendance period: totals of its days, and what only a period knows. Source: docs/explanation/attendance-period.md."""

from collections import Counter as Times
from collections.abc import Iterable, Mapping, Sequence, Set as AbstractSet
from datetime import date, timedelta

from msgspec import structs

from server.attendance.engine.period import findings as found
from server.attendance.engine.period.counters import Counted, count
from server.attendance.engine.period.hours_sums import calendar_span, excess_overtime, hours_sums
from server.attendance.engine.period.overtime_parts import added_up
from server.attendance.engine.period.settling import SettledDay, settle_days, week_of
from server.attendance.engine.period.steps import explain_period
from server.attendance.model.days import AttendanceDay, DayStatus, ExceptionKind
from server.attendance.model.grants import LeaveKind
from server.attendance.model.periods import AttendancePeriod, HoursSum, LeaveTotal, PeriodFinding
from server.attendance.model.rules import PeriodRules
from server.directory.model import HoursSystem
from server.roster.model import PlannedDay

DAYS_BEFORE = found.LONGEST_ROW
MISSING = frozenset({ExceptionKind.MISSING_IN, ExceptionKind.MISSING_OUT, ExceptionKind.MISSING_BREAK_OUT, ExceptionKind.MISSING_BREAK_IN})
EARLY = frozenset({ExceptionKind.EARLY_LEAVE, ExceptionKind.SERIOUS_EARLY_LEAVE})
LATENESS = frozenset({ExceptionKind.LATE, ExceptionKind.SERIOUS_LATE})
NO_WORK_OWED = frozenset({DayStatus.OFF, DayStatus.HOLIDAY, DayStatus.NOT_EMPLOYED})


def days_needed(first_day: date, last_day: date, rules: PeriodRules, systems: AbstractSet[HoursSystem]) -> tuple[date, date]:
    """First and last date whose days and plans `assess_period` has to be given for this period.

    It needs the whole week that the period begins in, six days for rows of worked days, and under comprehensive hours the calendar periods
    of its first and last date. systems: the hours systems of the employee within the period. Days of dates to come are just not there;
    their plans have to be.
    """
    first = min(week_of(first_day, rules.week_starts_on), first_day - timedelta(days=DAYS_BEFORE))
    if HoursSystem.COMPREHENSIVE not in systems:
        return first, last_day
    return min(first, calendar_span(first_day, rules.comprehensive_over)[0]), calendar_span(last_day, rules.comprehensive_over)[1]


def assess_period(
    days: Sequence[AttendanceDay],
    plans: Sequence[PlannedDay],
    rules: PeriodRules,
    first_day: date,
    last_day: date,
    without: AbstractSet[date] = frozenset(),
    *,
    explain: bool = True,
) -> AttendancePeriod:
    """Work out one employee's period from first_day to last_day, both included.

    days, plans: of one employee, at most one a date, in any order, of the span that `days_needed` says; what lies outside of the period
    only decides (running weeks, rows, sums) and is not in the totals. without: dates between first_day and last_day that are outside, too,
    because another pay group pays them. A date without a plan counts as one of standard hours. rules: those of the period's last day.
    Repeating the call with the same arguments gives the same period.
    """
    by_date = {day.work_date: day for day in sorted(days, key=lambda one: one.work_date)}
    planned = {plan.work_date: plan for plan in sorted(plans, key=lambda one: one.work_date)}
    all_settled = settle_days(list(by_date.values()), planned, rules)
    settled = [day for day in all_settled if first_day <= day.day.work_date <= last_day and day.day.work_date not in without]
    counted = [count([day.day for day in settled], counter) for counter in rules.counters]
    sums = hours_sums(by_date, planned, rules, first_day, last_day, without)
    dates = [day for day in _dates(by_date, planned, first_day, last_day) if day not in without]
    corrections = sum(_corrections(day.day) for day in settled)
    findings = (
        *found.overtime_limits(settled, sums, rules),
        *found.protected_overtime(settled, planned),
        *found.used_up(corrections, rules.corrections_allowed),
        *found.unsettled(by_date, dates),
        *found.rows_of_days(all_settled, first_day, last_day),
        *found.system_changes(planned, dates),
    )
    period = _totals(settled, counted, sums, corrections, findings, first_day, last_day)
    if not explain:
        return period
    return structs.replace(period, steps=explain_period(period, settled, counted, rules))


def _totals(
    settled: Sequence[SettledDay],
    counted: Sequence[Counted],
    sums: Sequence[HoursSum],
    corrections: int,
    findings: tuple[PeriodFinding, ...],
    first_day: date,
    last_day: date,
) -> AttendancePeriod:
    days = [one.day for one in settled]
    forgiven = {(day, exception) for one in counted for day, exception in one.forgiven}
    exceptions = [(day.work_date, one) for day in days for one in day.exceptions if (day.work_date, one) not in forgiven]
    times = Times(one.kind for _, one in exceptions)
    complete = [one for one in sums if one.settled]
    return AttendancePeriod(
        first_day=first_day,
        last_day=last_day,
        owed_days=sum(1 for day in days if day.scheduled_minutes and day.status not in NO_WORK_OWED),
        attended_days=sum(1 for day in days if day.worked_minutes or day.on_duty or day.status in {DayStatus.PRESENT, DayStatus.HALF_DAY}),
        scheduled_minutes=sum(day.scheduled_minutes for day in days),
        worked_minutes=sum(day.worked_minutes for day in days),
        regular_minutes=sum(one.result.regular_minutes for one in settled),
        undertime_minutes=sum(day.undertime_minutes for day in days),
        late_times=times[ExceptionKind.LATE],
        late_minutes=sum(day.late_minutes for day in days) - sum(one.minutes for _, one in forgiven if one.kind in LATENESS),
        serious_late_times=times[ExceptionKind.SERIOUS_LATE],
        early_times=sum(times[kind] for kind in EARLY),
        early_minutes=sum(day.early_minutes for day in days) - sum(one.minutes for _, one in forgiven if one.kind in EARLY),
        forgiven_times=len(forgiven),
        forgiven_minutes=sum(one.minutes for _, one in forgiven),
        missing_punches=sum(times[kind] for kind in MISSING),
        corrections=corrections,
        absent_halves=sum(day.absent_halves for day in days),
        counter_halves=sum(one.halves for one in counted),
        night_minutes=sum(day.night_minutes for day in days),
        banked_minutes=sum(day.banked_minutes for day in days),
        standard_minutes=sum(one.standard_minutes for one in complete) if complete else None,
        overtime=added_up([*(overtime for one in settled for overtime in one.result.overtime), *excess_overtime(sums)]),
        leave=_leave(days),
        allowances=_by_code([pair for day in days for pair in day.allowances]),
        allowance_days=_by_code([(code, 1) for day in days for code, minutes in day.allowances if minutes]),
        days=tuple(one.result for one in settled),
        sums=tuple(sums),
        findings=findings,
    )


def _corrections(day: AttendanceDay) -> int:
    """How many corrections the day carries."""
    return len({use.grant_id for use in day.uses if use.grant_id is not None}) or int(day.corrected)


def _dates(by_date: Mapping[date, AttendanceDay], plans: Mapping[date, PlannedDay], first_day: date, last_day: date) -> list[date]:
    """Dates of the period within the employment."""
    dates = (first_day + timedelta(days=number) for number in range((last_day - first_day).days + 1))
    return [day for day in dates if (plans[day].employed if day in plans else day in by_date)]


def _leave(days: Sequence[AttendanceDay]) -> tuple[LeaveTotal, ...]:
    taken = [one for day in days for one in day.leave]
    return tuple(
        LeaveTotal(
            kind=kind,
            minutes=sum(one.minutes for one in taken if one.kind is kind),
            halves=sum(one.halves for one in taken if one.kind is kind),
        )
        for kind in LeaveKind
        if any(one.kind is kind for one in taken)
    )


def _by_code(pairs: Iterable[tuple[str, int]]) -> tuple[tuple[str, int], ...]:
    sums: Times[str] = Times()
    for code, amount in pairs:
        sums[code] += amount
    return tuple(sorted(sums.items()))
