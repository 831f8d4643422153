"""Reading assessed days."""

from collections.abc import Collection
from datetime import date

from server.attendance.model import DaySigns, StoredDay
from server.attendance.store import days as store
from server.errors import NotFoundError
from server.storage import UnitOfWork


def days_of(uow: UnitOfWork, person_id: int, first: date, last: date) -> list[StoredDay]:
    """A person's days from first to last that have been assessed, in order, without their steps."""
    return store.days_between(uow, [person_id], first, last)[person_id]


def explained_days_of(uow: UnitOfWork, person_id: int, first: date, last: date) -> list[StoredDay]:
    """The same with their steps."""
    return store.days_between(uow, [person_id], first, last, explained=True)[person_id]


def days_of_people(uow: UnitOfWork, person_ids: Collection[int], first: date, last: date) -> dict[int, list[StoredDay]]:
    """As `days_of`, for several people; nobody is left out."""
    return store.days_between(uow, person_ids, first, last)


def day_of(uow: UnitOfWork, person_id: int, day: date) -> StoredDay:
    """One day with its steps; raises NotFoundError where nothing was assessed."""
    found = explained_days_of(uow, person_id, day, day)
    if not found:
        raise NotFoundError(what="attendance day", name=f"{person_id}/{day}")
    return found[0]


def month_rows(uow: UnitOfWork, person_ids: Collection[int], first: date, last: date) -> dict[int, list[DaySigns]]:
    """What a grid shows of these people's days, in order, by person; nobody is left out, days without a result are."""
    return store.signs_between(uow, person_ids, first, last)


def forget_people(uow: UnitOfWork, person_ids: Collection[int]) -> None:
    """Let go of what was worked out for people who are being taken back as if they had never been entered."""
    store.forget_people(uow, person_ids)
