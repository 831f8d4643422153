"""What the directory holds about somebody."""

from datetime import date, datetime

from sqlalchemy import ColumnElement, and_, func, or_, select, update

from server.directory.tables import department_head, employment, employment_event, employment_span, enrolment, person
from server.fleet import actions as fleet
from server.storage import DataSubject, Holding, Subject, UnitOfWork, leave_user_changes

KEEP = "person"
NOBODY = "—"
"""The name of somebody whose name is erased."""


def number_of_nobody(person_id: int) -> str:
    """What stands in the place of an erased employee number: lists and counts need one that is nobody else's."""
    return f"#{person_id}"


def _erase_person(uow: UnitOfWork, one: DataSubject, now: datetime) -> int:
    """Name and number. The row stays, so that head-counts and totals of the past still add up."""
    leave_user_changes(uow, Subject.PERSON, [one.person_id])
    blank = {"employee_number": number_of_nobody(one.person_id), "name": NOBODY, "name_sort": NOBODY}
    return uow.execute(update(person).where(person.c.id == one.person_id).values(**blank, erased_at=now)).rowcount


def _personal_terms(one: DataSubject) -> ColumnElement[bool]:
    span = employment_span.c
    told = or_(span.manager_id.is_not(None), span.protected, span.probation_until.is_not(None))
    return and_(span.person_id == one.person_id, told)


def _erase_terms(uow: UnitOfWork, one: DataSubject, _now: datetime) -> int:
    """What head-counts do not need: who the manager was, special protection, probation."""
    blank = {"manager_id": None, "protected": False, "probation_until": None}
    return uow.execute(update(employment_span).where(_personal_terms(one)).values(**blank)).rowcount


def _erase_enrolments(uow: UnitOfWork, one: DataSubject, _now: datetime) -> int:
    fleet.note_provisioning(uow)  # admission reads again who is known at terminals
    leave_user_changes(uow, Subject.PERSON, [one.person_id])
    return uow.execute(enrolment.delete().where(enrolment.c.person_id == one.person_id)).rowcount


HOLDINGS = (
    Holding(
        person,
        "Person",
        lambda one: person.c.id == one.person_id,
        keep=KEEP,
        goes=lambda one: and_(person.c.id == one.person_id, person.c.erased_at.is_(None)),
        erased=_erase_person,
    ),
    Holding(employment, "Employments", lambda one: employment.c.person_id == one.person_id),
    Holding(
        employment_event,
        "Events of employments",
        lambda one: employment_event.c.employment_id.in_(select(employment.c.id).where(employment.c.person_id == one.person_id)),
        keep=KEEP,
    ),
    Holding(
        employment_span,
        "Terms by dates",
        lambda one: employment_span.c.person_id == one.person_id,
        keep=KEEP,
        goes=_personal_terms,
        erased=_erase_terms,
    ),
    Holding(department_head, "Heads of departments", lambda one: department_head.c.person_id == one.person_id, keep=KEEP),
    Holding(enrolment, "Numbers on terminals", lambda one: enrolment.c.person_id == one.person_id, keep=KEEP, erased=_erase_enrolments),
)


def left_before(uow: UnitOfWork, day: date) -> dict[int, date]:
    """Everybody whose last day of work lies before a day, who has not come back since, and is not erased: person to last day."""
    last = func.max(employment_span.c.last_day)
    query = select(employment_span.c.person_id, last.label("last_day")).join(person, person.c.id == employment_span.c.person_id)
    query = query.where(person.c.erased_at.is_(None)).group_by(employment_span.c.person_id).having(last < day)
    return {row.person_id: row.last_day for row in uow.fetch_all(query)}
