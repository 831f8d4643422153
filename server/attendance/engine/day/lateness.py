"""Late and early: counted from the time that was owed, not from the end of the grace; within the grace both are 0."""

from collections.abc import Sequence

from msgspec import Struct

from server.attendance.engine.day.owing import OwedPart
from server.attendance.engine.day.spans import Span
from server.attendance.model.rules import Consequence, DayRules, Tier
from server.roster.model import PlannedDay

_WEIGHT = {one: weight for weight, one in enumerate(Consequence)}


class Judged(Struct, gc=False):
    """One part. present: some of what it owes was attended. covered: nothing is owed (any more)."""

    required_in: int
    required_out: int
    late: int = 0
    early: int = 0
    arrived: int | None = None
    left: int | None = None
    present: bool = False
    covered: bool = False


def judge_part(owed: OwedPart, presence: Sequence[Span], opened: int | None, lone_out: int | None, open_end: bool) -> Judged:
    """presence: when the person was there, in order. opened: an IN of this part without an OUT; lone_out: an OUT without an IN; minutes are
    before any grace. open_end: somebody may still be there, so nobody left early.
    """
    if not owed.spans:
        return Judged(owed.start, owed.end, covered=True)
    judged = Judged(owed.spans[0][0], owed.spans[-1][1])
    for start, end in presence:
        if start < judged.required_out and end > judged.required_in:
            if judged.arrived is None:
                judged.arrived = start
            judged.left = end if judged.left is None else max(judged.left, end)
    judged.present = judged.arrived is not None
    if opened is not None and opened < judged.required_out and judged.arrived is None:
        judged.arrived = opened
    if lone_out is not None and lone_out > judged.required_in and (judged.left is None or lone_out > judged.left):
        judged.left = lone_out
    if judged.arrived is not None:
        judged.late = max(0, judged.arrived - judged.required_in) // 60
    if judged.left is not None and not open_end:
        judged.early = max(0, judged.required_out - judged.left) // 60
    return judged


def hold_to_core(judged: Judged, plan: PlannedDay) -> None:
    """Everybody must be there in the core time, wherever the band slid the shift."""
    if plan.core is None:
        return
    start, end = plan.core
    if judged.arrived is not None:
        judged.late = max(judged.late, (judged.arrived - start) // 60)
    if judged.left is not None:
        judged.early = max(judged.early, (end - judged.left) // 60)


def forgive(judged: Sequence[Judged], minutes: int) -> int:
    """Take the nursing hour off lateness first, then off leaving early; the minutes it was used for."""
    left = minutes
    for one in judged:
        used = min(left, one.late)
        one.late -= used
        left -= used
    for one in judged:
        used = min(left, one.early)
        one.early -= used
        left -= used
    return minutes - left


def apply_grace(judged: Judged, rules: DayRules) -> None:
    if judged.late <= rules.grace_in_minutes:
        judged.late = 0
    if judged.early <= rules.grace_out_minutes:
        judged.early = 0


def consequence(minutes: int, tiers: Sequence[Tier]) -> Consequence:
    """Of the tiers that are passed the strongest; nobody who is not late or early passes any."""
    reached = [tier.consequence for tier in tiers if minutes > tier.beyond_minutes] if minutes else ()
    return max(reached, key=_WEIGHT.__getitem__) if reached else Consequence.PLAIN
