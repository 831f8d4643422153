"""Who is told what edges say beside punches, and says what is to go down to them: areas above the hand-over, wired at the rim.

Whatever becomes of a courier, punches are admitted: what one hears it hears in a savepoint of the admission's transaction, and what waits
for an edge is asked in another thread than the one that admits.
"""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Protocol

import structlog

from protocol.identifiers import Shard
from protocol.messages import Message
from server.storage import StorageError, UnitOfWork

log = structlog.get_logger()


class Courier(Protocol):
    """Every ingest worker has one of each kind, for as long as it runs; it may keep in memory what it sent when, and nothing else."""

    def hear(self, uow: UnitOfWork, edge_id: int, message: Message, at: datetime) -> None:
        """A hello, health, bye, order-result, reported or captured of an active edge, checked, in the transaction that admits it.

        It may come again. What is raised undoes what this courier wrote, is logged, and keeps nobody else's message out.
        """

    def waiting(self, uow: UnitOfWork, shards: Collection[Shard], now: datetime) -> Sequence[Message]:
        """What is to be sent now to edges of these shards whose line is open (`fleet.open_lines`); asked about once a second.

        Reads only, and costs next to nothing when nothing changed. What got no answer is given again after a while, so that a lost
        message or a killed worker does no harm; at most some hundred messages or a megabyte at once.
        """


def hand_on(couriers: Sequence[Courier], uow: UnitOfWork, edge_id: int, message: Message, at: datetime) -> None:
    """Let every courier hear a message. Raises StorageError only: then nothing can be admitted either."""
    for courier in couriers:
        try:
            with uow.connection.begin_nested():
                courier.hear(uow, edge_id, message, at)
        except StorageError:
            raise
        except Exception:  # what orders and areas make of a message must not keep punches out
            log.exception("a message was admitted but not understood", courier=type(courier).__name__, edge=message.edge)
