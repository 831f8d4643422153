"""`/api/v1/shifts`, `/api/v1/patterns`: what is worked, and how it repeats. Times are minutes from midnight; 1560 is 26:00."""

from datetime import date
from typing import Any

import msgspec
from fastapi import APIRouter, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from server.access.model import Permission
from server.access.pages.visitors import actor_of
from server.roster import actions
from server.roster.model import PatternTerms, ShiftTerms
from server.web.asking import database_of, now
from server.web.bodies import body_of, in_body, json
from server.web.visitor import needs

router = APIRouter(prefix="/api/v1", tags=["roster"])
SEE, CHANGE = [needs(Permission.SEE_ROSTER)], [needs(Permission.CHANGE_ROSTER)]
TERMS, FIRST, WHY = "as a version has them", "the date from which it holds", "?why, for the trail"


class NewShift(msgspec.Struct):
    name: str
    terms: ShiftTerms
    first_day: date
    sign: str = ""
    reason: str = ""


class NewShiftVersion(msgspec.Struct):
    terms: ShiftTerms
    first_day: date
    reason: str = ""


class NewPattern(msgspec.Struct):
    name: str
    terms: PatternTerms
    first_day: date
    reason: str = ""


class NewPatternVersion(msgspec.Struct):
    terms: PatternTerms
    first_day: date
    reason: str = ""


@router.get("/shifts", dependencies=SEE)
def shifts(request: Request) -> Response:
    """All shifts with the versions that count, in the order of their days."""
    with database_of(request).reading() as uow:
        versions = actions.shift_versions(uow)
        return json({"shifts": [_with(one, versions.get(one.id, ())) for one in actions.list_shifts(uow)]})


@router.post(
    "/shifts",
    dependencies=CHANGE,
    openapi_extra=in_body(name="its name", sign="?1 to 4 characters", terms=TERMS, first_day=FIRST, reason=WHY),
)
async def add_shift(request: Request) -> Response:
    """Make a shift."""
    return await run_in_threadpool(_add_shift, request, await body_of(request, NewShift))


@router.get("/shifts/{shift_id}", dependencies=SEE)
def shift(request: Request, shift_id: int) -> Response:
    """One shift with all its versions, also withdrawn ones."""
    with database_of(request).reading() as uow:
        return json(_with(*actions.see_shift(uow, shift_id)))


@router.post("/shifts/{shift_id}/versions", dependencies=CHANGE, openapi_extra=in_body(terms=TERMS, first_day=FIRST, reason=WHY))
async def change_shift(request: Request, shift_id: int) -> Response:
    """Let a shift be this from a date on; days before keep what they had."""
    return await run_in_threadpool(_change_shift, request, shift_id, await body_of(request, NewShiftVersion))


@router.get("/patterns", dependencies=SEE)
def patterns(request: Request) -> Response:
    """All patterns with the versions that count, in the order of their days. `days`: shifts by number, null for rest."""
    with database_of(request).reading() as uow:
        versions = actions.pattern_versions(uow)
        return json({"patterns": [_with(one, versions.get(one.id, ())) for one in actions.list_patterns(uow)]})


@router.post("/patterns", dependencies=CHANGE, openapi_extra=in_body(name="its name", terms=TERMS, first_day=FIRST, reason=WHY))
async def add_pattern(request: Request) -> Response:
    """Make a pattern."""
    return await run_in_threadpool(_add_pattern, request, await body_of(request, NewPattern))


@router.post("/patterns/{pattern_id}/versions", dependencies=CHANGE, openapi_extra=in_body(terms=TERMS, first_day=FIRST, reason=WHY))
async def change_pattern(request: Request, pattern_id: int) -> Response:
    """Let a pattern be this from a date on; days before keep what they had."""
    return await run_in_threadpool(_change_pattern, request, pattern_id, await body_of(request, NewPatternVersion))


def _with(one: Any, versions: Any) -> dict[str, Any]:
    """A shift or pattern with its versions."""
    return {**msgspec.to_builtins(one), "versions": versions}


def _add_shift(request: Request, new: NewShift) -> Response:
    with database_of(request).writing() as uow:
        by = actor_of(request)
        return json(actions.add_shift(uow, new.name, new.sign, new.terms, new.first_day, by, now(), reason=new.reason))


def _change_shift(request: Request, shift_id: int, new: NewShiftVersion) -> Response:
    with database_of(request).writing() as uow:
        return json(actions.change_shift(uow, shift_id, new.terms, new.first_day, actor_of(request), now(), reason=new.reason))


def _add_pattern(request: Request, new: NewPattern) -> Response:
    with database_of(request).writing() as uow:
        return json(actions.add_pattern(uow, new.name, new.terms, new.first_day, actor_of(request), now(), reason=new.reason))


def _change_pattern(request: Request, pattern_id: int, new: NewPatternVersion) -> Response:
    with database_of(request).writing() as uow:
        return json(actions.change_pattern(uow, pattern_id, new.terms, new.first_day, actor_of(request), now(), reason=new.reason))
