"""`/orders`: what was asked of terminals and how far it is; `/orders/{id}`: one, part by part, with what can be done about it."""

from functools import partial
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from protocol.identifiers import EdgeId
from protocol.messages import OrderKind
from server.access.model import Permission
from server.access.pages.visitors import actor_of
from server.dispatch.orders import actions as orders
from server.dispatch.orders.engine import log_lines
from server.dispatch.orders.model import TERMS, Order, OrderFilter, Part, PartState
from server.dispatch.orders.pages.common import kinds_for, permission_for, require_may_give
from server.dispatch.orders.pages.values import told_value
from server.errors import InvalidInputError, RefusedError
from server.fleet import actions as fleet
from server.storage import UnitOfWork
from server.web.asking import database_of, may, now, said, shell_of, whole, words
from server.web.visitor import needs

router = APIRouter()
SEES = [needs(Permission.SEE_FLEET)]
GIVES = [*SEES, needs(Permission.GIVE_ORDERS)]
PAGE, ON_TERMINAL = 50, 8
LOGS, LOG_LINES = 3, 300
COLOURS = {
    PartState.WAITING: "off",
    PartState.TAKEN: "attention",
    PartState.DONE: "ok",
    PartState.FAILED: "wrong",
    PartState.REFUSED: "wrong",
    PartState.EXPIRED: "quarantine",
    PartState.CANCELLED: "off",
}
QUICK = (OrderKind.RE_READ, OrderKind.SET_CLOCK, OrderKind.READ_OPTIONS, OrderKind.READ_USERS, OrderKind.PROVE)
"""Given from a terminal's page by one press: nothing is to be said with them, and nothing of them hurts."""


@router.get("/orders", dependencies=SEES)
def orders_page(request: Request, kind: str = "", state: str = "", terminal: str = "", edge: str = "", after: str = "") -> Response:
    """Orders that fit, the latest first."""
    wanted = filter_asked(kind, state, terminal, edge)
    with database_of(request).reading() as uow:
        found = orders.list_orders(uow, wanted, now(), below=whole(after, "after"), limit=PAGE + 1)
        named = fleet.list_terminals(uow, [wanted.terminal_id]) if wanted.terminal_id else []
    return shell_of(request).page(
        request,
        "orders/list.html",
        lines=found[:PAGE],
        after=found[PAGE - 1].order.id if len(found) > PAGE else "",
        paged=bool(after),
        wanted=wanted,
        terminal=named[0].terminal if named else None,
        kinds=TERMS,
        states=list(PartState),
        colours=COLOURS,
        gives=bool(kinds_for(request)),
        live=any(line.progress.open for line in found),
        trail_of=(("order", ""),),
    )


@router.get("/orders/{order_id:int}", dependencies=SEES)
def order_page(request: Request, order_id: int) -> Response:
    """One order with all its parts."""
    return _order(request, order_id)


@router.get("/orders/{order_id:int}/parts", dependencies=SEES)
def order_parts(request: Request, order_id: int) -> Response:
    """The part of that page that moves."""
    with database_of(request).reading() as uow:
        facts = _facts(request, uow, order_id)
    return shell_of(request).page(request, "orders/parts.html", **facts)


@router.get("/orders/{order_id:int}/parts/{part_id:int}/file", dependencies=SEES)
def part_file(request: Request, order_id: int, part_id: int) -> Response:
    """What an edge sent with its answer."""
    with database_of(request).reading() as uow:
        order = orders.find_order(uow, order_id)
        require_may_give(request, order.kind)
        body = orders.body_of(uow, order_id, part_id)
    ending = "zip" if order.kind is OrderKind.SUPPORT_BUNDLE else "txt"
    headers = {"content-disposition": f'attachment; filename="order-{order_id}-{part_id}.{ending}"'}
    return Response(body, media_type="application/octet-stream", headers=headers)


