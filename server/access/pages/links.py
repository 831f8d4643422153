"""What signs an account in besides its password: linked by its owner, taken away by them or an administrator; and what is set at all."""

from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Form, Request
from starlette.responses import RedirectResponse, Response

from server.access.actions import find_account, link_outside, unlink_outside
from server.access.model import Identity, Permission, ProviderName
from server.access.pages.door import name_of, providers_of, return_address
from server.access.pages.errands import Proof, opened
from server.access.pages.visitors import actor_of, visitor_of
from server.access.store import links_per_provider
from server.errors import InvalidInputError
from server.web.asking import database_of, now, shell_of
from server.web.visitor import SIGNED_IN, needs

Text = Annotated[str, Form()]

router = APIRouter()


@router.post("/sessions/links", dependencies=[needs(SIGNED_IN)])
def link_now(request: Request, proof: Text = "") -> Response:
    """The owner says that it is them."""
    visitor, shown = visitor_of(request), opened(request, proof, Proof)
    if shown is None or shown.login != visitor.login or shown.until < now().timestamp():
        raise InvalidInputError(field="proof", reason="this took too long, or is not yours: begin again")
    with database_of(request).writing() as uow:
        identity = Identity(shown.subject, shown.name)
        link_outside(uow, visitor.account, ProviderName(shown.provider), identity, actor_of(request), now())
    return RedirectResponse("/sessions", 303)


@router.post("/sessions/unlink", dependencies=[needs(SIGNED_IN)])
def unlink_own(request: Request, provider: Text = "") -> Response:
    visitor = visitor_of(request)
    with database_of(request).writing() as uow:
        unlink_outside(uow, visitor.account, _named(provider), actor_of(request), now(), keep=visitor.session.token_hash)
    return RedirectResponse("/sessions", 303)


@router.post("/accounts/{login}/unlink", dependencies=[needs(Permission.MANAGE_ACCOUNTS)])
def unlink_others(request: Request, login: str, provider: Text = "") -> Response:
    with database_of(request).writing() as uow:
        unlink_outside(uow, find_account(uow, login), _named(provider), actor_of(request), now())
    return RedirectResponse(f"/accounts/{quote(login)}", 303)


@router.get("/sign-in-ways", dependencies=[needs(Permission.MANAGE_ACCOUNTS)])
def ways_page(request: Request) -> Response:
    """For an administrator: where people can sign in, and what to register there."""
    with database_of(request).reading() as uow:
        counts = links_per_provider(uow)
    found = [(one, name_of(request, one), return_address(request, one), counts.get(one.name, 0)) for one in providers_of(request).values()]
    return shell_of(request).page(request, "access/ways.html", found=found)


def _named(provider: str) -> ProviderName:
    if provider not in set(ProviderName):
        raise InvalidInputError(field="provider", reason="choose one that the list offers")
    return ProviderName(provider)
