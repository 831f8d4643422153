"""The list of the staff, and who in it may be the same person as somebody new."""

from collections.abc import Collection
from datetime import date

from server.directory import store
from server.directory.model import Person, StaffLine, StaffPage, StaffQuestion, StaffState
from server.directory.store import StaffKey
from server.errors import NotFoundError
from server.storage import UnitOfWork

MOST_COUNTED = 10_001
"""A list is counted no further: 10,000 is said exactly, more than that only as more."""
MOST_ALIKE = 10


def list_staff(uow: UnitOfWork, asked: StaffQuestion, after: StaffKey | None, limit: int) -> StaffPage:
    """The lines of a list behind a place, at most so many."""
    return store.list_staff(uow, asked, after, limit)


def count_staff(uow: UnitOfWork, asked: StaffQuestion) -> int:
    """How many a list has, at most `MOST_COUNTED`."""
    return store.count_staff(uow, asked, MOST_COUNTED)


def staff_line(uow: UnitOfWork, person_id: int, day: date) -> StaffLine:
    """Somebody as they stand on a day; raises NotFoundError."""
    found = store.list_staff(uow, StaffQuestion(day, person_id=person_id, state=StaffState.ALL), None, 1).lines
    if not found:
        raise NotFoundError(what="person", name=person_id)
    return found[0]


def only_within(uow: UnitOfWork, person_ids: Collection[int], within: store.Within) -> set[int]:
    """Those of these people who are within; all of them where nothing limits it."""
    return store.only_within(uow, person_ids, within)


def likely_same(uow: UnitOfWork, name: str) -> list[Person]:
    """Who is known already by this name, or by one that sounds the same; at most ten."""
    return store.sounding_like(uow, name, MOST_ALIKE)
