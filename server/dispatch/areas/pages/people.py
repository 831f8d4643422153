"""`/people/{id}/terminals`: on which terminals somebody is, and what they may there; the card of it on a person's page."""

from typing import Annotated

from fastapi import APIRouter, Form, Request
from starlette.responses import RedirectResponse, Response

from server.access.model import Permission
from server.access.pages.visitors import actor_of
from server.directory import actions as directory
from server.dispatch.areas import actions
from server.dispatch.areas.model import ADMINISTRATOR
from server.dispatch.areas.pages.common import CHANGES, PENDING, REFUSALS, STATES
from server.errors import ServerError
from server.storage import UnitOfWork
from server.web.asking import database_of, may, now, said, shell_of
from server.web.page_parts import Card
from server.web.visitor import needs

router = APIRouter()
SEES_ONE = [needs(Permission.SEE_FLEET), needs(Permission.SEE_PEOPLE)]
CHANGES_ONE = [*CHANGES, needs(Permission.SEE_PEOPLE)]
Field = Annotated[str, Form()]


def person_card(request: Request, uow: UnitOfWork, person_id: int) -> Card | None:
    """Where somebody is, for those who may see terminals."""
    if not may(request, Permission.SEE_FLEET):
        return None
    found = actions.on_terminals(uow, person_id)
    pending = sum(line.pending is not None for _, line in found.lines)
    return Card("On terminals", "areas/on_person.html", {"person_id": person_id, "lines": found.lines, "pending": pending})


@router.get("/people/{person_id:int}/terminals", dependencies=SEES_ONE)
def person_page(request: Request, person_id: int) -> Response:
    return _page(request, person_id)


@router.post("/people/{person_id:int}/terminals", dependencies=CHANGES_ONE)
def change_right(
    request: Request,
    person_id: int,
    administrator: Field = "",
    verify: Field = "",
    group: Field = "",
    password: Field = "",
    drop: Field = "",
    reason: Field = "",
) -> Response:
    """An empty password leaves the one that is there; drop takes it away."""
    new = "" if drop else password or None
    try:
        with database_of(request).writing() as uow:
            actions.set_right(
                uow, person_id, administrator=bool(administrator), verify=verify, group=group, password=new, by=actor_of(request),
                now=now(), reason=reason.strip()[:200],
            )  # fmt: skip
    except REFUSALS as error:
        return _page(request, person_id, error)
    return RedirectResponse(f"/people/{person_id}/terminals", 303)


def _page(request: Request, person_id: int, error: ServerError | None = None) -> Response:
    with database_of(request).reading() as uow:
        who = directory.see_person(uow, person_id)[0].person
        found = actions.on_terminals(uow, person_id)
    return shell_of(request).page(
        request,
        "areas/person.html",
        error.status if error else 200,
        who=who,
        found=found,
        administrator=found.right.privilege == ADMINISTRATOR,
        reasons=PENDING,
        states=STATES,
        wrong=said(request, error) if error else "",
        trail_of=(("person", who.employee_number),),
    )
