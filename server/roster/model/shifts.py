"""Shifts: what is worked, and how it changes from a date on.

Times of a shift are whole minutes from midnight of its work date on the site's clock; "26:00" is 1560.
"""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from msgspec import Struct


class RequiredPunches(StrEnum):
    """Which punches a shift asks for. ANY_ONE: a single punch at any time shows that the person was there."""

    NONE = "none"
    ANY_ONE = "any-one"
    IN_ONLY = "in-only"
    OUT_ONLY = "out-only"
    IN_AND_OUT = "in-and-out"
    WITH_BREAKS = "with-breaks"


class ShiftBreak(Struct, frozen=True, kw_only=True, gc=False):
    """A break: fixed from start to end, or floating (both None) for `minutes` of every part it stands in.

    punched: people punch out and in again for it. Otherwise an unpaid one is taken off by itself. Never both: what was punched is not taken
    off again.
    """

    start: int | None = None
    end: int | None = None
    minutes: int = 0
    paid: bool = False
    punched: bool = False


class ShiftPart(Struct, frozen=True, kw_only=True, gc=False):
    """One stretch of a shift. opens_before, closes_after: how long before the start and after the end a punch still belongs to it; None:
    up to the middle of the gap to the neighbouring part."""

    name: str = ""
    start: int
    end: int
    opens_before: int | None = None
    closes_after: int | None = None
    breaks: tuple[ShiftBreak, ...] = ()


class LateLeave(Struct, frozen=True, kw_only=True, gc=False):
    """Leave late, come late: who leaves at least `after_minutes` behind the end may come `later_minutes` later the next day."""

    after_minutes: int
    later_minutes: int


class ShiftTerms(Struct, frozen=True, kw_only=True, gc=False):
    """What a shift is from one date on; the version that is edited.

    come_late_minutes: the start may slide by up to this, and the end slides by the same. come_early_minutes: likewise to the front.
    core: (start, end) in which everybody must be there, with such a band. required_minutes: work owed where there are no parts.
    """

    parts: tuple[ShiftPart, ...] = ()
    required_punches: RequiredPunches = RequiredPunches.IN_AND_OUT
    come_late_minutes: int = 0
    come_early_minutes: int = 0
    core: tuple[int, int] | None = None
    required_minutes: int | None = None
    late_leave: tuple[LateLeave, ...] = ()


@dataclass(frozen=True, slots=True)
class Shift:
    """A shift by its name. sign: one or two characters that stand for it in a grid. archived: no longer offered; what has it keeps it."""

    id: int
    name: str
    sign: str
    archived: bool


@dataclass(frozen=True, slots=True)
class ShiftVersion:
    """What a shift is from `first_day` to the next version. Never changed: of two from one day the later made counts.

    withdrawn: taken back, it counts no more. at: when it was made, by `author`.
    """

    id: int
    shift_id: int
    first_day: date
    terms: ShiftTerms
    author: str
    reason: str
    at: datetime
    withdrawn: bool
