"""`/sites`: places of work with their edges, a form for a new one, and boxes that brought a token nobody knows."""

from typing import Annotated

from fastapi import APIRouter, Form, Request
from starlette.responses import RedirectResponse, Response

from server.access.model import Permission
from server.access.pages.visitors import actor_of
from server.errors import InvalidInputError, RefusedError, ServerError
from server.fleet import actions as fleet
from server.provisioning import actions
from server.web.asking import database_of, now, said, shell_of, words
from server.web.export import table_answer
from server.web.visitor import needs

router = APIRouter()
SEES = [needs(Permission.SEE_FLEET)]
CHANGES = [needs(Permission.CHANGE_FLEET)]
Field = Annotated[str, Form()]


@router.get("/sites", dependencies=SEES)
def sites_page(request: Request) -> Response:
    """All sites, by code."""
    return _page(request, {"code": "", "name": "", "time_zone": shell_of(request).zone.key})


@router.post("/sites", dependencies=CHANGES)
def add_site(request: Request, code: Field = "", name: Field = "", time_zone: Field = "") -> Response:
    """Add one, and go on to its first edge."""
    try:
        with database_of(request).writing() as uow:
            made = fleet.add_site(uow, code, name, time_zone, actor_of(request), now())
    except (InvalidInputError, RefusedError) as error:
        return _page(request, {"code": code, "name": name, "time_zone": time_zone}, error)
    return RedirectResponse(f"/edges/new?site={made.code}", 303)


@router.post("/sites/refused", dependencies=CHANGES)
def settle_strangers(request: Request) -> Response:
    """Somebody has looked at the boxes that brought unknown tokens."""
    with database_of(request).writing() as uow:
        actions.settle_findings(uow, "", actor_of(request), now())
    return RedirectResponse("/sites", 303)


@router.get("/sites.csv", dependencies=SEES)
@router.get("/sites.xlsx", dependencies=SEES)
def sites_file(request: Request) -> Response:
    """The list, whole."""
    tell = words(request)
    with database_of(request).reading() as uow:
        sites, edges = fleet.list_sites(uow), fleet.list_edges(uow)
    rows = ([one.code, one.name, one.time_zone, ", ".join(e.edge.name for e in edges if e.site.id == one.id)] for one in sites)
    return table_answer(request, tell("Sites"), [tell(name) for name in ("Code", "Name", "Time zone", "Edges")], rows)


def _page(request: Request, typed: dict[str, str], error: ServerError | None = None) -> Response:
    with database_of(request).reading() as uow:
        sites, edges = fleet.list_sites(uow), fleet.list_edges(uow)
        strangers = [one for one in actions.open_findings(uow) if not one.edge]
    return shell_of(request).page(
        request,
        "provisioning/sites.html",
        error.status if error else 200,
        sites=sites,
        edges={one.id: [edge for edge in edges if edge.site.id == one.id] for one in sites},
        strangers=strangers,
        typed=typed,
        wrong=said(request, error) if error else "",
        trail_of=(("site", ""),),
    )
