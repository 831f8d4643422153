"""What leave moves: reserved while a request waits, taken when it is approved, given back when it is taken back. Every step is a row."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta

from server.audit.model import Actor
from server.directory import actions as directory
from server.errors import InvalidInputError, NotFoundError, RefusedError
from server.hr.leave.actions.balances import balance_on
from server.hr.leave.actions.facts import OPENING
from server.hr.leave.actions.recorded import load
from server.hr.leave.actions.settling import settle
from server.hr.leave.actions.types import find_type
from server.hr.leave.model import LeaveType, MovementKind, NewMovement
from server.hr.leave.model.ledger import OUT, out_by_day
from server.hr.leave.store import grounds, ledger
from server.storage import UnitOfWork

LONGEST_LEAVE = 800
"""Days of one leave."""

ByDay = Mapping[date, int]


def reserve(
    uow: UnitOfWork,
    person_id: int,
    type_code: str,
    minutes: int,
    first_day: date,
    reference: str,
    by: Actor,
    now: datetime,
    *,
    by_day: ByDay | None = None,
) -> None:
    """Keep so much for a request that waits. minutes: `LeaveLength.minutes`; by_day: `LeaveLength.by_day`, so that leave over the end of
    a year takes from both.

    reference: the number of the request; what is reserved under it already is released first. Raises RefusedError over the balance,
    NotFoundError, InvalidInputError.
    """
    kind = _ready(uow, person_id, type_code, minutes, first_day, reference)
    _release(uow, person_id, kind, reference, by, now)
    wanted = _checked_days(minutes, first_day, by_day)
    _require_enough(uow, person_id, kind, minutes, first_day)
    _write(uow, person_id, kind, MovementKind.RESERVED, wanted, reference, by, now)


def release(uow: UnitOfWork, person_id: int, type_code: str, reference: str, by: Actor, now: datetime) -> int:
    """Let go what is reserved for a request (refused, withdrawn); returns how many minutes. Raises NotFoundError."""
    kind = find_type(uow, type_code, directory.today_of(uow, now))
    _lock(uow, person_id)
    return _release(uow, person_id, kind, reference, by, now)


def book(
    uow: UnitOfWork,
    person_id: int,
    type_code: str,
    minutes: int,
    first_day: date,
    reference: str,
    by: Actor,
    now: datetime,
    *,
    by_day: ByDay | None = None,
) -> None:
    """Take leave that was approved; what is reserved for it is released. Raises as `reserve`.

    Leave of days that are over moves what became of the rest of its year, too, in corrections.
    """
    kind = _ready(uow, person_id, type_code, minutes, first_day, reference)
    _release(uow, person_id, kind, reference, by, now)
    wanted = _checked_days(minutes, first_day, by_day)
    _require_enough(uow, person_id, kind, minutes, first_day)
    _write(uow, person_id, kind, MovementKind.TAKEN, wanted, reference, by, now)
    settle(uow, [person_id], directory.today_of(uow, now), now)


def give_back(uow: UnitOfWork, person_id: int, type_code: str, reference: str, by: Actor, now: datetime, *, reason: str = "") -> int:
    """Give back what a request took, as its approval was taken back; returns how many minutes. Raises NotFoundError, RefusedError."""
    kind = find_type(uow, type_code, directory.today_of(uow, now))
    _lock(uow, person_id)
    _settle_first(uow, person_id, now)
    taken = out_by_day(ledger.by_reference(uow, reference, person_id, kind.id), OUT)
    _require_after_opening(uow, person_id, kind, min(taken, default=date.max))
    rows = [
        NewMovement(MovementKind.GIVEN_BACK, minutes, day, reference=reference, reason=reason.strip(), facts={"code": "given-back"})
        for day, minutes in taken.items()
    ]
    ledger.add_movements(uow, ((person_id, kind.id, row) for row in rows), by.name, now)
    settle(uow, [person_id], directory.today_of(uow, now), now)
    return sum(taken.values())


def _ready(uow: UnitOfWork, person_id: int, type_code: str, minutes: int, first_day: date, reference: str) -> LeaveType:
    kind = find_type(uow, type_code, first_day)
    if kind.archived:
        raise RefusedError(reason="This kind of leave is no longer offered; choose another one.")
    if minutes <= 0:
        raise InvalidInputError(field="minutes", reason="there is no time in it that would have been worked")
    if not 1 <= len(reference) <= 80:
        raise InvalidInputError(field="reference", reason="use 1 to 80 characters")
    _lock(uow, person_id)
    _require_after_opening(uow, person_id, kind, first_day)
    return kind


def _lock(uow: UnitOfWork, person_id: int) -> None:
    if not ledger.lock_person(uow, person_id):
        raise NotFoundError(what="person", name=person_id)


def _settle_first(uow: UnitOfWork, person_id: int, now: datetime) -> None:
    """So that a correction says what this changed, and nothing that was due anyway."""
    settle(uow, [person_id], directory.today_of(uow, now), now)


def _require_enough(uow: UnitOfWork, person_id: int, kind: LeaveType, minutes: int, first_day: date) -> None:
    balance = balance_on(uow, person_id, kind.code, first_day)
    if not balance.allows(minutes):
        raise RefusedError(
            reason="That takes {wanted} days, and {left} are left on {day}: ask for less, or for another kind of leave.",
            wanted=_days(minutes, kind),
            left=_days(max(balance.available or 0, 0), kind),
            day=first_day,
        )


def _require_after_opening(uow: UnitOfWork, person_id: int, kind: LeaveType, first_day: date) -> None:
    begins = grounds.begins_on(uow)
    if kind.limited and begins is not None and first_day < begins:
        raise RefusedError(reason="Balances are kept from {day} on: leave before it is recorded as a grant by hand.", day=begins)
    own = ledger.movements_of(uow, [person_id], [kind.id]).get((person_id, kind.id), [])
    opening = max((one.day for one in own if one.cause == OPENING), default=None)
    if opening is not None and first_day <= opening:
        raise RefusedError(reason="The opening balance of {day} stands for leave up to that day: adjust the balance by hand.", day=opening)


def _days(minutes: int, kind: LeaveType) -> str:
    return f"{minutes / kind.terms.standard_day_minutes:.2f}".rstrip("0").rstrip(".")


def _checked_days(minutes: int, first_day: date, by_day: ByDay | None) -> ByDay:
    wanted = {day: each for day, each in sorted((by_day or {first_day: minutes}).items()) if each}
    if sum(wanted.values()) != minutes or any(each < 0 for each in wanted.values()):
        raise InvalidInputError(field="by_day", reason="the days must add up to the whole leave")
    if min(wanted) < first_day or max(wanted) - min(wanted) > timedelta(days=LONGEST_LEAVE):
        raise InvalidInputError(
            field="last_day", reason="a leave is at most {most} days long, and begins on its first day", most=LONGEST_LEAVE
        )
    return wanted


def _release(uow: UnitOfWork, person_id: int, kind: LeaveType, reference: str, by: Actor, now: datetime) -> int:
    kept = out_by_day(ledger.by_reference(uow, reference, person_id, kind.id), (MovementKind.RESERVED, MovementKind.RELEASED))
    rows = [
        NewMovement(MovementKind.RELEASED, minutes, day, reference=reference, facts={"code": "released"}) for day, minutes in kept.items()
    ]
    ledger.add_movements(uow, ((person_id, kind.id, row) for row in rows), by.name, now)
    return sum(kept.values())


def _write(
    uow: UnitOfWork, person_id: int, kind: LeaveType, what: MovementKind, wanted: ByDay, reference: str, by: Actor, now: datetime
) -> None:
    known = load(uow, [person_id], [kind], min(wanted))
    rows = [
        NewMovement(what, -minutes, day, reference=reference, facts={"code": what.value, "last_day": last.isoformat()})
        for day, last, minutes in known.stretches(person_id, kind, wanted)
    ]
    ledger.add_movements(uow, ((person_id, kind.id, row) for row in rows), by.name, now)
