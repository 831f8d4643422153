"""Reading and appending the trail."""

from collections.abc import Collection, Iterator
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, Text, and_, cast, func, or_, select, tuple_, update

from server.audit import model
from server.audit.model import ERASED, AuditRow, Break, BrokenLink, ChainCheck, Head, StoredCheck, TrailFilter
from server.audit.tables import audit_check, audit_head, audit_person, audit_row
from server.storage import UnitOfWork


def locked_head(uow: UnitOfWork) -> Head:
    """The stored end of the chain, locked until the transaction ends, so that the chain has one order."""
    row = uow.fetch_one(select(audit_head.c.last_id, audit_head.c.hash).with_for_update())
    assert row is not None, "migrations make this row"
    return Head(row.last_id, row.hash)


def head(uow: UnitOfWork) -> Head:
    """The stored end of the chain."""
    row = uow.fetch_one(select(audit_head.c.last_id, audit_head.c.hash))
    assert row is not None, "migrations make this row"
    return Head(row.last_id, row.hash)


def append(uow: UnitOfWork, row: AuditRow, people: Collection[int]) -> None:
    """Append the row, move the chain's end to it, and keep whom it concerns."""
    uow.execute(
        audit_row.insert().values(
            id=row.id,
            at=row.at,
            actor=row.actor,
            action=row.action,
            subject_kind=row.subject_kind,
            subject=row.subject,
            before=row.before,
            after=row.after,
            reason=row.reason,
            request_id=row.request_id,
            previous_hash=row.previous_hash,
            hash=row.hash,
            actor_salt=row.actor_salt,
            actor_digest=row.actor_digest,
            content_salt=row.content_salt,
            content_digest=row.content_digest,
        )
    )
    uow.execute(update(audit_head).values(last_id=row.id, hash=row.hash))
    if people:
        uow.execute(audit_person.insert(), [{"person_id": person, "row_id": row.id} for person in sorted(people)])


def all_rows(uow: UnitOfWork, after: int | None = None, at_once: int = 1000) -> Iterator[list[AuditRow]]:
    """The trail in the order of its numbers, in portions; also rows whose number cannot be. after: only those behind this one.

    Raises ValueError for a portion with a row whose content is no JSON (SQLite: the file can be written by anything).
    """
    query = select(audit_row).order_by(audit_row.c.id).limit(at_once)
    rows = uow.fetch_all(query if after is None else query.where(audit_row.c.id > after))
    while rows:
        yield [_row(row) for row in rows]
        rows = uow.fetch_all(query.where(audit_row.c.id > rows[-1].id))


def newest(uow: UnitOfWork, *, subject: tuple[str, str] | None = None, limit: int = 50) -> list[AuditRow]:
    """The latest rows, newest first; about (kind, name) `subject` where it is given."""
    return about(uow, [subject] if subject else [], None, limit=limit)


def about(uow: UnitOfWork, subjects: Collection[tuple[str, str]], reach: Select[Any] | None, *, limit: int) -> list[AuditRow]:
    """The latest rows about any of these (kind, name), newest first; name "": about all of the kind. kind: also `CONCERNS` and `DEED`.

    None given: about anything. reach: as for `page`.
    """
    query = _within(select(audit_row), reach).order_by(audit_row.c.id.desc()).limit(limit)
    if subjects:
        query = query.where(or_(*(_about(kind, name) for kind, name in subjects)))
    return [_row(row) for row in uow.fetch_all(query)]


def _about(kind: str, name: str) -> ColumnElement[bool]:
    match kind:
        case model.CONCERNS:
            return audit_row.c.id.in_(select(audit_person.c.row_id).where(audit_person.c.person_id == int(name)))
        case model.DEED:
            return audit_row.c.action == name
    of_kind = audit_row.c.subject_kind == kind
    return and_(of_kind, audit_row.c.subject == name) if name else of_kind


def page(uow: UnitOfWork, wanted: TrailFilter, reach: Select[Any] | None, *, below: int | None = None, limit: int = 50) -> list[AuditRow]:
    """The trail that fits, the latest first, behind the row `below`; only of what concerns nobody outside `reach`, where there is one."""
    query = _fitting(select(audit_row), wanted, reach, below)
    return [_row(row) for row in uow.fetch_all(query.limit(limit))]


