"""Writing into the trail, and checking that nobody wrote over it."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import and_, or_

from server.audit import store
from server.audit.engine import ChainWalk, link, plain
from server.audit.model import Actor, AuditRow, ChainCheck, Head
from server.audit.tables import audit_row
from server.storage import Holding, UnitOfWork


def record(
    uow: UnitOfWork,
    by: Actor,
    action: str,
    subject_kind: str,
    subject: str,
    *,
    at: datetime,
    before: Any = None,
    after: Any = None,
    reason: str = "",
) -> int:
    """Write one row in the same transaction as what it tells of; returns its id.

    action: "person.import" or alike, area first. subject: how people call the thing. before, after: values that JSON can hold, no
    floats and no secrets. Other writers of the trail wait until this transaction ends, so record last.
    """
    head = store.locked_head(uow)
    row = AuditRow(
        id=head.last_id + 1,
        at=at.astimezone(UTC),
        actor=by.name,
        action=action,
        subject_kind=subject_kind,
        subject=subject,
        before=plain(before),
        after=plain(after),
        reason=reason,
        request_id=by.request_id,
        previous_hash=head.hash,
        hash=b"",
    )
    store.append(uow, replace(row, hash=link(row)))
    return row.id


def record_look(uow: UnitOfWork, by: Actor, what: str, subject_kind: str, subject: str, at: datetime) -> int:
    """Write that somebody looked at personal data in full; what: the name of the data, never the data. Returns the row's id."""
    return record(uow, by, "personal-data.look", subject_kind, subject, at=at, after={"looked_at": what})


def verify(uow: UnitOfWork, noted: Head | None = None) -> ChainCheck:
    """Follow the whole trail, in portions; noted: an end of it that was written down earlier, and that it must still go through."""
    walk = ChainWalk(noted)
    for rows in store.all_rows(uow):
        walk.follow(rows)
        if walk.broken:
            break
    return walk.end(store.head(uow))


HOLDINGS = (
    Holding(
        audit_row,
        "Trail",
        lambda one: or_(
            audit_row.c.actor.in_(one.logins), and_(audit_row.c.subject_kind == "person", audit_row.c.subject == one.employee_number)
        ),
        secret=("previous_hash", "hash"),
    ),
)
"""What the trail says about somebody, and what they did. It is evidence, and has no personal data in the clear: never erased."""
