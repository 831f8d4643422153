"""Whose rows somebody may see: a scope of access, on a day, in persons of the directory.

A scope that is everybody's asks nothing of the database. What is dated is judged on its own date: a day is seen by whoever was above
the person on that day.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable
from datetime import date
from typing import Any

from sqlalchemy import Select, select

from server.access.model import Scope
from server.directory import store
from server.directory.model import Person
from server.errors import NotFoundError
from server.storage import UnitOfWork

DaysWithin = Callable[[int, date], bool]


def people_within(scope: Scope, day: date, last_day: date | None = None) -> Select[Any] | None:
    """A SELECT of person ids for `.in_()`: who is within the scope on the day, or on any day up to `last_day`; None: no limit."""
    if scope.everybody:
        return None
    return select(store.reach(scope, day, last_day or day).subquery().c.person_id)


def is_within(uow: UnitOfWork, scope: Scope, person_id: int, day: date) -> bool:
    """Whether a person is within the scope on a day."""
    return is_within_any(uow, scope, person_id, day, day)


def is_within_any(uow: UnitOfWork, scope: Scope, person_id: int, first: date, last: date) -> bool:
    """Whether a person is within the scope on a day of first..last."""
    reached = people_within(scope, first, last)
    if reached is None:
        return True
    found = reached.subquery()
    return uow.fetch_one(select(found.c.person_id).where(found.c.person_id == person_id).limit(1)) is not None


def find_person_within(uow: UnitOfWork, scope: Scope, employee_number: str, day: date) -> Person | None:
    """The person with this employee number, where they are within the scope on the day."""
    found = store.person_by_number(uow, employee_number)
    return found if found is not None and is_within(uow, scope, found.id, day) else None


def require_within(uow: UnitOfWork, scope: Scope, person_id: int, day: date) -> None:
    """Raises NotFoundError for somebody out of the scope, the same as for nobody: it never tells that somebody exists."""
    if not is_within(uow, scope, person_id, day):
        raise NotFoundError(what="person", name=person_id)


def require_days_within(uow: UnitOfWork, scope: Scope, days: Iterable[tuple[int, date]], what: str, name: object) -> None:
    """Raises NotFoundError of the thing where one of its (person, day) is out of the scope."""
    wanted = set() if scope.everybody else set(days)
    if not wanted:
        return
    within = days_within(uow, scope, min(day for _, day in wanted), max(day for _, day in wanted))
    if not all(within(person_id, day) for person_id, day in wanted):
        raise NotFoundError(what=what, name=name)


def days_within(uow: UnitOfWork, scope: Scope, first: date, last: date) -> DaysWithin:
    """A question for rows that each have a person and a day of first..last: is this one within the scope?"""
    if scope.everybody:
        return lambda _person_id, _day: True
    spans: dict[int, list[tuple[date, date]]] = defaultdict(list)
    for row in uow.fetch_all(store.reach(scope, first, last)):
        spans[row.person_id].append((row.first_day, row.last_day))
    return lambda person_id, day: any(start <= day <= end for start, end in spans.get(person_id, ()))
