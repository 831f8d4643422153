"""What is provisioned, as admitting needs it: edges with their keys, terminals, enrolments. Read again only when something changed."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from protocol.identifiers import EdgeId
from protocol.signing import Verifier
from server.directory import actions as directory
from server.fleet import actions as fleet
from server.fleet.model import EdgeState
from server.ingest.sift import Known, KnownTerminal
from server.storage import Database, UnitOfWork

LOOK_EVERY = timedelta(seconds=1)
"""How long a new terminal or enrolment may wait until it counts; what came in between is quarantined and can be replayed."""


@dataclass(frozen=True, slots=True)
class KnownEdge:
    """An edge as its messages are checked: its row, whether it may send, and its keys by id."""

    id: int
    active: bool
    keys: dict[str, Verifier]


class Provisioned:
    """`edges` and `known` as of the last look."""

    def __init__(self, database: Database) -> None:
        self.edges: dict[EdgeId, KnownEdge] = {}
        self.known = Known(-1, {}, {})
        self._database = database
        self._looked_at: datetime | None = None

    def look(self, now: datetime) -> None:
        """Bring both up to date, at most once in LOOK_EVERY; one small query when nothing changed."""
        if self._looked_at is not None and timedelta(0) <= now - self._looked_at < LOOK_EVERY:
            return
        with self._database.reading() as uow:
            version = fleet.provisioning_version(uow)
            if version != self.known.version:
                self.edges, self.known = _edges(uow), _known(uow, version)
        self._looked_at = now


def load_known(uow: UnitOfWork) -> Known:
    """Terminals and enrolments as they are now, inside the caller's unit of work."""
    return _known(uow, fleet.provisioning_version(uow))


def _edges(uow: UnitOfWork) -> dict[EdgeId, KnownEdge]:
    return {
        name: KnownEdge(
            edge.id,
            edge.state is EdgeState.ACTIVE,
            # a key that was replaced still proves old seals, but nothing that arrives
            {key_id: Verifier(key.public_key) for key_id, key in edge.keys.items() if key.valid_until is None},
        )
        for name, edge in fleet.known_edges(uow).items()
    }


def _known(uow: UnitOfWork, version: int) -> Known:
    terminals = {
        str(serial): KnownTerminal(one.id, one.zone_id, ZoneInfo(one.time_zone), one.out_of_service_from, one.out_of_service_until)
        for serial, one in fleet.serving_terminals(uow).items()
    }
    return Known(version, terminals, directory.enrolled_users(uow))
