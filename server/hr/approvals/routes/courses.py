"""`/api/v1/approvals`: what waits, one course, answers one by one and many at once."""

from collections.abc import Callable
from typing import Any

import msgspec
from fastapi import APIRouter, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from server.access.model import Permission
from server.access.pages.visitors import actor_of
from server.directory import actions as directory
from server.errors import InvalidInputError
from server.hr.approvals import actions
from server.hr.approvals.model import Course, Verdict
from server.hr.approvals.pages.asked import handlers_of, key_of, person_of, require_scope, view_of
from server.hr.approvals.pages.cards import Card, cards_of
from server.hr.approvals.pages.inbox import page_of, tab_of
from server.storage import UnitOfWork
from server.web.asking import database_of, now, whole
from server.web.bodies import body_of, in_body, json
from server.web.visitor import needs

router = APIRouter(prefix="/api/v1", tags=["approvals"])
DECIDES = [needs(Permission.DECIDE)]
HANDS_OVER = [needs(Permission.CHANGE_REQUESTS), needs(Permission.SEE_PEOPLE)]
MOST = 500


class Answer(msgspec.Struct):
    verdict: Verdict
    comment: str = ""
    to_step: int | None = None


class Answers(msgspec.Struct):
    ids: list[int]
    verdict: Verdict
    comment: str = ""


class Said(msgspec.Struct):
    comment: str = ""


class HandOver(msgspec.Struct):
    employee_number: str
    reason: str


@router.get("/approvals", dependencies=DECIDES)
def list_approvals(request: Request, tab: str = "waiting", kind: str = "", after: str = "", limit: int = 50) -> Response:
    """What waits for you (`tab=waiting`, the oldest first, also of a kind), what you `decided`, what was `copied` to you."""
    most = max(1, min(limit, MOST))
    with database_of(request).reading() as uow:
        found = page_of(uow, tab_of(tab), person_of(request), kind, whole(after, "after"), most + 1)
        cards = cards_of(request, uow, found[:most])
    following = str(found[most - 1].course.id) if len(found) > most else None
    return json({"approvals": [_as_json(card) for card in cards], "next": following})


@router.post("/approvals/decide", dependencies=DECIDES, openapi_extra=in_body(ids="approvals", verdict="approve or refuse", comment="?why"))
async def decide_many(request: Request) -> Response:
    """One answer to many, as long work: `bulk` names it, and its page tells what could not be answered."""
    body = await body_of(request, Answers)

    def work(uow: UnitOfWork) -> Response:
        key = actions.decide_many(uow, body.ids, body.verdict, body.comment, person_of(request), actor_of(request), now())
        return json({"bulk": key, "job": f"answer-approvals:{key}"}, 202)

    return await _written(request, work)


@router.get("/approvals/bulk/{bulk_id}", dependencies=DECIDES)
def bulk(request: Request, bulk_id: int) -> Response:
    """How far many answers are, and which could not be given."""
    with database_of(request).reading() as uow:
        view = actions.see_bulk(uow, bulk_id, person_of(request))
    faults = [{"id": course_id, "fault": fault} for course_id, fault in view.faults]
    return json({"state": view.job.state if view.job else "done", "answered": view.answered, "failed": view.failed, "faults": faults})


@router.get("/approvals/{course_id}", dependencies=DECIDES)
def one_approval(request: Request, course_id: int) -> Response:
    """One course: who was asked, what they said, what comes next."""
    with database_of(request).reading() as uow:
        view = view_of(request, uow, course_id)
    return json(
        {
            "approval": view.course,
            "flow": {"kind": view.version.kind, "number": view.version.number},
            "steps": view.steps,
            "asked": view.seats,
            "history": view.entries,
            "ahead": view.ahead,
        }
    )


@router.post(
    "/approvals/{course_id}/decide",
    dependencies=DECIDES,
    openapi_extra=in_body(
        verdict="approve, refuse or send-back", comment="?why; needed for send-back", to_step="?0 is the first; null: the requester"
    ),
)
async def decide(request: Request, course_id: int) -> Response:
    """Answer for yourself and for whom you are the delegate of today."""
    body = await body_of(request, Answer)

    def work(uow: UnitOfWork) -> Response:
        made = actions.decide(
            uow,
            handlers_of(request),
            key_of(course_id),
            body.verdict,
            body.comment,
            person_of(request),
            actor_of(request),
            now(),
            to_step=body.to_step,
        )
        return _state(made)

    return await _written(request, work)


@router.post("/approvals/{course_id}/comment", dependencies=DECIDES, openapi_extra=in_body(comment="what you say"))
async def comment(request: Request, course_id: int) -> Response:
    """Say something without deciding."""
    body = await body_of(request, Said)

    def work(uow: UnitOfWork) -> Response:
        actions.add_comment(uow, key_of(course_id), body.comment, person_of(request), actor_of(request), now())
        return Response(status_code=204)

    return await _written(request, work)


@router.post("/approvals/{course_id}/withdraw", dependencies=DECIDES, openapi_extra=in_body(comment="?why"))
async def withdraw(request: Request, course_id: int) -> Response:
    """Take back what you asked for."""
    body = await body_of(request, Said)

    def work(uow: UnitOfWork) -> Response:
        person_id, by = person_of(request), actor_of(request)
        return _state(actions.withdraw(uow, handlers_of(request), key_of(course_id), person_id, by, now(), body.comment))

    return await _written(request, work)


@router.post("/approvals/{course_id}/remind", dependencies=DECIDES)
def remind(request: Request, course_id: int) -> Response:
    """Remind those for whom your request waits; at most once an hour."""
    with database_of(request).writing() as uow:
        return _state(actions.remind(uow, key_of(course_id), person_of(request), actor_of(request), now()))


@router.post(
    "/approvals/{course_id}/hand-over", dependencies=HANDS_OVER, openapi_extra=in_body(employee_number="who decides now", reason="why")
)
async def hand_over(request: Request, course_id: int) -> Response:
    """Let somebody else decide in place of those who are asked."""
    body = await body_of(request, HandOver)

    def work(uow: UnitOfWork) -> Response:
        require_scope(request, uow, actions.see_course(uow, key_of(course_id), None, now()).course, Permission.CHANGE_REQUESTS)
        found = directory.find_person(uow, body.employee_number.strip())
        if found is None:
            raise InvalidInputError(field="employee_number", reason="there is nobody with this number")
        by, person_id = actor_of(request), request.state.visitor.person_id
        return _state(actions.hand_over(uow, course_id, found.id, body.reason, person_id, by, now()))

    return await _written(request, work)


async def _written(request: Request, work: Callable[[UnitOfWork], Response]) -> Response:
    def do() -> Response:
        with database_of(request).writing() as uow:
            return work(uow)

    return await run_in_threadpool(do)


def _state(course: Course) -> Response:
    return json({"id": course.id, "state": course.state, "step": course.step + 1, "round": course.round})


def _as_json(card: Card) -> dict[str, Any]:
    return {
        "id": card.id,
        "title": card.title,
        "kind": card.kind,
        "state": card.state[1],
        "person": {"id": card.requester_id, "name": card.who, "employee_number": card.number, "department": card.department},
        "lines": [{"label": label, "value": value} for label, value in card.lines],
        "reason": card.reason,
        "warnings": list(card.warnings),
        "for": card.for_name or None,
        "submitted_at": card.submitted_at,
        "due_at": card.due_at,
        "reminded": card.reminded,
    }
