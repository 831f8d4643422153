"""Reading and writing what employees ask to have changed in their own records."""

import json
from collections.abc import Collection, Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import Row, select, update

from server.hr.staff.model import ChangeState, Fact, OwnChange, OwnWish, WantedContact
from server.hr.staff.tables import own_change
from server.storage import UnitOfWork

CONTACT, WITHOUT = "emergency_contact", "without_contacts"
"""What stands beside the facts in a sealed change; no fact is called so."""


def changes_of(uow: UnitOfWork, person_id: int, limit: int) -> list[OwnChange]:
    """The latest changes that a person asked for, the newest first."""
    query = select(own_change).where(own_change.c.person_id == person_id).order_by(own_change.c.id.desc()).limit(limit)
    return [_change(uow, row) for row in uow.fetch_all(query)]


def changes_by_id(uow: UnitOfWork, change_ids: Collection[int]) -> dict[int, OwnChange]:
    query = select(own_change).where(own_change.c.id.in_(list(change_ids)))
    return {row.id: _change(uow, row) for row in uow.fetch_all(query)}


def add_change(uow: UnitOfWork, person_id: int, wish: OwnWish, reason: str, now: datetime) -> int:
    values = {"person_id": person_id, "reason": reason, "state": ChangeState.WAITING.value, "asked_at": now}
    made = uow.execute(own_change.insert().values(**values, sealed=_sealed(uow, person_id, wish))).inserted_primary_key
    assert made is not None
    return int(made[0])


def rewrite_change(uow: UnitOfWork, held: OwnChange, wish: OwnWish, reason: str) -> None:
    """What was sent back says something else, and waits again."""
    values = {"reason": reason, "state": ChangeState.WAITING.value, "sealed": _sealed(uow, held.person_id, wish)}
    uow.execute(update(own_change).where(own_change.c.id == held.id).values(**values))


def set_state(uow: UnitOfWork, change_id: int, state: ChangeState, ended_at: datetime | None) -> None:
    uow.execute(update(own_change).where(own_change.c.id == change_id).values(state=state.value, ended_at=ended_at))


def opened_change(uow: UnitOfWork, row: Row[Any]) -> Mapping[str, Any]:
    """What a row asks for, by the names of the facts."""
    told: Mapping[str, Any] = json.loads(uow.vault.open(bytes(row.sealed), change_place(row.person_id)))
    return told


def _sealed(uow: UnitOfWork, person_id: int, wish: OwnWish) -> bytes:
    told: dict[str, Any] = {fact.value: text for fact, text in wish.facts.items()}
    if wish.contact is not None:
        told[CONTACT] = asdict(wish.contact)
    if wish.without:
        told[WITHOUT] = list(wish.without)
    return uow.vault.seal(json.dumps(told, ensure_ascii=False), change_place(person_id))


def _change(uow: UnitOfWork, row: Row[Any]) -> OwnChange:
    told = dict(opened_change(uow, row))
    contact, without = told.pop(CONTACT, None), tuple(told.pop(WITHOUT, ()))
    wish = OwnWish({Fact(name): text for name, text in told.items()}, WantedContact(**contact) if contact else None, without)
    return OwnChange(row.id, row.person_id, wish, row.reason, ChangeState(row.state), row.asked_at, row.ended_at)


def change_place(person_id: int) -> str:
    """Where the content of somebody's changes stands for good."""
    return f"own-change/{person_id}"
