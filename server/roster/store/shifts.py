"""Reading shifts and their versions."""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

import msgspec
from sqlalchemy import Row, select

from server.roster.model import Shift, ShiftTerms, ShiftVersion
from server.roster.tables import shift, shift_version
from server.storage import UnitOfWork


def shifts(uow: UnitOfWork) -> list[Shift]:
    """All shifts, by name, the archived ones last."""
    return [_shift(row) for row in uow.fetch_all(select(shift).order_by(shift.c.archived, shift.c.name))]


def shift_by_id(uow: UnitOfWork, shift_id: int) -> Shift | None:
    row = uow.fetch_one(select(shift).where(shift.c.id == shift_id))
    return None if row is None else _shift(row)


def shift_by_name(uow: UnitOfWork, name: str) -> Shift | None:
    row = uow.fetch_one(select(shift).where(shift.c.name == name))
    return None if row is None else _shift(row)


def versions_of(uow: UnitOfWork, shift_id: int) -> list[ShiftVersion]:
    """All versions of a shift, also withdrawn ones, in the order of their days."""
    order = (shift_version.c.first_day, shift_version.c.id)
    return [_version(row) for row in uow.fetch_all(select(shift_version).where(shift_version.c.shift_id == shift_id).order_by(*order))]


def versions_that_count(uow: UnitOfWork, shift_ids: Iterable[int] | None = None) -> dict[int, tuple[ShiftVersion, ...]]:
    """By shift the versions that are not withdrawn, in the order of their days; of two from one day the one that counts is the last."""
    query = select(shift_version).where(shift_version.c.withdrawn.is_(False)).order_by(shift_version.c.first_day, shift_version.c.id)
    if shift_ids is not None:
        query = query.where(shift_version.c.shift_id.in_(list(shift_ids)))
    found: dict[int, list[ShiftVersion]] = defaultdict(list)
    for row in uow.fetch_all(query):
        found[row.shift_id].append(_version(row))
    return {key: tuple(versions) for key, versions in found.items()}


def _shift(row: Row[Any]) -> Shift:
    return Shift(row.id, row.name, row.sign, row.archived)


def _version(row: Row[Any]) -> ShiftVersion:
    terms = msgspec.convert(row.terms, ShiftTerms)
    return ShiftVersion(row.id, row.shift_id, row.first_day, terms, row.author, row.reason, row.at, row.withdrawn)
