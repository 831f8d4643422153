"""`/support`: what can be handed to whoever helps, of the server and of edges."""

from typing import Annotated

from fastapi import APIRouter, Form, Request
from starlette.responses import RedirectResponse, Response

from protocol.identifiers import EdgeId
from protocol.messages import OrderKind
from server.access.model import Permission
from server.access.pages.visitors import actor_of
from server.dispatch.orders import actions as orders
from server.dispatch.orders.model import Targets
from server.errors import InvalidInputError, NotFoundError, RefusedError, ServerError
from server.fleet import actions as fleet
from server.fleet.model import EdgeState
from server.support.actions import pack_bundle
from server.web.asking import database_of, now, said, shell_of
from server.web.export import attachment
from server.web.visitor import needs

router = APIRouter(include_in_schema=False)
HELPS = [needs(Permission.CHANGE_FLEET), needs(Permission.SEE_FLEET)]


@router.get("/support", dependencies=HELPS)
def support_page(request: Request) -> Response:
    """What is in a bundle and what is not, and the buttons."""
    return _page(request)


@router.post("/support/server.zip", dependencies=HELPS)
def server_bundle(request: Request) -> Response:
    """The bundle of this server, packed now."""
    made = pack_bundle(database_of(request), request.app.state.settings, actor_of(request), now())
    return Response(made.data, media_type="application/zip", headers=attachment(made.name))


@router.post("/support/edge", dependencies=HELPS)
def edge_bundle(request: Request, edge: Annotated[str, Form()] = "") -> Response:
    """Ask an edge for its own; it comes with the order's answer."""
    try:
        with database_of(request).writing() as uow:
            targets = Targets(edge, edges=(EdgeId(edge),))
            order_id = orders.give_order(uow, OrderKind.SUPPORT_BUNDLE, targets, {}, actor_of(request), now())
    except (InvalidInputError, NotFoundError, RefusedError) as error:
        return _page(request, error)
    return RedirectResponse(f"/orders/{order_id}", 303)


def _page(request: Request, error: ServerError | None = None) -> Response:
    with database_of(request).reading() as uow:
        edges = [one.edge.name for one in fleet.list_edges(uow) if one.edge.state is EdgeState.ACTIVE]
    wrong, status = (said(request, error), error.status) if error else ("", 200)
    return shell_of(request).page(request, "support/support.html", status, edges=edges, wrong=wrong, trail_of=(("server", ""),))
