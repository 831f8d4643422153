"""Answers of approvers, and what else is done with a course under way."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime

from server.audit.actions import record
from server.audit.model import Actor
from server.directory import actions as directory
from server.errors import InvalidInputError, NotFoundError, RefusedError
from server.hr.approvals.actions import telling
from server.hr.approvals.actions.delegating import acting_for, covers
from server.hr.approvals.actions.submitting import said
from server.hr.approvals.actions.walking import close, open_seats, walk
from server.hr.approvals.engine.coursing import Act, answer, require_allowed, require_pause, require_step_back
from server.hr.approvals.model import Asked, Course, CourseState, EntryKind, Handlers, Seat, SeatState, Verdict, Why
from server.hr.approvals.store import courses as store, people
from server.storage import UnitOfWork

ACTS = {Verdict.APPROVE: Act.APPROVE, Verdict.REFUSE: Act.REFUSE, Verdict.SEND_BACK: Act.SEND_BACK}
ENTRIES = {Verdict.APPROVE: EntryKind.APPROVED, Verdict.REFUSE: EntryKind.REFUSED, Verdict.SEND_BACK: EntryKind.SENT_BACK}
OWN = "You cannot decide about your own request."


def decide(
    uow: UnitOfWork,
    handlers: Handlers,
    course_id: int,
    verdict: Verdict,
    comment: str,
    person_id: int,
    by: Actor,
    now: datetime,
    *,
    to_step: int | None = None,
) -> Course:
    """Answer for oneself and for everybody whose delegate one is today. to_step: of SEND_BACK, an earlier step; None: the requester.

    Raises NotFoundError for a course that is none of this person's business, RefusedError when it is not, or no longer, theirs to decide,
    InvalidInputError for a "back" without a word; and what the handler raises, which undoes the answer.
    """
    on = directory.today_of(uow, now)
    course, asked = _locked(uow, course_id, person_id, on)
    if person_id == course.facts.requester_id:
        raise RefusedError(reason=OWN)
    require_allowed(course.state, ACTS[verdict])
    comment = said(comment)
    if verdict is Verdict.SEND_BACK:
        require_step_back(course.step, to_step)
        if not comment:
            raise InvalidInputError(field="comment", reason="say what should be changed, so that it can be handed in again")
    seats = [seat for seat in asked if (seat.round, seat.step) == (course.round, course.step)]
    mine = _mine(uow, seats, course, person_id, on)
    answered = answer(seats, [seat.id for seat in mine], verdict, all_must=course.all_must)
    store.answer_seats(uow, answered.seats, person_id, now)
    instead_of = sorted({seat.person_id for seat in mine} - {person_id})
    facts = ({"for": instead_of} if instead_of else {}) | ({"to_step": to_step} if to_step is not None else {})
    store.add_entry(uow, course, ENTRIES[verdict], person_id, by.name, now, comment, facts)
    step = course.step
    if answered.outcome is not None:
        course = _follow(uow, handlers, course, answered.outcome, to_step, by, now)
    after = {"step": step + 1, "verdict": verdict, "state": course.state} | facts
    record(uow, by, "course.decide", "course", str(course.id), at=now, after=after, people=(course.facts.requester_id,))
    return course


def settle_step(uow: UnitOfWork, handlers: Handlers, course: Course, verdict: Verdict, by: Actor, now: datetime) -> Course:
    """Let all open seats of the step answer at once, because the time is up. The course is locked by the caller."""
    seats = open_seats(uow, course)
    answered = answer(seats, [seat.id for seat in seats], verdict, all_must=course.all_must)
    store.answer_seats(uow, answered.seats, None, now)
    return _follow(uow, handlers, course, verdict, None, by, now)


def remind(uow: UnitOfWork, course_id: int, person_id: int | None, by: Actor, now: datetime) -> Course:
    """Let those for whom it waits know that it does, at most once an hour. person_id: the requester; None: HR."""
    course = store.locked_course(uow, course_id)
    if course is None or person_id not in {None, course.facts.requester_id}:
        raise NotFoundError(what="approval", name=course_id)
    require_allowed(course.state, Act.REMIND)
    require_pause(course.reminded_at, now)
    return send_reminder(uow, course, person_id, by, now)


def send_reminder(uow: UnitOfWork, course: Course, person_id: int | None, by: Actor, now: datetime) -> Course:
    """Remind whoever is asked."""
    asked = {seat.person_id for seat in open_seats(uow, course)}
    telling.tell_reminded(uow, course, asked, now)
    store.add_entry(uow, course, EntryKind.REMINDED, person_id, by.name, now)
    return store.change_course(uow, course, reminded_at=now)


def add_comment(uow: UnitOfWork, course_id: int, comment: str, person_id: int, by: Actor, now: datetime) -> None:
    """Say something without deciding; everybody who may see the course reads it. Raises NotFoundError, InvalidInputError."""
    course, _ = _locked(uow, course_id, person_id, directory.today_of(uow, now))
    comment = said(comment)
    if not comment:
        raise InvalidInputError(field="comment", reason="write something")
    store.add_entry(uow, course, EntryKind.COMMENTED, person_id, by.name, now, comment)


def hand_over(uow: UnitOfWork, course_id: int, to_person: int, reason: str, person_id: int | None, by: Actor, now: datetime) -> Course:
    """Let somebody else decide in place of everybody whom the step waits for (somebody has left, or nobody was found). For HR.

    Raises NotFoundError, RefusedError; InvalidInputError for somebody who cannot decide about it.
    """
    course = store.locked_course(uow, course_id)
    if course is None:
        raise NotFoundError(what="approval", name=course_id)
    require_allowed(course.state, Act.HAND_OVER)
    if to_person == course.facts.requester_id:
        raise InvalidInputError(field="to", reason="choose somebody else: nobody decides about their own request")
    if to_person not in people.employed(uow, [to_person], directory.today_of(uow, now)):
        raise InvalidInputError(field="to", reason="choose somebody who is employed")
    reason = said(reason, "reason")
    if not reason:
        raise InvalidInputError(field="reason", reason="say why, so that it can be understood later")
    replace_seats(uow, course, [Asked(to_person, Why.HANDED_OVER)], now)
    store.add_entry(uow, course, EntryKind.HANDED_OVER, person_id, by.name, now, reason, {"to": to_person})
    record(
        uow,
        by,
        "course.hand-over",
        "course",
        str(course.id),
        at=now,
        after={"step": course.step + 1, "to": to_person},
        people=(course.facts.requester_id, to_person),
    )
    return course


def replace_seats(uow: UnitOfWork, course: Course, asked: Sequence[Asked], now: datetime) -> None:
    """Ask these instead of those whom the step waits for."""
    seats = {seat.id: SeatState.HANDED_OVER for seat in open_seats(uow, course)}
    store.answer_seats(uow, seats, None, now)
    store.add_seats(uow, course, asked, SeatState.OPEN)
    telling.tell_asked(uow, course, [one.person_id for one in asked], now)


def is_involved(uow: UnitOfWork, course: Course, person_id: int, on: date) -> bool:
    """Whether a course is this person's business: theirs, asked of them, told to them, or waiting for whom they are the delegate of."""
    return _has_part(uow, course, store.seats_of(uow, [course.id]), person_id, on)


