"""The courier of counts: hears what edges counted. What it finds missing goes down as an order, which is another courier's."""

from collections.abc import Collection, Sequence
from datetime import datetime

from protocol.identifiers import Shard
from protocol.messages import Counted, Message
from server.ingest.reconciliation.actions import AskAgain, reconcile
from server.storage import UnitOfWork


class ReconciliationCourier:
    """`server.ingest.courier.Courier`."""

    def __init__(self, ask_again: AskAgain) -> None:
        self._ask_again = ask_again

    def hear(self, uow: UnitOfWork, edge_id: int, message: Message, at: datetime) -> None:
        if isinstance(message, Counted):
            reconcile(uow, edge_id, message, self._ask_again, at)

    def waiting(self, uow: UnitOfWork, shards: Collection[Shard], now: datetime) -> Sequence[Message]:  # noqa: ARG002 - nothing ever waits
        return []
