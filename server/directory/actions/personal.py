"""What the directory holds about somebody."""

from datetime import date

from sqlalchemy import func, select

from server.directory.tables import department_head, employment, employment_event, employment_span, enrolment, person
from server.storage import Holding, UnitOfWork

HOLDINGS = (
    Holding(person, "Person", lambda one: person.c.id == one.person_id),
    Holding(employment, "Employments", lambda one: employment.c.person_id == one.person_id),
    Holding(
        employment_event,
        "Events of employments",
        lambda one: employment_event.c.employment_id.in_(select(employment.c.id).where(employment.c.person_id == one.person_id)),
    ),
    Holding(employment_span, "Terms by dates", lambda one: employment_span.c.person_id == one.person_id),
    Holding(department_head, "Heads of departments", lambda one: department_head.c.person_id == one.person_id),
    Holding(enrolment, "Numbers on terminals", lambda one: enrolment.c.person_id == one.person_id),
)


def left_before(uow: UnitOfWork, day: date) -> dict[int, date]:
    """Everybody whose last day of work lies before a day, and who has not come back since: person to last day."""
    last = func.max(employment_span.c.last_day)
    query = select(employment_span.c.person_id, last.label("last_day")).group_by(employment_span.c.person_id).having(last < day)
    return {row.person_id: row.last_day for row in uow.fetch_all(query)}
