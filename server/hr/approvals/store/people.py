"""What approvals ask about people: who is employed on a day."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from sqlalchemy import and_, or_, select

from server.directory.tables import department, employment_span, person
from server.storage import UnitOfWork

MOST_NEAR = 200
"""Names that a form offers."""


def employed(uow: UnitOfWork, person_ids: Collection[int], day: date) -> frozenset[int]:
    """Those of these people who are employed on the day."""
    span = employment_span.c
    query = select(span.person_id).where(span.person_id.in_(list(person_ids)), span.first_day <= day, span.last_day >= day)
    return frozenset(row.person_id for row in uow.fetch_all(query))


def requesters(uow: UnitOfWork, person_ids: Collection[int]) -> dict[int, tuple[str, str, str]]:
    """(name, employee number, department or "") by person, as cards show them."""
    joined = person.outerjoin(department, department.c.id == person.c.department_id)
    query = select(person.c.id, person.c.name, person.c.employee_number, department.c.name.label("unit")).select_from(joined)
    rows = uow.fetch_all(query.where(person.c.id.in_(list(person_ids))))
    return {row.id: (row.name, row.employee_number, row.unit or "") for row in rows}


@dataclass(frozen=True, slots=True)
class Place:
    """Where somebody stands on a day."""

    manager_id: int | None
    department_id: int | None
    site_id: int | None
    legal_entity_id: int | None


def places(uow: UnitOfWork, day: date) -> dict[int, Place]:
    """Everybody who is employed on a day, by person."""
    span = employment_span.c
    query = select(span.person_id, span.manager_id, span.department_id, span.site_id, span.legal_entity_id)
    rows = uow.fetch_all(query.where(span.first_day <= day, span.last_day >= day))
    return {row.person_id: Place(row.manager_id, row.department_id, row.site_id, row.legal_entity_id) for row in rows}


def near(uow: UnitOfWork, person_id: int, day: date) -> list[int]:
    """Colleagues of somebody on a day: the manager, those with the same one, those below, and the same department."""
    span = employment_span.c
    today = (span.first_day <= day, span.last_day >= day)
    own = uow.fetch_one(select(span.manager_id, span.department_id).where(span.person_id == person_id, *today))
    if own is None:
        return []
    close = or_(
        span.person_id == own.manager_id,
        span.manager_id == person_id,
        and_(span.manager_id.is_not(None), span.manager_id == own.manager_id),
        and_(span.department_id.is_not(None), span.department_id == own.department_id),
    )
    query = select(span.person_id).where(close, span.person_id != person_id, *today).order_by(span.person_id)
    return [row.person_id for row in uow.fetch_all(query.limit(MOST_NEAR))]