def _has_part(uow: UnitOfWork, course: Course, seats: Sequence[Seat], person_id: int, on: date) -> bool:
    if person_id == course.facts.requester_id or any(person_id in {seat.person_id, seat.decided_by} for seat in seats):
        return True
    asked = {seat.person_id for seat in seats if seat.state is SeatState.OPEN}
    return any(one.person_id in asked and covers(one, course.facts.kind) for one in acting_for(uow, person_id, on))


def _locked(uow: UnitOfWork, course_id: int, person_id: int, on: date) -> tuple[Course, list[Seat]]:
    """The course with all its seats; raises NotFoundError for one that is none of this person's business."""
    course = store.locked_course(uow, course_id)
    seats = [] if course is None else store.seats_of(uow, [course.id])
    if course is None or not _has_part(uow, course, seats, person_id, on):
        raise NotFoundError(what="approval", name=course_id)
    return course, seats


def _mine(uow: UnitOfWork, seats: Sequence[Seat], course: Course, person_id: int, on: date) -> list[Seat]:
    """The open seats that this person answers; raises RefusedError where there is none."""
    delegators = {one.person_id for one in acting_for(uow, person_id, on) if covers(one, course.facts.kind)}
    mine = [seat for seat in seats if seat.state is SeatState.OPEN and seat.person_id in {person_id, *delegators}]
    if mine:
        return mine
    held = [seat for seat in seats if seat.person_id in {person_id, *delegators}]
    if any(seat.state is SeatState.APPROVED for seat in held):
        raise RefusedError(reason="You have agreed to this already. It waits for others.")
    raise RefusedError(reason="This does not wait for you now: somebody else has answered, or is asked.")


def _follow(uow: UnitOfWork, handlers: Handlers, course: Course, outcome: Verdict, to_step: int | None, by: Actor, now: datetime) -> Course:
    handler = handlers[course.subject.kind]
    if outcome is Verdict.APPROVE:
        return walk(uow, handlers, replace(course, step=course.step + 1), by, now)
    if outcome is Verdict.REFUSE:
        course = close(uow, course, CourseState.REFUSED, now)
        handler.refused(uow, course.subject.id, by, now)
        return course
    if to_step is not None:
        return walk(uow, handlers, replace(course, step=to_step, round=course.round + 1), by, now)
    course = close(uow, course, CourseState.SENT_BACK, now)
    handler.sent_back(uow, course.subject.id, by, now)
    return course
