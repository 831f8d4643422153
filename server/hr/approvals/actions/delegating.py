"""Delegates: who decides in somebody's place for a while, or whenever they are on leave. The person can still decide, too."""

from collections.abc import Collection, Sequence
from datetime import date, datetime

from server.access import actions as access
from server.access.model import Role
from server.attendance import actions as attendance
from server.audit.actions import record
from server.audit.model import Actor
from server.directory import actions as directory
from server.directory.model import Person, sort_key
from server.errors import InvalidInputError, NotFoundError, RefusedError
from server.hr.approvals.model import Delegation, patterns_of
from server.hr.approvals.store import delegations as store, people
from server.storage import UnitOfWork


def delegate(uow: UnitOfWork, wanted: Delegation, by: Actor, now: datetime) -> Delegation:
    """Let somebody decide in a person's place; `wanted.id` means nothing. Raises InvalidInputError."""
    today = directory.today_of(uow, now)
    if wanted.delegate_id == wanted.person_id:
        raise InvalidInputError(field="delegate", reason="choose somebody else: nobody is their own delegate")
    if wanted.last_day is not None and wanted.last_day < max(wanted.first_day, today):
        raise InvalidInputError(field="last_day", reason="choose a day that is not over, and not before the first day")
    if wanted.last_day is None and not wanted.only_away:
        raise InvalidInputError(field="last_day", reason="say until when; only a delegate for days of leave needs no end")
    if wanted.delegate_id not in people.employed(uow, [wanted.delegate_id], max(wanted.first_day, today)):
        raise InvalidInputError(field="delegate", reason="choose somebody who is employed then")
    key = store.add(uow, wanted, by.name, now)
    number = directory.numbers_of(uow, [wanted.person_id])[wanted.person_id]
    record(uow, by, "delegation.add", "person", number, at=now, after=_shown(wanted), people=(wanted.person_id, wanted.delegate_id))
    found = store.by_id(uow, key)
    assert found is not None
    return found


def end_delegation(uow: UnitOfWork, delegation_id: int, person_id: int | None, by: Actor, now: datetime) -> None:
    """End it now. person_id: whose it must be; None: anybody's (HR). Raises NotFoundError, RefusedError."""
    found = store.by_id(uow, delegation_id)
    if found is None or person_id not in {None, found.person_id}:
        raise NotFoundError(what="delegation", name=delegation_id)
    if found.ended_at is not None:
        raise RefusedError(reason="This delegation was ended before.")
    store.end(uow, delegation_id, now)
    number = directory.numbers_of(uow, [found.person_id])[found.person_id]
    record(uow, by, "delegation.end", "person", number, at=now, before=_shown(found), people=(found.person_id, found.delegate_id))


def delegations_of(uow: UnitOfWork, person_id: int) -> list[Delegation]:
    """Those that a person gave, the latest first."""
    return store.of_person(uow, person_id)


def delegations_to(uow: UnitOfWork, delegate_id: int) -> list[Delegation]:
    """Those that were given to a person, the latest first."""
    return store.to_person(uow, delegate_id)


def all_delegations(uow: UnitOfWork, now: datetime) -> list[Delegation]:
    """Everybody's that hold or will, the latest first."""
    return store.everybodys(uow, directory.today_of(uow, now))


def possible_delegates(uow: UnitOfWork, person_id: int, on: date) -> list[Person]:
    """Whom somebody may choose without seeing everybody: colleagues, those above them, and HR; by name."""
    keys = {*people.near(uow, person_id, on), *directory.manager_chain(uow, person_id, on)}
    keys |= set(access.people_with_role(uow, Role.HR))
    found = [directory.see_person(uow, key)[0].person for key in keys - {person_id}]
    return sorted((one for one in found if one.active), key=lambda one: sort_key(one.name))


def acting_for(uow: UnitOfWork, person_id: int, on: date) -> list[Delegation]:
    """The delegations by which this person can decide for others on a day."""
    return _in_force(uow, store.holding_for(uow, person_id, on), on)


def delegates_of(uow: UnitOfWork, person_ids: Collection[int], kind: str, requester_id: int, on: date) -> dict[int, int]:
    """Who decides in place of these people on a day about something of a kind; a requester is nobody's delegate for their own."""
    held = _in_force(uow, store.holding_of(uow, person_ids, on), on)
    return {one.person_id: one.delegate_id for one in reversed(held) if covers(one, kind) and one.delegate_id != requester_id}


def covers(one: Delegation, kind: str) -> bool:
    """Whether it is for this kind."""
    return not one.kinds or any(pattern in one.kinds for pattern in patterns_of(kind))


def _in_force(uow: UnitOfWork, held: Sequence[Delegation], on: date) -> list[Delegation]:
    """Those that really hold: where only days of leave count, the person must be on leave for a part of the day."""
    asked = {one.person_id for one in held if one.only_away}
    away = attendance.leave_days(uow, asked, on, on) if asked else {}
    return [one for one in held if not one.only_away or one.person_id in away]


def _shown(one: Delegation) -> dict[str, object]:
    span: dict[str, object] = {"first_day": one.first_day, "last_day": one.last_day, "only_away": one.only_away}
    return span | {"delegate": one.delegate_id, "kinds": list(one.kinds)}
