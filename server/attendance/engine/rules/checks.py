"""Rules that contradict themselves or the law. Each problem names the field and the mend; texts are keys of their translation."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any

from msgspec import Struct, field

from server.attendance.engine.wording import Tell, duration
from server.attendance.model.rules import (
    BreakMode,
    Consequence,
    DayRules,
    OvertimeTier,
    PeriodRules,
    Rounding,
    Rules,
    SettledBy,
    Tier,
    lawful_overtime,
)
from server.roster.model import DayKind

DAY = 1440
LAWFUL_MONTH = 36 * 60
LAWFUL_DAY = 180
"""Minutes of overtime; Labour Law, article 41."""
NO_TIME_OFF = (DayKind.WORKDAY, DayKind.STATUTORY_HOLIDAY)
GRAVITY = tuple(Consequence)


class RuleProblem(Struct, frozen=True, kw_only=True):
    """path: of the field. stops: the rules cannot be kept so; otherwise it is a doubt that somebody should know."""

    path: str
    text: str
    facts: dict[str, Any] = field(default_factory=dict)
    stops: bool = True

    def told(self, tell: Tell) -> str:
        facts = {name: duration(tell, value) if name.endswith("_minutes") else value for name, value in self.facts.items()}
        return tell(self.text, **facts)


def check_rules(rules: Rules) -> tuple[RuleProblem, ...]:
    """Everything that is wrong or doubtful in a rule set, in the order of the form."""
    day, period = rules.day, rules.period
    return (
        *_shifts(day),
        *_roundings(day),
        *_breaks(day),
        *_lateness(day),
        *_absence(day),
        *_overtime(day),
        *_windows(day),
        *_counters(period),
        *_limits(period),
        *_weeks(day, period),
    )


def _shifts(day: DayRules) -> Iterator[RuleProblem]:
    if day.duplicate_seconds is not None and not 1 <= day.duplicate_seconds <= 3600:
        yield RuleProblem(path="day.duplicate_seconds", text="Use 1 to 3600 seconds: a longer gap would swallow real punches.")
    if day.geofence_metres == 0:
        yield RuleProblem(path="day.geofence_metres", text="Within 0 m no punch would ever count: give 1 or more, or leave it empty.")
    if day.day_boundary is not None and day.day_boundary >= DAY:
        yield RuleProblem(path="day.day_boundary", text="Give a time of the same day, before 24:00.")
    longest, gap = day.longest_shift_minutes, day.new_shift_minutes
    if longest == 0:
        yield RuleProblem(path="day.longest_shift_minutes", text="A shift of no length pairs nothing: give more, or leave it empty.")
    if longest and gap and longest < gap:
        text = (
            "The longest shift, {longest_minutes}, is shorter than the gap that begins a new one, {gap_minutes}: raise it or lower the gap."
        )
        yield RuleProblem(path="day.longest_shift_minutes", text=text, facts={"longest_minutes": longest, "gap_minutes": gap})


def _roundings(day: DayRules) -> Iterator[RuleProblem]:
    for name in ("round_in", "round_out", "round_break", "round_total"):
        rounding: Rounding | None = getattr(day, name)
        if rounding is not None and not 1 <= rounding.step_minutes <= DAY:
            yield RuleProblem(path=f"day.{name}.step_minutes", text="Use a step of 1 to 1440 minutes, or turn the rounding off.")
        if rounding is not None and rounding.near is not None and rounding.near_roster:
            text = "Either a time or the roster says where rounding holds: empty one of the two."
            yield RuleProblem(path=f"day.{name}.near", text=text)


def _breaks(day: DayRules) -> Iterator[RuleProblem]:
    if day.breaks.mode is not BreakMode.NONE and not day.breaks.minutes:
        yield RuleProblem(path="day.breaks.minutes", text="A break of no length changes nothing: give its minutes, or turn breaks off.")
    if day.breaks.mode is BreakMode.PAID and not day.breaks.count:
        yield RuleProblem(path="day.breaks.count", text="Say how many breaks are paid, at least 1.")
    lunch = day.lunch
    if lunch is None:
        return
    if lunch.longest_minutes is not None and lunch.longest_minutes < lunch.shortest_minutes:
        yield RuleProblem(path="day.lunch.longest_minutes", text="The longest lunch is shorter than the shortest: raise it.")
    if lunch.opens_after_minutes is not None and not lunch.window_minutes:
        yield RuleProblem(path="day.lunch.window_minutes", text="Lunch could begin in no minute at all: give the window some length.")


def _lateness(day: DayRules) -> Iterator[RuleProblem]:
    yield from _tiers("day.late_tiers", day.late_tiers, day.grace_in_minutes)
    yield from _tiers("day.early_tiers", day.early_tiers, day.grace_out_minutes)


def _tiers(path: str, tiers: Sequence[Tier], grace: int) -> Iterator[RuleProblem]:
    for lower, upper in pairwise(tiers):
        if upper.beyond_minutes <= lower.beyond_minutes:
            text = "The limits have to rise: {upper_minutes} stands below {lower_minutes}."
            facts = {"upper_minutes": upper.beyond_minutes, "lower_minutes": lower.beyond_minutes}
            yield RuleProblem(path=path, text=text, facts=facts)
        elif GRAVITY.index(upper.consequence) <= GRAVITY.index(lower.consequence):
            text = (
                "Beyond {upper_minutes} it has to come to more than beyond {lower_minutes}: choose a graver consequence, or leave it out."
            )
            facts = {"upper_minutes": upper.beyond_minutes, "lower_minutes": lower.beyond_minutes}
            yield RuleProblem(path=path, text=text, facts=facts)
    if tiers and tiers[0].beyond_minutes < grace:
        text = "The limit of {limit_minutes} lies within the grace of {grace_minutes}, where nothing is late: raise it, or lower the grace."
        yield RuleProblem(path=path, text=text, facts={"limit_minutes": tiers[0].beyond_minutes, "grace_minutes": grace})


def _absence(day: DayRules) -> Iterator[RuleProblem]:
    absent, half = day.absent_below_minutes, day.half_day_below_minutes
    if half and absent > half:
        text = (
            "Less than {absent_minutes} would be absence and less than {half_minutes} half a day, which then never happens: raise the half."
        )
        yield RuleProblem(path="day.absent_below_minutes", text=text, facts={"absent_minutes": absent, "half_minutes": half})


def _overtime(day: DayRules) -> Iterator[RuleProblem]:
    lawful = lawful_overtime()
    for kind, rule in day.overtime.items():
        path = f"day.overtime.{kind}"
        if rule.settled_by is SettledBy.TIME_OFF and kind in NO_TIME_OFF:
            text = "Time off settles rest-day overtime only (Labour Law, article 44): choose overtime pay."
            yield RuleProblem(path=f"{path}.settled_by", text=text)
        if rule.most_minutes is not None and rule.most_minutes < rule.minimum_minutes:
            yield RuleProblem(path=f"{path}.most_minutes", text="The most is less than the least that counts: raise it.")
        if rule.step_minutes > DAY:
            yield RuleProblem(path=f"{path}.step_minutes", text="A step of more than a day leaves nothing: use 1440 minutes or less.")
        if rule.rate < lawful[kind].rate and kind is not DayKind.COMPANY_HOLIDAY:
            text = "The law asks for at least {least} % (Labour Law, article 44)."
            yield RuleProblem(path=f"{path}.rate", text=text, facts={"least": lawful[kind].rate}, stops=False)
    if not day.overtime_counts and (day.daily_tiers or day.irregular_holiday_pay):
        text = "Other fields count overtime: turn this on, or empty them."
        yield RuleProblem(path="day.overtime_counts", text=text)
    yield from _rates("day.daily_tiers", day.daily_tiers)


def _rates(path: str, tiers: Sequence[OvertimeTier]) -> Iterator[RuleProblem]:
    if any(upper.after_minutes <= lower.after_minutes or upper.rate <= lower.rate for lower, upper in pairwise(tiers)):
        yield RuleProblem(path=path, text="Limits and rates have to rise from one row to the next.")


def _windows(day: DayRules) -> Iterator[RuleProblem]:
    windows = [(f"day.allowances.{number}.end", one.start, one.end) for number, one in enumerate(day.allowances)]
    for number, own in enumerate(day.overtime_windows):
        path = f"day.overtime_windows.{number}.end"
        if own.outside_roster and own.start is None and own.end is None:
            continue
        if own.start is None or own.end is None:
            yield RuleProblem(path=path, text="Give both ends of the window, or choose all outside the roster.")
        else:
            windows.append((path, own.start, own.end))
    if day.night is not None:
        windows.append(("day.night.1", *day.night))
    for path, start, end in windows:
        if start == end or end - start > DAY:
            yield RuleProblem(path=path, text="A window has to be longer than nothing and no longer than a day.")


def _counters(period: PeriodRules) -> Iterator[RuleProblem]:
    seen: set[str] = set()
    for number, counter in enumerate(period.counters):
        path = f"period.counters.{number}"
        if counter.kind in seen:
            yield RuleProblem(path=f"{path}.kind", text="This kind is counted in a row above: put both into one row.")
        seen.add(counter.kind)
        if counter.each == 0:
            yield RuleProblem(path=f"{path}.each", text="Use 1 or more, or leave it empty.")
        if counter.each and not counter.half_days:
            yield RuleProblem(path=f"{path}.half_days", text="Say what so many come to, at least half a day.")
        if not counter.free and counter.each is None:
            yield RuleProblem(path=f"{path}.free", text="This row changes nothing: forgive some, let some come to absence, or empty it.")


def _limits(period: PeriodRules) -> Iterator[RuleProblem]:
    month, day = period.overtime_limit_minutes, period.overtime_day_limit_minutes
    if month is not None and day is not None and day > month:
        yield RuleProblem(path="period.overtime_day_limit_minutes", text="The limit of a day is above that of the period: lower it.")
    for path, own, lawful in (
        ("period.overtime_limit_minutes", month, LAWFUL_MONTH),
        ("period.overtime_day_limit_minutes", day, LAWFUL_DAY),
    ):
        if own is not None and own > lawful:
            text = "The law allows {lawful_minutes} (Labour Law, article 41): warn there at the latest."
            yield RuleProblem(path=path, text=text, facts={"lawful_minutes": lawful}, stops=False)
    if not 1 <= period.standard_minutes_a_day <= DAY:
        yield RuleProblem(path="period.standard_minutes_a_day", text="Use 1 to 1440 minutes; by law it is 480.")


def _weeks(day: DayRules, period: PeriodRules) -> Iterator[RuleProblem]:
    yield from _rates("period.weekly_tiers", period.weekly_tiers)
    if period.weekly_tiers and not day.overtime_counts:
        text = "Weeks count overtime, but the day has none: turn overtime on, or empty this."
        yield RuleProblem(path="period.weekly_tiers", text=text)
    if period.consecutive_from is not None and not 2 <= period.consecutive_from <= 7:
        yield RuleProblem(path="period.consecutive_from", text="Use 2 to 7, the days of a week.")


def by_path(problems: Sequence[RuleProblem]) -> Mapping[str, tuple[RuleProblem, ...]]:
    """For a form: the problems of each field."""
    found: dict[str, tuple[RuleProblem, ...]] = {}
    for problem in problems:
        found[problem.path] = (*found.get(problem.path, ()), problem)
    return found
