"""What happens when the time of a step is up."""

from datetime import datetime, timedelta
from typing import Any

import structlog

from server.audit.actions import record
from server.audit.model import SERVER
from server.errors import ServerError
from server.hr.approvals.actions.deciding import replace_seats, send_reminder, settle_step
from server.hr.approvals.actions.flows import version_of
from server.hr.approvals.actions.walking import chart_for, seats_here, time_is_up_at
from server.hr.approvals.engine.resolving import next_above
from server.hr.approvals.model import Course, CourseState, EntryKind, Flow, Handlers, Step, TimeUp, Verdict
from server.hr.approvals.store import courses as store
from server.storage import UnitOfWork

AT_ONCE = 200
"""Courses in one transaction; the next minute takes the next ones."""
TRY_AGAIN = timedelta(hours=1)
"""Where the area that asked refuses the answer (a closed period), so that somebody can mend it in between."""

log = structlog.get_logger()


def follow_time(uow: UnitOfWork, handlers: Handlers, now: datetime) -> int:
    """Do what the flows say with every course whose time is up; returns how many there were. One that fails does not stop the others."""
    due = store.due_courses(uow, now, AT_ONCE)
    for course_id in due:
        course = store.locked_course(uow, course_id)
        if course is not None and course.state is CourseState.OPEN and course.due_at is not None and course.due_at <= now:
            _follow(uow, handlers, course, now)
    return len(due)


def _follow(uow: UnitOfWork, handlers: Handlers, course: Course, now: datetime) -> None:
    _, flow = version_of(uow, course.version_id)
    step = flow.branches[course.branch].steps[course.step]
    assert step.limit is not None, "only a step with a limit has a time that can be up"
    try:
        with uow.connection.begin_nested():
            _act(uow, handlers, course, flow, step, step.limit.then, now)
    except ServerError as error:
        log.warning("an approval whose time is up could not be settled", course=course.id, error=error.code)
        store.add_entry(uow, course, EntryKind.COULD_NOT, None, SERVER.name, now, facts=fault_of(error))
        store.change_course(uow, course, due_at=now + TRY_AGAIN)


def fault_of(error: ServerError) -> dict[str, Any]:
    """An error as a row holds it: a text of ours and its facts."""
    plain = {name: value if isinstance(value, str | int) else str(value) for name, value in error.facts.items()}
    return {"text": error.message, "facts": plain}


def _act(uow: UnitOfWork, handlers: Handlers, course: Course, flow: Flow, step: Step, then: TimeUp, now: datetime) -> None:
    store.add_entry(uow, course, EntryKind.TIME_UP, None, SERVER.name, now, facts={"then": then.value})
    if then in {TimeUp.APPROVE, TimeUp.REFUSE}:
        settle_step(uow, handlers, course, Verdict.APPROVE if then is TimeUp.APPROVE else Verdict.REFUSE, SERVER, now)
    else:
        if then is TimeUp.REMIND or not _escalate(uow, course, flow, now):
            course = send_reminder(uow, course, None, SERVER, now)
        course = store.change_course(uow, course, due_at=time_is_up_at(uow, course, step, flow, now))
    record(
        uow,
        SERVER,
        "course.time-up",
        "course",
        str(course.id),
        at=now,
        after={"step": course.step + 1, "then": then},
        people=(course.facts.requester_id,),
    )


def _escalate(uow: UnitOfWork, course: Course, flow: Flow, now: datetime) -> bool:
    """Ask the next above instead; False where nobody is above those who were asked."""
    held = [seat.person_id for seat in seats_here(uow, course)]
    above = next_above(chart_for(uow, course, flow, now), held)
    if above is None:
        return False
    replace_seats(uow, course, [above], now)
    store.add_entry(uow, course, EntryKind.ESCALATED, None, SERVER.name, now, facts={"to": above.person_id})
    return True
