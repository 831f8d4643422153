"""Going on through the steps of a course: asking whom a step means, telling copies, and the end."""

from dataclasses import replace
from datetime import datetime

from server.audit.model import Actor
from server.directory import actions as directory
from server.hr.approvals.actions import telling
from server.hr.approvals.actions.charts import calendar_of, chart_of
from server.hr.approvals.actions.flows import version_of
from server.hr.approvals.engine.limits import due_at
from server.hr.approvals.engine.resolving import Chart, Resolution, resolve
from server.hr.approvals.model import Course, CourseState, Does, Flow, Handlers, Seat, SeatState, Step
from server.hr.approvals.store import courses as store
from server.storage import UnitOfWork


def walk(uow: UnitOfWork, handlers: Handlers, course: Course, by: Actor, now: datetime) -> Course:
    """Enter the course's step, and the following ones until one waits for somebody, or to the end, which the handler is told.

    course: may say a step and round that are not stored yet; where it stops, they are.
    """
    _, flow = version_of(uow, course.version_id)
    steps = flow.branches[course.branch].steps
    chart = chart_for(uow, course, flow, now) if course.step < len(steps) else None
    while course.step < len(steps):
        step = steps[course.step]
        assert chart is not None, "there is a step to resolve"
        resolution = resolve(step, flow, chart, _agreed(store.seats_of(uow, [course.id]), course))
        if step.does is Does.COPY:
            store.add_seats(uow, course, resolution.asked, SeatState.COPIED)
            telling.tell_copied(uow, course, [one.person_id for one in resolution.asked], now)
        else:
            store.add_seats(uow, course, resolution.agreed, SeatState.PASSED_OVER)
            if resolution.asked or resolution.finds_nobody:
                return _wait(uow, course, step, flow, resolution, now)
        course = replace(course, step=course.step + 1)
    course = close(uow, course, CourseState.APPROVED, now)
    handlers[course.subject.kind].approved(uow, course.subject.id, by, now)
    return course


def close(uow: UnitOfWork, course: Course, state: CourseState, now: datetime) -> Course:
    """Bring a course to an end, or back to its requester; nobody waits any more."""
    ended_at = None if state is CourseState.SENT_BACK else now
    place = {"step": course.step, "round": course.round}
    course = store.change_course(uow, course, state=state, due_at=None, ended_at=ended_at, **place)
    telling.tell_requester(uow, course, now)
    return course


def open_seats(uow: UnitOfWork, course: Course) -> list[Seat]:
    """The seats of the step where the course is that wait for an answer."""
    return [seat for seat in seats_here(uow, course) if seat.state is SeatState.OPEN]


def seats_here(uow: UnitOfWork, course: Course) -> list[Seat]:
    """All seats of the step and round where the course is."""
    return [seat for seat in store.seats_of(uow, [course.id]) if (seat.round, seat.step) == (course.round, course.step)]


def time_is_up_at(uow: UnitOfWork, course: Course, step: Step, flow: Flow, since: datetime) -> datetime | None:
    """When the time of a step is up that begins to wait now; None without a limit."""
    if step.limit is None:
        return None
    calendar = calendar_of(uow, course.facts.site_id, since.date())
    return due_at(since, step.limit, flow, calendar.zone, calendar.is_workday)


def chart_for(uow: UnitOfWork, course: Course, flow: Flow, now: datetime) -> Chart:
    """Who stands where today around the requester."""
    return chart_of(uow, course.facts.requester_id, directory.today_of(uow, now), flow)


def _wait(uow: UnitOfWork, course: Course, step: Step, flow: Flow, resolution: Resolution, now: datetime) -> Course:
    store.add_seats(uow, course, resolution.asked, SeatState.OPEN)
    telling.tell_asked(uow, course, [one.person_id for one in resolution.asked], now)
    due = time_is_up_at(uow, course, step, flow, now)
    changed = {"all_must": resolution.all_must, "step_since": now, "due_at": due, "reminded_at": None}
    changed |= {"step": course.step, "round": course.round}
    return store.change_course(uow, course, state=CourseState.OPEN, **changed)


def _agreed(seats: list[Seat], course: Course) -> set[int]:
    """Who agreed at the steps before this one since it was handed in, also as a delegate. Of a step that was asked twice, the last time."""
    latest = {seat.step: seat.round for seat in seats}
    found: set[int] = set()
    for seat in seats:
        counts = course.first_round <= seat.round == latest[seat.step] and seat.step < course.step
        if counts and seat.state is SeatState.APPROVED and seat.decided_by is not None:
            found |= {seat.person_id, seat.decided_by}
    return found
