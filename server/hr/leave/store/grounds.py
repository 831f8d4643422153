"""Grounds and waivers as rows, and from when on the ledger is kept."""

from collections import defaultdict
from collections.abc import Collection, Iterator
from datetime import date, datetime
from typing import Any

from sqlalchemy import Row, Table, select

from server.hr.leave.model import Ground, Waiver
from server.hr.leave.tables import leave_ground, leave_settings, leave_waiver
from server.storage import UnitOfWork, portions, upsert


def begins_on(uow: UnitOfWork) -> date | None:
    """The first day of the ledger; None before anybody said so, and before the first grant."""
    found: date | None = uow.scalar(select(leave_settings.c.begins_on))
    return found


def set_begins_on(uow: UnitOfWork, day: date) -> None:
    upsert(uow, leave_settings, [{"id": 1, "begins_on": day}], ("id",))


def grounds_of(uow: UnitOfWork, person_ids: Collection[int]) -> dict[tuple[int, int], list[Ground]]:
    """By (person, kind) all grounds, those that were ended too."""
    found: dict[tuple[int, int], list[Ground]] = defaultdict(list)
    for row in _of_people(uow, leave_ground, person_ids):
        found[row.person_id, row.type_id].append(_ground(row))
    return found


def waivers_of(uow: UnitOfWork, person_ids: Collection[int]) -> dict[tuple[int, int], list[Waiver]]:
    """By (person, kind) all waivers, those that were withdrawn too."""
    found: dict[tuple[int, int], list[Waiver]] = defaultdict(list)
    for row in _of_people(uow, leave_waiver, person_ids):
        one = Waiver(row.id, row.person_id, row.type_id, row.lot, row.reason, row.author, row.at, row.withdrawn_at)
        found[row.person_id, row.type_id].append(one)
    return found


def add_ground(uow: UnitOfWork, person_id: int, type_id: int, name: str, span: tuple[date, date], author: str, now: datetime) -> int:
    values = {"person_id": person_id, "type_id": type_id, "name": name, "first_day": span[0], "last_day": span[1]}
    said = {"author": author, "at": now, "ended_by": "", "end_reason": ""}
    return int(uow.scalar(leave_ground.insert().values(**values, **said).returning(leave_ground.c.id)))


def end_ground(uow: UnitOfWork, ground_id: int, author: str, now: datetime, reason: str) -> None:
    values = {"ended_at": now, "ended_by": author, "end_reason": reason}
    uow.execute(leave_ground.update().where(leave_ground.c.id == ground_id).values(**values))


def add_waiver(uow: UnitOfWork, person_id: int, type_id: int, lot: str, reason: str, author: str, now: datetime) -> int:
    values = {"person_id": person_id, "type_id": type_id, "lot": lot, "reason": reason, "author": author, "at": now, "withdrawn_by": ""}
    return int(uow.scalar(leave_waiver.insert().values(**values).returning(leave_waiver.c.id)))


def withdraw_waiver(uow: UnitOfWork, waiver_id: int, author: str, now: datetime) -> None:
    values = {"withdrawn_at": now, "withdrawn_by": author}
    uow.execute(leave_waiver.update().where(leave_waiver.c.id == waiver_id).values(**values))


def _of_people(uow: UnitOfWork, table: Table, person_ids: Collection[int]) -> Iterator[Row[Any]]:
    for keys in portions(person_ids):
        yield from uow.fetch_all(select(table).where(table.c.person_id.in_(keys)).order_by(table.c.id))


def _ground(row: Row[Any]) -> Ground:
    told = (row.id, row.person_id, row.type_id, row.name, row.first_day, row.last_day, row.author, row.at)
    return Ground(*told, row.ended_at, row.ended_by, row.end_reason)
