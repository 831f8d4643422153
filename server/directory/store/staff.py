"""The list of the staff, as it stands on a day.

Of each person one span is looked at: the one that holds on the day, else the next to come, else the last. Spans of a person share no
day, so that it is the first one that ends on the day or later, and where there is none the last of all.
"""

from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, and_, func, literal, select, tuple_
from sqlalchemy.sql.selectable import FromClause

from server.directory.model import EmploymentKind, StaffLine, StaffOrder, StaffPage, StaffQuestion, StaffState
from server.directory.store.people import department_with_those_below, named
from server.directory.tables import department, employment, employment_span, person, position
from server.fleet.tables import legal_entity, site
from server.storage import PackedDate, UnitOfWork

GOES_ON, NEVER = date.max, date.min
SPAN = employment_span.c
EMPLOYED = frozenset({StaffState.EMPLOYED, StaffState.PROBATION, StaffState.LEAVING})
StaffKey = tuple[str | date, int]
"""Where a list goes on: the value that it is sorted by, and the person."""


def list_staff(uow: UnitOfWork, asked: StaffQuestion, after: StaffKey | None, limit: int) -> StaffPage:
    """The lines behind a place of the list, at most so many."""
    manager = person.alias("manager")
    sorted_by, descending = _sorting(asked)
    query = select(
        person.c.id, person.c.employee_number, person.c.name, SPAN.kind, SPAN.first_day, SPAN.last_day, SPAN.probation_until,
        employment.c.first_day.label("hired_on"), employment.c.last_day.label("left_on"), employment.c.hired_on_known,
        department.c.name.label("department"), position.c.name.label("position"), site.c.name.label("site"),
        legal_entity.c.name.label("legal_entity"), manager.c.name.label("manager"), sorted_by.label("sorted_by"),
    )  # fmt: skip
    named_places = _joined(asked).outerjoin(department, department.c.id == SPAN.department_id)
    named_places = named_places.outerjoin(position, position.c.id == SPAN.position_id).outerjoin(site, site.c.id == SPAN.site_id)
    named_places = named_places.outerjoin(legal_entity, legal_entity.c.id == SPAN.legal_entity_id)
    query = query.select_from(named_places.outerjoin(manager, manager.c.id == SPAN.manager_id)).where(*_conditions(uow, asked))
    last = _person_key(asked)
    if after is not None:
        place = tuple_(sorted_by, last)
        query = query.where(place < after if descending else place > after)
    query = query.order_by(sorted_by.desc(), last.desc()) if descending else query.order_by(sorted_by, last)
    rows = uow.fetch_all(query.limit(limit + 1))
    following = (rows[limit - 1].sorted_by, rows[limit - 1].id) if len(rows) > limit else None
    return StaffPage([_line(row, asked.day) for row in rows[:limit]], following)


def count_staff(uow: UnitOfWork, asked: StaffQuestion, most: int) -> int:
    """How many a list has; it counts no further than `most`."""
    some: Select[Any] = select(person.c.id).select_from(_joined(asked)).where(*_conditions(uow, asked)).limit(most)
    return int(uow.scalar(select(func.count()).select_from(some.subquery())))


def _joined(asked: StaffQuestion) -> FromClause:
    """People with the span that is looked at, and its employment."""
    if asked.state in EMPLOYED:
        held = and_(SPAN.person_id == person.c.id, SPAN.first_day <= asked.day, SPAN.last_day >= asked.day)
        return person.join(employment_span, held).join(employment, employment.c.id == SPAN.employment_id)
    other = employment_span.alias("other")
    of_person = select(other.c.first_day).where(other.c.person_id == person.c.id).limit(1).correlate(person)
    next_one = of_person.where(other.c.last_day >= asked.day).order_by(other.c.first_day).scalar_subquery()
    last_one = of_person.order_by(other.c.first_day.desc()).scalar_subquery()
    chosen = and_(SPAN.person_id == person.c.id, SPAN.first_day == func.coalesce(next_one, last_one))
    return person.outerjoin(employment_span, chosen).outerjoin(employment, employment.c.id == SPAN.employment_id)


def _conditions(uow: UnitOfWork, asked: StaffQuestion) -> list[ColumnElement[bool]]:
    exact = (
        (person.c.id, asked.person_id), (SPAN.position_id, asked.position_id), (SPAN.site_id, asked.site_id),
        (SPAN.legal_entity_id, asked.legal_entity_id),
        (SPAN.manager_id, asked.manager_id), (SPAN.kind, asked.kind.value if asked.kind else None),
    )  # fmt: skip
    found: list[ColumnElement[bool]] = [column == value for column, value in exact if value is not None]
    if asked.text:
        found.append(named(asked.text))
    if asked.department_id is not None:
        found.append(SPAN.department_id.in_(department_with_those_below(uow, asked.department_id)))
    if asked.hired_from is not None:
        found.append(employment.c.first_day >= asked.hired_from)
    if asked.hired_to is not None:
        found.append(employment.c.first_day <= asked.hired_to)
    if asked.within is not None:
        found.append(person.c.id.in_(asked.within))
    of_state: dict[StaffState, ColumnElement[bool]] = {
        StaffState.PROBATION: SPAN.probation_until.is_not(None),
        StaffState.LEAVING: employment.c.last_day < GOES_ON,
        StaffState.TO_COME: SPAN.first_day > asked.day,
        StaffState.LEFT: SPAN.last_day < asked.day,
    }
    return [*found, of_state[asked.state]] if asked.state in of_state else found


def _sorting(asked: StaffQuestion) -> tuple[ColumnElement[Any], bool]:
    """(the column, whether the highest comes first). A person whose every hire was cancelled has no first day."""
    if asked.order is StaffOrder.NAME:
        return person.c.name_sort, False
    if asked.order is StaffOrder.NUMBER:
        return person.c.employee_number, False
    hired = employment.c.first_day if asked.state in EMPLOYED else func.coalesce(employment.c.first_day, literal(NEVER, PackedDate))
    return hired, asked.order is StaffOrder.HIRED_LAST


def _person_key(asked: StaffQuestion) -> ColumnElement[int]:
    """What tells people with the same value apart; of an employment's own column, so that its index gives the order."""
    by_hire = asked.order in {StaffOrder.HIRED, StaffOrder.HIRED_LAST}
    return employment.c.person_id if by_hire and asked.state in EMPLOYED else person.c.id


def _line(row: Row[Any], day: date) -> StaffLine:
    return StaffLine(
        row.id, row.employee_number, row.name, row.department, row.position, row.site, row.legal_entity, row.manager,
        EmploymentKind(row.kind) if row.kind else None, row.hired_on, bool(row.hired_on_known),
        None if row.left_on in {None, GOES_ON} else row.left_on, row.probation_until, _state(row, day),
    )  # fmt: skip


def _state(row: Row[Any], day: date) -> StaffState | None:
    if row.first_day is None:
        return None
    if row.first_day > day:
        return StaffState.TO_COME
    if row.last_day < day:
        return StaffState.LEFT
    if row.left_on < GOES_ON:
        return StaffState.LEAVING
    return StaffState.PROBATION if row.probation_until else StaffState.EMPLOYED
