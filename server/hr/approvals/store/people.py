"""What approvals ask about people: who has a role, and who is employed."""

from collections.abc import Collection
from datetime import date

from sqlalchemy import select

from server.access.model import AccountState
from server.access.tables import account, account_role
from server.directory.tables import employment_span
from server.storage import UnitOfWork


def people_with_role(uow: UnitOfWork, role: str) -> list[int]:
    """People whose account has the role and is not disabled, in the order of their ids."""
    joined = account.join(account_role, account_role.c.account_id == account.c.id)
    active = account.c.state == AccountState.ACTIVE.value
    query = select(account.c.person_id).select_from(joined).where(account_role.c.role == role, active, account.c.person_id.is_not(None))
    return sorted({row.person_id for row in uow.fetch_all(query)})


def employed(uow: UnitOfWork, person_ids: Collection[int], day: date) -> frozenset[int]:
    """Those of these people who are employed on the day."""
    span = employment_span.c
    query = select(span.person_id).where(span.person_id.in_(list(person_ids)), span.first_day <= day, span.last_day >= day)
    return frozenset(row.person_id for row in uow.fetch_all(query))
