"""What a cell of the roster should be, as one number: how the grid and its history write it."""

from collections.abc import Iterable, Mapping
from datetime import date

from server.roster.model import Entry, EntryKind, Wish

PATTERN, REST = -1, 0
"""Back to what the pattern gives; a day of rest. Any higher number is a shift's."""

Cell = tuple[int, date]
"""A person and a day."""


def mark_of(kind: EntryKind, shift_id: int | None) -> int:
    match kind:
        case EntryKind.PATTERN:
            return PATTERN
        case EntryKind.REST:
            return REST
        case EntryKind.SHIFT:
            assert shift_id is not None, "an entry of a shift names it"
            return shift_id


def wish_of(cell: Cell, mark: int) -> Wish:
    """The wish that a mark is for a cell."""
    person_id, day = cell
    if mark > REST:
        return Wish(person_id, day, EntryKind.SHIFT, mark)
    return Wish(person_id, day, EntryKind.REST if mark == REST else EntryKind.PATTERN)


def wanted(entries: Iterable[Entry]) -> dict[Cell, int]:
    """What is wanted of each cell that has an entry: its draft's mark, else what is published."""
    found: dict[Cell, int] = {}
    for one in sorted(entries, key=lambda entry: entry.draft):
        found[(one.person_id, one.day)] = mark_of(one.kind, one.shift_id)
    return found


def published(entries: Iterable[Entry]) -> dict[Cell, int]:
    """What is published of each cell that has an entry."""
    return {(one.person_id, one.day): mark_of(one.kind, one.shift_id) for one in entries if not one.draft}


def first_difference(now: Mapping[Cell, int], then: Mapping[Cell, int]) -> Cell | None:
    """The first cell that is no longer as it was then; None where all are."""
    return next((cell for cell in sorted(then) if now.get(cell, PATTERN) != then[cell]), None)
