"""`/edges/{name}/identity`: who is this edge, by which certificate, who else wanted to be it; new token, revoke, release."""

from typing import Annotated

from fastapi import APIRouter, Form, Request
from starlette.responses import RedirectResponse, Response

from server.access.model import Permission
from server.access.pages.visitors import actor_of
from server.errors import InvalidInputError, RefusedError, ServerError
from server.fleet import actions as fleet
from server.provisioning import actions
from server.provisioning.pages.wizard import LIVES, USUAL, edge_named, life_of, shown_once
from server.web.asking import database_of, now, said, shell_of
from server.web.visitor import needs

router = APIRouter()
SEES = [needs(Permission.SEE_FLEET)]
CHANGES = [needs(Permission.CHANGE_FLEET)]
Field = Annotated[str, Form()]


@router.get("/edges/{name}/identity", dependencies=SEES)
def identity_page(request: Request, name: str) -> Response:
    """Certificates, tokens, and what was refused."""
    return _page(request, name)


@router.post("/edges/{name}/token", dependencies=CHANGES)
def new_token(request: Request, name: str, life: Field = USUAL, reason: Field = "") -> Response:
    """For a new box, or the same one anew: the box that is in use stays in use until that one has come."""
    try:
        with database_of(request).writing() as uow:
            offered = actions.offer_token(uow, edge_named(name), life_of(life), actor_of(request), now(), reason.strip()[:200])
    except InvalidInputError as error:
        return _page(request, name, error)
    return shown_once(request, offered)


@router.post("/edges/{name}/tokens/{token_id:int}/withdraw", dependencies=CHANGES)
def withdraw_token(request: Request, name: str, token_id: int) -> Response:
    """Let a token be good no more."""
    try:
        with database_of(request).writing() as uow:
            actions.withdraw_token(uow, edge_named(name), token_id, actor_of(request), now())
    except RefusedError as error:
        return _page(request, name, error)
    return _back(name)


@router.post("/edges/{name}/revoke", dependencies=CHANGES)
def revoke(request: Request, name: str, reason: Field = "") -> Response:
    """Take nothing more from it."""
    try:
        with database_of(request).writing() as uow:
            actions.revoke_edge(uow, edge_named(name), actor_of(request), now(), reason[:200])
    except InvalidInputError as error:
        return _page(request, name, error)
    return _back(name)


@router.post("/edges/{name}/release", dependencies=CHANGES)
def release(request: Request, name: str, reason: Field = "") -> Response:
    """Out of quarantine."""
    try:
        with database_of(request).writing() as uow:
            actions.release_edge(uow, edge_named(name), actor_of(request), now(), reason[:200])
    except (InvalidInputError, RefusedError) as error:
        return _page(request, name, error)
    return _back(name)


@router.post("/edges/{name}/refused", dependencies=CHANGES)
def settle(request: Request, name: str) -> Response:
    """Somebody has looked at who was refused."""
    with database_of(request).writing() as uow:
        actions.settle_findings(uow, fleet.find_edge(uow, edge_named(name)).name, actor_of(request), now())
    return _back(name)


def _back(name: str) -> Response:
    return RedirectResponse(f"/edges/{name}/identity", 303)


def _page(request: Request, name: str, error: ServerError | None = None) -> Response:
    with database_of(request).reading() as uow:
        edge, standing = fleet.find_edge(uow, edge_named(name)), actions.standing_of(uow, edge_named(name))
        site = fleet.site_of(uow, edge)
    return shell_of(request).page(
        request,
        "provisioning/identity.html",
        error.status if error else 200,
        edge=edge,
        site=site,
        standing=standing,
        lives=LIVES,
        usual=USUAL,
        wrong=said(request, error) if error else "",
        trail_of=(("edge", name),),
    )
