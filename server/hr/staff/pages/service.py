"""Service before us, on a record."""

from fastapi import APIRouter, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from server.access.pages.visitors import actor_of
from server.hr.staff import actions as staff
from server.hr.staff.pages import record
from server.hr.staff.pages.common import CHANGES, REFUSALS, form_of, needed_day, seen_person
from server.web.asking import database_of, now, whole

router = APIRouter(include_in_schema=False)


@router.post("/people/{person_id:int}/service", dependencies=CHANGES)
async def add_service(request: Request, person_id: int) -> Response:
    return await run_in_threadpool(_add, request, person_id, await form_of(request))


@router.post("/people/{person_id:int}/service/{prior_id:int}", dependencies=CHANGES)
async def change_service(request: Request, person_id: int, prior_id: int) -> Response:
    """Put a proof to it, or take it away where the form says so."""
    return await run_in_threadpool(_change, request, person_id, prior_id, await form_of(request))


def _add(request: Request, person_id: int, form: dict[str, str]) -> Response:
    try:
        first, last = needed_day(form.get("first_day", ""), "first_day"), needed_day(form.get("last_day", ""), "last_day")
        proof = whole(form.get("document", ""), "document")
        with database_of(request).writing() as uow:
            seen_person(request, uow, person_id)
            staff.add_prior_service(uow, person_id, form.get("employer", ""), first, last, proof, actor_of(request), now())
    except REFUSALS as error:
        return record.page(request, person_id, error=error, typed=form | {"form": "service"})
    return record.back(person_id, "service")


def _change(request: Request, person_id: int, prior_id: int, form: dict[str, str]) -> Response:
    try:
        proof = whole(form.get("document", ""), "document")
        with database_of(request).writing() as uow:
            seen_person(request, uow, person_id)
            if form.get("remove"):
                staff.remove_prior_service(uow, person_id, prior_id, actor_of(request), now())
            elif proof is not None:
                staff.prove_prior_service(uow, person_id, prior_id, proof, actor_of(request), now())
    except REFUSALS as error:
        return record.page(request, person_id, error=error, typed=form | {"form": "service"})
    return record.back(person_id, "service")
