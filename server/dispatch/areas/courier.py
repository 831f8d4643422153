"""The courier of wanted users: hears what edges report of them, and gives what waits to be sent."""

from collections.abc import Collection, Sequence
from datetime import datetime

from protocol.identifiers import Shard
from protocol.messages import Captured, Health, Hello, Message, Reported
from protocol.sealing import Opener
from server.dispatch.areas.actions import hearing
from server.dispatch.areas.actions.sending import messages
from server.dispatch.areas.store import rows
from server.dispatch.pacing import Pacing
from server.fleet import actions as fleet
from server.storage import UnitOfWork

UNREPORTED_AT_ONCE = 400
"""Users of one terminal on their way: the next go when the edge has said something of these."""
USERS_AT_ONCE = 1_000
"""In one round of a second."""


class AreasCourier:
    """`server.ingest.courier.Courier`. opener: of what was sealed for this server, None where it has no key."""

    def __init__(self, opener: Opener | None, erased: hearing.Erased) -> None:
        self._opener, self._erased = opener, erased
        self._pacing: Pacing[tuple[int, str, int]] = Pacing()

    def hear(self, uow: UnitOfWork, edge_id: int, message: Message, at: datetime) -> None:
        match message:
            case Hello():
                self._pacing.forget(edge_id)
            case Health(terminals=terminals):
                hearing.hear_health(uow, edge_id, terminals, at)
            case Reported():
                hearing.hear_reported(uow, edge_id, message, self._erased, at)
            case Captured():
                if self._opener is not None:
                    hearing.hear_captured(uow, edge_id, message, self._opener, at)

    def waiting(self, uow: UnitOfWork, shards: Collection[Shard], now: datetime) -> Sequence[Message]:
        if not rows.any_waiting(uow):
            return []
        lines = {key: line for key, line in fleet.open_lines(uow, shards).items() if line.sealing_key is not None}
        waits = [(edge, (terminal, user, revision)) for edge, terminal, user, revision in rows.waiting(uow, lines, UNREPORTED_AT_ONCE)]
        due = self._pacing.due(waits, now, USERS_AT_ONCE)
        return list(messages(uow, [(terminal, user) for _, (terminal, user, _) in due], lines)) if due else []
