"""Which roster part a punch belongs to: the one whose window holds it, by the whole minute.

Where two windows meet at a border that nobody set, the border belongs to the later part; where they were cut, to the earlier one. A
punch with a label goes by it on such a border and between two parts without windows of their own: IN to the later, OUT to the earlier.
"""

from collections.abc import Sequence

from server.attendance.model.grants import Heading
from server.roster.model import PlannedPart


def part_of(parts: Sequence[PlannedPart], at: int, heading: Heading | None, first: int = 0) -> int | None:
    """Index of the part that the moment belongs to, None where no window holds it. parts: in order, looked at from `first` on."""
    minute = at - at % 60
    for index in range(first, len(parts)):
        part = parts[index]
        if minute < part.opens:
            return None
        if minute > part.closes:
            continue
        if index + 1 < len(parts) and _to_later(part, parts[index + 1], minute, heading):
            return index + 1
        if index > first and _to_earlier(parts[index - 1], part, minute, heading):
            return index - 1
        return index
    return None


def part_near(parts: Sequence[PlannedPart], at: int, heading: Heading | None) -> int | None:
    """As `part_of`, for a punch that the day has been given already: beyond an edge that nobody set it belongs to the part of that edge."""
    found = part_of(parts, at, heading)
    if found is not None:
        return found
    later = next((index for index, part in enumerate(parts) if at < part.start), len(parts))
    if later > 0 and not parts[later - 1].sure_close:
        return later - 1
    return later if later < len(parts) and not parts[later].sure_open else None


def _to_later(part: PlannedPart, later: PlannedPart, minute: int, heading: Heading | None) -> bool:
    if minute == part.closes == later.opens:
        return heading is Heading.IN or (heading is None and not (part.sure_close or later.sure_open))
    return heading is Heading.IN and _between(part, later, minute)


def _to_earlier(earlier: PlannedPart, part: PlannedPart, minute: int, heading: Heading | None) -> bool:
    return heading is Heading.OUT and _between(earlier, part, minute)


def _between(earlier: PlannedPart, later: PlannedPart, minute: int) -> bool:
    """Whether the moment lies in the gap of two parts whose windows meet at a border that nobody set."""
    meet = earlier.closes == later.opens and not earlier.sure_close and not later.sure_open
    return meet and earlier.end <= minute <= later.start
