"""Overtime of one day: which time is overtime by the kind of day, how much of it is approved, and at which rates it goes."""

import itertools
from collections.abc import Sequence

from msgspec import Struct

from server.attendance.engine.day.spans import Span, length, overlap, without
from server.attendance.model.days import Interval, Overtime
from server.attendance.model.grants import Grant
from server.attendance.model.rules import DayRules, OvertimeRule, OvertimeTier, SettledBy, Settlement, lawful_overtime
from server.directory.model import HoursSystem
from server.roster.model import DayKind, PlannedDay

HOLIDAYS = (DayKind.STATUTORY_HOLIDAY, DayKind.COMPANY_HOLIDAY)
_LAWFUL = lawful_overtime()


class Reckoned(Struct, gc=False):
    """Minutes. punched: what was worked as overtime; settled: what of it counts. unapproved: what an approval would add to that."""

    overtime: tuple[Overtime, ...] = ()
    punched: int = 0
    settled: int = 0
    unapproved: int = 0
    banked: int = 0


def overtime_of(
    worked: int, owed: int, forgiven: int, intervals: Sequence[Interval], plan: PlannedDay, grants: Sequence[Grant], rules: DayRules
) -> Reckoned:
    """worked: net minutes; owed: minutes of the roster without leave; forgiven: of these neither worked nor owed (excused)."""
    reckoned = Reckoned()
    if rules.bank_after_minutes is not None:
        reckoned.banked = max(0, worked - rules.bank_after_minutes)
        worked -= reckoned.banked
    if not rules.overtime_counts or not _system_has_overtime(plan, rules):
        return reckoned
    workday = plan.kind is DayKind.WORKDAY
    if workday and worked + forgiven <= owed and not rules.daily_tiers and not grants:
        return reckoned
    rule = rules.overtime.get(plan.kind) or _LAWFUL[plan.kind]
    outside = [(one.start, one.end) for one in intervals]
    if workday:
        for part in plan.parts:
            outside = without(outside, part.start, part.end)
    quantity = min(_over(worked, owed, forgiven, plan, rules), _eligible(outside, plan, rule)) if workday else worked
    reckoned.punched = quantity if quantity > rules.overtime_tolerance_minutes else 0
    settled = _settled(reckoned.punched, outside, grants, rule)
    reckoned.settled = _stepped(settled, rule)
    if rule.settlement is not Settlement.PUNCHED:
        reckoned.unapproved = max(0, _stepped(reckoned.punched, rule) - reckoned.settled)
    if reckoned.settled:
        reckoned.overtime = _rated(reckoned.settled, worked, plan, grants, rule, rules)
    return reckoned


def cut_at_parts(start: int, end: int, plan: PlannedDay) -> list[tuple[int, int, bool]]:
    """A stay cut at the edges of the roster parts: (start, end, whether that piece lies outside every part)."""
    edges = sorted({start, end, *(edge for part in plan.parts for edge in (part.start, part.end) if start < edge < end)})
    return [
        (one, other, not any(part.start <= one and other <= part.end for part in plan.parts)) for one, other in itertools.pairwise(edges)
    ]


def _system_has_overtime(plan: PlannedDay, rules: DayRules) -> bool:
    """Comprehensive hours know overtime of a day on statutory days only, irregular hours where the place says so."""
    if plan.hours_system is HoursSystem.STANDARD:
        return True
    statutory = plan.kind is DayKind.STATUTORY_HOLIDAY
    return statutory and (plan.hours_system is HoursSystem.COMPREHENSIVE or rules.irregular_holiday_pay)


def _over(worked: int, owed: int, forgiven: int, plan: PlannedDay, rules: DayRules) -> int:
    """Minutes of a workday above what is owed, or above the lowest daily limit. Without either there is no overtime."""
    if rules.daily_tiers:
        return max(0, worked - min(tier.after_minutes for tier in rules.daily_tiers))
    return max(0, worked + forgiven - owed) if plan.parts or plan.required_minutes else 0


