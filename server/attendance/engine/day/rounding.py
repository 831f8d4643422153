"""Rounding of punches and totals to a step, on the clock of the site."""

from collections.abc import Sequence

from server.attendance.engine.day.entries import Entry
from server.attendance.model.grants import Heading
from server.attendance.model.rules import DayRules, Rounding, RoundingMode
from server.roster.model import PlannedDay

DAY = 86400


def round_seconds(seconds: int, rule: Rounding) -> int:
    """To a multiple of the step. With UP the grace is first taken off, with DOWN first added; a tie of NEAREST goes up."""
    step, grace = rule.step_minutes * 60, rule.grace_minutes * 60
    if rule.mode is RoundingMode.UP:
        return -((grace - seconds) // step) * step
    if rule.mode is RoundingMode.DOWN:
        return (seconds + grace) // step * step
    return (2 * seconds + step) // (2 * step) * step


def round_entries(entries: Sequence[Entry], plan: PlannedDay, rules: DayRules) -> None:
    """Set `counted_at` of the entries that are used, by the rule of their heading."""
    if rules.round_in is None and rules.round_out is None:
        return
    for entry in entries:
        rule = rules.round_in if entry.heading is Heading.IN else rules.round_out
        if rule is not None and not entry.reason and _applies(entry, plan, rule):
            entry.counted_at = plan.begins + round_seconds(entry.at - plan.begins, rule)


def round_total(seconds: int, rule: Rounding | None) -> int:
    """A day's net total; `near` of the rule is then a number of minutes."""
    if rule is None or (rule.near is not None and abs(seconds - rule.near * 60) > rule.within_minutes * 60):
        return seconds
    return round_seconds(seconds, rule)


def _applies(entry: Entry, plan: PlannedDay, rule: Rounding) -> bool:
    if rule.near_roster:
        if entry.part is None:
            return False
        part = plan.parts[entry.part]
        target = part.start if entry.heading is Heading.IN else part.end
        return abs(entry.at - target) <= rule.within_minutes * 60
    if rule.near is None:
        return True
    away = (entry.at - plan.begins - rule.near * 60) % DAY
    return min(away, DAY - away) <= rule.within_minutes * 60
