"""The courier of orders: they go to edges that can be reached until these have answered, and what they answer is kept."""

from collections.abc import Collection, Sequence
from datetime import datetime

from protocol.identifiers import Shard
from protocol.messages import Hello, Message, OrderResult
from server.audit.actions import record
from server.audit.model import Actor
from server.dispatch.orders import store
from server.dispatch.orders.actions.reading import find_order
from server.dispatch.orders.engine import answered
from server.dispatch.orders.model import PartState
from server.dispatch.pacing import Pacing
from server.fleet import actions as fleet
from server.storage import UnitOfWork

AT_ONCE = 200


class OrderCourier:
    """A killed worker loses nothing: what it sent and when is all that it remembers, and edges do an order once however often it comes."""

    def __init__(self) -> None:
        self._pacing: Pacing[str] = Pacing()

    def hear(self, uow: UnitOfWork, edge_id: int, message: Message, at: datetime) -> None:
        """Keep the answer to an order."""
        match message:
            case Hello():
                self._pacing.forget(edge_id)
            case OrderResult() as result:
                take_result(uow, edge_id, result, at)

    def waiting(self, uow: UnitOfWork, shards: Collection[Shard], now: datetime) -> Sequence[Message]:
        """Orders without an end, of edges whose line is open."""
        edges = {edge_id: line.edge for edge_id, line in fleet.open_lines(uow, shards).items()}
        messages = store.waiting_messages(uow, edges, now)
        return [messages[key] for key in self._pacing.due(messages, now, AT_ONCE)]


def take_result(uow: UnitOfWork, edge_id: int, result: OrderResult, at: datetime) -> None:
    """What an edge made of an order of its own; one that is nobody's, or another edge's, says nothing."""
    part = store.stored_part(uow, result.order, edge_id)
    if part is None:
        return
    before = PartState(part.state)
    after = answered(before, result.outcome)
    if after is before:
        return
    store.end_part(
        uow,
        part.id,
        {
            "state": after.value,
            "taken_at": part.taken_at or at,
            "ended_at": at if after.ended else None,
            "detail": result.detail,
            "found": dict(result.found),
            "body": result.body or None,
        },
    )
    if after.ended and find_order(uow, part.order_id).terms.grave:
        told = {"outcome": after.value, "detail": result.detail}
        record(uow, Actor(f"edge {result.edge}"), "order.result", "order", str(part.order_id), at=at, after=told)
