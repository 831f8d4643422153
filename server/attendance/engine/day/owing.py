"""What somebody owes on a day: the roster's time less unpaid breaks, leave and what else is forgiven."""

from collections.abc import Sequence

from msgspec import Struct, field

from server.attendance.engine.day.spans import Span, length, within, without
from server.attendance.model.days import LeaveTaken
from server.attendance.model.grants import DayPart, Grant, LeaveKind
from server.roster.model import DayKind, PlannedDay, PlannedPart

ALWAYS = 10 * 86400
"""Farther away than anything of a day."""


class OwedPart(Struct, gc=False):
    """One part: start and end after the flexible band; spans: when something is owed; floating: seconds of them that are a break at any
    time; scheduled: seconds of the roster without unpaid breaks.
    """

    start: int
    end: int
    spans: list[Span]
    floating: int
    scheduled: int

    def owed(self) -> int:
        return max(0, length(self.spans) - self.floating)

    def take(self, start: int, end: int) -> int:
        """Take out this span; the seconds that are owed no longer."""
        before = self.owed()
        self.spans = without(self.spans, start, end)
        return before - self.owed()


class Owed(Struct, gc=False):
    """scheduled, loose: seconds; loose is owed at any time of the day (no parts). leave: what covers owed time. excused: spans."""

    parts: list[OwedPart] = field(default_factory=list)
    scheduled: int = 0
    loose: int = 0
    leave: list[LeaveTaken] = field(default_factory=list)
    excused: list[Span] = field(default_factory=list)
    forgiven: int = 0

    def leave_minutes(self) -> int:
        return sum([one.minutes for one in self.leave]) if self.leave else 0


def owed_of(plan: PlannedDay, arrived: int | None) -> Owed:
    """Before any grant. arrived: the first IN, by which a flexible band slides. Nothing is owed on a day off."""
    owed = Owed()
    if plan.kind is not DayKind.WORKDAY:
        return owed
    if not plan.parts:
        owed.scheduled = owed.loose = (plan.required_minutes or 0) * 60
        return owed
    slide = slide_of(plan, arrived)
    last = len(plan.parts) - 1
    for index, part in enumerate(plan.parts):
        start = part.start + slide if index == 0 else part.start
        end = part.end + slide if index == last else part.end
        spans, floating = [(start, end)], 0
        for one in part.breaks:
            if one.paid:
                continue
            if one.start is not None and one.end is not None:
                spans = without(spans, one.start, one.end)
            else:
                floating += one.minutes * 60
        scheduled = length(spans) - floating
        owed.parts.append(OwedPart(start, end, spans, floating, scheduled))
        owed.scheduled += scheduled
    return owed


def slide_of(plan: PlannedDay, arrived: int | None) -> int:
    """Seconds by which a flexible band moves the shift of somebody who came then."""
    if arrived is None or not (plan.come_late_minutes or plan.come_early_minutes):
        return 0
    return min(max(arrived - plan.parts[0].start, -plan.come_early_minutes * 60), plan.come_late_minutes * 60)


def starts_covered(plan: PlannedDay, grants: Sequence[Grant]) -> bool:
    """Whether a grant covers the start of the shift, so that no arrival can slide it."""
    spans = [grant_span(grant, plan) for grant in grants]
    return any(start <= plan.parts[0].start < end for start, end in spans)


def late_leave_minutes(plan: PlannedDay) -> int:
    """By how much somebody may come later because the evening before was long (晚走晚到); a shift of two days ago says nothing."""
    if plan.previous_left_at is None or plan.previous_end is None or not plan.parts or plan.previous_end < plan.begins - 86400:
        return 0
    behind = (plan.previous_left_at - plan.previous_end) // 60
    return max((tier.later_minutes for tier in plan.late_leave if behind >= tier.after_minutes), default=0)


def forgive_start(owed: Owed, minutes: int) -> None:
    """Take so many minutes off the front of what is owed."""
    first = owed.parts[0]
    owed.forgiven += first.take(first.start, first.start + minutes * 60)


