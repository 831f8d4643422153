"""How punches become IN and OUT. What somebody said and the rules believe stays; the rest is read from the roster or from the order."""

from collections.abc import Sequence

from server.attendance.engine.day.entries import Entry, said_heading
from server.attendance.model.grants import Heading
from server.attendance.model.rules import DayRules, Direction, Pairing
from server.roster.model import PlannedDay, PlannedPart, RequiredPunches

IN, OUT = Heading.IN, Heading.OUT
_OTHER = {IN: OUT, OUT: IN, None: IN}


def set_directions(entries: Sequence[Entry], plan: PlannedDay, rules: DayRules) -> None:
    """Give each entry its heading. entries: those that count, of one shift, in order. With LABEL, one that has no label is not used."""
    said = 0
    for entry in entries:
        entry.heading = said_heading(entry.punch, rules)
        said += entry.heading is not None
    if said == len(entries):
        return
    for entry in entries:
        entry.inferred = entry.heading is None
    direction = rules.direction
    if direction is Direction.LABEL:
        for entry in entries:
            entry.reason = "" if entry.heading else "unused.no-label"
    elif direction is Direction.FIRST_LAST:
        _first_and_last(entries, plan)
    elif direction is Direction.ALTERNATE or not plan.parts:
        for shift in _alternating(entries, plan):
            _alternate(shift)
        _mend_break(entries, plan)
    else:
        _by_roster(entries, plan)
    if rules.pairing is Pairing.FIRST_LAST and len(entries) > 1 and entries[-1].inferred:
        entries[-1].heading, entries[-1].reason = OUT, ""


def _alternating(entries: Sequence[Entry], plan: PlannedDay) -> list[Sequence[Entry]]:
    """What alternates by itself: the day; the parts one by one where an odd number says that a punch is missing somewhere."""
    if len(plan.parts) < 2 or len(entries) % 2 == 0:
        return [entries]
    return [[entry for entry in entries if entry.part == index] for index in range(len(plan.parts))]


def _alternate(entries: Sequence[Entry]) -> None:
    before = None
    for entry in entries:
        if entry.inferred:
            entry.heading = _OTHER[before]
        before = entry.heading


def _by_roster(entries: Sequence[Entry], plan: PlannedDay) -> None:
    """In each part the first is IN, the last OUT, those between alternate; a single one is IN up to the middle of the part."""
    for index, part in enumerate(plan.parts):
        own = [entry for entry in entries if entry.part == index]
        if len(own) == 1:
            if own[0].inferred:
                own[0].heading = _single(own[0], part, plan)
            continue
        before = None
        for place, entry in enumerate(own):
            if entry.inferred:
                entry.heading = OUT if place == len(own) - 1 else _OTHER[before]
            before = entry.heading


def _single(entry: Entry, part: PlannedPart, plan: PlannedDay) -> Heading:
    if plan.required_punches is RequiredPunches.IN_ONLY:
        return IN
    if plan.required_punches is RequiredPunches.OUT_ONLY:
        return OUT
    return IN if entry.at * 2 <= part.start + part.end else OUT


def _first_and_last(entries: Sequence[Entry], plan: PlannedDay) -> None:
    first, last = entries[0], entries[-1]
    if first is last:
        part = plan.parts[first.part] if first.part is not None else None
        if first.inferred:
            first.heading = _single(first, part, plan) if part else IN
        return
    for entry in entries[1:-1]:
        if entry.inferred:
            entry.reason = "unused.between"
    first.heading = IN if first.inferred else first.heading
    last.heading = OUT if last.inferred else last.heading


def _mend_break(entries: Sequence[Entry], plan: PlannedDay) -> None:
    """IN, OUT at a roster break, one more at the end: an IN by the order, but it is the punch after the break that is missing."""
    if not plan.parts or len(entries) < 3 or len(entries) % 2 == 0:
        return
    last = entries[-1]
    if last.inferred and last.at * 2 > plan.parts[-1].start + plan.parts[-1].end and break_beside(plan, entries[-2].at, last.at):
        last.heading = OUT


BREAK_REACH = 3600
"""Somebody who goes out at most this long before a roster break goes out for it."""


def break_beside(plan: PlannedDay, left: int, back: int) -> tuple[int, int] | None:
    """The unpaid roster break that somebody left for at `left` and was certainly back from at `back`."""
    for part in plan.parts:
        for one in part.breaks:
            if one.start is None or one.end is None or one.paid:
                continue
            if one.start - BREAK_REACH <= left <= one.end <= back and left >= part.start:
                return one.start, one.end
    return None
