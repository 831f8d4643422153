"""Working time: stays, cut at the roster's ends where the rules say so, less breaks. Every break is taken off once: what was punched is
missing from the stays already.
"""

import itertools
from collections.abc import Sequence

from msgspec import Struct

from server.attendance.engine.day.entries import Stay
from server.attendance.engine.day.rounding import round_seconds, round_total
from server.attendance.engine.day.spans import Span, length, overlap, without, without_all
from server.attendance.engine.day.standing import Standing
from server.attendance.model.days import AttendanceException, ExceptionKind, Interval
from server.attendance.model.rules import BreakMode, BreakRule, DayRules, LunchRule
from server.roster.model import DayKind, PlannedBreak, PlannedDay, RequiredPunches


class Worked(Struct, gc=False):
    """intervals: what counts. The rest is seconds: paired before breaks; breaks: of the roster; deducted, added: by the rules' breaks."""

    intervals: list[Interval]
    paired: int
    breaks: int = 0
    deducted: int = 0
    added: int = 0
    total: int = 0
    top_up: int = 0
    lunch: Span | None = None


def work_of(stays: Sequence[Stay], standing: Standing, plan: PlannedDay, rules: DayRules, edges: Span | None) -> Worked:
    """edges: start and end of the shift that person had, None without parts."""
    intervals: list[Interval] = []
    paired = 0
    unpaid = _unpaid_fixed(plan, stays, rules) if plan.parts else ()
    for stay in stays:
        start, end = stay.start, stay.end
        if edges is not None:
            start = start if rules.count_before_start else max(start, edges[0])
            end = end if rules.count_after_end else min(end, edges[1])
        if end <= start:
            continue
        paired += end - start
        spans: list[Span] = [(start, end)]
        for one_start, one_end in unpaid:
            spans = without(spans, one_start, one_end)
        intervals.extend(Interval(start=begin, end=stop, part=stay.part, assumed=stay.assumed) for begin, stop in spans)
    more = [*standing, *_paid_gaps(plan, stays)] if len(stays) > 1 else standing
    if more:
        _fill(intervals, more)
    worked = Worked(intervals, paired)
    counted = sum(one.end - one.start for one in intervals)
    worked.breaks = max(0, paired - counted)
    worked.total = _take_breaks(worked, counted, stays, plan, rules)
    return worked


def missing_break_punches(stays: Sequence[Stay], plan: PlannedDay) -> list[AttendanceException]:
    """Breaks that must be punched and were not: with four punches asked for, or where the break says so."""
    found = []
    for index, (start, end) in _breaks_to_punch(plan):
        if not _gap_at(stays, start, end) and any(stay.arrived <= start and end <= stay.left for stay in stays):
            found.append(AttendanceException(kind=ExceptionKind.MISSING_BREAK_OUT, part=index, at=start))
            found.append(AttendanceException(kind=ExceptionKind.MISSING_BREAK_IN, part=index, at=end))
    return found


def _breaks_to_punch(plan: PlannedDay) -> list[tuple[int, Span]]:
    """(part, span). With four punches also the time between two parts."""
    four = plan.required_punches is RequiredPunches.WITH_BREAKS
    found: list[tuple[int, Span]] = []
    for index, part in enumerate(plan.parts):
        asked = [one for one in part.breaks if four or one.punched]
        found.extend((index, (one.start, one.end)) for one in asked if one.start is not None and one.end is not None)
        if four and index + 1 < len(plan.parts) and part.end < plan.parts[index + 1].start:
            found.append((index, (part.end, plan.parts[index + 1].start)))
    return found


def find_lunch(stays: Sequence[Stay], rule: LunchRule) -> Span | None:
    """The first absence between two stays that begins in the rule's window and is of its length; all edges included."""
    for before, after in itertools.pairwise(stays):
        out, back = before.left, after.arrived
        minutes = (back - out) // 60
        if minutes < rule.shortest_minutes or (rule.longest_minutes is not None and minutes > rule.longest_minutes):
            continue
        opens = rule.opens_after_minutes
        if opens is None or 0 <= out - stays[0].arrived - opens * 60 <= rule.window_minutes * 60:
            return out, back
    return None


def _unpaid_fixed(plan: PlannedDay, stays: Sequence[Stay], rules: DayRules) -> list[Span]:
    """Roster breaks that are taken off by themselves. One that people punch for is not, when it was punched."""
    if plan.kind is not DayKind.WORKDAY and rules.day_off_breaks:
        return []
    found = []
    for part in plan.parts:
        for one in part.breaks:
            if one.paid or one.start is None or one.end is None:
                continue
            if not (one.punched and _gap_at(stays, one.start, one.end)):
                found.append((one.start, one.end))
    if plan.required_punches is RequiredPunches.WITH_BREAKS and len(plan.parts) > 1:
        gaps = [(part.end, later.start) for part, later in itertools.pairwise(plan.parts)]
        found.extend(gap for gap in gaps if not _gap_at(stays, *gap))
    return found