def row_after(uow: UnitOfWork, wanted: TrailFilter, reach: Select[Any] | None, below: int | None, count: int) -> Row[Any] | None:
    """Id and instant of the row that is `count` rows behind `below`, of those that fit but for their text; None where there are fewer."""
    query = _fitting(select(audit_row.c.id, audit_row.c.at), replace(wanted, text=""), reach, below)
    return uow.fetch_one(query.offset(count).limit(1))


def _fitting(query: Select[Any], wanted: TrailFilter, reach: Select[Any] | None, below: int | None) -> Select[Any]:
    c = audit_row.c
    for column, value in (
        (c.actor, wanted.actor),
        (c.action, wanted.action),
        (c.subject_kind, wanted.kind),
        (c.subject, wanted.subject),
        (c.request_id, wanted.request_id),
    ):
        if value:
            query = query.where(column == value)
    if wanted.people is not None:
        query = query.where(c.id.in_(select(audit_person.c.row_id).where(audit_person.c.person_id.in_(wanted.people))))
    if wanted.since is not None:
        query = query.where(c.at >= wanted.since)
    if wanted.until is not None:
        query = query.where(c.at < wanted.until)
    if wanted.text:
        parts = (c.actor, c.subject, c.reason, cast(c.before, Text), cast(c.after, Text))
        query = query.where(or_(*(part.icontains(wanted.text, autoescape=True) for part in parts)))
    if below is not None:
        query = query.where(tuple_(c.at, c.id) < tuple_(select(c.at).where(c.id == below).scalar_subquery(), below))
    return _within(query, reach).order_by(c.at.desc(), c.id.desc())


def _within(query: Select[Any], reach: Select[Any] | None) -> Select[Any]:
    if reach is None:
        return query
    outside = select(audit_person.c.row_id).where(audit_person.c.row_id == audit_row.c.id, audit_person.c.person_id.not_in(reach))
    return query.where(~outside.exists())


def add_check(uow: UnitOfWork, found: ChainCheck, asked_by: str, now: datetime) -> None:
    """Keep what following the chain came to."""
    broken = found.broken
    values = {"rows": found.rows, "first_at": found.first_at, "last_at": found.last_at, "last_id": found.head.last_id}
    wrong = {} if broken is None else {"broken_row": broken.row, "broken_kind": broken.kind.value, "broken_reason": broken.reason}
    uow.execute(audit_check.insert().values(checked_at=now, asked_by=asked_by, hash=found.head.hash, **values, **wrong))


def last_check(uow: UnitOfWork, *, sound: bool = False) -> StoredCheck | None:
    """The last one; sound: that found nothing wrong."""
    query = select(audit_check).order_by(audit_check.c.id.desc()).limit(1)
    row = uow.fetch_one(query.where(audit_check.c.broken_row.is_(None)) if sound else query)
    if row is None:
        return None
    broken = None if row.broken_row is None else BrokenLink(row.broken_row, Break(row.broken_kind), row.broken_reason)
    found = ChainCheck(row.rows, row.first_at, row.last_at, Head(row.last_id, row.hash), broken)
    return StoredCheck(row.checked_at, row.asked_by, found)


def erase_actors(uow: UnitOfWork, logins: Collection[str]) -> int:
    """Take the name of whoever did something out of every row that these did; returns how many."""
    named = (audit_row.c.actor.in_(list(logins)), func.length(audit_row.c.actor_salt) > 0)
    return uow.execute(update(audit_row).where(*named).values(actor="", actor_salt=ERASED)).rowcount


def erase_contents(uow: UnitOfWork, about: ColumnElement[bool]) -> int:
    """Take what was done out of these rows; that something was, when and by whom stays. Returns of how many."""
    blank = {"subject": "", "before": None, "after": None, "reason": "", "content_salt": ERASED}
    return uow.execute(update(audit_row).where(about, func.length(audit_row.c.content_salt) > 0).values(**blank)).rowcount


def _row(row: Row[Any]) -> AuditRow:
    return AuditRow(**row._mapping)  # noqa: SLF001 - SQLAlchemy's documented name for a row as a mapping
