"""Courses, their seats and entries as rows."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import Row, select, update

from server.hr.approvals.model import Asked, Course, CourseState, Entry, EntryKind, Facts, Seat, SeatState, Subject, Why
from server.hr.approvals.tables import approval_course, approval_entry, approval_seat
from server.storage import UnitOfWork

_c, _s, _e = approval_course.c, approval_seat.c, approval_entry.c


def add_course(uow: UnitOfWork, subject: Subject, facts: Facts, version_id: int, branch: int, now: datetime) -> Course:
    """A course at its first step, which nobody has been asked at yet."""
    values: dict[str, Any] = {"subject_kind": subject.kind, "subject_id": subject.id, **_facts(facts)}
    values |= {"version_id": version_id, "branch": branch, "state": CourseState.OPEN.value, "round": 1, "first_round": 1, "step": 0}
    values |= {"all_must": False, "submitted_at": now, "step_since": now}
    key: int = uow.scalar(approval_course.insert().values(**values).returning(_c.id))
    found = course_by_id(uow, key)
    assert found is not None
    return found


def course_by_id(uow: UnitOfWork, course_id: int) -> Course | None:
    row = uow.fetch_one(select(approval_course).where(_c.id == course_id))
    return None if row is None else as_course(row)


def locked_course(uow: UnitOfWork, course_id: int) -> Course | None:
    """The course; other writers of it wait until this transaction ends, so that it is decided once."""
    row = uow.fetch_one(select(approval_course).where(_c.id == course_id).with_for_update())
    return None if row is None else as_course(row)


def newest_course(uow: UnitOfWork, subject: Subject) -> Course | None:
    """The latest course about a subject."""
    query = select(approval_course).where(_c.subject_kind == subject.kind, _c.subject_id == subject.id)
    row = uow.fetch_one(query.order_by(_c.id.desc()).limit(1))
    return None if row is None else as_course(row)


def newest_courses(uow: UnitOfWork, subject_kind: str, subject_ids: Collection[int]) -> dict[int, Course]:
    """The latest course about each of these subjects."""
    query = select(approval_course).where(_c.subject_kind == subject_kind, _c.subject_id.in_(list(subject_ids)))
    return {row.subject_id: as_course(row) for row in uow.fetch_all(query.order_by(_c.id))}


def change_course(uow: UnitOfWork, course: Course, **changed: Any) -> Course:
    """Store some of its fields, named as in `Course`; gives it as it is now."""
    after: Course = replace(course, **changed)
    values = {name: value for name, value in changed.items() if name != "facts"}
    values |= _facts(after.facts) if "facts" in changed else {}
    if "state" in values:
        values["state"] = after.state.value
    uow.execute(update(approval_course).where(_c.id == course.id).values(**values))
    return after


def seats_of(uow: UnitOfWork, course_ids: Collection[int]) -> list[Seat]:
    """All seats of these courses, in the order in which they were asked."""
    return [as_seat(row) for row in uow.fetch_all(select(approval_seat).where(_s.course_id.in_(list(course_ids))).order_by(_s.id))]


def add_seats(uow: UnitOfWork, course: Course, asked: Iterable[Asked], state: SeatState) -> None:
    """Let these people have a seat at the course's step."""
    place = {"course_id": course.id, "round": course.round, "step": course.step, "state": state.value}
    rows = [place | {"person_id": one.person_id, "why": one.why.value} for one in asked]
    if rows:
        uow.execute(approval_seat.insert(), rows)


def answer_seats(uow: UnitOfWork, states: Mapping[int, SeatState], decided_by: int | None, now: datetime) -> None:
    """Bring seats (by id) to these states; those that somebody really answered remember who and when."""
    for seat_id, state in states.items():
        answered = state in {SeatState.APPROVED, SeatState.REFUSED, SeatState.SENT_BACK}
        values = {"state": state.value} | ({"decided_by": decided_by, "decided_at": now} if answered else {})
        uow.execute(update(approval_seat).where(_s.id == seat_id).values(**values))


def add_entry(
    uow: UnitOfWork,
    course: Course,
    kind: EntryKind,
    person_id: int | None,
    actor: str,
    now: datetime,
    comment: str = "",
    facts: Mapping[str, Any] | None = None,
) -> None:
    """A line of the history, at the step where the course is."""
    values = {"course_id": course.id, "kind": kind.value, "at": now, "round": course.round, "step": course.step}
    more = {"person_id": person_id, "actor": actor, "comment": comment, "facts": dict(facts or {})}
    uow.execute(approval_entry.insert().values(**values, **more))


def entries_of(uow: UnitOfWork, course_id: int) -> list[Entry]:
    """The history, from the beginning."""
    rows = uow.fetch_all(select(approval_entry).where(_e.course_id == course_id).order_by(_e.id))
    return [
        Entry(row.id, EntryKind(row.kind), row.at, row.round, row.step, row.person_id, row.actor, row.comment, row.facts) for row in rows
    ]


def due_courses(uow: UnitOfWork, now: datetime, limit: int) -> list[int]:
    """Open courses whose time is up, the longest ago first."""
    query = select(_c.id).where(_c.due_at <= now, _c.state == CourseState.OPEN.value)
    return [row.id for row in uow.fetch_all(query.order_by(_c.due_at, _c.id).limit(limit))]


def as_course(row: Row[Any]) -> Course:
    return Course(
        id=row.id,
        subject=Subject(row.subject_kind, row.subject_id),
        facts=msgspec.convert(row.facts, Facts, strict=False),
        version_id=row.version_id,
        branch=row.branch,
        state=CourseState(row.state),
        round=row.round,
        first_round=row.first_round,
        step=row.step,
        all_must=row.all_must,
        submitted_at=row.submitted_at,
        step_since=row.step_since,
        due_at=row.due_at,
        reminded_at=row.reminded_at,
        ended_at=row.ended_at,
    )


def as_seat(row: Row[Any]) -> Seat:
    why, state = Why(row.why), SeatState(row.state)
    return Seat(row.id, row.course_id, row.round, row.step, row.person_id, why, state, row.decided_by, row.decided_at)


def _facts(facts: Facts) -> dict[str, Any]:
    return {"facts": msgspec.to_builtins(facts), "kind": facts.kind, "requester_id": facts.requester_id}
