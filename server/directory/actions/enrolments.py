"""Which terminal user is whom, and when. The past follows a correction, because punches do not store the person."""

from collections.abc import Collection, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from server.audit.actions import record
from server.audit.model import Actor
from server.directory import store
from server.directory.actions.employments import seen_here
from server.directory.model import Enrolment, TemplateKind
from server.directory.tables import enrolment
from server.errors import InvalidInputError, NotFoundError, RefusedError
from server.fleet.actions import note_provisioning
from server.storage import Subject, UnitOfWork, leave_changes, leave_user_changes

DAY = timedelta(days=1)
LONGEST_CARD = 32


def enrol(
    uow: UnitOfWork,
    person_id: int,
    zone_id: int,
    terminal_user: str,
    valid_from: date,
    by: Actor,
    now: datetime,
    *,
    valid_until: date | None = None,
    reason: str = "",
    card: str = "",
    templates: Collection[TemplateKind] | None = None,
) -> Enrolment:
    """Say that a person is this terminal user from a day on, until a last day if one is given.

    card, templates: where they are left out, what the terminals' own list says. Raises RefusedError when somebody is that user, or has
    that card, on one of the days: within a zone each is one person's at a time.
    """
    terminal_user = terminal_user.strip()
    if not 1 <= len(terminal_user) <= 64:
        raise InvalidInputError(field="terminal_user", reason="use the user number as the terminal shows it, 1 to 64 characters")
    if valid_until is not None and valid_until < valid_from:
        raise InvalidInputError(field="valid_until", reason="the last day must not be before the first")
    who = store.person_by_id(uow, person_id)
    if who is None:
        raise NotFoundError(what="person", name=person_id)
    note_provisioning(uow)  # before looking: on PostgreSQL it makes enrolments wait for each other, so none can overlap
    if taken := store.overlapping(uow, zone_id, terminal_user, valid_from, valid_until):
        holder = store.names_of(uow, [taken[0].person_id])[taken[0].person_id]
        problem = "The terminal user {user} is {holder} from {day} on; end that enrolment first."
        raise RefusedError(reason=problem, user=terminal_user, holder=holder, day=taken[0].valid_from)
    told = store.terminal_users(uow).get((zone_id, terminal_user))
    if told is not None:
        card, templates = card or told.card, told.templates if templates is None else templates
        store.forget_terminal_user(uow, zone_id, terminal_user)
    known_by = _known_by(uow, zone_id, person_id, card, templates, valid_from, valid_until)
    values = {"person_id": person_id, "zone_id": zone_id, "terminal_user": terminal_user}
    uow.execute(enrolment.insert().values(**values, **known_by, valid_from=valid_from, valid_until=valid_until))
    after = {**values, "valid_from": valid_from, "valid_until": valid_until} | {name: one for name, one in known_by.items() if one}
    seen_here(uow, {person_id: valid_from}, now)
    leave_punch_days(uow, [(person_id, valid_from, valid_until)])
    record(uow, by, "enrolment.add", "person", who.employee_number, at=now, after=after, reason=reason, people=(who.id,))
    return store.overlapping(uow, zone_id, terminal_user, valid_from, valid_until)[0]


def enrol_newly(uow: UnitOfWork, made: Sequence[tuple[int, int, str, date]], by: Actor, now: datetime) -> None:
    """Give people numbers that were nobody's: (person, zone, terminal user, first day) of each.

    The caller chose the numbers behind `fleet.actions.note_provisioning` in this transaction. What terminals' lists say of a number
    belongs to it from now on.
    """
    told = store.terminal_users(uow)
    rows = []
    for person_id, zone_id, user, first in made:
        known = told.get((zone_id, user))
        by_card = {"card": known.card or None, "templates": known.templates and list(known.templates)} if known else {}
        values = {"person_id": person_id, "zone_id": zone_id, "terminal_user": user, "valid_from": first, "valid_until": None}
        rows.append({**values, "card": None, "templates": None, **by_card})
        if known:
            store.forget_terminal_user(uow, zone_id, user)
    if rows:
        uow.execute(enrolment.insert(), rows)
    leave_punch_days(uow, [(person_id, first, None) for person_id, _, _, first in made])
    numbers = store.numbers_of(uow, [person_id for person_id, *_ in made])
    for person_id, zone_id, user, first in made:
        after = {"zone_id": zone_id, "terminal_user": user, "valid_from": first}
        record(uow, by, "enrolment.add", "person", numbers[person_id], at=now, after=after, people=(person_id,))


