"""From a roster in wall minutes to the plan in instants, by the real rules of the site's zone.

A shift that says 22:00 to 06:00 is an hour longer in the night the clocks go back. A wall time that comes twice is its first
occurrence; one that a change of the clocks leaves out is as far behind the change as it would have been.
"""

from collections.abc import Sequence
from datetime import date
from functools import lru_cache

from msgspec import Struct

from server.roster.model import (
    PlannedBreak,
    PlannedDay,
    PlannedPart,
    RosterDay,
    RosterSource,
    ShiftBreak,
    ShiftPart,
    ShiftTerms,
    instant_of,
)

OPEN_WINDOW_SECONDS = 12 * 3600
"""How far a window reaches whose edge nobody set, where no other part is nearer."""

NEIGHBOUR_DAYS = 2
"""A day's plan depends on the rosters of so many days before and after it, and on no others."""


class Edge(Struct, frozen=True, gc=False):
    """What a day needs to know of the part before or behind its own: its border, and how far its window reaches if somebody set that."""

    at: int
    reach: int | None


def plan_days(days: Sequence[RosterDay], zone: str) -> tuple[PlannedDay, ...]:
    """The plans of one person's days.

    days: in the order of date, each date once. A plan is right when the `NEIGHBOUR_DAYS` before and after it are given too (or are empty of
    work), so ask for that many more at both ends and leave them out of the answer.
    """
    edges = [_edges(day.terms, day.work_date, zone) if day.terms is not None and day.employed else None for day in days]
    return tuple(_plan(day, zone, _before(days, edges, place), _behind(days, edges, place)) for place, day in enumerate(days))


def _before(days: Sequence[RosterDay], edges: Sequence[tuple[Edge, Edge] | None], place: int) -> Edge | None:
    for other in range(place - 1, max(place - NEIGHBOUR_DAYS, 0) - 1, -1):
        found = edges[other]
        if found and (days[place].work_date - days[other].work_date).days <= NEIGHBOUR_DAYS:
            return found[1]
    return None


def _behind(days: Sequence[RosterDay], edges: Sequence[tuple[Edge, Edge] | None], place: int) -> Edge | None:
    for other in range(place + 1, min(place + NEIGHBOUR_DAYS, len(days) - 1) + 1):
        found = edges[other]
        if found and (days[other].work_date - days[place].work_date).days <= NEIGHBOUR_DAYS:
            return found[0]
    return None


def _plan(day: RosterDay, zone: str, before: Edge | None, behind: Edge | None) -> PlannedDay:
    begins, ends = _midnights(day.work_date, zone)
    terms = day.terms if day.employed else None
    parts, core = _parts(terms, day.work_date, zone, before, behind) if terms is not None else ((), None)
    terms = terms or _NO_TERMS
    return PlannedDay(
        work_date=day.work_date,
        zone=zone,
        begins=begins,
        ends=ends,
        kind=day.kind,
        holiday=day.holiday,
        calendar_known=day.calendar_known,
        employed=day.employed,
        must_punch=day.must_punch,
        protected=day.protected,
        hours_system=day.hours_system,
        rostered=day.source is not RosterSource.NOTHING,
        parts=parts,
        required_punches=terms.required_punches,
        come_late_minutes=terms.come_late_minutes,
        come_early_minutes=terms.come_early_minutes,
        core=core,
        required_minutes=terms.required_minutes,
        late_leave=terms.late_leave,
        previous_end=before.at if before else None,
        next_start=behind.at if behind else None,
        shift_id=day.shift_id,
        shift_name=day.shift_name,
        shift_version_id=day.shift_version_id,
        roster_source=day.source,
        roster_id=day.roster_id,
    )


_NO_TERMS = ShiftTerms()


@lru_cache(maxsize=4096)
def _midnights(work_date: date, zone: str) -> tuple[int, int]:
    return instant_of(work_date, 0, zone), instant_of(work_date, 1440, zone)


@lru_cache(maxsize=16384)
def _edges(terms: ShiftTerms, work_date: date, zone: str) -> tuple[Edge, Edge] | None:
    """The first start and the last end of a shift on a date, each with where its window ends if somebody set that."""
    if not terms.parts:
        return None
    return _opening(terms.parts[0], work_date, zone), _closing(terms.parts[-1], work_date, zone)


def _opening(part: ShiftPart, work_date: date, zone: str) -> Edge:
    start = instant_of(work_date, part.start, zone)
    return Edge(start, None if part.opens_before is None else start - part.opens_before * 60)


def _closing(part: ShiftPart, work_date: date, zone: str) -> Edge:
    end = instant_of(work_date, part.end, zone)
    return Edge(end, None if part.closes_after is None else end + part.closes_after * 60)


@lru_cache(maxsize=16384)
def _parts(
    terms: ShiftTerms, work_date: date, zone: str, before: Edge | None, behind: Edge | None
) -> tuple[tuple[PlannedPart, ...], tuple[int, int] | None]:
    """The parts with their windows, and the core. People on one shift with like neighbours share them."""
    opening = [_opening(part, work_date, zone) for part in terms.parts]
    closing = [_closing(part, work_date, zone) for part in terms.parts]
    earlier, later = [before, *closing[:-1]], [*opening[1:], behind]
    parts = tuple(
        PlannedPart(
            name=part.name,
            start=opening[place].at,
            end=closing[place].at,
            opens=_opens(opening[place], earlier[place]),
            closes=_closes(closing[place], later[place]),
            sure_open=part.opens_before is not None,
            sure_close=part.closes_after is not None,
            breaks=tuple(_planned_break(one, work_date, zone) for one in part.breaks),
        )
        for place, part in enumerate(terms.parts)
    )
    core = terms.core and (instant_of(work_date, terms.core[0], zone), instant_of(work_date, terms.core[1], zone))
    return parts, core


def _planned_break(one: ShiftBreak, work_date: date, zone: str) -> PlannedBreak:
    if one.start is None or one.end is None:
        return PlannedBreak(minutes=one.minutes, paid=one.paid, punched=one.punched)
    return PlannedBreak(
        start=instant_of(work_date, one.start, zone),
        end=instant_of(work_date, one.end, zone),
        minutes=one.minutes or one.end - one.start,
        paid=one.paid,
        punched=one.punched,
    )


def _opens(own: Edge, earlier: Edge | None) -> int:
    """Where the window of a part opens: as set, an edge that nobody set at the border of the gap."""
    border = _border(earlier, own) if earlier else None
    if border is None:
        return own.at - OPEN_WINDOW_SECONDS if own.reach is None else own.reach
    return border if own.reach is not None else max(border, own.at - OPEN_WINDOW_SECONDS)


def _closes(own: Edge, later: Edge | None) -> int:
    """Where it closes, by the same rules."""
    border = _border(own, later) if later else None
    if border is None:
        return own.at + OPEN_WINDOW_SECONDS if own.reach is None else own.reach
    return border if own.reach is not None else min(border, own.at + OPEN_WINDOW_SECONDS)


def _border(end: Edge, start: Edge) -> int | None:
    """Where the windows of two neighbouring parts meet; None where both were set and do not overlap.

    Overlapping windows are cut at the end of the earlier part. Nobody set either: the middle of the gap. One was set: there.
    """
    if end.reach is not None and start.reach is not None:
        return end.at if end.reach > start.reach else None
    edge = end.reach if end.reach is not None else start.reach
    if edge is None:
        return end.at + (start.at - end.at) // 2
    return edge if end.at <= edge <= start.at else end.at
