"""HR's own fields, what records have in them, and emergency contacts."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from server.audit.actions import record, record_look
from server.audit.model import Actor
from server.directory import actions as directory
from server.errors import InvalidInputError, NotFoundError
from server.hr.staff import store
from server.hr.staff.actions.identity import known_person
from server.hr.staff.engine.identity import written
from server.hr.staff.engine.own_fields import checked_choices, checked_name, checked_value
from server.hr.staff.model import Contact, DocumentAccess, Fact, FieldKind, OwnField, WantedContact
from server.storage import UnitOfWork

MOST_FIELDS, MOST_CONTACTS = 40, 5


def own_fields(uow: UnitOfWork) -> list[OwnField]:
    """All fields in their order, archived ones at the end."""
    return store.own_fields(uow)


def add_own_field(
    uow: UnitOfWork, name: str, kind: FieldKind, choices: str, *, needed: bool, access: DocumentAccess, by: Actor, now: datetime
) -> OwnField:
    """Define a field; choices: one a line. Raises InvalidInputError."""
    name, there = checked_name(name), store.own_fields(uow)
    _check_free(name, there)
    if len(there) >= MOST_FIELDS:
        raise InvalidInputError(
            field="name", reason="there are {most} fields already: use one of the archived ones again", most=MOST_FIELDS
        )
    place = max((one.place for one in there), default=0) + 1
    wanted = OwnField(0, name, kind, checked_choices(kind, choices), needed, access, place, archived=False)
    made = replace(wanted, id=store.add_own_field(uow, wanted))
    record(uow, by, "own-field.add", "own field", name, at=now, after=_told(made))
    return made


def change_own_field(
    uow: UnitOfWork,
    field_id: int,
    name: str,
    choices: str,
    *,
    needed: bool,
    access: DocumentAccess,
    place: int,
    archived: bool,
    by: Actor,
    now: datetime,
) -> OwnField:
    """All of a field but its kind can be changed; values of before stay as they are. Raises NotFoundError, InvalidInputError."""
    there = store.own_fields(uow)
    held = next((one for one in there if one.id == field_id), None)
    if held is None:
        raise NotFoundError(what="own field", name=field_id)
    name = checked_name(name)
    _check_free(name, [one for one in there if one.id != field_id])
    if not 1 <= place <= 999:
        raise InvalidInputError(field="place", reason="use a number from {fewest} to {most}", fewest=1, most=999)
    wanted = OwnField(held.id, name, held.kind, checked_choices(held.kind, choices), needed, access, place, archived)
    if wanted != held:
        store.change_own_field(uow, wanted)
        record(uow, by, "own-field.change", "own field", name, at=now, before=_told(held), after=_told(wanted))
    return wanted


def own_values(uow: UnitOfWork, person_id: int) -> dict[int, str]:
    """What a record has in the own fields, by field."""
    return store.values_of(uow, person_id)


def change_own_values(uow: UnitOfWork, person_id: int, typed: Mapping[int, str], by: Actor, now: datetime) -> bool:
    """Fill in own fields of a record; "" takes a value away. Returns whether anything is new. Raises NotFoundError, InvalidInputError."""
    who, fields = known_person(uow, person_id), {one.id: one for one in store.own_fields(uow) if not one.archived}
    if typed.keys() - fields.keys():
        raise NotFoundError(what="own field", name=min(typed.keys() - fields.keys()))
    held = store.values_of(uow, person_id)
    new = {key: _checked(uow, fields[key], text) for key, text in typed.items()}
    changed = {key: text for key, text in new.items() if held.get(key, "") != text}
    if not changed:
        return False
    store.write_values(uow, person_id, changed, now)
    after = {"filled": [fields[key].name for key, text in changed.items() if text]}
    before = {"emptied": gone} if (gone := [fields[key].name for key, text in changed.items() if not text]) else None
    record(uow, by, "own-field.fill", "person", who.employee_number, at=now, before=before, after=after, people=(who.id,))
    return True


def contacts_of(uow: UnitOfWork, person_id: int) -> list[Contact]:
    """Whom to call in an emergency."""
    return store.contacts_of(uow, person_id)


def look_at_contacts(uow: UnitOfWork, person_id: int, by: Actor, now: datetime) -> list[Contact]:
    """Contacts in full, for whoever has the permission; the look is on the trail."""
    who, found = known_person(uow, person_id), store.contacts_of(uow, person_id)
    if found:
        record_look(uow, by, "emergency_contact", who.employee_number, who.id, now)
    return found


def add_contact(uow: UnitOfWork, person_id: int, name: str, relation: str, mobile: str, by: Actor, now: datetime) -> None:
    """Raises NotFoundError, InvalidInputError."""
    who = known_person(uow, person_id)
    made = checked_contact(WantedContact(name, relation, mobile), len(store.contacts_of(uow, person_id)))
    store.add_contact(uow, person_id, made.name, made.relation, made.mobile)
    record(uow, by, "contact.add", "person", who.employee_number, at=now, people=(who.id,))


def checked_contact(new: WantedContact, others: int) -> WantedContact:
    """A contact in its written form. others: how many there are beside it. Raises InvalidInputError."""
    number = written(Fact.MOBILE, new.mobile)
    if not number:
        raise InvalidInputError(field="mobile", reason="give the number to call")
    if others >= MOST_CONTACTS:
        raise InvalidInputError(field="name", reason="{most} contacts are enough: take one away first", most=MOST_CONTACTS)
    return WantedContact(checked_name(new.name), " ".join(new.relation.split())[:60], number)


def remove_contact(uow: UnitOfWork, person_id: int, contact_id: int, by: Actor, now: datetime) -> None:
    """Raises NotFoundError."""
    who = known_person(uow, person_id)
    if contact_id not in {one.id for one in store.contacts_of(uow, person_id)}:
        raise NotFoundError(what="emergency contact", name=contact_id)
    store.remove_contact(uow, contact_id)
    record(uow, by, "contact.remove", "person", who.employee_number, at=now, people=(who.id,))


def _checked(uow: UnitOfWork, field: OwnField, text: str) -> str:
    value = checked_value(field, text)
    if value and field.kind is FieldKind.PERSON and directory.find_person(uow, value) is None:
        raise InvalidInputError(field=field.name, reason="there is nobody with the employee number {number}", number=value)
    return value


def _check_free(name: str, others: list[OwnField]) -> None:
    if name.casefold() in {one.name.casefold() for one in others}:
        raise InvalidInputError(field="name", reason="there is such a field already: choose another name")


def _told(field: OwnField) -> dict[str, object]:
    return {"name": field.name, "kind": field.kind, "needed": field.needed, "access": field.access, "archived": field.archived}
