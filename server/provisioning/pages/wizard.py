"""`/edges/new`: a site gets an edge, and IT one line to run on its box. The line is shown once, in the answer that made it."""

from datetime import timedelta
from typing import Annotated, Any

import segno
from fastapi import APIRouter, Form, Request
from markupsafe import Markup
from starlette.responses import Response

from protocol.enrolment import Token
from protocol.errors import IdentifierError
from protocol.identifiers import EdgeId, check_edge_id
from server.access.model import Permission
from server.access.pages.visitors import actor_of
from server.errors import InvalidInputError, NotFoundError, RefusedError, ServerError
from server.fleet import actions as fleet
from server.provisioning import actions
from server.provisioning.model import TOKEN_LIVES, Offered
from server.web.asking import database_of, now, said, shell_of
from server.web.visitor import needs

router = APIRouter()
CHANGES = [needs(Permission.CHANGE_FLEET)]
Field = Annotated[str, Form()]
REFUSALS = (InvalidInputError, NotFoundError, RefusedError)
LIVES = {str(int(life.total_seconds())): life for life in TOKEN_LIVES}
"""As forms name them, in seconds."""
USUAL = str(int(timedelta(days=1).total_seconds()))


@router.get("/edges/new", dependencies=CHANGES)
def new_edge(request: Request, site: str = "") -> Response:
    """An empty form, for a site where it is known."""
    return _form(request, {"name": f"edge-{_suggested(site)}" if site else "", "site": site[:64], "life": USUAL})


@router.post("/edges/new", dependencies=CHANGES)
def add_edge(request: Request, name: Field = "", site: Field = "", life: Field = USUAL) -> Response:
    """Add it, and show the line for its box."""
    by, moment = actor_of(request), now()
    try:
        with database_of(request).writing() as uow:
            made = fleet.add_edge(uow, name.strip(), site, None, by, moment)
            offered = actions.offer_token(uow, made.name, life_of(life), by, moment)
    except REFUSALS as error:
        return _form(request, {"name": name, "site": site, "life": life}, error)
    return shown_once(request, offered)


def life_of(value: str) -> timedelta:
    """How long a token shall be good, as a form says it; anything else the action refuses."""
    return LIVES.get(value, timedelta(0))


def shown_once(request: Request, offered: Offered) -> Response:
    """The line with the token, as text and as a picture for a phone. Nobody can ask for it again."""
    shell, entrance = shell_of(request), request.app.state.entrance
    token = Token(offered.edge, offered.secret, entrance.authority.fingerprint)
    address = request.app.state.pages_address or str(request.base_url).rstrip("/")
    line = f"clockbridge edge enrol --server {address} --token {token.write()}"
    # drawn by segno out of a line of ours; the edge's name has letters, digits and hyphens only
    drawn = segno.make(line, error="m").svg_inline(scale=4, border=2, svgclass="cb-qr", lineclass="", omitsize=False)
    with database_of(request).reading() as uow:
        before = actions.standing_of(uow, offered.edge).certificates
    facts: dict[str, Any] = {
        "before": before[0].serial if before else "",
        "line": line,
        "picture": Markup(drawn),  # noqa: S704 - see above
        "fingerprint": token.fingerprint.hex(),
    }
    return shell.page(request, "provisioning/token.html", offered=offered, local=_is_local(address), **facts)


def _is_local(address: str) -> bool:
    """Whether a box elsewhere could not use it."""
    return any(f"//{host}" in address for host in ("localhost", "127.", "[::1]"))


def _suggested(site: str) -> str:
    """The site's code where an edge's name may have it."""
    try:
        return check_edge_id(site.lower()[:50])
    except IdentifierError:
        return ""


def _form(request: Request, typed: dict[str, str], error: ServerError | None = None) -> Response:
    with database_of(request).reading() as uow:
        sites = fleet.list_sites(uow)
    status, wrong = (error.status, said(request, error)) if error else (200, "")
    return shell_of(request).page(request, "provisioning/edge_form.html", status, sites=sites, typed=typed, lives=LIVES, wrong=wrong)


def edge_named(name: str) -> EdgeId:
    """Out of an address; raises NotFoundError for what no edge can be called."""
    try:
        return check_edge_id(name)
    except IdentifierError as error:
        raise NotFoundError(what="edge", name=name[:80]) from error
