"""`/sign-in/with/…`: out to a provider and back, to sign in or to link."""

import hmac
import secrets
from datetime import datetime

import structlog
from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from server.access.actions import Browser, come_back, sign_in_elsewhere
from server.access.actions.elsewhere import ON_THE_WAY
from server.access.engine.asking import asked_of
from server.access.model import (
    Asked,
    Identity,
    IdentityProvider,
    LockedOut,
    NotLinked,
    ProviderDownError,
    ProviderRefusedError,
)
from server.access.pages.door import PATH, door, locked_page, name_of, provider_named, return_address, signed_in
from server.access.pages.errands import Errand, Proof, opened, sealed
from server.access.pages.visitors import DEVICE_COOKIE, visitor_of
from server.errors import InvalidInputError
from server.web.asking import database_of, now, own_path, shell_of, words
from server.web.visitor import PUBLIC, SIGNED_IN, needs

COOKIE = "elsewhere"
log = structlog.get_logger()

router = APIRouter()


@router.get("/sign-in/with/{provider}", dependencies=[needs(PUBLIC)])
def set_out(request: Request, provider: str, next: str = "/") -> Response:  # noqa: A002 - the word that addresses use for it
    return _out(request, provider_named(request, provider), own_path(next), "")


@router.get("/sessions/link/{provider}", dependencies=[needs(SIGNED_IN)])
def set_out_to_link(request: Request, provider: str) -> Response:
    return _out(request, provider_named(request, provider), "/sessions", visitor_of(request).login)


@router.get("/sign-in/with/{provider}/return", dependencies=[needs(PUBLIC)])
def return_from(request: Request, provider: str) -> Response:
    """Whoever comes back from the provider; the errand ends here, whatever comes of it."""
    asked = provider_named(request, provider)
    answer = _returned(request, asked, opened(request, request.cookies.get(COOKIE, ""), Errand))
    answer.delete_cookie(COOKIE, path=PATH)
    return answer


def _out(request: Request, provider: IdentityProvider, next_path: str, login: str) -> Response:
    errand = Errand(provider.name.value, secrets.token_urlsafe(32), next_path, login, (now() + ON_THE_WAY).timestamp())
    try:
        address = provider.address(asked_of(errand.secret, return_address(request, provider)), request.headers.get("user-agent", ""))
    except ProviderDownError as error:
        return _down(request, provider, error, next_path)
    answer = RedirectResponse(address, 303)
    secure, age = request.url.scheme == "https", int(ON_THE_WAY.total_seconds())
    answer.set_cookie(COOKIE, sealed(request, errand), httponly=True, samesite="lax", secure=secure, path=PATH, max_age=age)
    return answer


def _returned(request: Request, provider: IdentityProvider, errand: Errand | None) -> Response:
    moment, address = now(), request.client.host if request.client else ""
    next_path = errand.next if errand else "/"
    try:
        secret, asked = _asked(request, provider, errand, moment)
        answer = dict(request.query_params)
        found = come_back(database_of(request), provider, secret, lambda: provider.identity(asked, answer, moment), address, moment)
    except ProviderDownError as error:
        return _down(request, provider, error, next_path)
    except ProviderRefusedError as error:
        log.warning("a sign-in elsewhere was refused", provider=provider.name.value, reason=error.args[0])
        told = words(request)("Signing in with {name} did not work. Begin again here.", name=name_of(request, provider))
        return door(request, 403, next_path, wrong=told)
    if isinstance(found, LockedOut):
        return locked_page(request, found, next_path)
    if errand and errand.login:
        return _ask_to_link(request, provider, found, errand.login)
    return _let_in(request, provider, found, next_path, Browser(address, request.cookies.get(DEVICE_COOKIE, "")), moment)


def _asked(request: Request, provider: IdentityProvider, errand: Errand | None, moment: datetime) -> tuple[str, Asked]:
    """(secret, what must come back) of an errand to this provider that is not over; raises ProviderRefusedError."""
    if errand is None or errand.provider != provider.name or errand.until < moment.timestamp():
        raise ProviderRefusedError("no errand of this browser")
    asked = asked_of(errand.secret, return_address(request, provider))
    if not hmac.compare_digest(request.query_params.get("state", "").encode(), asked.state.encode()):
        raise ProviderRefusedError("another state")
    return errand.secret, asked


def _let_in(
    request: Request, provider: IdentityProvider, identity: Identity, next_path: str, browser: Browser, moment: datetime
) -> Response:
    state = request.app.state
    finders, guarded = state.claim_finders, state.guarded_roles
    found = sign_in_elsewhere(database_of(request), provider, identity, browser, moment, finders=finders, guarded=guarded)
    if not isinstance(found, NotLinked):
        return signed_in(request, found, next_path)
    text = "No account here is linked to yours at {name}. Sign in with your password and link it under your name at the top, or ask HR."
    return door(request, 403, next_path, wrong=words(request)(text, name=name_of(request, provider)))


def _ask_to_link(request: Request, provider: IdentityProvider, identity: Identity, login: str) -> Response:
    """The owner sees whom the provider named before anything is linked, so that nobody else's identity gets in by a prepared address."""
    visitor = request.state.visitor
    if visitor is None or visitor.login != login or visitor.must_prove or visitor.must_change:
        raise InvalidInputError(field="proof", reason="this took too long, or is not yours: begin again")
    proof = Proof(provider.name.value, login, identity.subject, identity.name, (now() + ON_THE_WAY).timestamp())
    facts = {"proof": sealed(request, proof), "identity": identity, "name": name_of(request, provider), "account": visitor.account}
    return shell_of(request).page(request, "access/link.html", **facts)


def _down(request: Request, provider: IdentityProvider, error: ProviderDownError, next_path: str) -> Response:
    log.warning("a provider of sign-ins does not answer", provider=provider.name.value, reason=error.args[0])
    text = "{name} does not answer as it should. Try again later, or sign in with your password."
    return door(request, 503, next_path, wrong=words(request)(text, name=name_of(request, provider)))
