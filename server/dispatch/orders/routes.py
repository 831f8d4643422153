"""Orders as JSON: what was asked and what came of it, giving one, taking back, trying again; how clocks went."""

from datetime import datetime, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel

from protocol.identifiers import EdgeId
from server.access.model import Permission
from server.access.pages.visitors import actor_of
from server.dispatch.orders import actions as orders
from server.dispatch.orders.model import TERMS, Order, Part, Progress, Targets
from server.dispatch.orders.pages.common import kind_asked, require_may_give, targets_of, terminals_of
from server.dispatch.orders.pages.orders import filter_asked
from server.fleet import actions as fleet
from server.web.asking import database_of, now
from server.web.visitor import needs

router = APIRouter(prefix="/api/v1", tags=["orders"])
SEES = [needs(Permission.SEE_FLEET)]
GIVES = [*SEES, needs(Permission.GIVE_ORDERS)]


class Giving(BaseModel):
    """An order of a kind for terminals by id, or for a `group`: `site:<code>`, `area:<code>`, `all`; for edges by name where it is theirs.

    minutes: how long it is good for; left out: as long as its kind usually is. parameters: see docs/reference/messages.md.
    """

    kind: str
    terminals: list[int] = []
    group: str = ""
    edges: list[str] = []
    parameters: dict[str, str] = {}
    reason: str = ""
    minutes: int | None = None


@router.get("/orders", dependencies=SEES)
def list_orders(
    request: Request,
    kind: str = "",
    state: str = "",
    terminal: str = "",
    edge: str = "",
    after: int | None = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 50,
) -> dict[str, Any]:
    """Orders that fit, the latest first; `next`: give it back as `after`."""
    with database_of(request).reading() as uow:
        found = orders.list_orders(uow, filter_asked(kind, state, terminal, edge), now(), below=after, limit=limit + 1)
    lines = [_order(line.order) | _progress(line.progress) for line in found[:limit]]
    return {"orders": lines, "next": found[limit - 1].order.id if len(found) > limit else None}


@router.get("/orders/{order_id}", dependencies=SEES)
def one_order(request: Request, order_id: int) -> dict[str, Any]:
    """An order with what came of it at each terminal."""
    with database_of(request).reading() as uow:
        order, parts = orders.find_order(uow, order_id), orders.parts_of(uow, order_id, now())
    return _order(order) | _progress(orders.progress_of(parts)) | {"parts": [_part(one) for one in parts]}


@router.post("/orders", dependencies=GIVES, status_code=201)
def give(request: Request, wanted: Giving) -> dict[str, int]:
    """Give an order; its id. What is grave needs a reason."""
    kind = kind_asked(wanted.kind)
    require_may_give(request, kind)
    with database_of(request).writing() as uow:
        ids = [*wanted.terminals, *(one.terminal.id for one in (terminals_of(uow, wanted.group) if wanted.group else ()))]
        if TERMS[kind].of_edge:
            targets = Targets("、".join(wanted.edges), edges=tuple(EdgeId(one) for one in wanted.edges))
        else:
            targets = targets_of(request, uow, wanted.group, ids)
        given = orders.give_order(
            uow,
            kind,
            targets,
            wanted.parameters,
            actor_of(request),
            now(),
            reason=wanted.reason,
            minutes=wanted.minutes,
            consents=request.app.state.biometric_consents,
        )
    return {"id": given}


@router.post("/orders/{order_id}/cancel", dependencies=GIVES)
def cancel(request: Request, order_id: int) -> dict[str, int]:
    """Take back what nobody has answered; how many parts that was."""
    with database_of(request).writing() as uow:
        require_may_give(request, orders.find_order(uow, order_id).kind)
        return {"cancelled": orders.cancel_order(uow, order_id, actor_of(request), now())}


@router.post("/orders/{order_id}/repeat", dependencies=GIVES, status_code=201)
def repeat(request: Request, order_id: int) -> dict[str, int]:
    """Ask those again that did not do it; the id of the new order."""
    with database_of(request).writing() as uow:
        require_may_give(request, orders.find_order(uow, order_id).kind)
        return {"id": orders.repeat_order(uow, order_id, actor_of(request), now(), request.app.state.biometric_consents)}


@router.get("/terminals/{terminal_id}/drift", dependencies=SEES)
def drift(request: Request, terminal_id: int, days: Annotated[int, Query(ge=1, le=800)] = 30) -> dict[str, Any]:
    """How a terminal's clock went: minus true time, in milliseconds; `corrected` where it was set since the point before."""
    moment = now()
    with database_of(request).reading() as uow:
        fleet.find_terminal(uow, terminal_id)
        points = fleet.drift_history(uow, terminal_id, moment - timedelta(days=days), moment)
    return {"points": [{"at": one.at.isoformat(), "drift_ms": one.drift_ms, "corrected": one.corrected} for one in points]}


def _order(order: Order) -> dict[str, Any]:
    return {
        "id": order.id,
        "kind": order.kind.value,
        "parameters": dict(order.parameters),
        "target": order.target,
        "reason": order.reason,
        "asked_by": order.asked_by,
        "asked_at": order.asked_at.isoformat(),
        "expires_at": order.expires_at.isoformat(),
        "repeats": order.repeats,
    }


def _progress(progress: Progress) -> dict[str, Any]:
    counts = {state.value: count for state, count in progress.counts.items()}
    return {"total": progress.total, "open": progress.open, "done": progress.done, "states": counts}


def _part(part: Part) -> dict[str, Any]:
    return {
        "id": part.id,
        "terminal": part.terminal_id,
        "serial": part.serial,
        "edge": part.edge,
        "state": part.state.value,
        "taken_at": _instant(part.taken_at),
        "ended_at": _instant(part.ended_at),
        "detail": part.detail,
        "found": dict(part.found),
        "file": part.has_body,
    }


def _instant(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None
