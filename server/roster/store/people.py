"""How people are called, for the trail and for lists."""

from collections.abc import Collection

from sqlalchemy import select

from server.directory.tables import person
from server.errors import NotFoundError
from server.roster.model import PersonName
from server.storage import UnitOfWork


def names_of(uow: UnitOfWork, person_ids: Collection[int]) -> dict[int, PersonName]:
    """Numbers and names of those of these people who exist."""
    query = select(person.c.id, person.c.employee_number, person.c.name).where(person.c.id.in_(person_ids))
    return {row.id: PersonName(row.id, row.employee_number, row.name) for row in uow.fetch_all(query)}


def name_of(uow: UnitOfWork, person_id: int) -> str:
    """What somebody is called; raises NotFoundError."""
    found = names_of(uow, [person_id])
    if not found:
        raise NotFoundError(what="person", name=person_id)
    return found[person_id].name


def everybody(uow: UnitOfWork) -> set[int]:
    """All who are or were here."""
    return {row.id for row in uow.fetch_all(select(person.c.id))}
