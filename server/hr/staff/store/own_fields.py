"""Reading and writing HR's own fields, what records have in them, and emergency contacts."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Row, delete, select, update

from server.hr.staff.model import Contact, DocumentAccess, FieldKind, OwnField
from server.hr.staff.tables import emergency_contact, own_field, own_field_value
from server.storage import UnitOfWork, upsert


def own_fields(uow: UnitOfWork) -> list[OwnField]:
    """All fields in their order, archived ones, too."""
    return [
        OwnField(row.id, row.name, FieldKind(row.kind), tuple(row.choices), row.needed, DocumentAccess(row.access), row.place, row.archived)
        for row in uow.fetch_all(select(own_field).order_by(own_field.c.archived, own_field.c.place, own_field.c.id))
    ]


def add_own_field(uow: UnitOfWork, wanted: OwnField) -> int:
    made = uow.execute(own_field.insert().values(**_row(wanted))).inserted_primary_key
    assert made is not None
    return int(made[0])


def change_own_field(uow: UnitOfWork, wanted: OwnField) -> None:
    uow.execute(update(own_field).where(own_field.c.id == wanted.id).values(**_row(wanted)))


def values_of(uow: UnitOfWork, person_id: int) -> dict[int, str]:
    """What a record has in the fields, by field, opened."""
    value = own_field_value.c
    rows = uow.fetch_all(select(value.field_id, value.sealed).where(value.person_id == person_id))
    return {row.field_id: uow.vault.open(bytes(row.sealed), _place(person_id, row.field_id)) for row in rows}


def write_values(uow: UnitOfWork, person_id: int, values: Mapping[int, str], now: datetime) -> None:
    """Let a record have these values; "" takes one away."""
    value = own_field_value.c
    gone = [field_id for field_id, text in values.items() if not text]
    if gone:
        uow.execute(delete(own_field_value).where(value.person_id == person_id, value.field_id.in_(gone)))
    rows = [
        {"person_id": person_id, "field_id": key, "sealed": uow.vault.seal(text, _place(person_id, key)), "changed_at": now}
        for key, text in values.items()
        if text
    ]
    upsert(uow, own_field_value, rows, ("person_id", "field_id"))


def contacts_of(uow: UnitOfWork, person_id: int) -> list[Contact]:
    """Whom to call, in the order in which they were entered."""
    contact = emergency_contact.c
    rows = uow.fetch_all(select(emergency_contact).where(contact.person_id == person_id).order_by(contact.id))
    return [Contact(row.id, person_id, *json.loads(uow.vault.open(bytes(row.sealed), _contact_place(person_id)))) for row in rows]


def add_contact(uow: UnitOfWork, person_id: int, name: str, relation: str, mobile: str) -> None:
    sealed = uow.vault.seal(json.dumps([name, relation, mobile], ensure_ascii=False), _contact_place(person_id))
    uow.execute(emergency_contact.insert().values(person_id=person_id, sealed=sealed))


def remove_contact(uow: UnitOfWork, contact_id: int) -> None:
    uow.execute(delete(emergency_contact).where(emergency_contact.c.id == contact_id))


def opened_value(uow: UnitOfWork, row: Row[Any]) -> dict[str, str]:
    """What a row of values says."""
    return {"value": uow.vault.open(bytes(row.sealed), _place(row.person_id, row.field_id))}


def opened_contact(uow: UnitOfWork, row: Row[Any]) -> dict[str, str]:
    """What a row of contacts says."""
    name, relation, mobile = json.loads(uow.vault.open(bytes(row.sealed), _contact_place(row.person_id)))
    return {"name": name, "relation": relation, "mobile": mobile}


def _row(wanted: OwnField) -> dict[str, Any]:
    row = {name: getattr(wanted, name) for name in OwnField.__dataclass_fields__ if name != "id"}
    return row | {"kind": wanted.kind.value, "access": wanted.access.value, "choices": list(wanted.choices)}


def _place(person_id: int, field_id: int) -> str:
    return f"own-field/{person_id}/{field_id}"


def _contact_place(person_id: int) -> str:
    return f"emergency-contact/{person_id}"
