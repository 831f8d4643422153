"""Recording and withdrawing grants. Whatever approved them stands behind their origin; attendance obeys them."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

import msgspec

from server.attendance.engine import granting
from server.attendance.model import GrantOrigin, NewGrant, StoredGrant
from server.attendance.model.grants import GrantKind
from server.attendance.store import grants
from server.attendance.store.days import locks_between, period_on
from server.attendance.store.marks import mark_days
from server.attendance.store.people import numbers_of, zones_of
from server.audit.actions import record
from server.audit.model import Actor
from server.errors import InvalidInputError, NotFoundError, RefusedError
from server.roster.model import each_day
from server.storage import UnitOfWork

MOST_AT_ONCE = 5_000
"""Grants of one bulk; more is several bulks."""


def record_grant(uow: UnitOfWork, new: NewGrant, by: Actor, now: datetime) -> StoredGrant:
    """Record one grant and mark the days it can change. Raises InvalidInputError, NotFoundError or RefusedError with nothing saved."""
    return record_grants(uow, [new], by, now)[0]


def record_grants(uow: UnitOfWork, wanted: Sequence[NewGrant], by: Actor, now: datetime) -> list[StoredGrant]:
    """Record several, all or none; the trail has one row for them. Raises as `record_grant`, naming the person it is about."""
    if not 1 <= len(wanted) <= MOST_AT_ONCE:
        raise InvalidInputError(field="people", reason="choose 1 to {most} people at once", most=MOST_AT_ONCE)
    zones = zones_of(uow, {new.person_id for new in wanted})
    made = [_record_one(uow, new, zones.get(new.person_id), by, now) for new in wanted]
    subject = numbers_of(uow, {wanted[0].person_id})[wanted[0].person_id] if len(wanted) == 1 else f"{len(wanted)}"
    kind = "person" if len(wanted) == 1 else "people"
    record(
        uow, by, "grant.record", kind, subject, at=now, after=_shown(made), reason=wanted[0].reason, people={one.person_id for one in made}
    )
    return made


def find_grant(uow: UnitOfWork, grant_id: int) -> StoredGrant:
    """One grant, withdrawn or not; raises NotFoundError."""
    found = grants.grant_by_id(uow, grant_id)
    if found is None:
        raise NotFoundError(what="grant", name=grant_id)
    return found


def withdraw_grant(uow: UnitOfWork, grant_id: int, by: Actor, now: datetime, reason: str, *, late: bool = False) -> None:
    """Obey it no longer. Raises NotFoundError, InvalidInputError, or RefusedError for one that is withdrawn or touches a closed period.

    late: as in `NewGrant`.
    """
    withdraw_grants(uow, [grant_id], by, now, reason, late=late)


def withdraw_grants(uow: UnitOfWork, grant_ids: Sequence[int], by: Actor, now: datetime, reason: str, *, late: bool = False) -> None:
    """Obey several no longer, all or none; the trail has one row for them. Raises as `withdraw_grant`."""
    gone = [_withdraw_one(uow, grant_id, by, now, reason, late=late) for grant_id in grant_ids]
    one = gone[0]
    subject = numbers_of(uow, {one.person_id})[one.person_id] if len(gone) == 1 else f"{len(gone)}"
    kind = "person" if len(gone) == 1 else "people"
    record(
        uow, by, "grant.withdraw", kind, subject, at=now, before=_shown(gone), reason=reason.strip(), people={one.person_id for one in gone}
    )


def _withdraw_one(uow: UnitOfWork, grant_id: int, by: Actor, now: datetime, reason: str, *, late: bool) -> StoredGrant:
    found = find_grant(uow, grant_id)
    if not reason.strip():
        raise InvalidInputError(field="reason", reason="say why, so that it can be understood later")
    if found.withdrawn_at is not None:
        raise RefusedError(reason="This grant is withdrawn already.")
    if not late:
        _require_open(uow, found.person_id, found.from_day, found.until_day)
    grants.withdraw(uow, grant_id, by.name, now, reason.strip())
    mark_days(uow, _dates(found), "grant", now)
    return found


def check_new(uow: UnitOfWork, new: NewGrant, now: datetime) -> tuple[date, date]:
    """Refuse what could not be recorded; gives the first and last work date it can matter to. Raises as `record_grant`."""
    return _checked(uow, new, zones_of(uow, [new.person_id]).get(new.person_id), now)


def _record_one(uow: UnitOfWork, new: NewGrant, zone: str | None, by: Actor, now: datetime) -> StoredGrant:
    first, last = _checked(uow, new, zone, now)
    made = grants.add_grant(uow, new, first, last, by.name, now)
    mark_days(uow, _dates(made), "grant", now)
    return made


def _checked(uow: UnitOfWork, new: NewGrant, zone: str | None, now: datetime) -> tuple[date, date]:
    if zone is None:
        raise NotFoundError(what="person", name=new.person_id)
    granting.check_grant(new)
    if new.kind is GrantKind.CORRECTION and new.starts_at is not None and new.starts_at > now.timestamp():
        raise InvalidInputError(field="starts_at", reason="a punch that is missing cannot be in the future")
    first, last = granting.work_dates(new, zone)
    if not new.late:
        _require_open(uow, new.person_id, *granting.own_dates(new, zone))
    others = grants.grants_touching(uow, [new.person_id], first, last).get(new.person_id, [])
    if clash := granting.clashing(new, (other.grant for other in others), zone):
        number = numbers_of(uow, {new.person_id})[new.person_id]
        told = "{person} has grant {other} for that time already: withdraw it first, or choose another time."
        raise RefusedError(reason=told, person=number, other=clash.id)
    return first, last


def _require_open(uow: UnitOfWork, person_id: int, first: date, last: date) -> None:
    """A closed period is not changed behind its back."""
    locks = locks_between(uow, [person_id], first, last).get(person_id, [])
    if closed := next((day for day in each_day(first, last) if period_on(locks, day) is not None), None):
        told = "The period of {day} is closed: reopen it, or record this as a late fact that is then decided as a difference."
        raise RefusedError(reason=told, day=closed)


def _dates(found: StoredGrant) -> list[tuple[int, date]]:
    return [(found.person_id, day) for day in each_day(found.from_day, found.until_day)]


def _shown(made: Sequence[StoredGrant]) -> Any:
    """For the trail: one whole, or the first of a bulk with everybody's ids."""
    first = msgspec.to_builtins(made[0].grant)
    if len(made) == 1:
        return {**first, "origin": made[0].origin, "reference": made[0].origin_reference}
    origin = GrantOrigin.BULK.value
    return {**first, "id": None, "origin": origin, "ids": [one.grant.id for one in made], "people": [one.person_id for one in made]}
