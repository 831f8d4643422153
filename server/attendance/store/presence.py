"""Who has punched on a day and who has not; terminals' tallies. A day is read by the index of wall times."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import Select, and_, case, func, select, tuple_

from protocol.instants import WallTime
from server.attendance.model import MissingPerson, Presence, Tally
from server.attendance.store.lines import day_ends, day_starts
from server.attendance.tables import punch, terminal_tally
from server.directory.tables import department, enrolment, person
from server.fleet.tables import terminal
from server.storage import UnitOfWork


def presence(uow: UnitOfWork, day: date, within: Select[Any] | None = None) -> list[Presence]:
    """Each site that active people belong to: how many, and how many of them have punched on the day, at whatever terminal.

    within: a SELECT of the ids of those who are counted; None: everybody.
    """
    there = _punched_on(day)
    counted = func.sum(case((there.c.person_id.is_not(None), 1), else_=0))
    query = select(person.c.site_id, func.count().label("people"), counted.label("punched"))
    query = query.select_from(person.outerjoin(there, there.c.person_id == person.c.id))
    query = query.where(person.c.active.is_(True), person.c.site_id.is_not(None)).group_by(person.c.site_id)
    if within is not None:
        query = query.where(person.c.id.in_(within))
    return [Presence(row.site_id, int(row.people), int(row.punched)) for row in uow.fetch_all(query.order_by(person.c.site_id))]


def not_punched(
    uow: UnitOfWork,
    day: date,
    *,
    site_id: int | None = None,
    after: tuple[str, int] | None = None,
    limit: int = 50,
    within: Select[Any] | None = None,
) -> list[tuple[MissingPerson, tuple[str, int]]]:
    """Active people who have not punched on the day, by the sound of their names, each with the key that `after` takes.

    within: a SELECT of the ids of those who may be seen; None: everybody.
    """
    there = _punched_on(day)
    joined = person.outerjoin(there, there.c.person_id == person.c.id).outerjoin(department, department.c.id == person.c.department_id)
    columns = (person.c.id, person.c.employee_number, person.c.name, department.c.name.label("department_name"), person.c.name_sort)
    query = select(*columns).select_from(joined).where(person.c.active.is_(True), there.c.person_id.is_(None))
    if site_id is not None:
        query = query.where(person.c.site_id == site_id)
    if within is not None:
        query = query.where(person.c.id.in_(within))
    if after is not None:
        query = query.where(tuple_(person.c.name_sort, person.c.id) > after)
    rows = uow.fetch_all(query.order_by(person.c.name_sort, person.c.id).limit(limit))
    return [(MissingPerson(row.id, row.employee_number, row.name, row.department_name), (row.name_sort, row.id)) for row in rows]


def tallies(uow: UnitOfWork, terminal_ids: Sequence[int] | None = None) -> dict[int, Tally]:
    """What was admitted of each terminal; one without punches is not in it."""
    query = select(terminal_tally)
    if terminal_ids is not None:
        query = query.where(terminal_tally.c.terminal_id.in_(terminal_ids))
    rows = uow.fetch_all(query)
    return {row.terminal_id: Tally(row.terminal_id, row.admitted, WallTime(row.latest_wall), row.latest_admitted_at) for row in rows}


def counted_anew(uow: UnitOfWork) -> dict[int, int]:
    """Punches of each terminal, really counted: what the tallies are checked against; reads a whole index."""
    query = select(punch.c.terminal_id, func.count().label("punches")).group_by(punch.c.terminal_id)
    return {row.terminal_id: int(row.punches) for row in uow.fetch_all(query)}


def _punched_on(day: date) -> Any:
    """Subquery: everybody who has punched on the day, once."""
    users = select(terminal.c.id.label("terminal_id"), punch.c.terminal_user).distinct()
    users = users.join(punch, punch.c.terminal_id == terminal.c.id).where(punch.c.wall.between(day_starts(day), day_ends(day)))
    return _people_of(users, day)


def _people_of(users: Select[Any], day: date) -> Any:
    there = users.subquery()
    in_force = and_(enrolment.c.valid_from <= day, (enrolment.c.valid_until.is_(None)) | (enrolment.c.valid_until >= day))
    same = and_(enrolment.c.zone_id == terminal.c.zone_id, enrolment.c.terminal_user == there.c.terminal_user)
    joined = there.join(terminal, terminal.c.id == there.c.terminal_id).join(enrolment, and_(same, in_force))
    return select(enrolment.c.person_id).distinct().select_from(joined).subquery()
