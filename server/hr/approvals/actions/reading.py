"""Courses as they stand, for those whose business they are."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from server.directory import actions as directory
from server.errors import NotFoundError
from server.hr.approvals.actions.charts import chart_of
from server.hr.approvals.actions.deciding import is_involved
from server.hr.approvals.actions.delegating import acting_for, covers, delegates_of
from server.hr.approvals.actions.flows import foresee_branch, version_of
from server.hr.approvals.model import Course, CourseState, Entry, EntryKind, FlowVersion, ForeseenStep, Seat, SeatState, Step, Subject, Task
from server.hr.approvals.store import courses as store, lists, people
from server.storage import UnitOfWork


@dataclass(frozen=True, slots=True)
class CourseView:
    """Everything about a course. steps: of its branch. ahead: the steps after the one where it is, as they would be resolved today.

    delegates: who decides today in place of whom, of those it waits for.
    """

    course: Course
    version: FlowVersion
    steps: tuple[Step, ...]
    seats: tuple[Seat, ...]
    entries: tuple[Entry, ...]
    ahead: tuple[ForeseenStep, ...]
    delegates: dict[int, int]


def course_of(uow: UnitOfWork, subject: Subject) -> Course | None:
    """The latest course about a subject."""
    return store.newest_course(uow, subject)


def last_comment(uow: UnitOfWork, course_id: int, kind: EntryKind) -> str:
    """What was said the last time that something of a kind happened to a course; "" where nothing was."""
    return next((one.comment for one in reversed(store.entries_of(uow, course_id)) if one.kind is kind), "")


def courses_of(uow: UnitOfWork, subject_kind: str, subject_ids: Collection[int]) -> dict[int, Course]:
    """The latest course about each of these subjects."""
    return store.newest_courses(uow, subject_kind, subject_ids)


def waiting_on(uow: UnitOfWork, courses: Collection[Course]) -> dict[int, list[int]]:
    """By course, the people it waits for."""
    found: dict[int, list[int]] = {one.id: [] for one in courses if one.state is CourseState.OPEN}
    for seat in store.seats_of(uow, list(found)):
        if seat.state is SeatState.OPEN:
            found[seat.course_id].append(seat.person_id)
    return found


def told_of(uow: UnitOfWork, course_id: int) -> set[int]:
    """Everybody who was asked about a course, decided it or got a copy, in any of its rounds."""
    seats = store.seats_of(uow, [course_id])
    return {one.person_id for one in seats} | {one.decided_by for one in seats if one.decided_by is not None}


def see_course(uow: UnitOfWork, course_id: int, person_id: int | None, now: datetime) -> CourseView:
    """A course with its history and what comes. person_id: whose business it must be; None: HR. Raises NotFoundError."""
    course, on = store.course_by_id(uow, course_id), directory.today_of(uow, now)
    if course is None or (person_id is not None and not is_involved(uow, course, person_id, on)):
        raise NotFoundError(what="approval", name=course_id)
    version, flow = version_of(uow, course.version_id)
    branch = flow.branches[course.branch]
    seats = store.seats_of(uow, [course.id])
    asked = {seat.person_id for seat in seats if seat.state is SeatState.OPEN}
    foreseen = foresee_branch(flow, branch, chart_of(uow, course.facts.requester_id, on, flow))
    ahead = foreseen[course.step + 1 :] if course.state is CourseState.OPEN else ()
    delegates = delegates_of(uow, asked, course.facts.kind, course.facts.requester_id, on)
    return CourseView(course, version, branch.steps, tuple(seats), tuple(store.entries_of(uow, course.id)), ahead, delegates)


def requesters_of(uow: UnitOfWork, courses: Collection[Course]) -> dict[int, tuple[str, str, str]]:
    """By person who asked: (name, employee number, department or "")."""
    return people.requesters(uow, {one.facts.requester_id for one in courses})


def my_task(uow: UnitOfWork, view: CourseView, person_id: int | None, now: datetime) -> Task | None:
    """The task by which this person can answer now; None where it does not wait for them."""
    course = view.course
    if person_id is None or course.state is not CourseState.OPEN or person_id == course.facts.requester_id:
        return None
    asked = {seat.person_id for seat in view.seats if seat.state is SeatState.OPEN}
    if person_id in asked:
        return Task(course, None)
    held = acting_for(uow, person_id, directory.today_of(uow, now))
    others = [one.person_id for one in held if one.person_id in asked and covers(one, course.facts.kind)]
    return Task(course, min(others)) if others else None


def waiting_for(
    uow: UnitOfWork, person_id: int, now: datetime, *, kind: str = "", behind: int | None = None, limit: int = 50
) -> list[Task]:
    """What this person can decide now, also for those whose delegate they are today; the oldest first."""
    delegations = acting_for(uow, person_id, directory.today_of(uow, now))
    return lists.tasks(uow, person_id, delegations, kind=kind, behind=behind, limit=limit)


def count_waiting(uow: UnitOfWork, person_id: int, now: datetime) -> int:
    """How much that is."""
    return lists.count_tasks(uow, person_id, acting_for(uow, person_id, directory.today_of(uow, now)))


def daily_lines(uow: UnitOfWork, person_id: int, now: datetime) -> list[tuple[str, dict[str, int], str]]:
    """What the daily letter says of approvals: (text, facts, address)."""
    found = count_waiting(uow, person_id, now)
    return [("Waiting for your approval: {n}", {"n": found}, "/approvals")] if found else []


def decided_by(uow: UnitOfWork, person_id: int, *, behind: int | None = None, limit: int = 50) -> list[Course]:
    """What this person answered at some step, the newest first."""
    return lists.decided_by(uow, person_id, behind=behind, limit=limit)


def copied_to(uow: UnitOfWork, person_id: int, *, behind: int | None = None, limit: int = 50) -> list[Course]:
    """What this person was told, the newest first."""
    return lists.copied_to(uow, person_id, behind=behind, limit=limit)


def without_approver(uow: UnitOfWork, now: datetime) -> list[Course]:
    """Open courses that nobody can decide: whoever was asked has left, or nobody was found. HR hands them over."""
    return lists.without_approver(uow, directory.today_of(uow, now))
