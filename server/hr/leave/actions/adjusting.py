"""What HR does by hand: adjustments, opening balances, grounds, waivers, and from when on the ledger is kept. All of it with a reason."""

from collections.abc import Sequence
from datetime import date, datetime

from server.audit.actions import record
from server.audit.model import Actor
from server.directory import actions as directory
from server.errors import InvalidInputError, NotFoundError, RefusedError
from server.hr.leave.actions.facts import OPENING, UNDO
from server.hr.leave.actions.settling import settle
from server.hr.leave.actions.types import find_type
from server.hr.leave.model import Basis, LeaveType, MovementKind, NewMovement
from server.hr.leave.model.ledger import DERIVED
from server.hr.leave.store import grounds, ledger
from server.storage import UnitOfWork

LONGEST_REASON = 500
MOST_MINUTES = 366 * 24 * 60


def adjust(
    uow: UnitOfWork,
    person_ids: Sequence[int],
    type_code: str,
    minutes: int,
    day: date,
    reason: str,
    by: Actor,
    now: datetime,
    *,
    last_day: date | None = None,
    reference: str = "",
) -> int:
    """Give (positive) or take away (negative) so much of each of these people from a day on; returns how many people.

    last_day: until when what is given can be used, else as the year's days. reference: names all of them together for `undo_adjustments`.
    Raises InvalidInputError, NotFoundError, RefusedError.
    """
    kind, reason = _limited(uow, type_code, day), needed_reason(reason)
    if not minutes or abs(minutes) > MOST_MINUTES:
        raise InvalidInputError(field="minutes", reason="name how much to give or to take away")
    if last_day is not None and (last_day < day or minutes < 0):
        raise InvalidInputError(field="last_day", reason="it must not be before the day, and is for what is given only")
    facts = {"code": "adjusted"}
    row = NewMovement(MovementKind.ADJUSTED, minutes, day, last_day=last_day, reference=reference, reason=reason, facts=facts)
    people = list(dict.fromkeys(person_ids))
    _write(uow, people, kind, row, by, now)
    _recorded(uow, "leave.adjust", people, kind.code, _shown(row), reason, by, now)
    return len(people)


def undo_adjustment(uow: UnitOfWork, movement_id: int, reason: str, by: Actor, now: datetime) -> None:
    """Take an adjustment back by its opposite. Raises NotFoundError; RefusedError for one that was taken back, or is none."""
    reason = needed_reason(reason)
    found = ledger.movement_by_id(uow, movement_id)
    if found is None:
        raise NotFoundError(what="movement", name=movement_id)
    if found.kind is not MovementKind.ADJUSTED or found.cause.startswith(UNDO):
        raise RefusedError(reason="Only an adjustment by hand can be undone.")
    ledger.lock_person(uow, found.person_id)
    own = ledger.movements_of(uow, [found.person_id], [found.type_id]).get((found.person_id, found.type_id), [])
    if any(one.cause == f"{UNDO}{movement_id}" for one in own):
        raise RefusedError(reason="This adjustment was undone already.")
    facts = {"code": "undone", "movement": movement_id}
    cause = f"{UNDO}{movement_id}"
    row = NewMovement(MovementKind.ADJUSTED, -found.minutes, found.day, cause, last_day=found.last_day, reason=reason, facts=facts)
    ledger.add_movements(uow, [(found.person_id, found.type_id, row)], by.name, now)
    settle(uow, [found.person_id], directory.today_of(uow, now), now)
    _recorded(uow, "leave.adjust", [found.person_id], "", {"undone": movement_id}, reason, by, now)


def undo_adjustments(uow: UnitOfWork, reference: str, reason: str, by: Actor, now: datetime) -> int:
    """Take back all adjustments of a reference that are not taken back yet; returns how many. Raises NotFoundError for none."""
    found = ledger.adjustments_of(uow, reference)
    if not found:
        raise NotFoundError(what="movement", name=reference)
    for movement_id in found:
        undo_adjustment(uow, movement_id, reason, by, now)
    return len(found)


def set_opening(
    uow: UnitOfWork,
    person_id: int,
    type_code: str,
    minutes: int,
    day: date,
    reason: str,
    by: Actor,
    now: datetime,
    *,
    last_day: date | None = None,
) -> None:
    """Say what somebody has at the end of a day: it stands for all grants and leave up to then. Raises as `adjust`.

    last_day: until when it can be used, else as the days of the year that the day is in. A later one replaces an earlier one.
    """
    kind, reason = _limited(uow, type_code, day), needed_reason(reason)
    if abs(minutes) > MOST_MINUTES:
        raise InvalidInputError(field="minutes", reason="name how much is left")
    if not ledger.lock_person(uow, person_id):
        raise NotFoundError(what="person", name=person_id)
    settle(uow, [person_id], directory.today_of(uow, now), now)  # it stands for recorded leave, too, which is written first
    own = ledger.movements_of(uow, [person_id], [kind.id]).get((person_id, kind.id), [])
    if any(one.cause == OPENING and one.day >= day for one in own):
        raise RefusedError(reason="There is an opening balance from that day on already: adjust it by hand.")
    there = sum(one.minutes for one in own if one.day <= day and one.kind not in DERIVED)
    facts = {"code": "opening", "balance": minutes}
    row = NewMovement(MovementKind.ADJUSTED, minutes - there, day, OPENING, last_day=last_day, reason=reason, facts=facts)
    _write(uow, [person_id], kind, row, by, now)
    _recorded(uow, "leave.open", [person_id], kind.code, {**_shown(row), "balance": minutes}, reason, by, now)


