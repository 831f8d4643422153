"""What stands on somebody's days already, for those above who want to add to it: grants that hold, periods that are closed."""

from collections.abc import Collection
from datetime import date, timedelta

from server.attendance.model import StoredGrant
from server.attendance.store.days import locks_between
from server.attendance.store.grants import grants_touching, leave_touching
from server.storage import UnitOfWork


def grants_between(uow: UnitOfWork, person_ids: Collection[int], first: date, last: date) -> dict[int, list[StoredGrant]]:
    """By person the grants that hold and can matter to a day of first..last, in the order they were recorded; nobody is left out."""
    found = grants_touching(uow, person_ids, first, last)
    return {person_id: found.get(person_id, []) for person_id in person_ids}


def leave_granted(uow: UnitOfWork, person_ids: Collection[int], first: date, last: date) -> list[StoredGrant]:
    """Leave that touches first..last and was recorded otherwise than by a request, withdrawn or not; of requests what was withdrawn."""
    return leave_touching(uow, person_ids, first, last)


def closed_days(uow: UnitOfWork, person_ids: Collection[int], first: date, last: date) -> dict[int, frozenset[date]]:
    """By person the days of first..last that belong to a closed period; nobody is left out."""
    locks = locks_between(uow, person_ids, first, last)
    return {person_id: frozenset(_days(locks.get(person_id, ()), first, last)) for person_id in person_ids}


def _days(locks: Collection[tuple[date, date, int]], first: date, last: date) -> set[date]:
    days = set()
    for since, until, _ in locks:
        begin, end = max(since, first), min(until, last)
        days |= {begin + timedelta(days=number) for number in range((end - begin).days + 1)}
    return days
