"""What approvals ask about people: who is employed on a day."""

from collections.abc import Collection
from datetime import date

from sqlalchemy import and_, or_, select

from server.directory.tables import employment_span
from server.storage import UnitOfWork

MOST_NEAR = 200
"""Names that a form offers."""


def employed(uow: UnitOfWork, person_ids: Collection[int], day: date) -> frozenset[int]:
    """Those of these people who are employed on the day."""
    span = employment_span.c
    query = select(span.person_id).where(span.person_id.in_(list(person_ids)), span.first_day <= day, span.last_day >= day)
    return frozenset(row.person_id for row in uow.fetch_all(query))


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