def take_leave(owed: Owed, plan: PlannedDay, grants: Sequence[Grant]) -> None:
    """Let leave cover what is owed; two leaves over one hour cover it once, the earlier grant first."""
    for grant in grants:
        seconds = _take(owed, grant, grant_span(grant, plan))
        if seconds:
            halves = 0 if grant.starts_at is not None else _halves_of(grant)
            kind = grant.leave or LeaveKind.OTHER
            owed.leave.append(LeaveTaken(kind=kind, minutes=seconds // 60, halves=halves, grant_id=grant.id))


def take_excused(owed: Owed, plan: PlannedDay, grants: Sequence[Grant]) -> None:
    """Take out what is excused, and remember where."""
    for grant in grants:
        start, end = grant_span(grant, plan)
        for part in owed.parts:
            owed.excused.extend(within(part.spans, start, end))
        owed.forgiven += _take(owed, grant, (start, end))


def standing_spans(owed: Owed, plan: PlannedDay, grants: Sequence[Grant]) -> list[tuple[int, Span]]:
    """(part, span) of owed time for which a trip, field work or a missing terminal stands."""
    spans = [grant_span(grant, plan) for grant in grants]
    found: list[tuple[int, Span]] = []
    for index, part in enumerate(owed.parts):
        left = part.spans
        for start, end in spans:
            found.extend((index, span) for span in within(left, start, end))
            left = without(left, start, end)
    return found


def standing_loose(owed: Owed, grants: Sequence[Grant]) -> int:
    """Seconds of the time owed at any hour that these grants stand for."""
    return min(owed.loose, sum(_share(owed, grant) for grant in grants))


def still_owed(owed: Owed) -> int:
    """Seconds that no leave, nothing excused covers."""
    return sum(part.owed() for part in owed.parts) + owed.loose


def grant_span(grant: Grant, plan: PlannedDay) -> Span:
    """From when to when a grant holds on this day; a day's half is divided at the roster's break, else at its middle."""
    if grant.starts_at is not None and grant.ends_at is not None:
        return grant.starts_at, grant.ends_at
    if grant.part is DayPart.DAY or not plan.parts:
        return plan.begins - ALWAYS, plan.ends + ALWAYS
    morning_ends, afternoon_begins = _halves(plan.parts)
    if grant.part is DayPart.MORNING:
        return plan.begins - ALWAYS, afternoon_begins
    return morning_ends, plan.ends + ALWAYS


def touches(grant: Grant, plan: PlannedDay) -> bool:
    """Whether a grant can say anything about this work date."""
    if grant.starts_at is not None:
        ends = grant.ends_at if grant.ends_at is not None else grant.starts_at
        first = min(plan.begins, plan.parts[0].opens) if plan.parts else plan.begins
        last = max(plan.ends, plan.parts[-1].closes) if plan.parts else plan.ends
        return grant.starts_at <= last and ends >= first
    if grant.first_day is None:
        return False
    return grant.first_day <= plan.work_date and (grant.last_day is None or plan.work_date <= grant.last_day)


def _halves(parts: Sequence[PlannedPart]) -> Span:
    breaks = [(one.start, one.end) for part in parts for one in part.breaks if one.start is not None and one.end is not None]
    if breaks:
        return max(breaks, key=lambda span: (span[1] - span[0], -span[0]))
    if len(parts) > 1:
        place = len(parts) // 2
        return parts[place - 1].end, parts[place].start
    middle = (parts[0].start + parts[0].end) // 2
    return middle, middle


def _halves_of(grant: Grant) -> int:
    return 2 if grant.part is DayPart.DAY else 1


def _take(owed: Owed, grant: Grant, span: Span) -> int:
    taken = sum(part.take(*span) for part in owed.parts)
    if owed.loose:
        share = min(owed.loose, _share(owed, grant))
        owed.loose -= share
        taken += share
    return taken


def _share(owed: Owed, grant: Grant) -> int:
    """Seconds of time owed at any hour that a grant is about: its length, or the day or the half of it."""
    if grant.starts_at is not None and grant.ends_at is not None:
        return grant.ends_at - grant.starts_at
    return owed.scheduled * _halves_of(grant) // 2
