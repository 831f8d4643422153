"""`/approvals/{id}`: one course drawn, who, when, what they said and what comes next; answering, commenting, withdrawing, reminding."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Form, Request
from starlette.responses import RedirectResponse, Response

from server.access.model import Permission
from server.access.pages.visitors import actor_of
from server.directory import actions as directory
from server.errors import InvalidInputError, NotFoundError, ServerError
from server.hr.approvals import actions
from server.hr.approvals.actions import CourseView
from server.hr.approvals.actions.deciding import OWN
from server.hr.approvals.model import CourseState, Does, Entry, EntryKind, Outcome, Seat, SeatState, Task
from server.hr.approvals.pages.asked import described, handlers_of, in_scope, key_of, person_of, require_scope, verdict_of, view_of
from server.hr.approvals.pages.cards import as_tasks, cards_of
from server.hr.approvals.pages.wording import BY_ITSELF, ENTRIES, FOR_OTHERS, SEAT_STATES, WHYS, Tell, told_fault
from server.storage import UnitOfWork
from server.web.asking import database_of, may, now, own_path, said, shell_of, words
from server.web.visitor import needs

router = APIRouter()
DECIDES = [needs(Permission.DECIDE)]
HANDS_OVER = [needs(Permission.CHANGE_REQUESTS), needs(Permission.SEE_PEOPLE)]
Text = Annotated[str, Form()]


@dataclass(frozen=True, slots=True)
class DrawnPerson:
    """Somebody at a step. state: (kind of colour, word). at: when they answered. by: the delegate who did it."""

    name: str
    why: str
    state: tuple[str, str]
    at: datetime | None
    by: str


@dataclass(frozen=True, slots=True)
class DrawnStep:
    """A step of the drawing. phase: "done", "now", "next"."""

    number: int
    phase: str
    copies: bool
    all_must: bool
    passed_over: bool
    people: list[DrawnPerson]


@dataclass(frozen=True, slots=True)
class DrawnEntry:
    """A line of the history."""

    at: datetime
    words: str
    comment: str


@router.get("/approvals/stuck", dependencies=HANDS_OVER)
def stuck_page(request: Request) -> Response:
    with database_of(request).reading() as uow:
        found = [one for one in actions.without_approver(uow, now()) if in_scope(request, uow, one, Permission.CHANGE_REQUESTS)]
        cards = cards_of(request, uow, as_tasks(found))
    return shell_of(request).page(request, "approvals/stuck.html", cards=cards)


@router.get("/approvals/{course_id:int}", dependencies=DECIDES)
def course_page(request: Request, course_id: int) -> Response:
    return _page(request, course_id)


@router.post("/approvals/{course_id:int}/decide", dependencies=DECIDES)
def decide(request: Request, course_id: int, verdict: Text = "", comment: Text = "", to_step: Text = "", back: Text = "") -> Response:
    """Answer; to_step: of "send-back", the number of an earlier step, empty for the requester."""
    try:
        step = step_of(to_step)
        with database_of(request).writing() as uow:
            actions.decide(
                uow,
                handlers_of(request),
                key_of(course_id),
                verdict_of(verdict),
                comment,
                person_of(request),
                actor_of(request),
                now(),
                to_step=step,
            )
    except NotFoundError:
        raise
    except ServerError as error:
        return _page(request, course_id, error.status, said(request, error), comment)
    return RedirectResponse(own_path(back) if back else f"/approvals/{course_id}", 303)


@router.post("/approvals/{course_id:int}/comment", dependencies=DECIDES)
def comment(request: Request, course_id: int, comment: Text = "") -> Response:
    return _deed(
        request,
        course_id,
        lambda uow: actions.add_comment(uow, key_of(course_id), comment, person_of(request), actor_of(request), now()),
    )


@router.post("/approvals/{course_id:int}/withdraw", dependencies=DECIDES)
def withdraw(request: Request, course_id: int, comment: Text = "") -> Response:
    return _deed(
        request,
        course_id,
        lambda uow: actions.withdraw(uow, handlers_of(request), key_of(course_id), person_of(request), actor_of(request), now(), comment),
    )


@router.post("/approvals/{course_id:int}/remind", dependencies=DECIDES)
def remind(request: Request, course_id: int) -> Response:
    return _deed(request, course_id, lambda uow: actions.remind(uow, key_of(course_id), person_of(request), actor_of(request), now()))


@router.post("/approvals/{course_id:int}/hand-over", dependencies=HANDS_OVER)
def hand_over(request: Request, course_id: int, to: Text = "", reason: Text = "") -> Response:
    """to: an employee number."""

    def work(uow: UnitOfWork) -> None:
        require_scope(request, uow, actions.see_course(uow, key_of(course_id), None, now()).course, Permission.CHANGE_REQUESTS)
        found = directory.find_person(uow, to.strip())
        if found is None:
            raise InvalidInputError(field="to", reason="there is nobody with this number")
        actions.hand_over(uow, course_id, found.id, reason, request.state.visitor.person_id, actor_of(request), now())

    return _deed(request, course_id, work)


def step_of(value: str) -> int | None:
    """The index of a step out of its number; None for the requester. Raises InvalidInputError."""
    if not value:
        return None
    if not (value.isascii() and value.isdecimal() and 0 < int(value[:4]) < 100):
        raise InvalidInputError(field="to_step", reason="choose one that the list offers")
    return int(value) - 1


def _deed(request: Request, course_id: int, work: Callable[[UnitOfWork], object]) -> Response:
    try:
        with database_of(request).writing() as uow:
            work(uow)
    except NotFoundError:
        raise
    except ServerError as error:
        return _page(request, course_id, error.status, said(request, error))
    return RedirectResponse(f"/approvals/{course_id}", 303)


def _page(request: Request, course_id: int, status: int = 200, wrong: str = "", typed: str = "") -> Response:
    tell, reader = words(request), request.state.visitor.person_id
    with database_of(request).reading() as uow:
        view = view_of(request, uow, course_id)
        course = view.course
        mine = actions.my_task(uow, view, reader, now())
        card = cards_of(request, uow, [mine or Task(course, None)])[0]
        about = described(request, uow, [course]).get((course.subject.kind, course.subject.id))
        people = _names(uow, view)
    return shell_of(request).page(
        request,
        "approvals/course.html",
        status,
        card=card,
        course=course,
        address=about.address if about else "",
        by_version=view.version,
        steps=draw_steps(view, people, tell),
        entries=[_entry(one, people, tell) for one in view.entries],
        mine=mine is not None,
        own=course.facts.requester_id == reader,
        earlier=range(1, course.step + 1) if mine else (),
        may_hand_over=may(request, Permission.CHANGE_REQUESTS) and may(request, Permission.SEE_PEOPLE) and card.waits,
        involved=reader is not None,
        wrong=wrong,
        typed=typed,
        own_words=tell(OWN) if course.facts.requester_id == reader and course.state is CourseState.OPEN else "",
        trail_of=(("course", str(course.id)),),
    )


def _names(uow: UnitOfWork, view: CourseView) -> dict[int, str]:
    keys = {one for seat in view.seats for one in (seat.person_id, seat.decided_by) if one is not None}
    keys |= {one.person_id for step in view.ahead for one in step.asked} | set(view.delegates.values())
    for entry in view.entries:
        keys |= {one for one in (entry.person_id, entry.facts.get("to")) if one is not None} | set(entry.facts.get("for", ()))
    return directory.names_of(uow, keys | {view.course.facts.requester_id})


def draw_steps(view: CourseView, people: dict[int, str], tell: Tell) -> list[DrawnStep]:
    """Every step: those behind with what was said in the last round, the one that waits, and those to come as they would be today."""
    course, open_now = view.course, view.course.state is CourseState.OPEN
    ahead = {one.number: one for one in view.ahead}
    drawn = []
    for index, step in enumerate(view.steps):
        seats = [seat for seat in view.seats if seat.step == index and seat.round >= course.first_round]
        last = max((seat.round for seat in seats), default=0)
        seats = [seat for seat in seats if seat.round == last]
        if seats and (index <= course.step or not open_now):
            shown = [_seat(seat, view, people, tell) for seat in seats]
            passed = all(seat.state is SeatState.PASSED_OVER for seat in seats)
            phase = "now" if open_now and index == course.step else "done"
            drawn.append(DrawnStep(index + 1, phase, step.does is Does.COPY, course.all_must and phase == "now", passed, shown))
        elif (foreseen := ahead.get(index + 1)) is not None:
            expected = [DrawnPerson(people.get(one.person_id, ""), tell(WHYS[one.why]), ("", ""), None, "") for one in foreseen.asked]
            passed = foreseen.outcome is Outcome.PASSED_OVER
            drawn.append(DrawnStep(index + 1, "next", step.does is Does.COPY, foreseen.all_must, passed, expected))
        elif open_now and index == course.step:
            drawn.append(DrawnStep(index + 1, "now", False, False, False, []))
    return drawn


def _seat(seat: Seat, view: CourseView, people: dict[int, str], tell: Tell) -> DrawnPerson:
    kind, word = SEAT_STATES[seat.state]
    delegate = view.delegates.get(seat.person_id) if seat.state is SeatState.OPEN else seat.decided_by
    by = people.get(delegate, "") if delegate is not None and delegate != seat.person_id else ""
    return DrawnPerson(people.get(seat.person_id, ""), tell(WHYS[seat.why]), (kind, tell(word)), seat.decided_at, by)


def _entry(entry: Entry, people: dict[int, str], tell: Tell) -> DrawnEntry:
    who = people.get(entry.person_id, "") if entry.person_id is not None else ""
    others = [people.get(one, "") for one in entry.facts.get("for", ())]
    text = FOR_OTHERS[entry.kind] if others and entry.kind in FOR_OTHERS else ENTRIES[entry.kind]
    facts = {"who": who or (tell(BY_ITSELF) if entry.actor == "server" else entry.actor), "step": entry.step + 1}
    more = {"to": people.get(entry.facts.get("to", 0), ""), "for_whom": tell(", ").join(others)}
    fault = told_fault(entry.facts, tell) if entry.kind is EntryKind.COULD_NOT else ""
    return DrawnEntry(entry.at, tell(text, **facts, **more, fault=fault), entry.comment)
