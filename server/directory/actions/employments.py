"""Hiring, changing the terms, leaving, and taking an event back. Events are added and cancelled, never changed."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import select, update

from server.audit.actions import record
from server.audit.model import Actor
from server.directory import store
from server.directory.actions.terms import follow_events, today_of
from server.directory.engine import check_cancel, check_day, check_event, check_hire, check_hire_date, employment_on, manager_loop
from server.directory.model import Employment, EmploymentKind, EventKind, HoursSystem, LeavingGround, Person, Protection
from server.directory.tables import employment, employment_event, person
from server.errors import InvalidInputError, NotFoundError, RefusedError
from server.fleet import actions as fleet
from server.storage import UnitOfWork

TRANSFER_SETS = frozenset({"department_id", "position_id", "manager_id", "site_id", "legal_entity_id", "pay_group_id"})
HOURS_SETS = frozenset({"hours_system", "hours_approval", "hours_approval_until"})
MAY_SET = {
    EventKind.HIRE: TRANSFER_SETS | HOURS_SETS | {"kind"},
    EventKind.TRANSFER: TRANSFER_SETS,
    EventKind.KIND: frozenset({"kind"}),
    EventKind.HOURS: HOURS_SETS,
    EventKind.PROTECTION: frozenset({"protection"}),
    EventKind.PROBATION: frozenset(),
    EventKind.CONFIRMATION: frozenset(),
    EventKind.LEAVING: frozenset({"ground"}),
}
LONGEST_REASON = 500


@dataclass(frozen=True, slots=True)
class NewEvent:
    """An event to add; the fields mean what they do in `EmploymentEvent`. A hire begins a new employment."""

    kind: EventKind
    effective_on: date
    sets: Mapping[str, Any] = field(default_factory=dict)
    until: date | None = None
    reason: str = ""
    hired_on_known: bool = True


def employments_of(uow: UnitOfWork, person_id: int) -> list[Employment]:
    """A person's employments in the order of their days, each with all its events."""
    return store.employments_of(uow, [person_id])[person_id]


def add_event(uow: UnitOfWork, person_id: int, new: NewEvent, by: Actor, now: datetime) -> None:
    """Add an event of any kind. Raises NotFoundError, InvalidInputError, or RefusedError where it contradicts what is there."""
    who = _locked(uow, person_id)
    check_day(new.effective_on, "effective_on")
    sets = _checked_sets(uow, new)
    there = employments_of(uow, person_id)
    if new.kind is EventKind.HIRE:
        check_hire(there, new.effective_on)
        employment_id = store.add_employments(uow, {person_id: new.hired_on_known})[person_id]
    else:
        held = employment_on(there, new.effective_on)
        check_event(held, new.kind, new.effective_on, new.until, sets)
        employment_id = held.id
    _insert(uow, employment_id, new, sets, by, now)
    changed = _follow(uow, who, now)
    if new.kind in {EventKind.TRANSFER, EventKind.KIND, EventKind.PROBATION} and not changed:
        raise InvalidInputError(field="change", reason="on {day} all this holds already: nothing would change", day=new.effective_on)
    after = {"employment_event": new.kind, "effective_on": new.effective_on, "until": new.until} | _shown(uow, sets)
    record(uow, by, "employment.event", "person", who.employee_number, at=now, after=after, reason=new.reason, people=(who.id,))


def cancel_event(uow: UnitOfWork, event_id: int, reason: str, by: Actor, now: datetime) -> int:
    """Let an event count no more; it stays to be seen. Returns whose it is. Raises NotFoundError, InvalidInputError, RefusedError."""
    found = store.event_with_person(uow, event_id)
    if found is None:
        raise NotFoundError(what="employment event", name=event_id)
    event, person_id = found
    who = _locked(uow, person_id)
    reason = _needed_reason(reason)
    check_cancel(employments_of(uow, person_id), event)
    _cancel(uow, event.id, reason, by, now)
    _follow(uow, who, now)
    before = {"employment_event": event.kind, "effective_on": event.effective_on, "until": event.until} | _shown(uow, event.sets)
    record(uow, by, "employment.cancel", "person", who.employee_number, at=now, before=before, reason=reason, people=(who.id,))
    return person_id


def set_hire_date(uow: UnitOfWork, employment_id: int, day: date, reason: str, by: Actor, now: datetime) -> int:
    """Say on which day an employment really began: its hire is cancelled and entered again. Returns whose it is."""
    person_id = uow.scalar(employment.select().with_only_columns(employment.c.person_id).where(employment.c.id == employment_id))
    if person_id is None:
        raise NotFoundError(what="employment", name=employment_id)
    who = _locked(uow, person_id)
    check_day(day, "effective_on")
    there = employments_of(uow, person_id)
    held = next(one for one in there if one.id == employment_id)
    hire = next((event for event in held.events if event.in_force and event.kind is EventKind.HIRE), None)
    if hire is None:
        raise RefusedError(reason="The hire of this employment is cancelled.")
    check_hire_date(there, held, day)
    _cancel(uow, hire.id, reason, by, now)
    _insert(uow, held.id, NewEvent(EventKind.HIRE, day, reason=reason), dict(hire.sets), by, now)
    uow.execute(update(employment).where(employment.c.id == held.id).values(hired_on_known=True))
    _follow(uow, who, now)
    span = {"before": {"hired_on": hire.effective_on}, "after": {"hired_on": day}}
    record(uow, by, "employment.hire-date", "person", who.employee_number, at=now, **span, reason=reason, people=(who.id,))
    return int(person_id)


