"""The ledger's rows: read, and added to."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy import Row, Select, or_, select

from server.directory.tables import person
from server.hr.leave.model import Movement, MovementKind, NewMovement
from server.hr.leave.model.ledger import DERIVED
from server.hr.leave.tables import leave_movement
from server.storage import UnitOfWork, portions

_c = leave_movement.c


def movements_of(uow: UnitOfWork, person_ids: Collection[int], type_ids: Collection[int]) -> dict[tuple[int, int], list[Movement]]:
    """By (person, kind) all movements in the order in which they were written."""
    found: dict[tuple[int, int], list[Movement]] = defaultdict(list)
    for keys in portions(person_ids):
        query = select(leave_movement).where(_c.person_id.in_(keys), _c.type_id.in_(list(type_ids)))
        for row in uow.fetch_all(query.order_by(_c.id)):
            found[row.person_id, row.type_id].append(_movement(row))
    return found


def by_reference(uow: UnitOfWork, reference: str, person_id: int, type_id: int) -> list[Movement]:
    """What one request moved."""
    conditions = (_c.reference == reference, _c.person_id == person_id, _c.type_id == type_id)
    return [_movement(row) for row in uow.fetch_all(select(leave_movement).where(*conditions).order_by(_c.id))]


def adjustments_of(uow: UnitOfWork, reference: str) -> list[int]:
    """The adjustments that were made together, without those that were taken back."""
    if not reference:
        return []
    made = select(_c.id, _c.person_id).where(_c.reference == reference, _c.kind == MovementKind.ADJUSTED.value).order_by(_c.id)
    rows = uow.fetch_all(made)
    causes = [f"undo:{row.id}" for row in rows]
    people = [row.person_id for row in rows]
    undone = {row.cause for row in uow.fetch_all(select(_c.cause).where(_c.person_id.in_(people), _c.cause.in_(causes)))} if rows else set()
    return [row.id for row in rows if f"undo:{row.id}" not in undone]


def movement_by_id(uow: UnitOfWork, movement_id: int) -> Movement | None:
    row = uow.fetch_one(select(leave_movement).where(_c.id == movement_id))
    return None if row is None else _movement(row)


def people_with_ends(plain: Collection[int], carrying: Collection[int], first: date, last: date, within: Select[Any] | None) -> Select[Any]:
    """A SELECT of the people who were given something that ends from first to last. plain: kinds whose days end with their year;
    carrying: those of which only what was carried over, or has an end of its own, does. within: as `directory.people_within` gives it."""
    always, later = ["granted", "carried", "adjusted"], ["carried", "adjusted"]
    ends = or_(
        _c.type_id.in_(list(plain)) & _c.kind.in_(always),
        _c.type_id.in_(list(carrying)) & _c.kind.in_(later),
    )
    query = select(_c.person_id).where(ends, _c.minutes > 0, _c.last_day.between(first, last)).distinct()
    return query if within is None else query.where(_c.person_id.in_(within))


def people_to_settle(uow: UnitOfWork) -> list[int]:
    """Whoever is employed, and whoever has a row: what somebody had ends after they left, too."""
    rows = uow.fetch_all(select(person.c.id).where(person.c.active.is_(True) | person.c.id.in_(select(_c.person_id))).order_by(person.c.id))
    return [row.id for row in rows]


def earliest_by_hand(uow: UnitOfWork) -> date | None:
    """The first day of what people did; None where nobody did anything."""
    derived = [kind.value for kind in DERIVED]
    found: date | None = uow.scalar(select(_c.day).where(_c.kind.not_in(derived)).order_by(_c.day).limit(1))
    return found


def lock_person(uow: UnitOfWork, person_id: int) -> bool:
    """Let nobody else write to this person's ledger until the end of the transaction: balances are looked at before they are used.

    Returns whether there is such a person.
    """
    return uow.scalar(select(person.c.id).where(person.c.id == person_id).with_for_update()) is not None


def lock_people(uow: UnitOfWork, person_ids: Collection[int]) -> None:
    """As `lock_person`, for many."""
    for keys in portions(person_ids):
        uow.fetch_all(select(person.c.id).where(person.c.id.in_(keys)).order_by(person.c.id).with_for_update())


def add_movements(uow: UnitOfWork, wanted: Iterable[tuple[int, int, NewMovement]], author: str, now: datetime) -> int:
    """Write movements of (person, kind); returns how many."""
    rows = [_row(person_id, type_id, one, author, now) for person_id, type_id, one in wanted]
    if rows:
        uow.execute(leave_movement.insert(), rows)
    return len(rows)


def _row(person_id: int, type_id: int, one: NewMovement, author: str, now: datetime) -> Mapping[str, Any]:
    return {
        "person_id": person_id,
        "type_id": type_id,
        "kind": one.kind.value,
        "minutes": one.minutes,
        "day": one.day,
        "cause": one.cause,
        "lot": one.lot,
        "last_day": one.last_day,
        "reference": one.reference,
        "reason": one.reason,
        "facts": dict(one.facts),
        "author": author,
        "recorded_at": now,
    }


def _movement(row: Row[Any]) -> Movement:
    moved = (MovementKind(row.kind), row.minutes, row.day, row.cause, row.lot, row.last_day)
    return Movement(row.id, row.person_id, row.type_id, *moved, row.reference, row.reason, row.facts, row.author, row.recorded_at)
