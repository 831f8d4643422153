"""Grants as rows."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, or_, select

from server.attendance.model import GrantFilter, GrantLine, GrantOrigin, NewGrant, StoredGrant
from server.attendance.model.grants import DayPart, Grant, GrantKind, Heading, LeaveKind
from server.attendance.model.rules import SettledBy
from server.attendance.tables import attendance_grant
from server.directory.store import department_with_those_below, limits_of_days
from server.directory.tables import department, person
from server.fleet.tables import site
from server.storage import UnitOfWork, portions

_c = attendance_grant.c


def grants_touching(uow: UnitOfWork, person_ids: Collection[int], first: date, last: date) -> dict[int, list[StoredGrant]]:
    """Grants that hold and can matter to a day of first..last, in the order they were recorded, by person."""
    found: dict[int, list[StoredGrant]] = defaultdict(list)
    query = select(attendance_grant).where(_c.person_id.in_(list(person_ids)), _c.until_day >= first, _c.from_day <= last)
    for row in uow.fetch_all(query.where(_c.withdrawn_at.is_(None)).order_by(_c.id)):
        found[row.person_id].append(as_stored(row))
    return found


def leave_touching(uow: UnitOfWork, person_ids: Collection[int], first: date, last: date) -> list[StoredGrant]:
    """Grants of leave that can matter to a day of first..last, in the order they were recorded: withdrawn or not, but of those that came
    from a request only the withdrawn ones."""
    wanted = (_c.kind == GrantKind.LEAVE.value, _c.until_day >= first, _c.from_day <= last)
    news = or_(_c.origin != GrantOrigin.REQUEST.value, _c.withdrawn_at.is_not(None))
    found: list[StoredGrant] = []
    for keys in portions(person_ids):
        query = select(attendance_grant).where(_c.person_id.in_(keys), *wanted, news).order_by(_c.id)
        found += [as_stored(row) for row in uow.fetch_all(query)]
    return found


def grant_by_id(uow: UnitOfWork, grant_id: int) -> StoredGrant | None:
    row = uow.fetch_one(select(attendance_grant).where(_c.id == grant_id))
    return None if row is None else as_stored(row)


def add_grant(uow: UnitOfWork, new: NewGrant, from_day: date, until_day: date, author: str, now: datetime) -> StoredGrant:
    values = {
        "person_id": new.person_id,
        "kind": new.kind.value,
        "first_day": new.first_day,
        "last_day": new.last_day,
        "part": new.part.value,
        "starts_at": new.starts_at,
        "ends_at": new.ends_at,
        "leave": new.leave,
        "heading": new.heading,
        "minutes": new.minutes,
        "settled_by": new.settled_by,
        "from_day": from_day,
        "until_day": until_day,
        "origin": new.origin.value,
        "origin_reference": new.origin_reference,
        "author": author,
        "reason": new.reason,
        "recorded_at": now,
        "withdrawn_reason": "",
    }
    row = uow.fetch_one(attendance_grant.insert().values(**values).returning(*_c))
    assert row is not None, "it was stored a moment ago"
    return as_stored(row)


def withdraw(uow: UnitOfWork, grant_id: int, author: str, now: datetime, reason: str) -> None:
    values = {"withdrawn_at": now, "withdrawn_by": author, "withdrawn_reason": reason}
    uow.execute(attendance_grant.update().where(_c.id == grant_id).values(**values))


def list_grants(uow: UnitOfWork, wanted: GrantFilter, *, behind: int | None = None, limit: int = 50) -> list[GrantLine]:
    """The newest grants first, at most `limit`, from behind the grant `behind` on."""
    joined = attendance_grant.join(person, person.c.id == _c.person_id)
    joined = joined.outerjoin(department, department.c.id == person.c.department_id).outerjoin(site, site.c.id == person.c.site_id)
    shown = (person.c.employee_number, person.c.name.label("person_name"), department.c.name.label("department_name"), site.c.time_zone)
    query = select(attendance_grant, *shown).select_from(joined).where(*_conditions(uow, wanted))
    if behind is not None:
        query = query.where(_c.id < behind)
    rows = uow.fetch_all(query.order_by(_c.id.desc()).limit(limit))
    return [GrantLine(as_stored(row), row.employee_number, row.person_name, row.department_name, row.time_zone or "") for row in rows]


def absences(
    uow: UnitOfWork, kinds: Sequence[GrantKind], first: date, last: date, people: Select[Any] | None, department_id: int | None = None
) -> list[GrantLine]:
    """Grants of these kinds that hold and can matter to a day of first..last. people: whose, a SELECT of person ids; None: everybody's."""
    joined = attendance_grant.join(person, person.c.id == _c.person_id)
    joined = joined.outerjoin(department, department.c.id == person.c.department_id).outerjoin(site, site.c.id == person.c.site_id)
    shown = (person.c.employee_number, person.c.name.label("person_name"), department.c.name.label("department_name"), site.c.time_zone)
    query = select(attendance_grant, *shown).select_from(joined)
    query = query.where(_c.kind.in_([kind.value for kind in kinds]), _c.until_day >= first, _c.from_day <= last, _c.withdrawn_at.is_(None))
    if people is not None:
        query = query.where(_c.person_id.in_(people))
    if department_id is not None:
        query = query.where(person.c.department_id.in_(department_with_those_below(uow, department_id)))
    rows = uow.fetch_all(query.order_by(_c.from_day, _c.id))
    return [GrantLine(as_stored(row), row.employee_number, row.person_name, row.department_name, row.time_zone or "") for row in rows]


def _conditions(uow: UnitOfWork, wanted: GrantFilter) -> Sequence[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    exact = {
        _c.person_id: wanted.person_id,
        _c.kind: wanted.kind,
        _c.origin: wanted.origin,
        _c.origin_reference: wanted.origin_reference,
        person.c.site_id: wanted.site_id,
    }
    conditions += [column == value for column, value in exact.items() if value is not None]
    if wanted.department_id is not None:
        conditions.append(person.c.department_id.in_(department_with_those_below(uow, wanted.department_id)))
    if wanted.since is not None:
        conditions.append(_c.until_day >= wanted.since)
    if wanted.until is not None:
        conditions.append(_c.from_day <= wanted.until)
    if not wanted.withdrawn:
        conditions.append(_c.withdrawn_at.is_(None))
    return [*conditions, *limits_of_days(wanted.scope, _c.person_id, _c.from_day, _c.until_day)]


def as_stored(row: Row[Any]) -> StoredGrant:
    grant = Grant(
        id=row.id,
        kind=GrantKind(row.kind),
        first_day=row.first_day,
        last_day=row.last_day,
        part=DayPart(row.part),
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        leave=None if row.leave is None else LeaveKind(row.leave),
        heading=None if row.heading is None else Heading(row.heading),
        minutes=row.minutes,
        settled_by=None if row.settled_by is None else SettledBy(row.settled_by),
    )
    origin = (GrantOrigin(row.origin), row.origin_reference)
    said = (row.author, row.reason, row.recorded_at, row.withdrawn_at, row.withdrawn_by, row.withdrawn_reason)
    return StoredGrant(grant, row.person_id, row.from_day, row.until_day, *origin, *said)
