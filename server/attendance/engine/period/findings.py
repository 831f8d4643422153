"""What a person should know about a period. A finding warns and records; it never takes a minute away (Labour Law, articles 36, 38, 41)."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from itertools import pairwise

from server.attendance.engine.period.hours_sums import MONTHS
from server.attendance.engine.period.settling import SettledDay
from server.attendance.model.days import AttendanceDay, DayState, DayStatus
from server.attendance.model.periods import FindingKind, HoursSum, PeriodFinding
from server.attendance.model.rules import PeriodRules
from server.directory.model import HoursSystem
from server.roster.model import DayKind, PlannedDay

LONGEST_ROW = 6
"""Days in a row that may be worked: a day of rest a week (Labour Law, article 38)."""


def overtime_limits(settled: Sequence[SettledDay], sums: Sequence[HoursSum], rules: PeriodRules) -> Iterator[PeriodFinding]:
    """Overtime of the period, of single workdays, and of comprehensive sums (the monthly limit times their months)."""
    limit, day_limit = rules.overtime_limit_minutes, rules.overtime_day_limit_minutes
    of_days = sum(one.minutes for day in settled for one in day.result.overtime)
    if limit is not None and of_days > limit:
        with_any = tuple(day.day.work_date for day in settled if day.result.overtime)
        yield PeriodFinding(kind=FindingKind.OVERTIME_LIMIT, count=len(with_any), minutes=of_days, days=with_any)
    excess = sum(one.excess_minutes for one in sums if one.settled)
    if limit is not None and excess > limit * MONTHS[rules.comprehensive_over]:
        yield PeriodFinding(kind=FindingKind.OVERTIME_LIMIT, minutes=excess)
    long = [(day.day.work_date, extended) for day in settled if day_limit is not None and (extended := _extended(day)) > day_limit]
    if long:
        days = tuple(day for day, _ in long)
        yield PeriodFinding(kind=FindingKind.OVERTIME_DAY_LIMIT, count=len(days), minutes=max(minutes for _, minutes in long), days=days)


def protected_overtime(settled: Sequence[SettledDay], plans: Mapping[date, PlannedDay]) -> Iterator[PeriodFinding]:
    """Overtime of somebody who may not be asked for any (pregnant from the seventh month, nursing)."""
    own = [day for day in settled if day.result.overtime and _protected(plans.get(day.day.work_date))]
    if own:
        minutes = sum(one.minutes for day in own for one in day.result.overtime)
        days = tuple(day.day.work_date for day in own)
        yield PeriodFinding(kind=FindingKind.PROTECTED_OVERTIME, count=len(days), minutes=minutes, days=days)


def used_up(corrections: int, allowed: int | None) -> Iterator[PeriodFinding]:
    """All corrections of the period were asked for, or more."""
    if allowed is not None and corrections and corrections >= allowed:
        yield PeriodFinding(kind=FindingKind.CORRECTIONS_USED_UP, count=corrections)


def unsettled(days: Mapping[date, AttendanceDay], dates: Sequence[date]) -> Iterator[PeriodFinding]:
    """Dates of the employment that are not final yet, or were never assessed; and final ones without a verdict."""
    open_ones = tuple(date for date in dates if date not in days or days[date].state is not DayState.FINAL)
    if open_ones:
        yield PeriodFinding(kind=FindingKind.PROVISIONAL_DAYS, count=len(open_ones), days=open_ones)
    incomplete = tuple(date for date in dates if date in days and days[date].status is DayStatus.INCOMPLETE)
    if incomplete:
        yield PeriodFinding(kind=FindingKind.INCOMPLETE_DAYS, count=len(incomplete), days=incomplete)


def rows_of_days(days: Sequence[SettledDay], first_day: date, last_day: date) -> Iterator[PeriodFinding]:
    """Rows of seven worked days or more whose seventh day or a later one lies in the period. days: also those before it."""
    for row in _rows([day.day.work_date for day in days if day.day.worked_minutes and day.system is not HoursSystem.IRREGULAR]):
        if any(first_day <= day <= last_day for day in row[LONGEST_ROW:]):
            yield PeriodFinding(kind=FindingKind.SEVEN_DAYS_IN_A_ROW, count=len(row), days=tuple(row))


def system_changes(plans: Mapping[date, PlannedDay], dates: Sequence[date]) -> Iterator[PeriodFinding]:
    """The first days of another hours system inside the period."""
    known = [plans[date] for date in dates if date in plans]
    changed = tuple(after.work_date for before, after in pairwise(known) if before.hours_system is not after.hours_system)
    if changed:
        yield PeriodFinding(kind=FindingKind.SYSTEM_CHANGED, count=len(changed), days=changed)


def _extended(day: SettledDay) -> int:
    return sum(one.minutes for one in day.result.overtime if one.kind is DayKind.WORKDAY)


def _protected(plan: PlannedDay | None) -> bool:
    return plan is not None and plan.protected


def _rows(dates: Sequence[date]) -> Iterator[list[date]]:
    row: list[date] = []
    for day in dates:
        if row and day != row[-1] + timedelta(days=1):
            yield row
            row = []
        row.append(day)
    if row:
        yield row