def _settled(punched: int, outside: Sequence[Span], grants: Sequence[Grant], rule: OvertimeRule) -> int:
    """Minutes that count by the method of settlement."""
    if rule.settlement is Settlement.PUNCHED:
        return punched
    if rule.settlement is Settlement.APPROVED:
        return sum(_asked(grant) for grant in grants)
    return _approved(punched, outside, grants)


def _eligible(outside: Sequence[Span], plan: PlannedDay, rule: OvertimeRule) -> int:
    """Minutes that can be overtime by where they lie, if the rule says anything about that."""
    if not plan.parts or (rule.before_start and not rule.after_end_minutes):
        return 1 << 30
    spans = list(outside)
    if not rule.before_start:
        spans = without(spans, plan.begins - 86400, plan.parts[0].start)
    if rule.after_end_minutes:
        spans = without(spans, plan.parts[-1].end, plan.parts[-1].end + rule.after_end_minutes * 60)
    return length(spans) // 60


def _approved(punched: int, outside: Sequence[Span], grants: Sequence[Grant]) -> int:
    """Approved and punched, the shorter: what of each approved span was worked outside the roster."""
    minutes, left = 0, punched
    for grant in grants:
        if grant.starts_at is None or grant.ends_at is None:
            found = left if grant.minutes is None else min(left, grant.minutes)
        else:
            found = min(overlap(outside, grant.starts_at, grant.ends_at) // 60, _asked(grant))
        minutes += found
        left = max(0, left - found)
    return minutes


def _asked(grant: Grant) -> int:
    if grant.minutes is not None:
        return grant.minutes
    return (grant.ends_at - grant.starts_at) // 60 if grant.starts_at is not None and grant.ends_at is not None else 0


def _stepped(minutes: int, rule: OvertimeRule) -> int:
    if minutes < rule.minimum_minutes:
        return 0
    if rule.most_minutes is not None:
        minutes = min(minutes, rule.most_minutes)
    return minutes // rule.step_minutes * rule.step_minutes if rule.step_minutes else minutes


def _rated(
    settled: int, worked: int, plan: PlannedDay, grants: Sequence[Grant], rule: OvertimeRule, rules: DayRules
) -> tuple[Overtime, ...]:
    """The rates. Daily tiers take the time above their limits; what is left of a day off goes at the rate of its kind."""
    kind, settled_by = plan.kind, _settled_by(plan.kind, grants, rule)
    name = "holiday" if rules.holiday_takes_all and kind in HOLIDAYS else ""
    tiers = sorted(rules.daily_tiers, key=lambda tier: tier.after_minutes)
    if not tiers:
        return (Overtime(kind=kind, rate=rule.rate, minutes=settled, settled_by=settled_by, name=name),)
    pieces = list(tier_minutes(worked, tiers))
    below = 0 if kind is DayKind.WORKDAY else max(0, settled - sum(minutes for _, minutes in pieces))
    found = [Overtime(kind=kind, rate=rule.rate, minutes=below, settled_by=settled_by, name=name)] if below else []
    left = settled - below
    for rate, minutes in pieces:
        taken = min(minutes, left)
        left -= taken
        if taken:
            found.append(Overtime(kind=kind, rate=rate, minutes=taken, settled_by=settled_by))
    return tuple(found)


def tier_minutes(worked: int, tiers: Sequence[OvertimeTier]) -> list[tuple[int, int]]:
    """(rate, minutes) of worked time above each limit, up to the next. tiers: in order."""
    limits = [*(tier.after_minutes for tier in tiers[1:]), max(worked, tiers[-1].after_minutes)]
    return [(tier.rate, max(0, min(worked, upper) - tier.after_minutes)) for tier, upper in zip(tiers, limits, strict=True)]


def _settled_by(kind: DayKind, grants: Sequence[Grant], rule: OvertimeRule) -> SettledBy:
    """Time off settles rest-day overtime only, whatever was asked for."""
    if kind not in {DayKind.REST_DAY, DayKind.COMPANY_HOLIDAY}:
        return SettledBy.PAY
    return next((grant.settled_by for grant in grants if grant.settled_by is not None), rule.settled_by)
