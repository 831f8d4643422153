"""People, one at a time; files of them are in `imports`."""

from collections.abc import Collection
from datetime import date, datetime
from typing import Any

from sqlalchemy import Select

from server.audit.actions import record
from server.audit.model import Actor
from server.directory import store
from server.directory.actions.employments import NewEvent, add_event
from server.directory.actions.terms import today_of
from server.directory.model import Enrolment, EventKind, Person, PersonOverview, sort_key
from server.directory.tables import person
from server.errors import InvalidInputError, NotFoundError, RefusedError
from server.storage import UnitOfWork

LONGEST, LONGEST_NAME = 64, 100


def add_person(
    uow: UnitOfWork,
    employee_number: str,
    name: str,
    by: Actor,
    now: datetime,
    *,
    department_id: int | None = None,
    site_id: int | None = None,
    hired_on: date | None = None,
) -> Person:
    """Add a person and hire them; raises InvalidInputError, or RefusedError when the number is taken.

    hired_on: None where it is not known; then the employment begins today, and earlier as soon as an enrolment shows it.
    """
    first, known = hired_on or today_of(uow, now), hired_on is not None
    sets = {"department_id": department_id, "site_id": site_id}
    return hire_person(uow, employee_number, name, NewEvent(EventKind.HIRE, first, sets, hired_on_known=known), by, now)


def hire_person(
    uow: UnitOfWork, employee_number: str, name: str, hire: NewEvent, by: Actor, now: datetime, *, probation_until: date | None = None
) -> Person:
    """Add somebody new with the event that hires them, and their probation where there is one.

    Raises InvalidInputError, or RefusedError when the number is taken.
    """
    employee_number, name = employee_number.strip(), name.strip()
    if not employee_number or len(employee_number) > LONGEST:
        raise InvalidInputError(field="employee_number", reason="use 1 to {most} characters", most=LONGEST)
    if not 1 <= len(name) <= LONGEST_NAME:
        raise InvalidInputError(field="name", reason="use 1 to {most} characters", most=LONGEST_NAME)
    if store.person_by_number(uow, employee_number):
        raise RefusedError(reason="There is a person with the number {number} already.", number=employee_number)
    uow.execute(person.insert().values(employee_number=employee_number, name=name, name_sort=sort_key(name), active=True))
    added = store.person_by_number(uow, employee_number)
    assert added is not None
    record(uow, by, "person.add", "person", employee_number, at=now, after={"name": name}, people=(added.id,))
    add_event(uow, added.id, hire, by, now)
    if probation_until is not None:
        add_event(uow, added.id, NewEvent(EventKind.PROBATION, hire.effective_on, until=probation_until), by, now)
    found = store.person_by_id(uow, added.id)
    assert found is not None
    return found


def find_person(uow: UnitOfWork, employee_number: str) -> Person | None:
    """The person with this employee number."""
    return store.person_by_number(uow, employee_number)


def person_with_number(uow: UnitOfWork, employee_number: str) -> int | None:
    """Whose employee number this is, as people type it to sign in."""
    found = store.person_by_number(uow, employee_number)
    return None if found is None else found.id


def people_by_number(uow: UnitOfWork) -> dict[str, Person]:
    """Everybody, by employee number."""
    return store.people_by_number(uow)


def names_of(uow: UnitOfWork, person_ids: Collection[int]) -> dict[int, str]:
    """Names by person."""
    return store.names_of(uow, person_ids)


def numbers_of(uow: UnitOfWork, person_ids: Collection[int]) -> dict[int, str]:
    """Employee numbers of these people, of those that there are."""
    return store.numbers_of(uow, person_ids)


def list_people(
    uow: UnitOfWork,
    *,
    text: str = "",
    department_id: int | None = None,
    site_id: int | None = None,
    active: bool | None = True,
    after: tuple[str, int] | None = None,
    limit: int = 50,
    within: Select[Any] | None = None,
) -> list[tuple[PersonOverview, tuple[str, int]]]:
    """People by the sound of their names, each with the key that `after` takes; see `store.list_people`."""
    asked: dict[str, Any] = {"text": text, "department_id": department_id, "site_id": site_id, "active": active}
    return store.list_people(uow, **asked, after=after, limit=limit, within=within)


def see_person(uow: UnitOfWork, person_id: int) -> tuple[PersonOverview, list[Enrolment]]:
    """One person with all enrolments, the latest first; raises NotFoundError."""
    found = store.overview(uow, person_id)
    if found is None:
        raise NotFoundError(what="person", name=person_id)
    return found, store.enrolments_of(uow, person_id)
