"""`/api/v1/delegations`: who decides in whose place."""

from datetime import date

import msgspec
from fastapi import APIRouter, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from server.access.model import Permission
from server.access.pages.visitors import actor_of
from server.hr.approvals import actions
from server.hr.approvals.pages.asked import person_of
from server.hr.approvals.pages.delegations import end_one, sees_all, wanted_of
from server.web.asking import database_of, now
from server.web.bodies import body_of, in_body, json
from server.web.visitor import needs

router = APIRouter(prefix="/api/v1", tags=["approvals"])
DECIDES = [needs(Permission.DECIDE)]


class NewDelegation(msgspec.Struct):
    delegate: str
    first_day: date | None = None
    last_day: date | None = None
    only_away: bool = False
    kinds: list[str] = []
    person: str = ""


@router.get("/delegations", dependencies=DECIDES)
def delegations(request: Request) -> Response:
    """Those that you gave and those given to you; for HR all that hold or will."""
    with database_of(request).reading() as uow:
        if sees_all(request):
            return json({"delegations": actions.all_delegations(uow, now())})
        own = person_of(request)
        return json({"delegations": [*actions.delegations_of(uow, own), *actions.delegations_to(uow, own)]})


@router.post(
    "/delegations",
    dependencies=DECIDES,
    openapi_extra=in_body(
        delegate="employee number",
        first_day="?from when; today when left out",
        last_day="?until when",
        only_away="?on days of leave only",
        kinds="?only these kinds",
        person="?for HR: in whose place",
    ),
)
async def add(request: Request) -> Response:
    """Let somebody decide in your place."""
    body = await body_of(request, NewDelegation)
    typed = {
        "delegate": body.delegate,
        "person": body.person,
        "first_day": body.first_day.isoformat() if body.first_day else "",
        "last_day": body.last_day.isoformat() if body.last_day else "",
        "only_away": "1" if body.only_away else "",
    }

    def work() -> Response:
        with database_of(request).writing() as uow:
            return json(actions.delegate(uow, wanted_of(request, uow, typed, body.kinds), actor_of(request), now()), 201)

    return await run_in_threadpool(work)


@router.post("/delegations/{delegation_id}/end", dependencies=DECIDES)
def end(request: Request, delegation_id: int) -> Response:
    """Let it end now."""
    with database_of(request).writing() as uow:
        end_one(request, uow, delegation_id)
    return Response(status_code=204)