def _gap_at(stays: Sequence[Stay], start: int, end: int) -> bool:
    """Whether somebody was out for some of that time and came back."""
    return any(before.left < end and after.arrived > start for before, after in itertools.pairwise(stays))


def _paid_gaps(plan: PlannedDay, stays: Sequence[Stay]) -> Standing:
    """Paid roster breaks that somebody punched out for."""
    found: Standing = []
    for index, part in enumerate(plan.parts):
        for one in part.breaks:
            if one.paid and one.start is not None and one.end is not None:
                found.extend((index, span) for span in _gaps(stays, one.start, one.end))
    return found


def _fill(intervals: list[Interval], more: Standing) -> None:
    """Add what counts without a punch, where nothing counts yet."""
    for index, span in more:
        left = without_all([span], [(one.start, one.end) for one in intervals])
        intervals.extend(Interval(start=start, end=end, part=index) for start, end in left)
    intervals.sort(key=lambda one: one.start)


def _gaps(stays: Sequence[Stay], start: int, end: int) -> list[Span]:
    gaps = [(before.end, after.start) for before, after in itertools.pairwise(stays)]
    return [(max(out, start), min(back, end)) for out, back in gaps if out < end and back > start]


def _take_breaks(worked: Worked, counted: int, stays: Sequence[Stay], plan: PlannedDay, rules: DayRules) -> int:
    """The net total in seconds: breaks that no clock time has, the rules' own, and the rounding of the total."""
    total = counted
    for part in plan.parts if plan.kind is DayKind.WORKDAY or not rules.day_off_breaks else ():
        for one in part.breaks:
            if one.start is None or one.end is None:
                total += _floating(one, part.start, part.end, worked.intervals, stays)
    if rules.lunch is not None:
        worked.lunch = find_lunch(stays, rules.lunch)
    if rules.round_break is not None:
        gaps = [length([gap]) for gap in _taken(stays, rules, worked.lunch)]
        total += sum(gaps) - sum(round_seconds(gap, rules.round_break) for gap in gaps)
    if rules.breaks.mode is BreakMode.PAID:
        worked.added = _paid(rules.breaks, _taken(stays, rules, worked.lunch), total)
    elif rules.breaks.mode is BreakMode.DEDUCT:
        worked.deducted = _deducted(rules.breaks, stays, total, worked)
    total = round_total(max(0, total + worked.added - worked.deducted), rules.round_total)
    if rules.minimum_shift_minutes:
        worked.top_up = sum(max(0, rules.minimum_shift_minutes * 60 - seconds) for seconds in _by_shift(stays).values())
    return total


def _floating(one: PlannedBreak, start: int, end: int, intervals: Sequence[Interval], stays: Sequence[Stay]) -> int:
    """What a break without a clock time adds to the total of its part; below 0 it takes off. Time punched out is break already."""
    length_of, out = one.minutes * 60, length(_gaps(stays, start, end))
    if one.paid:
        return min(length_of, out)
    present = overlap([(interval.start, interval.end) for interval in intervals], start, end)
    return -min(max(0, length_of - out), present)


def _taken(stays: Sequence[Stay], rules: DayRules, lunch: Span | None) -> list[Span]:
    """Absences that are breaks; where the rules know what lunch is, lunch only."""
    if rules.lunch is not None:
        return [lunch] if lunch else []
    return [
        (before.end, after.start) for before, after in itertools.pairwise(stays) if after.start > before.end and before.shift == after.shift
    ]


def _paid(rule: BreakRule, taken: Sequence[Span], total: int) -> int:
    """What is added back of the first `count` punched breaks: each up to its own minutes, or all together."""
    if total < rule.after_minutes * 60:
        return 0
    chosen, each = [length([span]) for span in taken], rule.minutes * 60
    if rule.merge and chosen:
        pool = each * rule.count
        return min(pool, sum(chosen[: rule.count])) if rule.cap_to_taken else pool
    return sum(min(each, seconds) if rule.cap_to_taken else each for seconds in chosen[: rule.count])


def _deducted(rule: BreakRule, stays: Sequence[Stay], total: int, worked: Worked) -> int:
    minutes = rule.minutes * 60
    if rule.each_shift:
        return sum(min(minutes, seconds) for seconds in _by_shift(stays).values() if seconds >= rule.after_minutes * 60)
    if total < rule.after_minutes * 60 or not total:
        return 0
    if rule.punched_counts:
        punched = sum(after.start - before.end for before, after in itertools.pairwise(stays) if before.shift == after.shift)
        minutes = max(0, minutes - punched - worked.breaks)
    return min(minutes, total)


def _by_shift(stays: Sequence[Stay]) -> dict[int, int]:
    found: dict[int, int] = {}
    for stay in stays:
        found[stay.shift or 0] = found.get(stay.shift or 0, 0) + stay.end - stay.start
    return found
