"""Counters of a period: the first few of a kind are forgiven, and every so many of the rest come to half a day."""

from collections.abc import Sequence
from datetime import date

from msgspec import Struct

from server.attendance.model.days import AttendanceDay, AttendanceException
from server.attendance.model.rules import Counter


class Counted(Struct, frozen=True):
    """What one counter makes of a period. forgiven, counted: in the order of time. halves: of absence."""

    counter: Counter
    forgiven: tuple[tuple[date, AttendanceException], ...]
    counted: tuple[tuple[date, AttendanceException], ...]
    halves: int


def count(days: Sequence[AttendanceDay], counter: Counter) -> Counted:
    """Go through a period's days in order. Exceptions longer than the counter's limit pass it by."""
    most = counter.up_to_minutes
    own = [
        (day.work_date, exception)
        for day in days
        for exception in day.exceptions
        if exception.kind == counter.kind and (most is None or exception.minutes <= most)
    ]
    counted = own[counter.free :]
    halves = len(counted) // counter.each * counter.half_days if counter.each else 0
    return Counted(counter, tuple(own[: counter.free]), tuple(counted), halves)


def corrections_left(allowed: int | None, used: int) -> int | None:
    """How many more corrections somebody may ask for in this period; None: as many as they like."""
    return None if allowed is None else max(0, allowed - used)
