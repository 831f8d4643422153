"""`/orders/new`: choose what to ask, of which terminals, and why; what will happen is said before it is given."""

from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import RedirectResponse, Response

from protocol.messages import OrderKind
from server.access.model import Permission
from server.access.pages.visitors import actor_of
from server.dispatch.areas import actions as areas
from server.dispatch.orders import actions as orders
from server.dispatch.orders.model import TERMS, Terms
from server.dispatch.orders.pages.common import choices, kind_asked, kinds_for, numbers_of, require_may_give, targets_of, terminals_of
from server.errors import InvalidInputError, NotFoundError, RefusedError, ServerError
from server.fleet import actions as fleet
from server.fleet.model import TerminalOverview
from server.web.asking import database_of, now, said, shell_of, whole
from server.web.visitor import needs

router = APIRouter()
GIVES = [needs(Permission.SEE_FLEET), needs(Permission.GIVE_ORDERS)]
LASTS = (1, 2, 10, 60, 24 * 60, 7 * 24 * 60, 30 * 24 * 60)
"""Minutes that are offered, as far as a kind allows them."""
MOST_FIELDS = 2_100


@router.get("/orders/new", dependencies=GIVES)
def new_order(request: Request, kind: str = "", group: str = "", terminal: str = "") -> Response:
    """First what, then of whom: all terminals of `group` are chosen, or the one named."""
    if not kind:
        return shell_of(request).page(
            request, "orders/kinds.html", kinds=[(one, TERMS[one]) for one in kinds_for(request)], group=group, terminal=terminal
        )
    return _form(request, kind, {"group": group}, [terminal] if terminal else None)


@router.post("/orders/new", dependencies=GIVES)
async def give(request: Request) -> Response:
    """Give it; a form that cannot be is shown again as it was."""
    async with request.form(max_files=0, max_fields=MOST_FIELDS) as form:
        typed = {name: value for name, value in form.items() if isinstance(value, str)}
        chosen = [value for value in form.getlist("terminal") if isinstance(value, str)]
    return await run_in_threadpool(_give, request, typed, chosen)


def _give(request: Request, typed: Mapping[str, str], chosen: list[str]) -> Response:
    try:
        kind = kind_asked(typed.get("kind", ""))
        require_may_give(request, kind)
        with database_of(request).writing() as uow:
            targets = targets_of(request, uow, typed.get("group", ""), numbers_of(chosen, "terminal"))
            minutes = whole(typed.get("minutes_good", ""), "expiry")
            reason, consents = typed.get("reason", ""), request.app.state.biometric_consents
            order_id = orders.give_order(
                uow, kind, targets, typed, actor_of(request), now(), reason=reason, minutes=minutes, consents=consents
            )
    except (InvalidInputError, NotFoundError, RefusedError) as error:
        return _form(request, typed.get("kind", ""), typed, chosen, error)
    return RedirectResponse(f"/orders/{order_id}", 303)


def _at_first(terms: Terms, terminals: list[TerminalOverview]) -> list[str]:
    """All that can be asked; but what cannot be undone is chosen one by one."""
    return [] if terms.grave else [str(one.terminal.id) for one in terminals if one.terminal.edge_id is not None]


def _form(request: Request, word: str, typed: Mapping[str, str], chosen: list[str] | None, error: ServerError | None = None) -> Response:
    kind = kind_asked(word)
    require_may_give(request, kind)
    terms, group = TERMS[kind], typed.get("group", "")
    with database_of(request).reading() as uow:
        if group:
            terminals = terminals_of(uow, group)
        elif chosen:
            terminals = fleet.list_terminals(uow, numbers_of(chosen, "terminal"))
        else:
            terminals = []
        groups = choices(uow)
        holders = areas.holders_of(uow, numbers_of(chosen or [], "terminal"), typed.get("user", "").strip(), now())
        person = next(iter(holders.values()), None)
    facts: dict[str, Any] = {
        "kind": kind,
        "terms": terms,
        "group": group,
        "groups": groups,
        "terminals": terminals,
        "chosen": _at_first(terms, terminals) if chosen is None else chosen,
        "lasts": [minutes for minutes in LASTS if minutes * 60 <= terms.most.total_seconds()],
        "usual": int(terms.lasts.total_seconds() // 60),
        "typed": typed,
        "wrong": said(request, error) if error else "",
        "person": person if error and kind is OrderKind.ENROL else None,
    }
    return shell_of(request).page(request, "orders/form.html", error.status if error else 200, **facts)
