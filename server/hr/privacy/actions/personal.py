"""What the register of consents and its neighbours hold about somebody."""

from datetime import datetime

from sqlalchemy import ColumnElement, and_, update

from server.hr.privacy.tables import consent, erasure_due, erasure_hold, erasure_receipt, personal_export
from server.storage import DataSubject, Holding, UnitOfWork


def _reasons(one: DataSubject) -> ColumnElement[bool]:
    return and_(erasure_hold.c.person_id == one.person_id, erasure_hold.c.reason != "")


def _erase_reasons(uow: UnitOfWork, one: DataSubject, _now: datetime) -> int:
    return uow.execute(update(erasure_hold).where(_reasons(one)).values(reason="")).rowcount


HOLDINGS = (
    Holding(consent, "Consents", lambda one: consent.c.person_id == one.person_id),
    Holding(personal_export, "Files about a person", lambda one: personal_export.c.person_id == one.person_id),
    Holding(
        erasure_hold,
        "Kept from erasing",
        lambda one: erasure_hold.c.person_id == one.person_id,
        keep="person",
        goes=_reasons,
        erased=_erase_reasons,
    ),
    Holding(erasure_due, "To be erased", lambda one: erasure_due.c.person_id == one.person_id),
    Holding(erasure_receipt, "Receipts", lambda one: erasure_receipt.c.person_id == one.person_id, secret=("digest",)),
)
