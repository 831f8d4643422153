"""The way of a request through its approvers: handed in, handed in again, taken out of it."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from server.audit.model import Actor
from server.directory import actions as directory
from server.hr.approvals import actions as approvals
from server.hr.approvals.model import CANCEL, Course, CourseState, Described, Handlers, Subject
from server.hr.requests.actions.gathering import surroundings_of
from server.hr.requests.actions.leave_booking import reserve_leave
from server.hr.requests.engine.measuring import days_in
from server.hr.requests.model import LeaveContent, NewRequest, Purpose, Request
from server.storage import UnitOfWork

SUBJECT = "request"
"""Under which approvals know requests."""
UNDER_WAY = frozenset({CourseState.OPEN, CourseState.SENT_BACK})


def hand_in(uow: UnitOfWork, handlers: Handlers, held: Request, by: Actor, now: datetime, *, agreed: bool = False) -> None:
    """Let the approvers see a request that waits; a flow may approve it at once. A swap waits for its partner's yes first.

    Raises RefusedError where nobody would approve it.
    """
    if held.waits_for_partner and held.purpose is not Purpose.CANCEL and not agreed:
        return
    reserve_leave(uow, held, by, now)
    around = surroundings_of(uow, new_of(held), now, itself=held)
    facts = approvals.facts_for(
        uow,
        flow_kind(held),
        held.person_id,
        held.first_day,
        on=directory.today_of(uow, now),
        days=days_in(held.content, around),
        minutes=held.minutes,
    )
    course = course_of(uow, held.id)
    if course is not None and course.state is CourseState.SENT_BACK:
        approvals.resubmit(uow, handlers, course.id, facts, held.person_id, by, now)
    else:
        approvals.submit(uow, handlers, Subject(SUBJECT, held.id), facts, by, now)


def take_out(uow: UnitOfWork, held: Request, by: Actor, now: datetime) -> None:
    """End the course of a request that goes on in another form; the request itself is not told."""
    course = course_of(uow, held.id)
    if course is not None and course.state in UNDER_WAY:
        approvals.withdraw(uow, {SUBJECT: Unmoved()}, course.id, None, by, now)


def course_of(uow: UnitOfWork, request_id: int) -> Course | None:
    """The latest course of a request; None while nobody has been asked."""
    return approvals.course_of(uow, Subject(SUBJECT, request_id))


def flow_kind(held: Request) -> str:
    """What approval flows know it as: "leave.annual", "overtime.cancel"."""
    kind = f"leave.{held.content.leave}" if isinstance(held.content, LeaveContent) else held.kind.value
    return f"{kind}.{CANCEL}" if held.purpose is Purpose.CANCEL else kind


def new_of(held: Request) -> NewRequest:
    """A request as it was asked for."""
    return NewRequest(held.person_id, held.content, held.reason, "", held.purpose, held.target_id, held.late)


class Unmoved:
    """A handler for a course that ends because the request goes on in another one."""

    def approved(self, uow: Any, subject_id: int, by: Actor, now: datetime) -> None: ...
    def refused(self, uow: Any, subject_id: int, by: Actor, now: datetime) -> None: ...
    def sent_back(self, uow: Any, subject_id: int, by: Actor, now: datetime) -> None: ...
    def withdrawn(self, uow: Any, subject_id: int, by: Actor, now: datetime) -> None: ...

    def describe(self, uow: Any, subject_ids: Collection[int]) -> Mapping[int, Described]:  # noqa: ARG002 - a Handler
        return {}
