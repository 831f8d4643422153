"""Who stands above whom on a day: by manager, and by the heads of departments."""

from collections.abc import Collection, Mapping
from datetime import date, datetime

from server.audit.actions import record
from server.audit.model import Actor
from server.directory import store
from server.directory.engine import check_day, heads_with, terms_on
from server.directory.model import HeadSpan
from server.errors import InvalidInputError, NotFoundError
from server.storage import UnitOfWork


def manager_of(uow: UnitOfWork, person_id: int, day: date) -> int | None:
    """Somebody's manager on a day; None without one, or where the person is not employed on it."""
    terms = terms_on(store.spans(uow, [person_id], day, day)[person_id], day)
    return None if terms is None else terms.manager_id


def manager_chain(uow: UnitOfWork, person_id: int, day: date) -> list[int]:
    """The manager, the manager's manager and so on, the nearest first."""
    chain: list[int] = []
    above = manager_of(uow, person_id, day)
    while above is not None and above not in chain and above != person_id:
        chain.append(above)
        above = manager_of(uow, above, day)
    return chain


def head_of(uow: UnitOfWork, department_id: int, day: date) -> int | None:
    """The head of this very department on a day; somebody not employed on the day is no head."""
    return store.heads(uow, day).get(department_id)


def heads_on(uow: UnitOfWork, day: date) -> dict[int, int]:
    """The head of each department that has one on a day."""
    return store.heads(uow, day)


def heads_of(uow: UnitOfWork, department_id: int) -> list[HeadSpan]:
    """Everybody who was, is or will be the head of a department, in the order of days."""
    return store.head_spans(uow, department_id)


def department_chain(uow: UnitOfWork, department_id: int) -> list[int]:
    """A department and those above it, its own first."""
    return _chain(store.parents(uow), department_id)


def hired_on(uow: UnitOfWork, person_ids: Collection[int], day: date) -> dict[int, date]:
    """The first day of the employment that holds on a day, by person; who is not employed on it is left out. A re-hire counts anew."""
    return store.hired_on(uow, person_ids, day)


def set_head(uow: UnitOfWork, department_id: int, person_id: int | None, first_day: date, by: Actor, now: datetime) -> None:
    """Let somebody, or nobody, be the head of a department from a day on, until the next change that is entered already.

    Raises NotFoundError, InvalidInputError where the person is not employed on that day.
    """
    check_day(first_day, "first_day")
    held = next((one for one in store.departments(uow) if one.id == department_id), None)
    if held is None:
        raise NotFoundError(what="department", name=department_id)
    if person_id is not None and not store.spans(uow, [person_id], first_day, first_day)[person_id]:
        raise InvalidInputError(field="head", reason="this person is not employed on {day}", day=first_day)
    before = store.head_spans(uow, department_id)
    after = heads_with(before, person_id, first_day)
    if after == before:
        return
    store.write_heads(uow, department_id, after)
    was = next((one.person_id for one in before if one.first_day <= first_day <= (one.last_day or date.max)), None)
    numbers = store.numbers_of(uow, [one for one in (was, person_id) if one is not None])
    old, new = {"head": numbers.get(was or 0)}, {"head": numbers.get(person_id or 0), "from": first_day}
    record(
        uow,
        by,
        "department.head",
        "department",
        held.code,
        at=now,
        before=old,
        after=new,
        people=[one for one in (was, person_id) if one is not None],
    )


def _chain(parents: Mapping[int, int | None], department_id: int) -> list[int]:
    chain = [department_id]
    while (above := parents.get(chain[-1])) is not None and above not in chain:
        chain.append(above)
    return chain
