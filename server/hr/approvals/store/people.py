"""What approvals ask about people: who is employed on a day."""

from collections.abc import Collection
from datetime import date

from sqlalchemy import select

from server.directory.tables import employment_span
from server.storage import UnitOfWork


def employed(uow: UnitOfWork, person_ids: Collection[int], day: date) -> frozenset[int]:
    """Those of these people who are employed on the day."""
    span = employment_span.c
    query = select(span.person_id).where(span.person_id.in_(list(person_ids)), span.first_day <= day, span.last_day >= day)
    return frozenset(row.person_id for row in uow.fetch_all(query))
