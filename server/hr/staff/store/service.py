"""Reading and writing service before us."""

from collections import defaultdict
from collections.abc import Collection
from datetime import date

from sqlalchemy import delete, select, update

from server.hr.staff.model import PriorService
from server.hr.staff.tables import prior_service
from server.storage import UnitOfWork, portions


def prior_of(uow: UnitOfWork, person_ids: Collection[int]) -> dict[int, list[PriorService]]:
    """Service before us by person, the earliest first."""
    found: dict[int, list[PriorService]] = defaultdict(list)
    query = select(prior_service).order_by(prior_service.c.first_day, prior_service.c.id)
    for keys in portions(person_ids):
        for row in uow.fetch_all(query.where(prior_service.c.person_id.in_(keys))):
            found[row.person_id].append(PriorService(**row._mapping))  # noqa: SLF001 - SQLAlchemy's documented name for a row as a mapping
    return found


def add_prior(uow: UnitOfWork, person_id: int, employer: str, first_day: date, last_day: date, document_id: int | None) -> int:
    values = {"person_id": person_id, "employer": employer, "first_day": first_day, "last_day": last_day, "document_id": document_id}
    made = uow.execute(prior_service.insert().values(**values)).inserted_primary_key
    assert made is not None
    return int(made[0])


def prove_prior(uow: UnitOfWork, prior_id: int, document_id: int) -> None:
    uow.execute(update(prior_service).where(prior_service.c.id == prior_id).values(document_id=document_id))


def remove_prior(uow: UnitOfWork, prior_id: int) -> None:
    uow.execute(delete(prior_service).where(prior_service.c.id == prior_id))
