"""Kinds of leave and their versions as rows."""

from collections import defaultdict
from datetime import date, datetime
from typing import Any

import msgspec
from sqlalchemy import Row, select

from server.hr.leave.model import LeaveTerms, TypeVersion
from server.hr.leave.tables import leave_type, leave_type_version
from server.storage import UnitOfWork

_v = leave_type_version.c


def codes(uow: UnitOfWork) -> dict[int, tuple[str, bool]]:
    """(code, archived) of every kind by number, in the order in which they were made."""
    return {row.id: (row.code, row.archived) for row in uow.fetch_all(select(leave_type).order_by(leave_type.c.id))}


def versions(uow: UnitOfWork, type_id: int | None = None) -> dict[int, tuple[TypeVersion, ...]]:
    """By kind all versions, withdrawn ones too, in the order of their days."""
    query = select(leave_type_version).order_by(_v.first_day, _v.id)
    if type_id is not None:
        query = query.where(_v.type_id == type_id)
    found: dict[int, list[TypeVersion]] = defaultdict(list)
    for row in uow.fetch_all(query):
        found[row.type_id].append(_version(row))
    return {key: tuple(each) for key, each in found.items()}


def add_type(uow: UnitOfWork, code: str) -> int:
    return int(uow.scalar(leave_type.insert().values(code=code, archived=False).returning(leave_type.c.id)))


def set_archived(uow: UnitOfWork, type_id: int, *, archived: bool) -> None:
    uow.execute(leave_type.update().where(leave_type.c.id == type_id).values(archived=archived))


def add_version(uow: UnitOfWork, type_id: int, first_day: date, terms: LeaveTerms, author: str, now: datetime, reason: str) -> int:
    values = {"type_id": type_id, "first_day": first_day, "author": author, "reason": reason, "at": now, "withdrawn": False}
    statement = leave_type_version.insert().values(**values, terms=msgspec.to_builtins(terms))
    return int(uow.scalar(statement.returning(_v.id)))


def withdraw_version(uow: UnitOfWork, version_id: int) -> None:
    uow.execute(leave_type_version.update().where(_v.id == version_id).values(withdrawn=True))


def _version(row: Row[Any]) -> TypeVersion:
    terms = msgspec.convert(row.terms, LeaveTerms)
    return TypeVersion(row.id, row.type_id, row.first_day, terms, row.author, row.reason, row.at, row.withdrawn)
