"""Reading and writing who is the head of a department, from when to when."""

from datetime import date

from sqlalchemy import and_, delete, select

from server.directory.model import HeadSpan
from server.directory.tables import department, department_head, employment_span
from server.storage import UnitOfWork

GOES_ON = date.max


def heads(uow: UnitOfWork, day: date) -> dict[int, int]:
    """The head of each department that has one on a day, by department; somebody not employed on the day is no head."""
    head, span = department_head.c, employment_span.c
    employed = and_(span.person_id == head.person_id, span.first_day <= day, span.last_day >= day)
    query = select(head.department_id, head.person_id).select_from(department_head.join(employment_span, employed))
    return {row.department_id: row.person_id for row in uow.fetch_all(query.where(head.first_day <= day, head.last_day >= day))}


def head_spans(uow: UnitOfWork, department_id: int) -> list[HeadSpan]:
    """Everybody who was, is or will be the head of a department, in the order of days."""
    head = department_head.c
    rows = uow.fetch_all(select(department_head).where(head.department_id == department_id).order_by(head.first_day))
    return [HeadSpan(row.first_day, None if row.last_day == GOES_ON else row.last_day, row.person_id) for row in rows]


def write_heads(uow: UnitOfWork, department_id: int, wanted: list[HeadSpan]) -> None:
    """Let a department have exactly these heads."""
    uow.execute(delete(department_head).where(department_head.c.department_id == department_id))
    rows = [
        {"department_id": department_id, "first_day": one.first_day, "last_day": one.last_day or GOES_ON, "person_id": one.person_id}
        for one in wanted
    ]
    if rows:
        uow.execute(department_head.insert(), rows)


def parents(uow: UnitOfWork) -> dict[int, int | None]:
    """The department above each department."""
    return {row.id: row.parent_id for row in uow.fetch_all(select(department.c.id, department.c.parent_id))}
