"""Lists of courses: waiting for somebody, decided by them, copied to them, asked for by them, and those that nobody can decide."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, exists, false, func, or_, select

from server.directory.tables import employment_span
from server.hr.approvals.model import Course, CourseState, Delegation, SeatState, Task
from server.hr.approvals.store.courses import as_course
from server.hr.approvals.tables import approval_course, approval_seat
from server.storage import UnitOfWork

_c, _s = approval_course.c, approval_seat.c
_OPEN = (_c.state == CourseState.OPEN.value, _s.state == SeatState.OPEN.value)


def tasks(
    uow: UnitOfWork, person_id: int, acting_for: Sequence[Delegation], *, kind: str = "", behind: int | None = None, limit: int = 50
) -> list[Task]:
    """Courses that this person can answer, the oldest first, from behind the course `behind` on.

    acting_for: the delegations to them that hold now. kind: only this one and narrower ones.
    """
    query = _tasks(person_id, acting_for).add_columns(func.min(_s.person_id).label("one"), _own_seats(person_id).label("own"))
    query = query.group_by(_c.id).order_by(_c.id).limit(limit)
    if kind:
        query = query.where(of_kind(kind))
    if behind is not None:
        query = query.where(_c.id > behind)
    return [Task(as_course(row), None if row.own else row.one) for row in uow.fetch_all(query)]


def count_tasks(uow: UnitOfWork, person_id: int, acting_for: Sequence[Delegation]) -> int:
    """How many there are."""
    found = _tasks(person_id, acting_for).with_only_columns(_c.id).distinct().subquery()
    return int(uow.scalar(select(func.count()).select_from(found)))


def decided_by(uow: UnitOfWork, person_id: int, *, behind: int | None = None, limit: int = 50) -> list[Course]:
    """Courses that this person answered at some step, the newest first."""
    return _newest(uow, _c.id.in_(select(_s.course_id).where(_s.decided_by == person_id)), behind, limit)


def copied_to(uow: UnitOfWork, person_id: int, *, behind: int | None = None, limit: int = 50) -> list[Course]:
    """Courses of which this person was told, the newest first."""
    copied = select(_s.course_id).where(_s.person_id == person_id, _s.state == SeatState.COPIED.value)
    return _newest(uow, _c.id.in_(copied), behind, limit)


def without_approver(uow: UnitOfWork, day: date, limit: int = 200) -> list[Course]:
    """Open courses in which nobody who is still employed on the day has an open seat, the oldest first."""
    employed = and_(employment_span.c.person_id == _s.person_id, employment_span.c.first_day <= day, employment_span.c.last_day >= day)
    seat = select(_s.id).join(employment_span, employed).where(_s.course_id == _c.id, _s.state == SeatState.OPEN.value)
    query = select(approval_course).where(_c.state == CourseState.OPEN.value, ~exists(seat)).order_by(_c.id).limit(limit)
    return [as_course(row) for row in uow.fetch_all(query)]


def of_kind(kind: str) -> ColumnElement[bool]:
    """The kind and all narrower ones."""
    return or_(_c.kind == kind, _c.kind.startswith(f"{kind}.", autoescape=True))


def _tasks(person_id: int, acting_for: Sequence[Delegation]) -> Select[Any]:
    joined = approval_course.join(approval_seat, _s.course_id == _c.id)
    whose = or_(_s.person_id == person_id, *(_acting(one) for one in acting_for))
    return select(approval_course).select_from(joined).where(*_OPEN, _c.requester_id != person_id, whose)


def _acting(one: Delegation) -> ColumnElement[bool]:
    kinds = [of_kind(kind) for kind in one.kinds]
    return and_(_s.person_id == one.person_id, or_(*kinds)) if kinds else _s.person_id == one.person_id


def _own_seats(person_id: int) -> ColumnElement[int]:
    return func.sum(case((_s.person_id == person_id, 1), else_=0))


def _newest(uow: UnitOfWork, condition: ColumnElement[bool], behind: int | None, limit: int) -> list[Course]:
    query = select(approval_course).where(condition, _c.id < behind if behind is not None else ~false())
    return [as_course(row) for row in uow.fetch_all(query.order_by(_c.id.desc()).limit(limit))]
