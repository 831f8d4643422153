"""What of a day or a period comes out otherwise. Pure.

Figures have names for programs. Minutes end in `-minutes`, counts in `-times`, half days in `-halves`; `overtime-150-minutes` is overtime
at 150 percent, `leave-annual-minutes` leave of a kind. `exceptions` are their kinds, in order; `details` says that only how a day was
read changed (which punch stands for what), and no number.
"""

from collections import Counter
from collections.abc import Iterable, Mapping

from msgspec.structs import replace

from server.attendance.model.days import AttendanceDay
from server.attendance.model.periods import AttendancePeriod
from server.attendance.model.trials import FigureChange

DETAILS = "details"
DAY_MINUTES = ("scheduled", "worked", "late", "early", "undertime", "night", "trip", "banked", "excused")
PERIOD_MINUTES = ("worked", "late", "early", "undertime", "night", "banked")
PERIOD_TIMES = ("late", "serious_late", "early")

Figure = int | str


def day_changes(before: AttendanceDay | None, after: AttendanceDay | None) -> tuple[FigureChange, ...]:
    """What differs, in an order for reading; empty when the days are equal in all but their explanation."""
    then, now = day_figures(before), day_figures(after)
    found = _changes(then, now)
    if found or before is None or after is None:
        return found
    return () if replace(before, steps=()) == replace(after, steps=()) else (FigureChange(DETAILS, "", ""),)


def day_figures(day: AttendanceDay | None) -> dict[str, Figure]:
    """A day's figures that are not nothing."""
    if day is None:
        return {}
    found: dict[str, Figure] = {"status": day.status.value, "state": day.state.value, "kind": day.kind.value}
    found |= {f"{name}-minutes": getattr(day, f"{name}_minutes") for name in DAY_MINUTES}
    found["absent-halves"] = day.absent_halves
    found |= _by_kind(day)
    found["exceptions"] = ", ".join(sorted({one.kind.value for one in day.exceptions}))
    return {name: value for name, value in found.items() if value}


def period_figures(period: AttendancePeriod) -> dict[str, int]:
    """A period's figures that are not nothing."""
    found = {f"{name.replace('_', '-')}-times": getattr(period, f"{name}_times") for name in PERIOD_TIMES}
    found["missing-times"] = period.missing_punches
    found["absent-halves"] = period.absent_halves + period.counter_halves
    found |= {f"{name}-minutes": getattr(period, f"{name}_minutes") for name in PERIOD_MINUTES}
    found |= _by_kind(period)
    return {name: value for name, value in found.items() if value}


def figure_changes(before: Mapping[str, int], after: Mapping[str, int]) -> tuple[FigureChange, ...]:
    """Totals that differ; a figure that is not there counts as 0."""
    return tuple(FigureChange(one.name, one.before or 0, one.after or 0) for one in _changes(before, after))


def added_up(figures: Iterable[Mapping[str, int]]) -> dict[str, int]:
    """Everybody's figures together."""
    total: Counter[str] = Counter()
    for one in figures:
        total.update(one)
    return dict(total)


def _by_kind(source: AttendanceDay | AttendancePeriod) -> dict[str, int]:
    """Overtime by rate, and leave by kind."""
    found: Counter[str] = Counter()
    for overtime in source.overtime:
        found[f"overtime-{overtime.rate}-minutes"] += overtime.minutes
    for leave in source.leave:
        found[f"leave-{leave.kind.value}-minutes"] += leave.minutes
    return dict(sorted(found.items()))


def _changes(before: Mapping[str, Figure], after: Mapping[str, Figure]) -> tuple[FigureChange, ...]:
    names = list(dict.fromkeys([*before, *after]))
    return tuple(FigureChange(name, before.get(name), after.get(name)) for name in names if before.get(name) != after.get(name))
