"""What a period comes to more or less than it did, item by item. Pure."""

from collections import Counter
from collections.abc import Iterable

from server.attendance.model.closing import Arrear
from server.attendance.model.periods import AttendancePeriod
from server.attendance.model.rules import SettledBy

Item = tuple[str, str, int | None, SettledBy | None]
TOTALS = (
    "worked_minutes", "regular_minutes", "undertime_minutes", "late_times", "late_minutes", "serious_late_times", "early_times",
    "early_minutes", "missing_punches", "absent_halves", "counter_halves", "night_minutes", "banked_minutes", "attended_days",
)  # fmt: skip
"""Totals that payroll may pay or deduct by; the others only explain these."""


def arrears_of(frozen: AttendancePeriod, now: AttendancePeriod, told: Iterable[Arrear]) -> tuple[Arrear, ...]:
    """What a closed period comes to more than was frozen and than earlier arrears have `told`; negative where it is less."""
    change = Counter(dict(_items(now)))
    change.subtract(dict(_items(frozen)))
    for one in told:
        change[one.name, one.kind, one.rate, one.settled_by] -= one.amount
    return tuple(
        Arrear(name=name, kind=kind, rate=rate, settled_by=settled_by, amount=amount)
        for (name, kind, rate, settled_by), amount in change.items()
        if amount
    )


def _items(period: AttendancePeriod) -> Iterable[tuple[Item, int]]:
    found: Counter[Item] = Counter()
    for name in TOTALS:
        found[name, "", None, None] = getattr(period, name)
    for one in period.overtime:
        found["overtime", one.kind.value, one.rate, one.settled_by] += one.minutes
    for taken in period.leave:
        found["leave", taken.kind.value, None, None] += taken.minutes
    for code, minutes in period.allowances:
        found["allowance", code, None, None] += minutes
    return found.items()
