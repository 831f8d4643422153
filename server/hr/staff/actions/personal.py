"""What staff records hold about somebody; sealed values are opened, and each kind is erased when its time is over."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, and_, delete, func, select, update

from server.hr.staff.store.documents import documents_of, name_of, opened_parts
from server.hr.staff.store.facts import place
from server.hr.staff.store.own_changes import change_place, opened_change
from server.hr.staff.store.own_fields import opened_contact, opened_value
from server.hr.staff.tables import (
    contract,
    contract_reminder,
    document,
    document_part,
    emergency_contact,
    own_change,
    own_field_value,
    personal_fact,
    prior_service,
)
from server.storage import DataSubject, Holding, UnitOfWork


def _fact(uow: UnitOfWork, row: Row[Any]) -> Mapping[str, Any]:
    return {"value": uow.vault.open(bytes(row.sealed), place(row.person_id, row.field))}


def _document(uow: UnitOfWork, row: Row[Any]) -> Mapping[str, Any]:
    return {"name": name_of(uow, row)} if row.removed_at is None else {}


def _documents(one: DataSubject) -> ColumnElement[bool]:
    return document.c.person_id == one.person_id


def _documents_left(one: DataSubject) -> ColumnElement[bool]:
    return and_(_documents(one), document.c.removed_at.is_(None))


def _parts(one: DataSubject) -> ColumnElement[bool]:
    return document_part.c.document_id.in_(select(document.c.id).where(_documents(one)))


def _erase_documents(uow: UnitOfWork, one: DataSubject, now: datetime) -> int:
    """Name and content; that there was one stays, as it does when one is removed by hand."""
    uow.execute(update(prior_service).where(prior_service.c.person_id == one.person_id).values(document_id=None))
    uow.execute(delete(document_part).where(_parts(one)))
    gone = update(document).where(_documents_left(one))
    return uow.execute(gone.values(removed_at=now, sealed_name=b"")).rowcount


def _reminders(one: DataSubject) -> ColumnElement[bool]:
    return contract_reminder.c.contract_id.in_(select(contract.c.id).where(contract.c.person_id == one.person_id))


EMPTY = "{}"
EMPTY_BYTES = 31
"""Of a sealed change that asks for nothing: version, nonce, two characters, tag."""


def _changes_left(one: DataSubject) -> ColumnElement[bool]:
    return and_(own_change.c.person_id == one.person_id, func.length(own_change.c.sealed) > EMPTY_BYTES)


def _erase_changes(uow: UnitOfWork, one: DataSubject, _now: datetime) -> int:
    """What was asked for, and why; that something was asked for stays, because approvals speak of it."""
    sealed = uow.vault.seal(EMPTY, change_place(one.person_id))
    return uow.execute(update(own_change).where(_changes_left(one)).values(sealed=sealed, reason="")).rowcount


def files(uow: UnitOfWork, one: DataSubject) -> Iterator[tuple[str, Iterator[bytes]]]:
    """The documents themselves: a name for each that no other has, and its content piece by piece."""
    for found in documents_of(uow, one.person_id):
        yield f"{found.id}-{found.name}", opened_parts(uow, found)


HOLDINGS = (
    Holding(
        personal_fact,
        "Personal data",
        lambda one: personal_fact.c.person_id == one.person_id,
        opened=_fact,
        secret=("sealed", "search"),
        keep="record",
    ),
    Holding(
        own_field_value,
        "Fields of records",
        lambda one: own_field_value.c.person_id == one.person_id,
        opened=opened_value,
        secret=("sealed",),
        keep="record",
    ),
    Holding(
        emergency_contact,
        "Emergency contacts",
        lambda one: emergency_contact.c.person_id == one.person_id,
        opened=opened_contact,
        secret=("sealed",),
        keep="record",
    ),
    Holding(
        own_change,
        "Changes asked for",
        lambda one: own_change.c.person_id == one.person_id,
        opened=opened_change,
        secret=("sealed",),
        keep="record",
        goes=_changes_left,
        erased=_erase_changes,
    ),
    Holding(prior_service, "Service before us", lambda one: prior_service.c.person_id == one.person_id, keep="record"),
    Holding(contract_reminder, "Reminders of contracts", _reminders, keep="record"),
    Holding(contract, "Contracts", lambda one: contract.c.person_id == one.person_id, keep="record"),
    Holding(
        document,
        "Documents",
        _documents,
        opened=_document,
        secret=("sealed_name",),
        keep="documents",
        goes=_documents_left,
        erased=_erase_documents,
    ),
    Holding(document_part, "Pieces of documents", _parts, secret=("sealed",), keep="documents"),
)