def note_known_by(
    uow: UnitOfWork, enrolment_id: int, card: str, templates: Collection[TemplateKind] | None, by: Actor, now: datetime
) -> None:
    """Say by which card and kinds of templates terminals know somebody. Raises NotFoundError, InvalidInputError, RefusedError."""
    note_provisioning(uow)  # cards are looked at and written by one at a time
    held = find_enrolment(uow, enrolment_id)
    new = _known_by(uow, held.zone_id, held.person_id, card, templates, held.valid_from, held.valid_until)
    before = {"card": held.card or None, "templates": None if held.templates is None else sorted(held.templates)}
    if new == before:
        return
    uow.execute(enrolment.update().where(enrolment.c.id == enrolment_id).values(**new))
    leave_user_changes(uow, Subject.PERSON, [held.person_id])
    who = store.person_by_id(uow, held.person_id)
    assert who is not None, "a foreign key holds it"
    user = {"terminal_user": held.terminal_user, "zone_id": held.zone_id}
    number, people = who.employee_number, (who.id,)
    record(uow, by, "enrolment.change", "person", number, at=now, before=user | before, after=user | new, people=people)


def _known_by(
    uow: UnitOfWork,
    zone_id: int,
    person_id: int,
    card: str,
    templates: Collection[TemplateKind] | None,
    first: date,
    last: date | None,
) -> dict[str, Any]:
    """Card and templates as they are stored; raises for a card that cannot be, or that is somebody else's."""
    card = card.strip()
    if len(card) > LONGEST_CARD or not ((card.isascii() and card.isalnum()) or not card):
        raise InvalidInputError(field="card", reason="write the number of the card as the reader shows it, up to 32 digits and letters")
    others = [one for one in store.with_card(uow, zone_id, card, first, last) if one.person_id != person_id] if card else []
    if others:
        holder = store.names_of(uow, [others[0].person_id])[others[0].person_id]
        problem = "The card {card} is {holder}'s from {day} on; end that enrolment first."
        raise RefusedError(reason=problem, card=card, holder=holder, day=others[0].valid_from)
    return {"card": card or None, "templates": None if templates is None else sorted(set(templates))}


def end_enrolment(uow: UnitOfWork, enrolment_id: int, last_day: date, by: Actor, now: datetime, reason: str = "") -> None:
    """Let an enrolment hold up to a last day, or remove it where that lies before its first day; raises NotFoundError, RefusedError."""
    note_provisioning(uow)
    row = uow.fetch_one(enrolment.select().where(enrolment.c.id == enrolment_id))
    if row is None:
        raise NotFoundError(what="enrolment", name=enrolment_id)
    others = store.overlapping(uow, row.zone_id, row.terminal_user, row.valid_from, last_day)
    if any(one.id != enrolment_id for one in others):
        told = "The terminal user {user} is somebody else before {day}; choose an earlier day."
        raise RefusedError(reason=told, user=row.terminal_user, day=last_day)
    if last_day < row.valid_from:
        uow.execute(enrolment.delete().where(enrolment.c.id == enrolment_id))
    else:
        uow.execute(enrolment.update().where(enrolment.c.id == enrolment_id).values(valid_until=last_day))
    if row.valid_until != last_day:
        first = max(row.valid_from, min(last_day, row.valid_until or last_day) + DAY)
        leave_punch_days(uow, [(row.person_id, first, row.valid_until and max(last_day, row.valid_until))])
    who = store.person_by_id(uow, row.person_id)
    assert who is not None, "a foreign key holds it"
    span = {"terminal_user": row.terminal_user, "zone_id": row.zone_id, "valid_from": row.valid_from}
    before, after = {**span, "valid_until": row.valid_until}, {**span, "valid_until": last_day}
    record(uow, by, "enrolment.end", "person", who.employee_number, at=now, before=before, after=after, reason=reason, people=(who.id,))


def leave_punch_days(uow: UnitOfWork, days: Sequence[tuple[int, date, date | None]]) -> None:
    """The punches of these days of people became theirs, or nobody's. A punch can belong to the work date beside its own.

    days: (person, first, last).
    """
    beside = [(person_id, first - DAY, last and last + DAY) for person_id, first, last in days]
    leave_changes(uow, Subject.PERSON, beside, "enrolment")


def enrolled_users(uow: UnitOfWork, zone_ids: Sequence[int] | None = None) -> dict[tuple[int, str], tuple[tuple[int, int], ...]]:
    """(zone, terminal user) to the (first, last) days, packed YYYYMMDD, on which somebody is that user: what admission needs.

    The last day of an enrolment that goes on is 99991231. `fleet.actions.provisioning_version` says when to read again.
    """
    return store.enrolled_spans(uow, zone_ids)


def enrolments_at(uow: UnitOfWork, zone_id: int, terminal_user: str) -> list[Enrolment]:
    """Whoever a terminal user was and is, in the order of time."""
    return store.enrolments_at(uow, zone_id, terminal_user)


def find_enrolment(uow: UnitOfWork, enrolment_id: int) -> Enrolment:
    """Raises NotFoundError."""
    row = uow.fetch_one(enrolment.select().where(enrolment.c.id == enrolment_id))
    if row is None:
        raise NotFoundError(what="enrolment", name=enrolment_id)
    return store.enrolment_of(row)
