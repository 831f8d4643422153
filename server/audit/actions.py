"""Writing into the trail, and checking that nobody wrote over it."""

import os
from collections.abc import Collection
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_

from server.audit import store
from server.audit.engine import ChainWalk, plain, sealed
from server.audit.model import Actor, AuditRow, ChainCheck, Head
from server.audit.tables import audit_row
from server.storage import DataSubject, Holding, UnitOfWork

SALT_BYTES = 16


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
    store.append(uow, sealed(row, os.urandom(SALT_BYTES), os.urandom(SALT_BYTES)))
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


def erase_contents(uow: UnitOfWork, subject_kind: str, subjects: Collection[str]) -> int:
    """Erase what the trail says was done to these, for good; returns in how many rows. The chain still holds."""
    return store.erase_contents(uow, subject_kind, subjects)


def _done_by(one: DataSubject) -> ColumnElement[bool]:
    return audit_row.c.actor.in_(one.logins)


def _about(one: DataSubject) -> ColumnElement[bool]:
    person = and_(audit_row.c.subject_kind == "person", audit_row.c.subject == one.employee_number)
    return or_(person, and_(audit_row.c.subject_kind == "account", audit_row.c.subject.in_(one.logins)))


def _naming(one: DataSubject) -> ColumnElement[bool]:
    by, about = func.length(audit_row.c.actor_salt) > 0, func.length(audit_row.c.content_salt) > 0
    return or_(and_(_done_by(one), by), and_(_about(one), about))


def _erase(uow: UnitOfWork, one: DataSubject, _now: datetime) -> int:
    rows = store.erase_actors(uow, one.logins)
    return rows + erase_contents(uow, "person", [one.employee_number]) + erase_contents(uow, "account", one.logins)


HOLDINGS = (
    Holding(
        audit_row,
        "Trail",
        lambda one: or_(_done_by(one), _about(one)),
        secret=("previous_hash", "hash", "actor_salt", "actor_digest", "content_salt", "content_digest"),
        keep="person",
        goes=_naming,
        erased=_erase,
    ),
)
"""What the trail says about somebody, and what they did. Their name goes from it at the very end; that something was done stays."""