@router.post("/orders/{order_id:int}/cancel", dependencies=GIVES)
def cancel(request: Request, order_id: int) -> Response:
    """Take back what nobody has answered."""
    with database_of(request).writing() as uow:
        require_may_give(request, orders.find_order(uow, order_id).kind)
        orders.cancel_order(uow, order_id, actor_of(request), now())
    return RedirectResponse(f"/orders/{order_id}", 303)


@router.post("/orders/{order_id:int}/repeat", dependencies=GIVES)
def repeat(request: Request, order_id: int) -> Response:
    """Ask those again that did not do it."""
    try:
        with database_of(request).writing() as uow:
            require_may_give(request, orders.find_order(uow, order_id).kind)
            again = orders.repeat_order(uow, order_id, actor_of(request), now(), request.app.state.biometric_consents)
    except (InvalidInputError, RefusedError) as error:
        return _order(request, order_id, error.status, said(request, error))
    return RedirectResponse(f"/orders/{again}", 303)


@router.get("/terminals/{terminal_id:int}/orders", dependencies=SEES)
def orders_of_terminal(request: Request, terminal_id: int) -> Response:
    """The part of a terminal's page about orders: what can be asked, and what was."""
    with database_of(request).reading() as uow:
        terminal = fleet.find_terminal(uow, terminal_id)
        lines = orders.list_orders(uow, OrderFilter(terminal_id=terminal_id), now(), limit=ON_TERMINAL)
        parts = {line.order.id: _part_at(uow, line.order.id, terminal_id) for line in lines}
        settings, edge_id = fleet.terminal_settings(uow).get(terminal_id), terminal.terminal.edge_id
        setup = fleet.setup_states(uow, [edge_id]).get(edge_id) if edge_id is not None else None
    offered = kinds_for(request) if terminal.terminal.edge_id is not None else []
    return shell_of(request).page(
        request,
        "orders/on_terminal.html",
        one=terminal,
        lines=lines,
        parts=parts,
        settings=settings,
        setup=setup,
        kinds=TERMS,
        quick=[kind for kind in offered if kind in QUICK],
        asked=[kind for kind in offered if kind not in QUICK],
        colours=COLOURS,
    )


def filter_asked(kind: str, state: str, terminal: str, edge: str) -> OrderFilter:
    """A filter from an address; words that are none leave their question open."""
    return OrderFilter(
        kind=OrderKind(kind) if kind in set(OrderKind) else None,
        terminal_id=whole(terminal, "terminal"),
        edge=EdgeId(edge) if edge else None,
        state=PartState(state) if state in set(PartState) else None,
    )


def _part_at(uow: UnitOfWork, order_id: int, terminal_id: int) -> Any:
    return next(part for part in orders.parts_of(uow, order_id, now()) if part.terminal_id == terminal_id)


def _facts(request: Request, uow: UnitOfWork, order_id: int) -> dict[str, Any]:
    order, parts = orders.find_order(uow, order_id), orders.parts_of(uow, order_id, now())
    return {
        "order": order,
        "parts": parts,
        "progress": orders.progress_of(parts),
        "reachable": {line.edge for line in fleet.open_lines(uow).values()},
        "may_give": may(request, permission_for(order.kind)),
        "colours": COLOURS,
        "told_value": partial(told_value, words=words(request)),
        "most_lines": LOG_LINES,
        "logs": {part.id: log_lines(orders.body_of(uow, order_id, part.id), LOG_LINES) for part in _logs(request, order, parts)},
    }


def _logs(request: Request, order: Order, parts: list[Part]) -> list[Part]:
    """Protocol logs that the reader may have; of many only the first, the others are files."""
    shown = order.kind is OrderKind.PROTOCOL_LOG and may(request, permission_for(order.kind))
    return [part for part in parts if part.has_body][:LOGS] if shown else []


def _order(request: Request, order_id: int, status: int = 200, wrong: str = "") -> Response:
    with database_of(request).reading() as uow:
        facts = _facts(request, uow, order_id)
    return shell_of(request).page(request, "orders/order.html", status, wrong=wrong, trail_of=(("order", str(order_id)),), **facts)
