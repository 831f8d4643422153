"""Exceptions in lists, settled and opened again."""

from collections.abc import Collection, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, func, or_, select, tuple_, update

from server.attendance.engine.joining import MEANS, joined as joined_to
from server.attendance.model import ExceptionFilter, ExceptionKey, ExceptionLine, StoredException
from server.attendance.model.days import DayState, DayStatus, ExceptionKind
from server.attendance.store.days import as_exception
from server.attendance.tables import attendance_day, day_exception
from server.directory.store import department_with_those_below, limits_of_days, named
from server.directory.tables import department, person
from server.fleet.tables import site
from server.storage import UnitOfWork

_c = day_exception.c
_day = attendance_day.c


def list_exceptions(
    uow: UnitOfWork, wanted: ExceptionFilter, *, behind: ExceptionKey | None = None, limit: int = 50
) -> list[ExceptionLine]:
    """Exceptions of the newest dates first, at most `limit`, from behind the key `behind` on."""
    joined = day_exception.join(person, person.c.id == _c.person_id)
    joined = joined.join(attendance_day, and_(_day.person_id == _c.person_id, _day.work_date == _c.work_date))
    joined = joined.outerjoin(department, department.c.id == person.c.department_id).outerjoin(site, site.c.id == person.c.site_id)
    shown: tuple[Any, ...] = (
        person.c.employee_number,
        person.c.name.label("person_name"),
        department.c.name.label("department_name"),
        site.c.time_zone,
        _day.state.label("day_state"),
        _day.status.label("day_status"),
    )
    query = select(*_c, *shown).select_from(joined).where(*_conditions(uow, wanted))
    if behind is not None:
        query = query.where(tuple_(_c.work_date, _c.id) < (behind.work_date, behind.id))
    rows = uow.fetch_all(query.order_by(_c.work_date.desc(), _c.id.desc()).limit(limit))
    odd = odd_beside(uow, [as_exception(row) for row in rows])
    return [
        ExceptionLine(
            as_exception(row),
            row.employee_number,
            row.person_name,
            row.department_name,
            row.time_zone or "",
            DayState(row.day_state),
            DayStatus(row.day_status),
            odd.get(row.id, ()),
        )
        for row in rows
    ]


def odd_beside(uow: UnitOfWork, found: Sequence[StoredException]) -> dict[int, tuple[StoredException, ...]]:
    """By the id of a missing punch among these the odd punches that mean it."""
    missing = [one for one in found if one.exception.kind in MEANS.values()]
    if not missing:
        return {}
    of_people = _c.person_id.in_({one.person_id for one in missing}), _c.work_date.in_({one.work_date for one in missing})
    query = select(day_exception).where(*of_people, _c.kind.in_([kind.value for kind in MEANS]), _c.state != "gone").order_by(_c.id)
    return joined_to(missing, [as_exception(row) for row in uow.fetch_all(query)])


def count_exceptions(uow: UnitOfWork, wanted: ExceptionFilter) -> dict[ExceptionKind, int]:
    """How many there are of each kind."""
    joined = day_exception.join(person, person.c.id == _c.person_id)
    query = select(_c.kind, func.count()).select_from(joined).where(*_conditions(uow, wanted)).group_by(_c.kind)
    return {ExceptionKind(kind): int(count) for kind, count in map(tuple, uow.fetch_all(query))}


def exceptions_by_id(uow: UnitOfWork, ids: Collection[int]) -> list[StoredException]:
    """Those of them that a day shows, in the order of people and dates."""
    query = select(day_exception).where(_c.id.in_(list(ids)), _c.state != "gone").order_by(_c.person_id, _c.work_date, _c.id)
    return [as_exception(row) for row in uow.fetch_all(query)]


def settle(uow: UnitOfWork, found: Sequence[StoredException], by: str, now: datetime, reason: str) -> None:
    """They may stand as they are."""
    values = {"state": "settled", "settled_by": by, "settled_at": now, "reason": reason}
    uow.execute(update(day_exception).where(_c.id.in_([one.id for one in found])).values(**values))
    _count_again(uow, {(one.person_id, one.work_date) for one in found})


def reopen(uow: UnitOfWork, found: Sequence[StoredException]) -> None:
    """Somebody shall look at them again."""
    values = {"state": "open", "settled_by": None, "settled_at": None, "reason": ""}
    uow.execute(update(day_exception).where(_c.id.in_([one.id for one in found])).values(**values))
    _count_again(uow, {(one.person_id, one.work_date) for one in found})


def _count_again(uow: UnitOfWork, days: Collection[tuple[int, date]]) -> None:
    """Let days say how many of their exceptions are open."""
    opened = select(func.count()).where(_c.person_id == _day.person_id, _c.work_date == _day.work_date, _c.state == "open")
    for person_id, day in sorted(days):
        mine = and_(_day.person_id == person_id, _day.work_date == day)
        uow.execute(update(attendance_day).where(mine).values(open_exceptions=opened.scalar_subquery()))


def _stands_beside() -> ColumnElement[bool]:
    """An odd punch with the missing punch that it means on the same day, in the same state."""
    other = day_exception.alias()
    pairs = [and_(_c.kind == odd.value, other.c.kind == missing.value) for odd, missing in MEANS.items()]
    same = (other.c.person_id == _c.person_id, other.c.work_date == _c.work_date, other.c.state == _c.state)
    return exists().where(*same, or_(*pairs)).correlate(day_exception)


def _conditions(uow: UnitOfWork, wanted: ExceptionFilter) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = [_c.state != "gone" if wanted.state is None else _c.state == wanted.state.value]
    if wanted.kinds:
        conditions.append(_c.kind.in_(sorted(kind.value for kind in wanted.kinds)))
    if wanted.person_id is not None:
        conditions.append(_c.person_id == wanted.person_id)
    if wanted.department_id is not None:
        conditions.append(person.c.department_id.in_(department_with_those_below(uow, wanted.department_id)))
    if wanted.site_id is not None:
        conditions.append(person.c.site_id == wanted.site_id)
    if wanted.since is not None:
        conditions.append(_c.work_date >= wanted.since)
    if wanted.until is not None:
        conditions.append(_c.work_date <= wanted.until)
    if wanted.joined:
        conditions.append(~_stands_beside())
    if wanted.text.strip():
        conditions.append(named(wanted.text))
    return [*conditions, *limits_of_days(wanted.scope, _c.person_id, _c.work_date, _c.work_date)]