def seen_here(uow: UnitOfWork, days: Mapping[int, date], now: datetime) -> None:
    """Somebody was here on a day: an employment whose first day nobody knows began on it at the latest. days: by person."""
    moved = []
    for person_id, several in store.employments_of(uow, list(days)).items():
        hire = next((event for event in several[0].events if event.in_force and event.kind is EventKind.HIRE), None) if several else None
        if hire is not None and not several[0].hired_on_known and days[person_id] < hire.effective_on:
            values = {"effective_on": days[person_id]}
            uow.execute(update(employment_event).where(employment_event.c.id == hire.id).values(**values))
            moved.append(person_id)
    if moved:
        follow_events(uow, moved, today_of(uow, now))


def _locked(uow: UnitOfWork, person_id: int) -> Person:
    """The person; writers of the same employments wait for each other, so that no two can contradict."""
    uow.fetch_one(select(person.c.id).where(person.c.id == person_id).with_for_update())
    found = store.person_by_id(uow, person_id)
    if found is None:
        raise NotFoundError(what="person", name=person_id)
    if found.erased_at is not None:
        raise RefusedError(reason="This person's data is erased: whoever comes back is hired as a new person.")
    return found


def _checked_sets(uow: UnitOfWork, new: NewEvent) -> dict[str, Any]:
    """What the event sets, as it is stored; raises InvalidInputError for what there is not."""
    sets = {name: value for name, value in new.sets.items() if name in MAY_SET[new.kind]}
    known: dict[str, set[Any]] = {
        "department_id": {one.id for one in store.departments(uow)},
        "position_id": {one.id for one in store.positions(uow)},
        "site_id": {one.id for one in fleet.list_sites(uow)},
        "legal_entity_id": {one.id for one in fleet.list_legal_entities(uow)},
        "pay_group_id": {one.id for one in store.pay_groups(uow)},
        "kind": set(EmploymentKind),
        "hours_system": set(HoursSystem),
        "protection": set(Protection),
        "ground": set(LeavingGround),
    }
    for name in known.keys() & sets:
        if sets[name] not in known[name] and not (sets[name] is None and name in TRANSFER_SETS):
            raise InvalidInputError(field=name.removesuffix("_id"), reason="choose one that the list offers")
    if sets.get("manager_id") is not None and store.person_by_id(uow, sets["manager_id"]) is None:
        raise InvalidInputError(field="manager", reason="there is no such person")
    if new.kind is EventKind.PROTECTION and "protection" not in sets:
        raise InvalidInputError(field="protection", reason="choose one that the list offers")
    if len(new.reason) > LONGEST_REASON:
        raise InvalidInputError(field="reason", reason="use at most {most} characters", most=LONGEST_REASON)
    return {name: value.isoformat() if isinstance(value, date) else value for name, value in sets.items()}


def _needed_reason(reason: str) -> str:
    reason = reason.strip()
    if not 1 <= len(reason) <= LONGEST_REASON:
        raise InvalidInputError(field="reason", reason="say why, in at most {most} characters", most=LONGEST_REASON)
    return reason


def _insert(uow: UnitOfWork, employment_id: int, new: NewEvent, sets: Mapping[str, Any], by: Actor, now: datetime) -> None:
    uow.execute(employment_event.insert(), [event_row(employment_id, new, sets, by, now)])


def event_row(employment_id: int, new: NewEvent, sets: Mapping[str, Any], by: Actor, now: datetime) -> dict[str, Any]:
    """The row of a new event."""
    row: dict[str, Any] = {"employment_id": employment_id, "kind": new.kind.value, "effective_on": new.effective_on, "until": new.until}
    row |= {"sets": dict(sets), "author": by.name, "reason": new.reason.strip(), "recorded_at": now}
    return row | {"cancelled_at": None, "cancelled_by": "", "cancel_reason": ""}


def _cancel(uow: UnitOfWork, event_id: int, reason: str, by: Actor, now: datetime) -> None:
    values = {"cancelled_at": now, "cancelled_by": by.name, "cancel_reason": reason}
    uow.execute(update(employment_event).where(employment_event.c.id == event_id).values(**values))


def _follow(uow: UnitOfWork, who: Person, now: datetime) -> bool:
    """Bring the terms up, and say whether they changed.

    Raises InvalidInputError when people would manage each other in a circle, or somebody would be in a department that is closed: then
    nothing of this unit of work may be stored.
    """
    changed = follow_events(uow, [who.id], today_of(uow, now))
    circle = manager_loop(who.id, lambda person_id: store.spans(uow, [person_id])[person_id])
    if circle is not None:
        people, day = circle
        names = store.names_of(uow, people)
        told = "on {day} these would manage each other in a circle: {names}"
        raise InvalidInputError(field="manager", reason=told, day=day, names=", ".join(names[one] for one in people))
    closed = store.behind_closing(uow, who.id) if changed else None
    if closed is not None:
        told = "{name} is closed after {day}: choose another department, or open it again"
        raise InvalidInputError(field="department", reason=told, name=closed[0], day=closed[1])
    return bool(changed)


def _shown(uow: UnitOfWork, sets: Mapping[str, Any]) -> dict[str, Any]:
    """What an event sets, in codes and numbers that people know."""
    lists: dict[str, Callable[[UnitOfWork], Sequence[Any]]] = {
        "department_id": store.departments,
        "position_id": store.positions,
        "pay_group_id": store.pay_groups,
        "site_id": fleet.list_sites,
        "legal_entity_id": fleet.list_legal_entities,
    }
    shown: dict[str, Any] = {}
    for name, value in sets.items():
        if value is not None and name in lists:
            value = next((one.code for one in lists[name](uow) if one.id == value), value)  # noqa: PLW2901 - its code
        elif value is not None and name == "manager_id":
            found = store.person_by_id(uow, value)
            value = found.employee_number if found else value  # noqa: PLW2901 - the number
        shown[name.removesuffix("_id")] = value
    return shown