def add_ground(
    uow: UnitOfWork, person_id: int, type_code: str, name: str, first_day: date, last_day: date, by: Actor, now: datetime
) -> int:
    """Note why somebody has a kind of leave that goes by grounds; returns its number. Raises InvalidInputError, NotFoundError."""
    kind, name = _limited(uow, type_code, directory.today_of(uow, now)), name.strip()
    if not kind.terms.entitlement.per_ground:
        raise RefusedError(reason="This kind of leave does not go by grounds.")
    if not 1 <= len(name) <= 100:
        raise InvalidInputError(field="name", reason="use 1 to {most} characters", most=100)
    if last_day < first_day:
        raise InvalidInputError(field="last_day", reason="it must not be before the first day")
    directory.see_person(uow, person_id)
    made = grounds.add_ground(uow, person_id, kind.id, name, (first_day, last_day), by.name, now)
    settle(uow, [person_id], directory.today_of(uow, now), now)
    after = {"ground": made, "first_day": first_day, "last_day": last_day}
    _recorded(uow, "leave.ground", [person_id], type_code, after, "", by, now)
    return made


def end_ground(uow: UnitOfWork, ground_id: int, person_id: int, reason: str, by: Actor, now: datetime) -> None:
    """A ground was a mistake: what it granted is corrected. Raises NotFoundError, InvalidInputError."""
    reason = needed_reason(reason)
    each = [one for held in grounds.grounds_of(uow, [person_id]).values() for one in held]
    if not any(one.id == ground_id and one.ended_at is None for one in each):
        raise NotFoundError(what="ground", name=ground_id)
    grounds.end_ground(uow, ground_id, by.name, now, reason)
    settle(uow, [person_id], directory.today_of(uow, now), now)
    _recorded(uow, "leave.ground", [person_id], "", {"ended": ground_id}, reason, by, now)


def waive(uow: UnitOfWork, person_id: int, type_code: str, lot: str, reason: str, by: Actor, now: datetime) -> None:
    """Somebody wrote that they do not take the rest of a year's days by their own wish. lot: the first day of that year, as 2026-01-01.

    Raises InvalidInputError, NotFoundError.
    """
    kind, reason = _limited(uow, type_code, directory.today_of(uow, now)), needed_reason(reason)
    if kind.terms.entitlement.basis is Basis.EARNED:
        raise RefusedError(reason="Time off for overtime cannot be waived: it is given, or paid.")
    try:
        date.fromisoformat(lot)
    except ValueError:
        raise InvalidInputError(field="lot", reason="name the year by its first day, as 2026-01-01") from None
    directory.see_person(uow, person_id)
    grounds.add_waiver(uow, person_id, kind.id, lot, reason, by.name, now)
    settle(uow, [person_id], directory.today_of(uow, now), now)
    _recorded(uow, "leave.waive", [person_id], type_code, {"year": lot}, reason, by, now)


def begins_on(uow: UnitOfWork) -> date | None:
    """From which day on the ledger is kept; None before the first night."""
    return grounds.begins_on(uow)


def begin_on(uow: UnitOfWork, day: date, by: Actor, now: datetime) -> None:
    """Keep the ledger from a day on; what was granted before it is taken back by corrections, and the other way round, as it is settled.

    Raises RefusedError when somebody's leave or an adjustment is before that day.
    """
    before = grounds.begins_on(uow)
    if (earliest := ledger.earliest_by_hand(uow)) is not None and earliest < day:
        raise RefusedError(reason="There is leave or an adjustment of {day} in the ledger: it cannot begin after that.", day=earliest)
    grounds.set_begins_on(uow, day)
    record(uow, by, "leave.begin", "ledger", "leave", at=now, before={"day": before}, after={"day": day})


def needed_reason(reason: str) -> str:
    """The reason without outer spaces; raises InvalidInputError for none, or one that is too long."""
    reason = reason.strip()
    if not 1 <= len(reason) <= LONGEST_REASON:
        raise InvalidInputError(field="reason", reason="say why, in at most {most} characters", most=LONGEST_REASON)
    return reason


def _limited(uow: UnitOfWork, type_code: str, day: date) -> LeaveType:
    kind = find_type(uow, type_code, day)
    if not kind.limited:
        raise RefusedError(reason="No balance is kept of this kind of leave.")
    return kind


def _write(uow: UnitOfWork, people: Sequence[int], kind: LeaveType, row: NewMovement, by: Actor, now: datetime) -> None:
    known = directory.names_of(uow, people)
    if missing := next((one for one in people if one not in known), None):
        raise NotFoundError(what="person", name=missing)
    ledger.add_movements(uow, ((person_id, kind.id, row) for person_id in people), by.name, now)
    settle(uow, people, directory.today_of(uow, now), now)


def _shown(row: NewMovement) -> dict[str, object]:
    return {"minutes": row.minutes, "day": row.day, "last_day": row.last_day}


def _recorded(
    uow: UnitOfWork, action: str, people: Sequence[int], type_code: str, after: dict[str, object], reason: str, by: Actor, now: datetime
) -> None:
    """One row for one person, by their number; one for many, with their ids."""
    if len(people) == 1:
        subject = directory.see_person(uow, people[0])[0].person.employee_number
        record(uow, by, action, "person", subject, at=now, after={**after, "kind": type_code}, reason=reason, people=people)
    else:
        record(uow, by, action, "kind of leave", type_code, at=now, after={**after, "people": list(people)}, reason=reason, people=people)
