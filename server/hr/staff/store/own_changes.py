"""Reading and writing what employees ask to have changed in their own records."""

import json
from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Row, select, update

from server.hr.staff.model import ChangeState, Fact, OwnChange
from server.hr.staff.tables import own_change
from server.storage import UnitOfWork


def changes_of(uow: UnitOfWork, person_id: int, limit: int) -> list[OwnChange]:
    """The latest changes that a person asked for, the newest first."""
    query = select(own_change).where(own_change.c.person_id == person_id).order_by(own_change.c.id.desc()).limit(limit)
    return [_change(uow, row) for row in uow.fetch_all(query)]


def changes_by_id(uow: UnitOfWork, change_ids: Collection[int]) -> dict[int, OwnChange]:
    query = select(own_change).where(own_change.c.id.in_(list(change_ids)))
    return {row.id: _change(uow, row) for row in uow.fetch_all(query)}


def add_change(uow: UnitOfWork, person_id: int, facts: Mapping[Fact, str], reason: str, now: datetime) -> int:
    values = {"person_id": person_id, "reason": reason, "state": ChangeState.WAITING.value, "asked_at": now}
    sealed = uow.vault.seal(json.dumps({fact.value: text for fact, text in facts.items()}, ensure_ascii=False), change_place(person_id))
    made = uow.execute(own_change.insert().values(**values, sealed=sealed)).inserted_primary_key
    assert made is not None
    return int(made[0])


def set_state(uow: UnitOfWork, change_id: int, state: ChangeState, ended_at: datetime | None) -> None:
    uow.execute(update(own_change).where(own_change.c.id == change_id).values(state=state.value, ended_at=ended_at))


def opened_change(uow: UnitOfWork, row: Row[Any]) -> Mapping[str, str]:
    """What a row asks for, by the names of the facts."""
    facts: Mapping[str, str] = json.loads(uow.vault.open(bytes(row.sealed), change_place(row.person_id)))
    return facts


def _change(uow: UnitOfWork, row: Row[Any]) -> OwnChange:
    facts = json.loads(uow.vault.open(bytes(row.sealed), change_place(row.person_id)))
    known = {Fact(name): text for name, text in facts.items()}
    return OwnChange(row.id, row.person_id, known, row.reason, ChangeState(row.state), row.asked_at, row.ended_at)


def change_place(person_id: int) -> str:
    """Where the content of somebody's changes stands for good."""
    return f"own-change/{person_id}"
