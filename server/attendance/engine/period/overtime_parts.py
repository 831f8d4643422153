"""Overtime as a stack: which minutes of a day go at which rate, so that a further rule can lay itself over them and count none twice."""

from collections.abc import Sequence
from itertools import pairwise

from msgspec import Struct

from server.attendance.model.days import Overtime
from server.attendance.model.rules import OvertimeTier
from server.roster.model import DayKind


class Stretch(Struct, frozen=True, gc=False):
    """Worked minutes of one day that go alike; overtime None: regular time."""

    minutes: int
    overtime: Overtime | None


def stack(regular_minutes: int, overtime: Sequence[Overtime]) -> tuple[Stretch, ...]:
    """A day's minutes from the bottom: regular time first, then the overtime, the dearest on top."""
    above = sorted(overtime, key=lambda one: one.rate)
    return (Stretch(regular_minutes, None), *(Stretch(one.minutes, one) for one in above))


def laid_over(stretches: Sequence[Stretch], kind: DayKind, before_minutes: int, tiers: Sequence[OvertimeTier]) -> tuple[Stretch, ...]:
    """The stack with tiers over it; a minute that both want goes at the higher rate, and stays what it was where they are equal.

    before_minutes: what was worked before this day; tiers count from there.
    """
    laid: list[Stretch] = []
    begins = before_minutes
    for stretch in stretches:
        ends = begins + stretch.minutes
        edges = sorted({begins, ends, *(tier.after_minutes for tier in tiers if begins < tier.after_minutes < ends)})
        laid.extend(Stretch(until - since, _dearer(stretch.overtime, _tier_at(tiers, since), kind)) for since, until in pairwise(edges))
        begins = ends
    return tuple(laid)


def added_up(overtime: Sequence[Overtime]) -> tuple[Overtime, ...]:
    """Overtime that goes alike in one sum, by kind, rate, settlement and name."""
    sums: dict[tuple[DayKind, int, str, str], Overtime] = {}
    for one in overtime:
        key = (one.kind, one.rate, one.settled_by, one.name)
        before = sums[key].minutes if key in sums else 0
        sums[key] = Overtime(kind=one.kind, rate=one.rate, minutes=before + one.minutes, settled_by=one.settled_by, name=one.name)
    return tuple(sorted((one for one in sums.values() if one.minutes), key=lambda one: (one.kind, one.rate, one.settled_by, one.name)))


def overtime_in(stretches: Sequence[Stretch]) -> tuple[Overtime, ...]:
    """What of the stack is overtime."""
    found = [(stretch.minutes, stretch.overtime) for stretch in stretches if stretch.overtime]
    return added_up([Overtime(kind=o.kind, rate=o.rate, minutes=m, settled_by=o.settled_by, name=o.name) for m, o in found])


def regular_in(stretches: Sequence[Stretch]) -> int:
    """Minutes of the stack that are no overtime."""
    return sum(stretch.minutes for stretch in stretches if stretch.overtime is None)


def _tier_at(tiers: Sequence[OvertimeTier], minute: int) -> OvertimeTier | None:
    reached = [tier for tier in tiers if tier.after_minutes <= minute]
    return max(reached, key=lambda tier: tier.after_minutes, default=None)


def _dearer(own: Overtime | None, tier: OvertimeTier | None, kind: DayKind) -> Overtime | None:
    if tier is None or (own is not None and own.rate >= tier.rate):
        return own
    return Overtime(kind=kind, rate=tier.rate, minutes=0)
