"""Which terminal user is whom, and when. The past follows a correction, because punches do not store the person."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from server.audit.actions import record
from server.audit.model import Actor
from server.directory import store
from server.directory.actions.employments import seen_here
from server.directory.model import Enrolment
from server.directory.tables import enrolment
from server.errors import InvalidInputError, NotFoundError, RefusedError
from server.fleet.actions import note_provisioning
from server.storage import Subject, UnitOfWork, leave_changes

DAY = timedelta(days=1)


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
) -> Enrolment:
    """Say that a person is this terminal user from a day on, until a last day if one is given.

    Raises RefusedError when somebody is that user on one of the days: within a zone a number is one person at a time.
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
        told = "The terminal user {user} is {holder} from {day} on; end that enrolment first."
        raise RefusedError(reason=told, user=terminal_user, holder=holder, day=taken[0].valid_from)
    values = {"person_id": person_id, "zone_id": zone_id, "terminal_user": terminal_user}
    uow.execute(enrolment.insert().values(**values, valid_from=valid_from, valid_until=valid_until))
    after = {**values, "valid_from": valid_from, "valid_until": valid_until}
    seen_here(uow, {person_id: valid_from}, now)
    leave_punch_days(uow, [(person_id, valid_from, valid_until)])
    record(uow, by, "enrolment.add", "person", who.employee_number, at=now, after=after, reason=reason, people=(who.id,))
    return store.overlapping(uow, zone_id, terminal_user, valid_from, valid_until)[0]


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
    return Enrolment(row.id, row.person_id, row.zone_id, row.terminal_user, row.valid_from, row.valid_until)
