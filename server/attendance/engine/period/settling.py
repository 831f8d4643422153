"""Overtime of each work date after everything that one day alone does not know: hours systems, rows of worked days, week tiers."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta

from msgspec import Struct

from server.attendance.engine.period.overtime_parts import Stretch, added_up, laid_over, overtime_in, regular_in, stack
from server.attendance.model.days import AttendanceDay, Overtime, Step
from server.attendance.model.periods import DayOvertime
from server.attendance.model.rules import OvertimeTier, PeriodRules, SettledBy
from server.directory.model import HoursSystem
from server.roster.model import DayKind, PlannedDay

STATUTORY_RATE = 300
"""Percent; Labour Law, article 44 (3)."""
CONSECUTIVE = "consecutive"
TIME_OFF_KINDS = (DayKind.REST_DAY, DayKind.COMPANY_HOLIDAY)
"""Whose overtime may be settled by time off; the others are always paid (Labour Law, article 44)."""


class SettledDay(Struct, frozen=True):
    """A day with the overtime that counts, and the steps that changed it."""

    day: AttendanceDay
    system: HoursSystem
    result: DayOvertime
    steps: tuple[Step, ...]


class _Week(Struct):
    """What the days of a week before this one come to."""

    begins: date
    minutes: int = 0
    row: int = 0
    last_worked: date | None = None


def settle_days(days: Sequence[AttendanceDay], plans: Mapping[date, PlannedDay], rules: PeriodRules) -> list[SettledDay]:
    """Settle days in the order of their dates. For right week sums `days` begins where a week does."""
    settled: list[SettledDay] = []
    week = _Week(date.min)
    for day in days:
        begins = week_of(day.work_date, rules.week_starts_on)
        if begins != week.begins:
            week = _Week(begins)
        plan = plans.get(day.work_date)
        settled.append(_settle(day, plan.hours_system if plan else HoursSystem.STANDARD, week, rules))
    return settled


def week_of(day: date, starts_on: int) -> date:
    """The first day of the week that holds `day`; starts_on: 0 is Monday."""
    return day - timedelta(days=(day.weekday() - starts_on) % 7)


def _settle(day: AttendanceDay, system: HoursSystem, week: _Week, rules: PeriodRules) -> SettledDay:
    own, steps = _by_system(day, system)
    regular = day.regular_minutes + sum(one.minutes for one in day.overtime) - sum(one.minutes for one in own)
    if system is HoursSystem.STANDARD and (rules.weekly_tiers or rules.consecutive_from is not None):
        stretches, more = _in_its_week(day, stack(regular, own), week, rules)
        steps += more
        _remember(week, day.work_date, regular + sum(one.minutes for one in own))
        regular, own = regular_in(stretches), overtime_in(stretches)
    result = DayOvertime(work_date=day.work_date, regular_minutes=regular, overtime=own)
    return SettledDay(day, system, result, tuple(steps))


def _by_system(day: AttendanceDay, system: HoursSystem) -> tuple[tuple[Overtime, ...], list[Step]]:
    """The day's overtime as its hours system knows it: outside of standard hours only what a statutory holiday gives stays."""
    if system is HoursSystem.STANDARD:
        return _paid_where_it_must_be(day)
    kept = added_up([one for one in day.overtime if one.kind is DayKind.STATUTORY_HOLIDAY])
    dropped = sum(one.minutes for one in day.overtime) - sum(one.minutes for one in kept)
    if not dropped:
        return kept, []
    code = "period-day-in-sum" if system is HoursSystem.COMPREHENSIVE else "period-day-irregular"
    return kept, [Step(code=code, facts={"work_date": day.work_date.isoformat(), "minutes": dropped})]


def _paid_where_it_must_be(day: AttendanceDay) -> tuple[tuple[Overtime, ...], list[Step]]:
    wrong = [one for one in day.overtime if one.settled_by is SettledBy.TIME_OFF and one.kind not in TIME_OFF_KINDS]
    if not wrong:
        return added_up(day.overtime), []
    paid = [Overtime(kind=one.kind, rate=one.rate, minutes=one.minutes, name=one.name) for one in wrong]
    facts = {"work_date": day.work_date.isoformat(), "kind": wrong[0].kind.value, "minutes": sum(one.minutes for one in wrong)}
    return added_up([*(one for one in day.overtime if one not in wrong), *paid]), [Step(code="period-time-off-refused", facts=facts)]


def _in_its_week(
    day: AttendanceDay, stretches: tuple[Stretch, ...], week: _Week, rules: PeriodRules
) -> tuple[tuple[Stretch, ...], list[Step]]:
    """Lay the row of worked days and the week tiers over a day's stack."""
    steps: list[Step] = []
    worked = sum(stretch.minutes for stretch in stretches)
    number = _number_in_row(week, day.work_date)
    if rules.consecutive_from is not None and worked and number >= rules.consecutive_from:
        stretches = _as_consecutive(stretches, day.kind, rules.consecutive_rate)
        facts = {"work_date": day.work_date.isoformat(), "number_count": number, "minutes": worked, "rate": rules.consecutive_rate}
        steps.append(Step(code="period-consecutive", facts=facts))
    laid = laid_over(stretches, day.kind, week.minutes, rules.weekly_tiers)
    if rules.weekly_tiers and overtime_in(laid) != overtime_in(stretches):
        steps.append(_week_step(day.work_date, week, worked, rules.weekly_tiers, laid))
    return laid, steps


def _as_consecutive(stretches: Sequence[Stretch], kind: DayKind, rate: int) -> tuple[Stretch, ...]:
    """All of a day under the name, but what is dearer by itself."""
    name = Overtime(kind=kind, rate=rate, minutes=0, name=CONSECUTIVE)
    return tuple(one if one.overtime and one.overtime.rate > rate else Stretch(one.minutes, name) for one in stretches)


def _week_step(day: date, week: _Week, worked: int, tiers: Sequence[OvertimeTier], laid: Sequence[Stretch]) -> Step:
    facts = {
        "work_date": day.isoformat(),
        "week_date": week.begins.isoformat(),
        "before_minutes": week.minutes,
        "after_minutes": week.minutes + worked,
        "limit_minutes": min(tier.after_minutes for tier in tiers),
        "overtime_minutes": sum(one.minutes for one in overtime_in(laid)),
    }
    return Step(code="period-week-tier", facts=facts)


def _number_in_row(week: _Week, day: date) -> int:
    return week.row + 1 if week.last_worked == day - timedelta(days=1) else 1


def _remember(week: _Week, day: date, worked: int) -> None:
    if worked:
        week.row = _number_in_row(week, day)
        week.last_worked = day
        week.minutes += worked
