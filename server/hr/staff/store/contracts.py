"""Reading and writing contracts."""

from collections import defaultdict
from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import Row, select, update

from server.hr.staff.model import Contract, ContractKind, ContractTerms
from server.hr.staff.tables import contract
from server.storage import UnitOfWork, portions


def contracts_of(uow: UnitOfWork, person_ids: Collection[int]) -> dict[int, list[Contract]]:
    """Contracts by person in the order of their days, withdrawn ones, too."""
    found: dict[int, list[Contract]] = defaultdict(list)
    query = select(contract).order_by(contract.c.first_day, contract.c.id)
    for keys in portions(person_ids):
        for row in uow.fetch_all(query.where(contract.c.person_id.in_(keys))):
            found[row.person_id].append(_contract(row))
    return found


def contract_by_id(uow: UnitOfWork, contract_id: int) -> Contract | None:
    row = uow.fetch_one(select(contract).where(contract.c.id == contract_id))
    return None if row is None else _contract(row)


def add_contract(uow: UnitOfWork, person_id: int, terms: ContractTerms, author: str, now: datetime) -> int:
    values: dict[str, Any] = {name: getattr(terms, name) for name in ContractTerms.__dataclass_fields__} | {"kind": terms.kind.value}
    values |= {"person_id": person_id, "author": author, "recorded_at": now, "withdrawn_by": "", "withdraw_reason": ""}
    made = uow.execute(contract.insert().values(**values)).inserted_primary_key
    assert made is not None
    return int(made[0])


def withdraw_contract(uow: UnitOfWork, contract_id: int, by: str, reason: str, now: datetime) -> None:
    values = {"withdrawn_at": now, "withdrawn_by": by, "withdraw_reason": reason}
    uow.execute(update(contract).where(contract.c.id == contract_id).values(**values))


def _contract(row: Row[Any]) -> Contract:
    terms = ContractTerms(
        kind=ContractKind(row.kind),
        first_day=row.first_day,
        last_day=row.last_day,
        probation_until=row.probation_until,
        signed_on=row.signed_on,
        signing_order=row.signing_order,
        asked_fixed=row.asked_fixed,
        task=row.task,
        document_id=row.document_id,
    )
    return Contract(row.id, row.person_id, terms, row.author, row.recorded_at, row.withdrawn_at, row.withdrawn_by, row.withdraw_reason)
