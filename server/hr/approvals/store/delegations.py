"""Delegations as rows."""

from collections.abc import Collection, Iterable
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, or_, select, update

from server.hr.approvals.model import Delegation
from server.hr.approvals.tables import approval_delegation
from server.storage import UnitOfWork

_d = approval_delegation.c


def add(uow: UnitOfWork, one: Delegation, author: str, now: datetime) -> int:
    """one.id means nothing here."""
    values = {"person_id": one.person_id, "delegate_id": one.delegate_id, "kinds": list(one.kinds), "first_day": one.first_day}
    more = {"last_day": one.last_day, "only_away": one.only_away, "author": author, "recorded_at": now}
    return int(uow.scalar(approval_delegation.insert().values(**values, **more).returning(_d.id)))


def by_id(uow: UnitOfWork, delegation_id: int) -> Delegation | None:
    row = uow.fetch_one(select(approval_delegation).where(_d.id == delegation_id))
    return None if row is None else _delegation(row)


def end(uow: UnitOfWork, delegation_id: int, now: datetime) -> None:
    uow.execute(update(approval_delegation).where(_d.id == delegation_id).values(ended_at=now))


def of_person(uow: UnitOfWork, person_id: int) -> list[Delegation]:
    """Those that a person gave, the latest first, with ended ones."""
    return _all(uow, (_d.person_id == person_id,))


def to_person(uow: UnitOfWork, delegate_id: int) -> list[Delegation]:
    """Those that were given to a person, the latest first, with ended ones."""
    return _all(uow, (_d.delegate_id == delegate_id,))


def everybodys(uow: UnitOfWork, day: date) -> list[Delegation]:
    """All that hold on a day or begin later, the latest first."""
    return _all(uow, (_d.ended_at.is_(None), or_(_d.last_day.is_(None), _d.last_day >= day)))


def holding_for(uow: UnitOfWork, delegate_id: int, day: date) -> list[Delegation]:
    """Those given to a person that hold on a day, if the other one is away where that matters."""
    return _all(uow, (_d.delegate_id == delegate_id, *_holding(day)))


def holding_of(uow: UnitOfWork, person_ids: Collection[int], day: date) -> list[Delegation]:
    """Those given by these people that hold on a day, if they are away where that matters."""
    return _all(uow, (_d.person_id.in_(list(person_ids)), *_holding(day)))


def _holding(day: date) -> tuple[ColumnElement[bool], ...]:
    return _d.ended_at.is_(None), _d.first_day <= day, or_(_d.last_day.is_(None), _d.last_day >= day)


def _all(uow: UnitOfWork, conditions: Iterable[ColumnElement[bool]]) -> list[Delegation]:
    return [_delegation(row) for row in uow.fetch_all(select(approval_delegation).where(*conditions).order_by(_d.id.desc()))]


def _delegation(row: Row[Any]) -> Delegation:
    return Delegation(row.id, row.person_id, row.delegate_id, tuple(row.kinds), row.first_day, row.last_day, row.only_away, row.ended_at)
