"""Night time and allowances: worked time inside windows of the clock. A window belongs to the date it begins on; it may cross midnight."""

from collections.abc import Sequence
from datetime import date, timedelta
from functools import lru_cache

from msgspec import Struct, field

from server.attendance.engine.day.entries import Stay
from server.attendance.engine.day.spans import Span, length, overlap, without
from server.attendance.model.days import Interval
from server.attendance.model.rules import Allowance, DayRules, OvertimeWindow
from server.roster.model import PlannedDay, date_of, instant_of

LAWFUL_NIGHT = (1320, 1800)
"""22:00 to 06:00, where the rules name no night of their own."""


class Premiums(Struct, gc=False):
    """Minutes. by_date: of all allowances, by the calendar date they were worked on."""

    night: int = 0
    allowances: list[tuple[str, int]] = field(default_factory=list)
    by_date: dict[date, int] = field(default_factory=dict)
    by_rule: list[tuple[str, int]] = field(default_factory=list)


def premiums_of(intervals: Sequence[Interval], stays: Sequence[Stay], plan: PlannedDay, rules: DayRules) -> Premiums | None:
    """None where the rules ask for nothing of the kind."""
    if rules.night is None and not rules.allowances and not rules.overtime_windows:
        return None
    found, spans = Premiums(), [(one.start, one.end) for one in intervals]
    if rules.night is not None:
        found.night = minutes_between(spans, rules.night, plan)
    for allowance in rules.allowances:
        _allow(allowance, spans, stays, plan, found)
    found.by_rule = [(one.name, _in_window(spans, one, plan)) for one in rules.overtime_windows]
    return found


def minutes_between(spans: Sequence[Span], window: tuple[int, int], plan: PlannedDay) -> int:
    """Minutes of the spans that lie between two times of day, on any date."""
    if not spans:
        return 0
    first, last = spans[0][0], spans[-1][1]
    near = [one for one in _windows(spans, window, (), plan) if one[0] < last and one[1] > first]
    return sum([overlap(spans, *one) for one in near]) // 60


def _allow(allowance: Allowance, spans: Sequence[Span], stays: Sequence[Stay], plan: PlannedDay, found: Premiums) -> None:
    windows = _windows(spans, (allowance.start, allowance.end), allowance.weekdays, plan)
    if not allowance.partial:
        wholly = [stay for stay in stays if any(start <= stay.start and stay.end <= end for start, end in windows)]
        windows = tuple((stay.start, stay.end) for stay in wholly)
    counted = [(max(start, begin), min(end, stop)) for start, end in windows for begin, stop in spans if begin < end and stop > start]
    minutes = length(counted) // 60
    if not minutes or minutes < allowance.shortest_minutes:
        found.allowances.append((allowance.code, 0))
        return
    found.allowances.append((allowance.code, minutes))
    for start, end in counted:
        _add_by_date(start, end, plan, found)


def _add_by_date(start: int, end: int, plan: PlannedDay, found: Premiums) -> None:
    day = date_of(start, plan.zone)
    while start < end:
        midnight = instant_of(day, 1440, plan.zone)
        stop = min(end, midnight)
        found.by_date[day] = found.by_date.get(day, 0) + (stop - start) // 60
        start, day = stop, day + timedelta(days=1)


def _in_window(spans: Sequence[Span], window: OvertimeWindow, plan: PlannedDay) -> int:
    if window.outside_roster:
        left = without(spans, plan.parts[0].start, plan.parts[-1].end) if plan.parts else spans
        return length(left) // 60
    if window.start is None or window.end is None:
        return 0
    return minutes_between(spans, (window.start, window.end), plan)


def _windows(spans: Sequence[Span], window: tuple[int, int], weekdays: Sequence[int], plan: PlannedDay) -> Sequence[Span]:
    """The window on every date from which it can reach the spans."""
    if not spans:
        return ()
    before = 1 + max(0, plan.begins - spans[0][0] + 86399) // 86400
    behind = 1 + max(0, spans[-1][1] - plan.ends + 86399) // 86400
    return _on_dates(plan.work_date, before, behind, window, tuple(weekdays), plan.zone)


@lru_cache(maxsize=4096)
def _on_dates(day: date, before: int, behind: int, window: tuple[int, int], weekdays: tuple[int, ...], zone: str) -> tuple[Span, ...]:
    dates = [day + timedelta(days=number) for number in range(-before, behind + 1)]
    start, end = window[0], window[1] if window[1] > window[0] else window[1] + 1440
    return tuple((instant_of(one, start, zone), instant_of(one, end, zone)) for one in dates if not weekdays or one.weekday() in weekdays)
