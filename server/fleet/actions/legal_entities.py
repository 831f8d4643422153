"""Legal entities: whom contracts are with. Added and changed, never removed, because contracts of the past name them."""

from datetime import datetime

from sqlalchemy import update

from server.audit.actions import record
from server.audit.model import Actor
from server.errors import InvalidInputError, NotFoundError, RefusedError
from server.fleet import store
from server.fleet.model import LegalEntity, is_unified_code
from server.fleet.tables import legal_entity
from server.storage import UnitOfWork

LONGEST_NAME = 100


def list_legal_entities(uow: UnitOfWork) -> list[LegalEntity]:
    """All legal entities, by code."""
    return store.legal_entities(uow)


def add_legal_entity(uow: UnitOfWork, code: str, name: str, by: Actor, now: datetime, *, unified_code: str = "") -> LegalEntity:
    """Add a legal entity; unified_code "" where it is not known. Raises InvalidInputError, or RefusedError when a code is taken."""
    code, name = code.strip(), _checked_name(name)
    if not 1 <= len(code) <= 64 or any(letter.isspace() for letter in code):
        raise InvalidInputError(field="code", reason="use 1 to 64 characters without spaces")
    there = store.legal_entities(uow)
    if any(one.code == code for one in there):
        raise RefusedError(reason="There is a legal entity {code} already; choose another code.", code=code)
    unified = _checked_unified(unified_code, there)
    uow.execute(legal_entity.insert().values(code=code, name=name, unified_code=unified))
    record(uow, by, "legal-entity.add", "legal entity", code, at=now, after={"name": name, "unified_code": unified})
    return next(one for one in store.legal_entities(uow) if one.code == code)


def change_legal_entity(uow: UnitOfWork, legal_entity_id: int, name: str, unified_code: str, by: Actor, now: datetime) -> None:
    """Give a legal entity another name or code of the register; raises NotFoundError, InvalidInputError, RefusedError."""
    name, there = _checked_name(name), store.legal_entities(uow)
    held = next((one for one in there if one.id == legal_entity_id), None)
    if held is None:
        raise NotFoundError(what="legal entity", name=legal_entity_id)
    unified = _checked_unified(unified_code, [one for one in there if one.id != legal_entity_id])
    uow.execute(update(legal_entity).where(legal_entity.c.id == legal_entity_id).values(name=name, unified_code=unified))
    before, after = {"name": held.name, "unified_code": held.unified_code}, {"name": name, "unified_code": unified}
    record(uow, by, "legal-entity.change", "legal entity", held.code, at=now, before=before, after=after)


def _checked_name(name: str) -> str:
    name = name.strip()
    if not 1 <= len(name) <= LONGEST_NAME:
        raise InvalidInputError(field="name", reason="use 1 to {most} characters", most=LONGEST_NAME)
    return name


def _checked_unified(code: str, others: list[LegalEntity]) -> str | None:
    code = code.strip().upper()
    if not code:
        return None
    if not is_unified_code(code):
        told = "{code} is no unified social credit code: its 18 characters do not fit together; copy it from the business licence"
        raise InvalidInputError(field="unified_code", reason=told, code=code)
    taken = next((one for one in others if one.unified_code == code), None)
    if taken is not None:
        raise RefusedError(reason="The unified social credit code {code} belongs to {name} already.", code=code, name=taken.name)
    return code
