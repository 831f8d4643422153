"""`/discovery`: terminals that edges met and do not read. Look for them, add one, turn one away."""

from typing import Annotated, Any

from fastapi import APIRouter, Form, Request
from starlette.responses import RedirectResponse, Response

from protocol.identifiers import EdgeId
from protocol.messages import OrderKind
from server.access.model import Permission
from server.access.pages.visitors import actor_of
from server.dispatch.orders import actions as orders
from server.dispatch.orders.model import Newcomer, Targets
from server.errors import InvalidInputError, NotFoundError, RefusedError, ServerError
from server.fleet import actions as fleet
from server.fleet.engine import checked_key
from server.fleet.model import TerminalRole
from server.storage import UnitOfWork
from server.web.asking import database_of, now, said, shell_of
from server.web.visitor import needs

router = APIRouter()
CHANGES = [needs(Permission.CHANGE_FLEET), needs(Permission.SEE_FLEET)]
REFUSALS = (InvalidInputError, NotFoundError, RefusedError)
Text = Annotated[str, Form()]
COMMON_SUBNET = "192.168.1.0/24"


@router.get("/discovery", dependencies=CHANGES)
def discovery_page(request: Request) -> Response:
    """What is new, and where to look for more."""
    return _page(request)


@router.get("/discovery/found", dependencies=CHANGES)
def found_part(request: Request) -> Response:
    """The part of that page that moves while somebody looks."""
    with database_of(request).reading() as uow:
        facts = _facts(uow)
    return shell_of(request).page(request, "orders/found.html", **facts)


@router.post("/discovery/scan", dependencies=CHANGES)
def scan(request: Request, edge: Text = "", subnet: Text = "") -> Response:
    """Let an edge look for terminals in a network."""
    try:
        with database_of(request).writing() as uow:
            targets = Targets(edge, edges=(EdgeId(edge),))
            orders.give_order(uow, OrderKind.SCAN, targets, {"subnet": subnet}, actor_of(request), now())
    except REFUSALS as error:
        return _page(request, error, edge, subnet)
    return RedirectResponse("/discovery", 303)


@router.get("/discovery/add", dependencies=CHANGES)
def add_form(request: Request, edge: str = "", key: str = "") -> Response:
    """What would be added, with everything filled in that is known."""
    with database_of(request).reading() as uow:
        one = orders.newcomer(uow, edge, key, now())
    known = one.known
    name = known.terminal.name if known else one.facts.get("model", "")
    zone = known.zone.code if known and known.zone.site_id is None else ""
    return _form(request, one, {"serial": one.serial, "name": name, "zone": zone, "role": "", "secret": ""})


@router.post("/discovery/add", dependencies=CHANGES)
def add(
    request: Request,
    edge: Text = "",
    key: Text = "",
    serial: Text = "",
    name: Text = "",
    zone: Text = "",
    role: Text = "",
    secret: Text = "",
) -> Response:
    """Add it to the edge that met it; rows that waited for it are tried again."""
    moment, by = now(), actor_of(request)
    with database_of(request).reading() as uow:
        one = orders.newcomer(uow, edge, key, moment)
    try:
        if role and role not in set(TerminalRole):
            raise InvalidInputError(field="role", reason="choose entrance, exit or both")
        with database_of(request).writing() as uow:
            purpose = TerminalRole(role) if role else None
            made = orders.adopt(
                uow, one, one.serial or serial, name, by, moment, zone_code=zone or None, role=purpose, key=checked_key(secret)
            )
            request.app.state.after_terminal(uow, made, by, moment)
            number = next(each.terminal.id for each in fleet.list_terminals(uow) if each.terminal.serial == made)
    except REFUSALS as error:
        return _form(request, one, {"serial": serial, "name": name, "zone": zone, "role": role, "secret": ""}, error)
    return RedirectResponse(f"/terminals/{number}", 303)


@router.post("/discovery/turn-away", dependencies=CHANGES)
def turn_away(request: Request, edge: Text = "", serial: Text = "", reason: Text = "") -> Response:
    """Do not offer it again."""
    with database_of(request).writing() as uow:
        orders.turn_away(uow, EdgeId(edge), serial, actor_of(request), now(), reason)
    return RedirectResponse("/discovery", 303)


@router.post("/discovery/offer-again", dependencies=CHANGES)
def offer_again(request: Request, edge: Text = "", serial: Text = "") -> Response:
    """Undo that."""
    with database_of(request).writing() as uow:
        orders.offer_again(uow, EdgeId(edge), serial, actor_of(request), now())
    return RedirectResponse("/discovery", 303)


def _facts(uow: UnitOfWork) -> dict[str, Any]:
    return {"found": orders.newcomers(uow, now()), "scans": orders.open_scans(uow, now())}


def _page(request: Request, error: ServerError | None = None, edge: str = "", subnet: str = "") -> Response:
    with database_of(request).reading() as uow:
        facts, edges = _facts(uow), fleet.list_edges(uow)
    return shell_of(request).page(
        request,
        "orders/discovery.html",
        error.status if error else 200,
        wrong=said(request, error) if error else "",
        edges=edges,
        edge=edge,
        subnet=subnet or COMMON_SUBNET,
        trail_of=(("terminal", ""),),
        **facts,
    )


def _form(request: Request, one: Newcomer, typed: dict[str, str], error: ServerError | None = None) -> Response:
    with database_of(request).reading() as uow:
        zones = [zone for zone in fleet.list_zones(uow) if zone.site_id is None]
    wrong = said(request, error) if error else ""
    return shell_of(request).page(
        request, "orders/add.html", error.status if error else 200, one=one, typed=typed, zones=zones, wrong=wrong
    )
