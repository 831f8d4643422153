"""Writing into the trail, and checking that nobody wrote over it."""

import os
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, or_, select

from server.audit import store
from server.audit.engine import ChainWalk, plain, says, sealed
from server.audit.model import Actor, AuditRow, Break, BrokenLink, ChainCheck, Head, TrailFilter, TrailPage
from server.audit.tables import audit_person, audit_row
from server.jobs import actions as jobs
from server.jobs.model import Job, NewJob
from server.storage import DataSubject, Holding, UnitOfWork

SALT_BYTES = 16

SEE_AUDIT = "see-audit"  # access's word: it stands above this area
CHECK_JOB, CHECKING = "check-trail", "Checking the chain of the trail"
SEARCHED = 20_000
"""Rows that a text is looked for in at once: some tenths of a second."""


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
    people: Iterable[int] = (),
) -> int:
    """Write one row in the same transaction as what it tells of; returns its id.

    action: "person.import" or alike, area first. subject: how people call the thing. before, after: values that JSON can hold, no
    floats and no secrets. people: whom it concerns, by person id: it is found by them, and shown to nobody who may not see all of them.
    Other writers of the trail wait until this transaction ends, so record last.
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
    store.append(uow, sealed(row, os.urandom(SALT_BYTES), os.urandom(SALT_BYTES)), frozenset(people))
    return row.id


def record_look(uow: UnitOfWork, by: Actor, what: str, employee_number: str, person_id: int, at: datetime) -> int:
    """Write that somebody looked at personal data in full; what: the name of the data, never the data. Returns the row's id."""
    return record(uow, by, "personal-data.look", "person", employee_number, at=at, after={"looked_at": what}, people=(person_id,))


def search(uow: UnitOfWork, wanted: TrailFilter, reach: Select[Any] | None, *, below: int | None, limit: int, see_pay: bool) -> TrailPage:
    """A page of the trail that fits, the latest first, behind the row `below`.

    reach: a SELECT of the people whom the reader may see, None for everybody. A text is looked for in at most `SEARCHED` rows at once, so
    that no question takes long, and never in what the reader sees masked.
    """
    if not wanted.text:
        rows = store.page(uow, wanted, reach, below=below, limit=limit + 1)
        return TrailPage(rows[:limit], rows[limit - 1].id if len(rows) > limit else None)
    edge = store.row_after(uow, wanted, reach, below, SEARCHED)
    within = wanted if edge is None else replace(wanted, since=max(wanted.since or edge.at, edge.at))
    found: list[AuditRow] = []
    while len(found) <= limit and (rows := store.page(uow, within, reach, below=below, limit=limit + 1)):
        found += [row for row in rows if says(row, wanted.text, see_pay=see_pay)]
        below = rows[-1].id
        if len(rows) <= limit:
            break
    if len(found) > limit:
        return TrailPage(found[:limit], found[limit - 1].id)
    return TrailPage(found) if edge is None else TrailPage(found, edge.id, edge.at)


def verify(uow: UnitOfWork, noted: Head | None = None, told: Callable[[int], None] = lambda _rows: None) -> ChainCheck:
    """Follow the whole trail, a thousand rows at a time; reads only.

    noted: an end of it that was written down earlier, and that it must still go through. told: how many rows are behind it, now and then.
    """
    walk = ChainWalk(noted)
    try:
        _follow(walk, store.all_rows(uow), told)
    except ValueError:
        _follow_to_unreadable(uow, walk)
    return walk.end(store.head(uow))


def _follow(walk: ChainWalk, portions: Iterable[Sequence[AuditRow]], told: Callable[[int], None]) -> None:
    for rows in portions:
        walk.follow(rows)
        if walk.broken:
            break
        told(walk.rows)


def _follow_to_unreadable(uow: UnitOfWork, walk: ChainWalk) -> None:
    """Go on row by row, as one of the next portion cannot be read; what breaks before it is named first."""
    try:
        _follow(walk, store.all_rows(uow, walk.head.last_id if walk.rows else None, at_once=1), lambda _rows: None)
    except ValueError:
        walk.broken = BrokenLink(walk.head.last_id + 1, Break.CHANGED, "its content was changed")


def ask_check(uow: UnitOfWork, by: str, now: datetime) -> Job:
    """Have the chain followed in the background; one that is under way already comes back."""
    last = store.last_check(uow)
    since = "never" if last is None else last.checked_at.isoformat()
    return jobs.enqueue(uow, NewJob(CHECK_JOB, f"{CHECK_JOB}:{since}:{now:%Y-%m-%dT%H:%M}", CHECKING, SEE_AUDIT, place="/audit"), by, now)


def erase_contents(uow: UnitOfWork, subject_kind: str, subjects: Collection[str]) -> int:
    """Erase what the trail says was done to these, for good; returns in how many rows. The chain still holds."""
    return store.erase_contents(uow, and_(audit_row.c.subject_kind == subject_kind, audit_row.c.subject.in_(list(subjects))))


def _done_by(one: DataSubject) -> ColumnElement[bool]:
    return audit_row.c.actor.in_(one.logins)


def _about(one: DataSubject) -> ColumnElement[bool]:
    """Rows that name somebody or their account, and those that concern nobody but them."""
    person = and_(audit_row.c.subject_kind == "person", audit_row.c.subject == one.employee_number)
    their_account = and_(audit_row.c.subject_kind == "account", audit_row.c.subject.in_(one.logins))
    other = audit_person.alias()
    others = select(other.c.row_id).where(other.c.row_id == audit_person.c.row_id, other.c.person_id != one.person_id).exists()
    theirs = select(audit_person.c.row_id).where(audit_person.c.person_id == one.person_id, ~others)
    return or_(person, their_account, audit_row.c.id.in_(theirs))


def _naming(one: DataSubject) -> ColumnElement[bool]:
    by, about = func.length(audit_row.c.actor_salt) > 0, func.length(audit_row.c.content_salt) > 0
    return or_(and_(_done_by(one), by), and_(_about(one), about))


def _erase(uow: UnitOfWork, one: DataSubject, _now: datetime) -> int:
    return store.erase_actors(uow, one.logins) + store.erase_contents(uow, _about(one))


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
