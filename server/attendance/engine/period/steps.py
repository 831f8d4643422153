"""The explanation of a period: its steps, their English sentences, and playing them again.

Dates in facts are ISO texts, so that a stored step reads back as it was.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from server.attendance.engine.period.counters import Counted
from server.attendance.engine.period.hours_sums import EXCESS_RATE
from server.attendance.engine.period.overtime_parts import added_up
from server.attendance.engine.period.settling import SettledDay
from server.attendance.model.days import AttendanceDay, Overtime, Step
from server.attendance.model.periods import AttendancePeriod, HoursSum
from server.attendance.model.rules import PeriodRules, SettledBy
from server.roster.model import DayKind

SENTENCES: Mapping[str, str] = {
    "period-days": "{first_date} to {last_date}: work was owed on {owed_count} {owed_count:day|days} and recorded on {attended_count}.",
    "period-day": "{work_date}: {worked_minutes} worked, {regular_minutes} of it regular time, {overtime_minutes} overtime.",
    "period-day-late": "{work_date}: {late_minutes} late, {early_minutes} early.",
    "period-day-absent": "{work_date}: absent for {absent_halves} {absent_halves:day|days}.",
    "period-day-leave": "{work_date}: leave ({kind}), {minutes}.",
    "period-day-allowance": "{work_date}: allowance {allowance_code}, {minutes}.",
    "period-day-in-sum": "{work_date}: {minutes} are no overtime by themselves; comprehensive hours are summed over the period.",
    "period-day-irregular": "{work_date}: {minutes} are no overtime; irregular hours know none.",
    "period-time-off-refused": (
        "{work_date}: {minutes} of overtime on a {kind} are paid and not taken as time off, which the Labour Law (article 44) allows for "
        "rest days only."
    ),
    "period-consecutive": "{work_date}: worked day number {number_count} in a row of this week, so {minutes} go at {rate}.",
    "period-week-tier": (
        "{work_date}: the week from {week_date} stood at {before_minutes} and came to {after_minutes}; above {limit_minutes} it is "
        "overtime, {overtime_minutes} of this day in all. No minute counts both by day and by week."
    ),
    "period-day-overtime": "{work_date}: {minutes} of overtime at {rate} ({kind}, {settled_by}).",
    "period-day-overtime-named": "{work_date}: {minutes} of overtime at {rate} ({kind}, {settled_by}, {name}).",
    "period-sum": (
        "Comprehensive hours {first_date} to {last_date}: {standard_minutes} standard, {not_owed_minutes} of leave and excused time "
        "taken off; {worked_minutes} worked, of them {statutory_minutes} on statutory holidays, which are paid by themselves. "
        "Excess: {excess_minutes}."
    ),
    "period-sum-open": (
        "Comprehensive hours {first_date} to {last_date} so far: {worked_minutes} worked of {standard_minutes} standard less "
        "{not_owed_minutes} of leave and excused time. Settled when they end."
    ),
    "period-forgiven": "{work_date}: {kind} of {minutes} is forgiven, number {number_count} of {free_count} in this period.",
    "period-counter": (
        "{kind}, {times_count} {times_count:time|times} beyond those forgiven: every {each_count} {each_count:comes|come} to "
        "{each_halves} {each_halves:day|days} of absence, "
        "in all {absent_halves}."
    ),
    "period-corrections": "Corrections used: {used_count}, allowed: {allowed_count}.",
    "period-overtime": "In all {minutes} of overtime at {rate} ({kind}, {settled_by}).",
    "period-overtime-named": "In all {minutes} of overtime at {rate} ({kind}, {settled_by}, {name}).",
}
"""By step code; the facts in braces."""
DAY_OVERTIME = frozenset({"period-day-overtime", "period-day-overtime-named"})


def explain_period(
    period: AttendancePeriod, settled: Sequence[SettledDay], counted: Sequence[Counted], rules: PeriodRules
) -> tuple[Step, ...]:
    """The steps from the days to the totals, in the order in which they are worked out."""
    steps = [_whole(period)]
    for one in settled:
        steps.extend(_of_day(one))
    steps.extend(_sum(one) for one in period.sums)
    for counter in counted:
        steps.extend(_of_counter(counter))
    if rules.corrections_allowed is not None:
        steps.append(Step(code="period-corrections", facts={"used_count": period.corrections, "allowed_count": rules.corrections_allowed}))
    steps.extend(Step(code=_code("period-overtime", one), facts=_overtime(one)) for one in period.overtime)
    return tuple(steps)


def replay_period(steps: Sequence[Step]) -> dict[str, Any]:
    """Work the totals out again from the facts of the steps alone, by the names of their fields in `AttendancePeriod`."""
    of_day = [step.facts for step in steps if step.code == "period-day"]
    late = [step.facts for step in steps if step.code == "period-day-late"]
    forgiven = [step.facts for step in steps if step.code == "period-forgiven"]
    overtime = [_replayed(step.facts) for step in steps if step.code in DAY_OVERTIME]
    excess = [_replayed_excess(step.facts) for step in steps if step.code == "period-sum"]
    return {
        "worked_minutes": sum(one["worked_minutes"] for one in of_day),
        "regular_minutes": sum(one["regular_minutes"] for one in of_day),
        "late_minutes": sum(one["late_minutes"] for one in late) - _sum_of(forgiven, "late"),
        "early_minutes": sum(one["early_minutes"] for one in late) - _sum_of(forgiven, "early"),
        "forgiven_times": len(forgiven),
        "absent_halves": sum(step.facts["absent_halves"] for step in steps if step.code == "period-day-absent"),
        "counter_halves": sum(step.facts["absent_halves"] for step in steps if step.code == "period-counter"),
        "overtime": added_up([*overtime, *excess]),
    }


def _whole(period: AttendancePeriod) -> Step:
    facts = {
        "first_date": period.first_day.isoformat(),
        "last_date": period.last_day.isoformat(),
        "owed_count": period.owed_days,
        "attended_count": period.attended_days,
    }
    return Step(code="period-days", facts=facts)


def _of_day(settled: SettledDay) -> Iterator[Step]:
    day, result = settled.day, settled.result
    work_date = day.work_date.isoformat()
    overtime = sum(one.minutes for one in result.overtime)
    if day.worked_minutes or result.regular_minutes or overtime:
        facts = {"work_date": work_date, "worked_minutes": day.worked_minutes, "regular_minutes": result.regular_minutes}
        yield Step(code="period-day", facts={**facts, "overtime_minutes": overtime})
    yield from _exceptions(day, work_date)
    for taken in day.leave:
        yield Step(code="period-day-leave", facts={"work_date": work_date, "kind": taken.kind.value, "minutes": taken.minutes})
    for code, minutes in day.allowances:
        yield Step(code="period-day-allowance", facts={"work_date": work_date, "allowance_code": code, "minutes": minutes})
    yield from settled.steps
    for one in result.overtime:
        yield Step(code=_code("period-day-overtime", one), facts={"work_date": work_date, **_overtime(one)})


def _exceptions(day: AttendanceDay, work_date: str) -> Iterator[Step]:
    if day.late_minutes or day.early_minutes:
        facts = {"work_date": work_date, "late_minutes": day.late_minutes, "early_minutes": day.early_minutes}
        yield Step(code="period-day-late", facts=facts)
    if day.absent_halves:
        yield Step(code="period-day-absent", facts={"work_date": work_date, "absent_halves": day.absent_halves})


def _overtime(one: Overtime) -> dict[str, Any]:
    return {"kind": one.kind.value, "rate": one.rate, "minutes": one.minutes, "settled_by": one.settled_by.value, "name": one.name}


def _code(code: str, one: Overtime) -> str:
    return f"{code}-named" if one.name else code


def _replayed(facts: Mapping[str, Any]) -> Overtime:
    return Overtime(
        kind=DayKind(facts["kind"]),
        rate=facts["rate"],
        minutes=facts["minutes"],
        settled_by=SettledBy(facts["settled_by"]),
        name=facts["name"],
    )


def _replayed_excess(facts: Mapping[str, Any]) -> Overtime:
    return Overtime(kind=DayKind.WORKDAY, rate=EXCESS_RATE, minutes=facts["excess_minutes"])


def _sum(one: HoursSum) -> Step:
    facts: dict[str, Any] = {
        "first_date": one.first_day.isoformat(),
        "last_date": one.last_day.isoformat(),
        "standard_minutes": one.standard_minutes,
        "not_owed_minutes": one.not_owed_minutes,
        "worked_minutes": one.worked_minutes,
        "statutory_minutes": one.statutory_minutes,
        "excess_minutes": one.excess_minutes,
    }
    return Step(code="period-sum" if one.settled else "period-sum-open", facts=facts)


def _of_counter(counted: Counted) -> Iterator[Step]:
    counter = counted.counter
    for number, (day, exception) in enumerate(counted.forgiven, 1):
        facts = {"work_date": day.isoformat(), "kind": exception.kind.value, "minutes": exception.minutes}
        yield Step(code="period-forgiven", facts={**facts, "number_count": number, "free_count": counter.free})
    if counter.each:
        facts = {"kind": counter.kind, "times_count": len(counted.counted), "each_count": counter.each}
        yield Step(code="period-counter", facts={**facts, "each_halves": counter.half_days, "absent_halves": counted.halves})


def _sum_of(forgiven: Sequence[Mapping[str, Any]], word: str) -> int:
    return sum(one["minutes"] for one in forgiven if word in one["kind"])
