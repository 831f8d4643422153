"""Orders as tables to take away: the list as it is filtered, and one order terminal by terminal."""

from collections.abc import Callable, Iterator

from fastapi import APIRouter, Request
from starlette.responses import Response

from protocol.edge_words import told
from server.access.model import Permission
from server.dispatch.orders import actions as orders
from server.dispatch.orders.model import Part
from server.dispatch.orders.pages.orders import filter_asked
from server.dispatch.orders.pages.values import told_value
from server.web.asking import database_of, now, shell_of, words
from server.web.export import table_answer
from server.web.visitor import needs

router = APIRouter()
SEES = [needs(Permission.SEE_FLEET)]
MOST = 100_000
"""Orders in a file."""
LIST = ("Order", "To whom", "Terminals", "done", "Not ended", "Not done", "Why", "Asked by", "Asked at", "Good until")
PARTS = ("Terminal", "Serial number", "Edge", "State", "What came of it", "Taken at", "Ended at")


@router.get("/orders.csv", dependencies=SEES)
@router.get("/orders.xlsx", dependencies=SEES)
def orders_file(request: Request, kind: str = "", state: str = "", terminal: str = "", edge: str = "") -> Response:
    """Orders that fit, the latest first, with how many terminals did what."""
    tell, zone = words(request), shell_of(request).zone
    with database_of(request).reading() as uow:
        found = orders.list_orders(uow, filter_asked(kind, state, terminal, edge), now(), limit=MOST)
    rows = [
        (
            tell(line.order.terms.name),
            line.order.target or "、".join(line.terminals),
            line.progress.total,
            line.progress.done,
            line.progress.open,
            line.progress.unhappy,
            line.order.reason,
            line.order.asked_by,
            line.order.asked_at.astimezone(zone),
            line.order.expires_at.astimezone(zone),
        )
        for line in found
    ]
    return table_answer(request, tell("Orders"), [tell(one) for one in LIST], rows)


@router.get("/orders/{order_id:int}/parts.csv", dependencies=SEES)
@router.get("/orders/{order_id:int}/parts.xlsx", dependencies=SEES)
def parts_file(request: Request, order_id: int) -> Response:
    """One order, a line a terminal, with what came of it."""
    tell, zone = words(request), shell_of(request).zone
    with database_of(request).reading() as uow:
        order, parts = orders.find_order(uow, order_id), orders.parts_of(uow, order_id, now())
    rows = [
        (
            part.terminal,
            part.serial,
            part.edge or "",
            tell(part.state.words),
            "; ".join(_came_of(part, tell)),
            part.taken_at.astimezone(zone) if part.taken_at else "",
            part.ended_at.astimezone(zone) if part.ended_at else "",
        )
        for part in parts
    ]
    return table_answer(request, f"{tell(order.terms.name)} {order_id}", [tell(one) for one in PARTS], rows)


def _came_of(part: Part, tell: Callable[..., str]) -> Iterator[str]:
    if part.detail:
        yield told(part.detail, tell)
    for name, value in part.found.items():
        yield f"{name} {told_value(value, tell)}"
