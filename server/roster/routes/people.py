"""`/api/v1/assignments`, `/api/v1/exemptions`, `/api/v1/planned-days`: who works by what, who need not punch, and what comes of it."""

from datetime import date
from typing import Any

import msgspec
from fastapi import APIRouter, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from server.access.model import Permission
from server.access.pages.visitors import actor_of, scope_of_visitor
from server.directory import actions as directory
from server.errors import InvalidInputError
from server.roster import actions
from server.roster.model import Scope
from server.roster.pages.common import needed_day
from server.roster.pages.responsible import assignments_seen, exemptions_seen, require_assignable, require_assignment
from server.web.asking import database_of, now
from server.web.bodies import body_of, in_body, json
from server.web.visitor import needs

router = APIRouter(prefix="/api/v1", tags=["roster"])
SEE = [needs(Permission.SEE_ROSTER), needs(Permission.SEE_PEOPLE)]
CHANGE = [needs(Permission.CHANGE_ROSTER), needs(Permission.SEE_PEOPLE)]
MOST_DAYS = 366
ASSIGNMENT = in_body(
    pattern_id="a pattern", scope="person, position, department, site or company", scope_id="?its id; 0 for the company",
    first_day="the first day", last_day="?the last day; null: until further notice", offset_days="?days ahead in the cycle",
    reason="?why, for the trail",
)  # fmt: skip


class NewAssignment(msgspec.Struct):
    pattern_id: int
    scope: Scope
    first_day: date
    scope_id: int = 0
    last_day: date | None = None
    offset_days: int = 0
    reason: str = ""


class LastDay(msgspec.Struct):
    last_day: date | None
    reason: str = ""


class NewExemption(msgspec.Struct):
    person_id: int
    first_day: date
    reason: str
    last_day: date | None = None


def _questions(**meanings: str) -> dict[str, Any]:
    """For OpenAPI: what is read from the address as the pages read it."""
    parameters = [
        {"name": name, "in": "query", "required": True, "description": meaning, "schema": {"type": "string"}}
        for name, meaning in meanings.items()
    ]
    return {"parameters": parameters}


@router.get("/assignments", dependencies=SEE)
def assignments(request: Request) -> Response:
    """Who has which pattern, the latest first. Of those that mean a person on a day the most specific counts."""
    with database_of(request).reading() as uow:
        return json({"assignments": assignments_seen(request, uow, actions.list_assignments(uow))})


@router.post("/assignments", dependencies=CHANGE, openapi_extra=ASSIGNMENT)
async def assign(request: Request) -> Response:
    """Assign a pattern; 409 where the same scope has one on one of the days."""
    return await run_in_threadpool(_assign, request, await body_of(request, NewAssignment))


@router.post(
    "/assignments/{assignment_id}/end", dependencies=CHANGE, openapi_extra=in_body(last_day="null: until further notice", reason="?why")
)
async def end_assignment(request: Request, assignment_id: int) -> Response:
    """Give an assignment a last day; one before its first takes it away."""
    return await run_in_threadpool(_end, request, assignment_id, await body_of(request, LastDay))


@router.get("/exemptions", dependencies=SEE)
def exemptions(request: Request) -> Response:
    """Who need not punch, the latest first."""
    with database_of(request).reading() as uow:
        return json({"exemptions": exemptions_seen(request, uow, actions.list_exemptions(uow))})


@router.post(
    "/exemptions",
    dependencies=CHANGE,
    openapi_extra=in_body(person_id="a person", first_day="the first day", last_day="?the last day", reason="why"),
)
async def exempt(request: Request) -> Response:
    """Say that somebody need not punch."""
    return await run_in_threadpool(_exempt, request, await body_of(request, NewExemption))


@router.get(
    "/planned-days",
    dependencies=SEE,
    openapi_extra=_questions(number="an employee number", since="the first day", until="the last day, at most 366 days"),
)
def planned_days(request: Request, number: str = "", since: str = "", until: str = "") -> Response:
    """One person's plan for each day, as attendance assesses it: instants are seconds since 1970, UTC."""
    first, last = needed_day(since, "since"), needed_day(until, "until")
    if not 0 <= (last - first).days < MOST_DAYS:
        raise InvalidInputError(field="until", reason="ask for 1 to 366 days")
    with database_of(request).reading() as uow:
        person = directory.find_person_within(uow, scope_of_visitor(request, Permission.SEE_ROSTER), number, first)
        if person is None:
            raise InvalidInputError(field="number", reason="there is no person with the number {number}", number=number[:64])
        within = directory.days_within(uow, scope_of_visitor(request, Permission.SEE_ROSTER), first, last)
        return json(
            {"days": [one for one in actions.planned_days(uow, [person.id], first, last)[person.id] if within(person.id, one.work_date)]}
        )


def _assign(request: Request, new: NewAssignment) -> Response:
    with database_of(request).writing() as uow:
        require_assignable(request, uow, new.scope, new.scope_id)
        span = (new.scope_id, new.first_day, new.last_day)
        more: dict[str, Any] = {"offset_days": new.offset_days, "reason": new.reason}
        return json(actions.assign_pattern(uow, new.pattern_id, new.scope, *span, actor_of(request), now(), **more))


def _end(request: Request, assignment_id: int, end: LastDay) -> Response:
    with database_of(request).writing() as uow:
        require_assignment(request, uow, assignment_id)
        actions.end_assignment(uow, assignment_id, end.last_day, actor_of(request), now(), reason=end.reason)
    return json({"ended": assignment_id})


def _exempt(request: Request, new: NewExemption) -> Response:
    with database_of(request).writing() as uow:
        by = actor_of(request)
        require_assignable(request, uow, Scope.PERSON, new.person_id)
        return json(actions.exempt(uow, new.person_id, new.first_day, new.last_day, new.reason, by, now()))
