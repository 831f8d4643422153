"""Who works by which pattern, and who need not punch."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta

from server.audit.actions import record
from server.audit.model import Actor
from server.directory import actions as directory
from server.errors import InvalidInputError, NotFoundError, RefusedError
from server.fleet import actions as fleet
from server.roster.actions.left import SUBJECTS, leave_roster_change
from server.roster.actions.people import position_names
from server.roster.model import Assignment, PunchExemption, Scope
from server.roster.store import entries, patterns as store
from server.roster.tables import pattern_assignment, punch_exemption
from server.storage import Subject, UnitOfWork, leave_change

LONGEST_OFFSET = 366


def assign_pattern(
    uow: UnitOfWork,
    pattern_id: int,
    scope: Scope,
    scope_id: int,
    first_day: date,
    last_day: date | None,
    by: Actor,
    now: datetime,
    *,
    offset_days: int = 0,
    reason: str = "",
) -> Assignment:
    """Let somebody work by a pattern. scope_id: 0 for the company.

    Raises RefusedError when the same scope has a pattern on one of the days: two rosters for one day. InvalidInputError, NotFoundError.
    """
    pattern = store.pattern_by_id(uow, pattern_id)
    if pattern is None:
        raise NotFoundError(what="pattern", name=pattern_id)
    _checked_span(first_day, last_day)
    if not 0 <= offset_days <= LONGEST_OFFSET:
        raise InvalidInputError(field="offset_days", reason="use 0 to 366 days")
    subject = _named(uow, scope, scope_id)
    entries.hold_rosters(uow)
    if taken := store.overlapping(uow, scope, scope_id, first_day, last_day):
        raise _two_rosters(uow, taken[0], subject)
    values = {"pattern_id": pattern_id, "offset_days": offset_days, "first_day": first_day, "last_day": last_day}
    made = {"author": by.name, "reason": reason, "at": now}
    uow.execute(pattern_assignment.insert().values(scope=scope.value, scope_id=scope_id, **values, **made))
    leave_roster_change(uow, SUBJECTS[scope], scope_id, first_day, last_day, "assignment")
    after = {**values, "pattern": pattern.name, "scope": scope}
    concerned = (scope_id,) if scope is Scope.PERSON else ()
    record(uow, by, "assignment.add", "assignment", subject, at=now, after=after, reason=reason, people=concerned)
    return store.overlapping(uow, scope, scope_id, first_day, last_day)[0]


def end_assignment(uow: UnitOfWork, assignment_id: int, last_day: date | None, by: Actor, now: datetime, *, reason: str = "") -> None:
    """Let an assignment hold up to a last day (None: until further notice), or remove it where that lies before its first day.

    Raises NotFoundError; RefusedError where the longer span meets the next assignment.
    """
    entries.hold_rosters(uow)
    held = store.assignment_by_id(uow, assignment_id)
    if held is None:
        raise NotFoundError(what="assignment", name=assignment_id)
    subject = _named(uow, held.scope, held.scope_id)
    if last_day is not None and last_day < held.first_day:
        uow.execute(pattern_assignment.delete().where(pattern_assignment.c.id == assignment_id))
        changed = (held.first_day, held.last_day)
    else:
        others = store.overlapping(uow, held.scope, held.scope_id, held.first_day, last_day)
        if other := next((one for one in others if one.id != assignment_id), None):
            raise _two_rosters(uow, other, subject)
        uow.execute(pattern_assignment.update().where(pattern_assignment.c.id == assignment_id).values(last_day=last_day))
        ends = [one for one in (held.last_day, last_day) if one is not None]
        if not ends or held.last_day == last_day:
            return
        changed = (min(ends) + timedelta(days=1), max(ends) if len(ends) == 2 else None)
    leave_roster_change(uow, SUBJECTS[held.scope], held.scope_id, *changed, "assignment")
    concerned = (held.scope_id,) if held.scope is Scope.PERSON else ()
    before = {"pattern_id": held.pattern_id, "first_day": held.first_day, "last_day": held.last_day}
    record(
        uow,
        by,
        "assignment.end",
        "assignment",
        subject,
        at=now,
        before=before,
        after={**before, "last_day": last_day},
        reason=reason,
        people=concerned,
    )


def list_assignments(uow: UnitOfWork) -> list[Assignment]:
    """All assignments, the latest first."""
    return store.assignments(uow)


def exempt(
    uow: UnitOfWork, person_id: int, first_day: date, last_day: date | None, reason: str, by: Actor, now: datetime
) -> PunchExemption:
    """Say that somebody need not punch; the plan counts as worked. Raises InvalidInputError, NotFoundError, RefusedError."""
    _checked_span(first_day, last_day)
    if not reason.strip():
        raise InvalidInputError(field="reason", reason="say why; it stands on the trail")
    subject = _named(uow, Scope.PERSON, person_id)
    entries.hold_rosters(uow)
    if taken := entries.exemptions_between(uow, [person_id], first_day, last_day):
        raise RefusedError(
            reason="{name} need not punch from {day} on already; end that exemption first.", name=subject, day=taken[0].first_day
        )
    values = {"person_id": person_id, "first_day": first_day, "last_day": last_day, "reason": reason.strip()}
    uow.execute(punch_exemption.insert().values(**values, author=by.name, at=now))
    leave_change(uow, Subject.PERSON, person_id, first_day, last_day, "exemption")
    record(
        uow,
        by,
        "exemption.add",
        "person",
        subject,
        at=now,
        after={"first_day": first_day, "last_day": last_day},
        reason=reason,
        people=(person_id,),
    )
    return entries.exemptions_between(uow, [person_id], first_day, last_day)[0]


def end_exemption(uow: UnitOfWork, exemption_id: int, last_day: date, by: Actor, now: datetime, *, reason: str = "") -> None:
    """Let an exemption hold up to a last day, or remove it where that lies before its first day. Raises NotFoundError, RefusedError."""
    held = entries.exemption_by_id(uow, exemption_id)
    if held is None:
        raise NotFoundError(what="exemption", name=exemption_id)
    if held.last_day is not None and last_day > held.last_day:
        raise RefusedError(reason="It ends on {day} already; add another exemption for later days.", day=held.last_day)
    if last_day < held.first_day:
        uow.execute(punch_exemption.delete().where(punch_exemption.c.id == exemption_id))
    else:
        uow.execute(punch_exemption.update().where(punch_exemption.c.id == exemption_id).values(last_day=last_day))
    changed = max(held.first_day, last_day + timedelta(days=1))
    leave_change(uow, Subject.PERSON, held.person_id, changed, held.last_day, "exemption")
    before = {"first_day": held.first_day, "last_day": held.last_day}
    subject = _named(uow, Scope.PERSON, held.person_id)
    record(
        uow,
        by,
        "exemption.end",
        "person",
        subject,
        at=now,
        before=before,
        after={**before, "last_day": last_day},
        reason=reason,
        people=(held.person_id,),
    )


def list_exemptions(uow: UnitOfWork) -> list[PunchExemption]:
    """All exemptions, the latest first."""
    return entries.exemptions(uow)


def _checked_span(first_day: date, last_day: date | None) -> None:
    if last_day is not None and last_day < first_day:
        raise InvalidInputError(field="last_day", reason="the last day must not be before the first")


def _two_rosters(uow: UnitOfWork, taken: Assignment, subject: str) -> RefusedError:
    pattern = store.pattern_by_id(uow, taken.pattern_id)
    assert pattern is not None, "a foreign key holds it"
    facts = {"subject": subject, "pattern": pattern.name, "first": taken.first_day, "last": taken.last_day}
    if taken.last_day is None:
        return RefusedError(
            reason="Two rosters for one day: {subject} has the pattern {pattern} from {first} on. Give that one a last day first.", **facts
        )
    return RefusedError(
        reason="Two rosters for one day: {subject} has the pattern {pattern} from {first} to {last}. Choose other days, or end it earlier.",
        **facts,
    )


def _named(uow: UnitOfWork, scope: Scope, scope_id: int) -> str:
    """How people call whom the pattern is for; raises NotFoundError."""
    if scope is Scope.COMPANY:
        return "company"
    if scope is Scope.PERSON:
        return directory.see_person(uow, scope_id)[0].person.employee_number
    names: Mapping[int, str] = (
        {one.id: one.code for one in fleet.list_sites(uow)}
        if scope is Scope.SITE
        else {one.id: one.code for one in directory.list_departments(uow)}
        if scope is Scope.DEPARTMENT
        else position_names(uow)
    )
    if scope_id not in names:
        raise NotFoundError(what=scope.value, name=scope_id)
    return names[scope_id]
