"""Comprehensive hours (综合计算工时): work above what a calendar month, quarter or year owes goes at 150; statutory holidays at 300.

What a whole period owes is the law's number of work days: 248 a year, 62 a quarter, a third of that a month (MOHRSS 2025 No. 2), times the
standard minutes of a day. Who is in the system for a part of it owes the share of the Mondays to Fridays that are no statutory holiday.
"""

from collections.abc import Mapping, Sequence, Set as AbstractSet
from datetime import date, timedelta

from server.attendance.model.days import AttendanceDay, Overtime
from server.attendance.model.periods import HoursSum
from server.attendance.model.rules import PeriodRules, PeriodSum
from server.directory.model import HoursSystem
from server.roster.model import DayKind, PlannedDay

EXCESS_RATE = 150
"""Percent; Wage Payment Provisions, article 13."""
MONTHS = {PeriodSum.MONTH: 1, PeriodSum.QUARTER: 3, PeriodSum.YEAR: 12}
QUARTER_DAYS = 62


def whole_standard(over: PeriodSum, minutes_a_day: int) -> int:
    """What a whole period owes, in minutes: 62 days a quarter, 248 a year, a third of a quarter a month (rounded down)."""
    return QUARTER_DAYS * minutes_a_day * MONTHS[over] // 3


def excess_of(worked_minutes: int, statutory_minutes: int, owed_minutes: int) -> int:
    """Minutes at 150: what was worked above what is owed; work on statutory holidays is paid by itself and taken out."""
    return max(0, worked_minutes - statutory_minutes - owed_minutes)


def calendar_span(day: date, over: PeriodSum) -> tuple[date, date]:
    """First and last day of the calendar month, quarter or year that holds `day`."""
    months = MONTHS[over]
    first = date(day.year, (day.month - 1) // months * months + 1, 1)
    beyond = first.replace(year=first.year + (first.month + months > 12), month=(first.month + months - 1) % 12 + 1)
    return first, beyond - timedelta(days=1)


def hours_sums(
    days: Mapping[date, AttendanceDay],
    plans: Mapping[date, PlannedDay],
    rules: PeriodRules,
    first_day: date,
    last_day: date,
    without: AbstractSet[date] = frozenset(),
) -> tuple[HoursSum, ...]:
    """The sums that touch the period with a day under comprehensive hours.

    A sum is settled in the period that holds its last day under that system: the end of the calendar period, or the day before somebody
    leaves or changes the system. days, plans: of the whole calendar periods (`days_needed`). without: dates that the period leaves out.
    """
    members = sorted(day for day, plan in plans.items() if plan.employed and plan.hours_system is HoursSystem.COMPREHENSIVE)
    spans = sorted({calendar_span(day, rules.comprehensive_over) for day in members if first_day <= day <= last_day and day not in without})
    return tuple(_sum(span, members, days, plans, rules, (first_day, last_day), without) for span in spans)


def excess_overtime(sums: Sequence[HoursSum]) -> list[Overtime]:
    """What the settled sums add to the period's overtime."""
    minutes = sum(one.excess_minutes for one in sums if one.settled)
    return [Overtime(kind=DayKind.WORKDAY, rate=EXCESS_RATE, minutes=minutes)] if minutes else []


def _sum(
    span: tuple[date, date],
    members: Sequence[date],
    days: Mapping[date, AttendanceDay],
    plans: Mapping[date, PlannedDay],
    rules: PeriodRules,
    period: tuple[date, date],
    without: AbstractSet[date],
) -> HoursSum:
    own = [day for day in members if span[0] <= day <= span[1]]
    settled = period[0] <= own[-1] <= period[1] and own[-1] not in without
    assessed = [days[day] for day in own if day in days and (settled or day <= period[1])]
    part, whole = _share(own, span, plans)
    standard = whole_standard(rules.comprehensive_over, rules.standard_minutes_a_day) * part // whole
    not_owed = sum(_not_owed(day) for day in assessed)
    worked = sum(day.worked_minutes for day in assessed)
    statutory = sum(one.minutes for day in assessed for one in day.overtime if one.kind is DayKind.STATUTORY_HOLIDAY)
    return HoursSum(
        first_day=span[0],
        last_day=span[1],
        standard_minutes=standard,
        not_owed_minutes=not_owed,
        worked_minutes=worked,
        statutory_minutes=statutory,
        excess_minutes=excess_of(worked, statutory, max(0, standard - not_owed)),
        settled=settled,
    )


def _share(own: Sequence[date], span: tuple[date, date], plans: Mapping[date, PlannedDay]) -> tuple[int, int]:
    """Weekdays of the membership, and of the whole span."""
    whole = [span[0] + timedelta(days=number) for number in range((span[1] - span[0]).days + 1)]
    if len(own) == len(whole):
        return 1, 1
    return sum(_weekday(day, plans) for day in own), sum(_weekday(day, plans) for day in whole)


def _weekday(day: date, plans: Mapping[date, PlannedDay]) -> bool:
    plan = plans.get(day)
    return day.weekday() < 5 and not (plan and plan.kind is DayKind.STATUTORY_HOLIDAY)


def _not_owed(day: AttendanceDay) -> int:
    return sum(one.minutes for one in day.leave) + day.excused_minutes
