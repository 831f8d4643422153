"""Many answers at once as rows."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select, update

from server.hr.approvals.model import Verdict
from server.hr.approvals.tables import approval_bulk, approval_bulk_item
from server.storage import UnitOfWork

_b, _i = approval_bulk.c, approval_bulk_item.c


@dataclass(frozen=True, slots=True)
class Bulk:
    """What was asked: one verdict about many courses, by one person."""

    id: int
    person_id: int
    verdict: Verdict
    comment: str
    author: str
    asked_at: datetime


def add(uow: UnitOfWork, person_id: int, verdict: Verdict, comment: str, course_ids: Sequence[int], author: str, now: datetime) -> int:
    values = {"person_id": person_id, "verdict": verdict.value, "comment": comment, "author": author, "asked_at": now}
    key = int(uow.scalar(approval_bulk.insert().values(**values).returning(_b.id)))
    uow.execute(approval_bulk_item.insert(), [{"bulk_id": key, "course_id": one} for one in course_ids])
    return key


def by_id(uow: UnitOfWork, bulk_id: int) -> Bulk | None:
    row = uow.fetch_one(select(approval_bulk).where(_b.id == bulk_id))
    return None if row is None else Bulk(row.id, row.person_id, Verdict(row.verdict), row.comment, row.author, row.asked_at)


def left(uow: UnitOfWork, bulk_id: int, course_ids: Collection[int] | None = None) -> list[int]:
    """Courses, of those named, that are not answered yet, the oldest first."""
    query = select(_i.course_id).where(_i.bulk_id == bulk_id, _i.done.is_(None)).order_by(_i.course_id)
    if course_ids is not None:
        query = query.where(_i.course_id.in_(list(course_ids)))
    return [row.course_id for row in uow.fetch_all(query)]


def settle(uow: UnitOfWork, bulk_id: int, course_id: int, fault: Mapping[str, Any] | None) -> None:
    """Say that a course is answered, or why it could not be."""
    where = (_i.bulk_id == bulk_id, _i.course_id == course_id)
    uow.execute(update(approval_bulk_item).where(*where).values(done=fault is None, fault=None if fault is None else dict(fault)))


def counts(uow: UnitOfWork, bulk_id: int) -> tuple[int, int]:
    """(how many are answered, how many could not be)."""
    query = select(_i.done, func.count().label("n")).where(_i.bulk_id == bulk_id).group_by(_i.done)
    found = {row.done: row.n for row in uow.fetch_all(query)}
    return found.get(True, 0), found.get(False, 0)


def faults(uow: UnitOfWork, bulk_id: int, limit: int = 200) -> list[tuple[int, Mapping[str, Any]]]:
    """Courses that could not be answered, with why."""
    query = select(_i.course_id, _i.fault).where(_i.bulk_id == bulk_id, _i.done.is_(False)).order_by(_i.course_id).limit(limit)
    return [(row.course_id, row.fault) for row in uow.fetch_all(query)]
