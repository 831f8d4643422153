"""`/api/v1/requests`: those of others, within the visitor's scope."""

from typing import Any

from fastapi import APIRouter, Request as Asked

from server.access.model import Permission
from server.access.pages.visitors import actor_of
from server.attendance.pages.asked import today
from server.directory import actions as directory
from server.hr.requests import actions as requests
from server.hr.requests.actions import StoppedError
from server.hr.requests.pages.others import request_filter, seen_by
from server.hr.requests.routes.common import Wanted, as_json, new_from, stopped
from server.web.asking import database_of, now, whole
from server.web.visitor import SIGNED_IN, needs

router = APIRouter(prefix="/api/v1", tags=["requests"])
SEES = [needs(Permission.SEE_REQUESTS), needs(Permission.SEE_PEOPLE)]
CHANGES = [needs(Permission.CHANGE_REQUESTS), needs(Permission.SEE_PEOPLE)]
PAGE = 50


class InName(Wanted):
    """person_id: in whose name."""

    person_id: int


@router.get("/requests", dependencies=SEES)
def list_requests(asked: Asked, limit: int = PAGE, after: str = "") -> dict[str, Any]:
    """Requests of those you may see, the latest first; `kind`, `state`, `detail`, `person`, `department`, `site`, `since`, `until` and
    `text` narrow them down, as on the page."""
    most = max(1, min(limit, 500))
    scope = asked.state.visitor.scope(Permission.SEE_REQUESTS)
    with database_of(asked).reading() as uow:
        wanted, behind = request_filter(asked), whole(after, "after")
        found, counts = requests.list_requests(uow, wanted, scope, today(asked), behind=behind, limit=most + 1)
    following = str(found[most - 1].request.id) if len(found) > most else None
    lines = [as_json(asked, one.request) | {"employee_number": one.employee_number, "person_name": one.person_name} for one in found[:most]]
    return {"requests": lines, "counts": {state.value: number for state, number in counts.items()}, "next": following}


@router.get("/requests/{request_id}", dependencies=[needs(SIGNED_IN)])
def one_request(asked: Asked, request_id: int) -> dict[str, Any]:
    """A request of somebody whose requests you may see, or one that you are or were asked to decide."""
    with database_of(asked).reading() as uow:
        return as_json(asked, seen_by(uow, asked, request_id))


@router.post("/requests", dependencies=CHANGES)
def ask_in_name(asked: Asked, wanted: InName) -> Any:
    """Ask in somebody's name; the trail says that you did."""
    scope = asked.state.visitor.scope(Permission.CHANGE_REQUESTS)
    try:
        with database_of(asked).writing() as uow:
            directory.require_within(uow, scope, wanted.person_id, today(asked))
            new = new_from(wanted, wanted.person_id)
            handlers = asked.app.state.approval_handlers
            return as_json(asked, requests.ask(uow, handlers, new, actor_of(asked), now(), in_name=True))
    except StoppedError as error:
        return stopped(asked, error)
