"""The courier of set-ups: what an edge is for goes down, sealed, until the edge says that it is in force."""

from collections.abc import Collection, Sequence
from datetime import datetime

from protocol.identifiers import Shard
from protocol.messages import Hello, Message, Setup
from protocol.wanted import wrap
from server.dispatch.pacing import Pacing
from server.fleet import actions as fleet
from server.fleet.model import OpenLine
from server.storage import UnitOfWork

AT_ONCE = 50


class SetupCourier:
    """sealing_key: the server's own (X25519, raw), for what comes up sealed; empty where it takes nothing of the kind."""

    def __init__(self, sealing_key: bytes = b"") -> None:
        self._sealing_key = sealing_key
        self._pacing: Pacing[int] = Pacing()

    def hear(self, uow: UnitOfWork, edge_id: int, message: Message, at: datetime) -> None:  # noqa: ARG002 - the couriers' interface
        """Which set-up an edge has is kept with its health (`fleet.record_health`)."""
        if isinstance(message, Hello):
            self._pacing.forget(edge_id)

    def waiting(self, uow: UnitOfWork, shards: Collection[Shard], now: datetime) -> Sequence[Message]:
        """One for each edge that has another set-up than it should."""
        behind = {(line.edge_id, version): line for line, version in fleet.setups_waiting(uow, shards, now)}
        return [self._sealed(uow, behind[edge_id, version], version) for edge_id, version in self._pacing.due(behind, now, AT_ONCE)]

    def _sealed(self, uow: UnitOfWork, line: OpenLine, version: int) -> Setup:
        assert line.sealing_key is not None
        content = fleet.setup_of(uow, line.edge_id, self._sealing_key)
        return Setup(edge=line.edge, version=version, sealed=wrap(content, line.sealing_key, "setup", line.edge))
