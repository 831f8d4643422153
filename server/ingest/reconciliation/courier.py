"""The courier of counts: keeps what edges counted for `jobs`. What is found missing goes down as an order, which is another courier's."""

from collections.abc import Collection, Sequence
from datetime import datetime

from protocol.identifiers import Shard
from protocol.messages import Counted, Message
from server.ingest.reconciliation import actions
from server.storage import UnitOfWork


class ReconciliationCourier:
    """`server.ingest.courier.Courier`."""

    def hear(self, uow: UnitOfWork, edge_id: int, message: Message, at: datetime) -> None:
        if isinstance(message, Counted):
            actions.hear(uow, edge_id, message, at)

    def waiting(self, uow: UnitOfWork, shards: Collection[Shard], now: datetime) -> Sequence[Message]:  # noqa: ARG002 - nothing ever waits
        return []
