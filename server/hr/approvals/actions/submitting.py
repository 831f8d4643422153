"""Handing something in for approval, again after it was sent back, and withdrawing it."""

from datetime import datetime

from server.audit.actions import record
from server.audit.model import Actor
from server.directory import actions as directory
from server.errors import InvalidInputError, NotFoundError, RefusedError
from server.hr.approvals.actions.charts import chart_of, departments_of
from server.hr.approvals.actions.flows import chosen_for, foresee_branch, kept_version, version_of
from server.hr.approvals.actions.walking import close, open_seats, walk
from server.hr.approvals.engine.choosing import branch_for
from server.hr.approvals.engine.coursing import Act, require_allowed
from server.hr.approvals.model import Branch, Course, CourseState, EntryKind, Facts, Flow, Handlers, Outcome, SeatState, Subject
from server.hr.approvals.store import courses as store
from server.storage import UnitOfWork

LONGEST_COMMENT = 1_000


def submit(
    uow: UnitOfWork, handlers: Handlers, subject: Subject, facts: Facts, by: Actor, now: datetime, *, person_id: int | None = None
) -> Course:
    """Begin a course. person_id: who hands it in, where that is not the requester.

    A flow may approve at once: then the handler has been told when this returns. Raises RefusedError when it is under way already, when no
    flow fits, or when nobody could decide at one of the steps (it says which).
    """
    there = store.newest_course(uow, subject)
    if there is not None and there.state in {CourseState.OPEN, CourseState.SENT_BACK}:
        raise RefusedError(reason="This was handed in before and is not decided yet.")
    on = directory.today_of(uow, now)
    version, branch = chosen_for(uow, facts, on)
    assert version.flow is not None
    _require_people(uow, version.flow, version.flow.branches[branch], facts, now)
    course = store.add_course(uow, subject, facts, kept_version(uow, version, now).id, branch, now)
    store.add_entry(uow, course, EntryKind.SUBMITTED, person_id or facts.requester_id, by.name, now)
    course = walk(uow, handlers, course, by, now)
    after = {"kind": facts.kind, "flow": version.kind, "number": version.number, "state": course.state}
    record(uow, by, "course.submit", "course", str(course.id), at=now, after=after, people=(course.facts.requester_id,))
    return course


def resubmit(uow: UnitOfWork, handlers: Handlers, course_id: int, facts: Facts, person_id: int | None, by: Actor, now: datetime) -> Course:
    """Hand in again what was sent back, as it is now; it begins at the first step of the same version. Raises as `submit`."""
    course = _own(uow, course_id, person_id)
    require_allowed(course.state, Act.RESUBMIT)
    _, flow = version_of(uow, course.version_id)
    branch = branch_for(flow, facts, departments_of(uow, facts.requester_id, directory.today_of(uow, now)))
    if branch is None:
        raise RefusedError(reason="The flow that this goes by has no branch for what you changed. Withdraw it and ask anew.")
    _require_people(uow, flow, flow.branches[branch], facts, now)
    again = course.round + 1
    course = store.change_course(
        uow, course, state=CourseState.OPEN, facts=facts, branch=branch, round=again, first_round=again, step=0, ended_at=None
    )
    store.add_entry(uow, course, EntryKind.RESUBMITTED, person_id, by.name, now)
    course = walk(uow, handlers, course, by, now)
    record(
        uow,
        by,
        "course.resubmit",
        "course",
        str(course.id),
        at=now,
        after={"round": course.round, "state": course.state},
        people=(course.facts.requester_id,),
    )
    return course


def withdraw(
    uow: UnitOfWork, handlers: Handlers, course_id: int, person_id: int | None, by: Actor, now: datetime, comment: str = ""
) -> Course:
    """Take back what is not decided yet. person_id: the requester; None: HR does it for them. Raises NotFoundError, RefusedError."""
    course = _own(uow, course_id, person_id)
    require_allowed(course.state, Act.WITHDRAW)
    seats = {seat.id: SeatState.SPARED for seat in open_seats(uow, course)}
    store.answer_seats(uow, seats, None, now)
    store.add_entry(uow, course, EntryKind.WITHDRAWN, person_id, by.name, now, said(comment))
    course = close(uow, course, CourseState.WITHDRAWN, now)
    handlers[course.subject.kind].withdrawn(uow, course.subject.id, by, now)
    record(
        uow, by, "course.withdraw", "course", str(course.id), at=now, after={"step": course.step + 1}, people=(course.facts.requester_id,)
    )
    return course


def said(comment: str, field: str = "comment") -> str:
    """What somebody wrote, as it is kept; raises InvalidInputError for more than is kept."""
    told = comment.replace("\0", "").strip()
    if len(told) > LONGEST_COMMENT:
        raise InvalidInputError(field=field, reason="use at most {most} characters", most=LONGEST_COMMENT)
    return told


def _own(uow: UnitOfWork, course_id: int, person_id: int | None) -> Course:
    found = store.locked_course(uow, course_id)
    if found is None or person_id not in {None, found.facts.requester_id}:
        raise NotFoundError(what="approval", name=course_id)
    return found


def _require_people(uow: UnitOfWork, flow: Flow, branch: Branch, facts: Facts, now: datetime) -> None:
    chart = chart_of(uow, facts.requester_id, directory.today_of(uow, now), flow)
    for step in foresee_branch(flow, branch, chart):
        if step.outcome is Outcome.ASKS and not step.asked:
            told = "Nobody could decide at step {step} of the flow. HR can name a deputy in it, or somebody else at this step."
            raise RefusedError(reason=told, step=step.number)
