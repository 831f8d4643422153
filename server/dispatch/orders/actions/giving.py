"""Giving orders, taking them back, trying again what failed."""

import secrets
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from protocol.messages import CONSENT_GIVEN, OrderKind
from server.audit.actions import record
from server.audit.model import Actor
from server.dispatch.areas.actions import Consents, nobody_consented, why_not_ask
from server.dispatch.orders import store
from server.dispatch.orders.actions.reading import find_order
from server.dispatch.orders.engine import checked_parameters, lasting
from server.dispatch.orders.model import TERMS, PartState, Targets
from server.errors import InvalidInputError, NotFoundError, RefusedError
from server.fleet import actions as fleet
from server.storage import UnitOfWork

MOST_PARTS = 2_000
LEAST_REASON = 2
LONGEST_REASON = 500
NO_EDGE = "no edge reads this terminal"
ASKED_ALREADY = "the same order waits for this terminal already"


def give_order(
    uow: UnitOfWork,
    kind: OrderKind,
    targets: Targets,
    typed: Mapping[str, str],
    by: Actor,
    now: datetime,
    *,
    reason: str = "",
    minutes: int | None = None,
    repeats: int | None = None,
    consents: Consents = nobody_consented,
) -> int:
    """Ask something of terminals or edges, good for `minutes` or as long as its kind usually is; gives the order's id.

    A terminal that no edge reads, that has the same order open, or where somebody would be asked for a finger who has not consented to it,
    is refused in its part; where none is left the whole is. Raises InvalidInputError, NotFoundError, RefusedError.
    """
    terms, reason = TERMS[kind], reason.strip()
    if terms.grave and len(reason) < LEAST_REASON:
        raise InvalidInputError(field="reason", reason="say why: this order cannot be undone, and its reason stays on the trail")
    if len(reason) > LONGEST_REASON:
        raise InvalidInputError(field="reason", reason="use at most {most} characters", most=LONGEST_REASON)
    parameters, expires_at = checked_parameters(kind, typed), now + lasting(kind, minutes)
    objections: Mapping[int, str] = {}
    if kind is OrderKind.ENROL:
        objections = why_not_ask(uow, targets.terminal_ids, parameters["user"], consents, now)
        parameters["consent"] = CONSENT_GIVEN
    parts = _of_edges(uow, targets) if terms.of_edge else _of_terminals(uow, kind, targets, objections, now)
    if not parts or len(parts) > MOST_PARTS:
        raise InvalidInputError(field="terminals", reason="choose at least one, and at most {most}", most=MOST_PARTS)
    if all(part["state"] == PartState.REFUSED.value for part in parts):
        raise RefusedError(reason="Nobody can be asked: {why}.", why=parts[0]["detail"])
    values = {
        "kind": kind.value,
        "parameters": parameters,
        "target": targets.told,
        "reason": reason,
        "asked_by": by.name,
        "asked_at": now,
        "expires_at": expires_at,
        "repeats_id": repeats,
    }
    ended_at = {PartState.REFUSED.value: now}
    order_id = store.add_order(uow, values, [part | {"expires_at": expires_at, "ended_at": ended_at.get(part["state"])} for part in parts])
    told = {"kind": kind.value, "asked_of": targets.told, "terminals": len(parts), **parameters}
    record(uow, by, "order.give", "order", str(order_id), at=now, after=told, reason=reason)
    return order_id


def cancel_order(uow: UnitOfWork, order_id: int, by: Actor, now: datetime) -> int:
    """Take back what nobody has answered; gives how many parts. What an edge did nevertheless is told when it says so."""
    find_order(uow, order_id)
    cancelled = store.cancel_waiting(uow, order_id, now)
    if cancelled:
        record(uow, by, "order.cancel", "order", str(order_id), at=now, after={"cancelled": cancelled})
    return cancelled


def repeat_order(uow: UnitOfWork, order_id: int, by: Actor, now: datetime, consents: Consents = nobody_consented) -> int:
    """Ask again those that ended otherwise than done, for as long as the first time; gives the new order's id."""
    order = find_order(uow, order_id)
    parts = [part for part in store.parts_of(uow, order_id, now) if part.state.ended and part.state is not PartState.DONE]
    if not parts:
        raise RefusedError(reason="Nothing of this order failed.")
    terminals = tuple(part.terminal_id for part in parts if part.terminal_id is not None)
    edges = tuple(part.edge for part in parts if part.edge is not None) if order.terms.of_edge else ()
    minutes = int((order.expires_at - order.asked_at).total_seconds() // 60)
    targets = Targets(order.target, terminals, edges)
    reason, typed = order.reason, order.parameters
    return give_order(uow, order.kind, targets, typed, by, now, reason=reason, minutes=minutes, repeats=order_id, consents=consents)


def _of_terminals(uow: UnitOfWork, kind: OrderKind, targets: Targets, objections: Mapping[int, str], now: datetime) -> list[dict[str, Any]]:
    chosen = sorted(set(targets.terminal_ids))
    found = {one.terminal.id: one.terminal for one in fleet.list_terminals(uow, chosen)} if chosen else {}
    missing = next((one for one in chosen if one not in found), None)
    if missing is not None:
        raise NotFoundError(what="terminal", name=missing)
    asked = store.open_terminals(uow, kind, chosen, now)
    parts = []
    for key in chosen:
        why = NO_EDGE if found[key].edge_id is None else ASKED_ALREADY if key in asked else objections.get(key, "")
        parts.append(_part(found[key].edge_id, key, why))
    return parts


def _of_edges(uow: UnitOfWork, targets: Targets) -> list[dict[str, Any]]:
    known = {one.edge.name: one.edge.id for one in fleet.list_edges(uow)}
    missing = next((one for one in targets.edges if one not in known), None)
    if missing is not None:
        raise NotFoundError(what="edge", name=missing)
    return [_part(known[one], None, "") for one in targets.edges]


def _part(edge_id: int | None, terminal_id: int | None, refused: str) -> dict[str, Any]:
    state = PartState.REFUSED if refused else PartState.WAITING
    return {"name": secrets.token_hex(16), "edge_id": edge_id, "terminal_id": terminal_id, "state": state.value, "detail": refused}
