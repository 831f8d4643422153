"""Who reports to whom on a day, level by level: the whole company is never read at once."""

from datetime import date

from sqlalchemy import ColumnElement, and_, exists, func, select

from server.directory.model import Reporting
from server.directory.store.employments import Within
from server.directory.tables import department, employment_span, person, position
from server.storage import UnitOfWork

SPAN = employment_span.c


def reports_of(uow: UnitOfWork, manager_id: int | None, day: date, within: Within, limit: int) -> list[Reporting]:
    """Who reports to somebody on a day; None: whoever has no manager there, or none of those within.

    Who manages most comes first.
    """
    below = employment_span.alias("below")
    count = select(func.count()).where(below.c.manager_id == person.c.id, *_on(below.c, day))
    if within is not None:
        count = count.where(below.c.person_id.in_(within))
    managed = count.scalar_subquery().label("managed")
    joined = employment_span.join(person, person.c.id == SPAN.person_id).outerjoin(position, position.c.id == SPAN.position_id)
    joined = joined.outerjoin(department, department.c.id == SPAN.department_id)
    names = (position.c.name.label("position"), department.c.name.label("department"))
    query = select(person.c.id, person.c.name, person.c.employee_number, *names, managed).select_from(joined)
    query = query.where(*_on(SPAN, day), SPAN.manager_id == manager_id if manager_id is not None else _at_top(day, within))
    if within is not None:
        query = query.where(SPAN.person_id.in_(within))
    rows = uow.fetch_all(query.order_by(managed.desc(), person.c.name_sort, person.c.id).limit(limit))
    return [Reporting(row.id, row.name, row.employee_number, row.position, row.department, row.managed) for row in rows]


def _at_top(day: date, within: Within) -> ColumnElement[bool]:
    """Nobody above who is employed on the day and may be seen."""
    above = employment_span.alias("above")
    seen = and_(above.c.person_id == SPAN.manager_id, *_on(above.c, day))
    found = select(above.c.person_id).where(seen)
    if within is not None:
        found = found.where(above.c.person_id.in_(within))
    return ~exists(found.correlate(employment_span))


def _on(columns: object, day: date) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return columns.first_day <= day, columns.last_day >= day  # type: ignore[attr-defined]  # of a span, or of an alias of it
