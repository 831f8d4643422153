"""What becomes of a result: a day of an open period is written over, a day of a closed one gets a difference beside it. Pure."""

from enum import StrEnum

from msgspec.structs import asdict

from server.attendance.model.days import AttendanceDay

_NOT_COUNTED = frozenset(
    {"state", "settles_at", "uses", "parts", "intervals", "exceptions", "steps", "shifts", "arrived_at", "left_at", "lunch"}
)
"""What tells how a day came about. The rest is what payroll and entitlements count."""


class Fate(StrEnum):
    """NOTHING: what is stored says it already."""

    NOTHING = "nothing"
    WRITE = "write"
    DIFFERENCE = "difference"


def fate_of(counted: AttendanceDay | None, result: AttendanceDay | None, *, locked: bool) -> Fate:
    """counted: the day as it counts, None where nothing is stored. result: what it comes to now, None where there is no such day."""
    if not locked:
        return Fate.NOTHING if counted == result else Fate.WRITE
    return Fate.NOTHING if means_the_same(counted, result) else Fate.DIFFERENCE


def means_the_same(one: AttendanceDay | None, other: AttendanceDay | None) -> bool:
    """Whether two results of a day count the same, however they came about."""
    return _counted(one) == _counted(other)


def _counted(day: AttendanceDay | None) -> dict[str, object] | None:
    return None if day is None else {name: value for name, value in asdict(day).items() if name not in _NOT_COUNTED}
