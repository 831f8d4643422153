"""Reading and appending the trail."""

from collections.abc import Collection, Iterator, Sequence
from typing import Any

from sqlalchemy import Row, func, select, update

from server.audit.model import ERASED, AuditRow, Head, TrailFilter
from server.audit.tables import audit_head, audit_row
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


def append(uow: UnitOfWork, row: AuditRow) -> None:
    """Append the row and move the chain's end to it."""
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


def all_rows(uow: UnitOfWork, at_once: int = 1000) -> Iterator[list[AuditRow]]:
    """The trail in the order of its numbers, in portions; also rows whose number cannot be."""
    query = select(audit_row).order_by(audit_row.c.id).limit(at_once)
    rows = uow.fetch_all(query)
    while rows:
        yield [_row(row) for row in rows]
        rows = uow.fetch_all(query.where(audit_row.c.id > rows[-1].id))


def newest(uow: UnitOfWork, *, before: int | None = None, subject: tuple[str, str] | None = None, limit: int = 50) -> Sequence[AuditRow]:
    """The latest rows, newest first; below the id `before`, about (kind, name) `subject` where they are given."""
    query = select(audit_row).order_by(audit_row.c.id.desc()).limit(limit)
    if before is not None:
        query = query.where(audit_row.c.id < before)
    if subject is not None:
        query = query.where(audit_row.c.subject_kind == subject[0], audit_row.c.subject == subject[1])
    return [_row(row) for row in uow.fetch_all(query)]


def page(uow: UnitOfWork, wanted: TrailFilter, *, before: int | None = None, limit: int = 50) -> list[AuditRow]:
    """The trail that fits, newest first, below the id `before`."""
    query = select(audit_row).order_by(audit_row.c.id.desc()).limit(limit)
    if before is not None:
        query = query.where(audit_row.c.id < before)
    if wanted.actor:
        query = query.where(audit_row.c.actor == wanted.actor)
    if wanted.action:
        query = query.where(audit_row.c.action.startswith(wanted.action, autoescape=True))
    if wanted.subject:
        query = query.where(audit_row.c.subject == wanted.subject)
    return [_row(row) for row in uow.fetch_all(query)]


def erase_actors(uow: UnitOfWork, logins: Collection[str]) -> int:
    """Take the name of whoever did something out of every row that these did; returns how many."""
    named = (audit_row.c.actor.in_(list(logins)), func.length(audit_row.c.actor_salt) > 0)
    return uow.execute(update(audit_row).where(*named).values(actor="", actor_salt=ERASED)).rowcount


def erase_contents(uow: UnitOfWork, subject_kind: str, subjects: Collection[str]) -> int:
    """Take what was done out of every row about these; that something was, when and by whom stays. Returns how many."""
    about = (audit_row.c.subject_kind == subject_kind, audit_row.c.subject.in_(list(subjects)), func.length(audit_row.c.content_salt) > 0)
    blank = {"subject": "", "before": None, "after": None, "reason": "", "content_salt": ERASED}
    return uow.execute(update(audit_row).where(*about).values(**blank)).rowcount


def _row(row: Row[Any]) -> AuditRow:
    return AuditRow(**row._mapping)  # noqa: SLF001 - SQLAlchemy's documented name for a row as a mapping
