"""An edge's messages, signed, and the way into the database without a broker: what a test wants to be there has come the real way."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import msgspec

from protocol import chain, codec, topics
from protocol.identifiers import EdgeId, Epoch, shard_of
from protocol.messages import Batch, Health, Hello, Message, PunchRow, Receipt, Source, kind_of
from protocol.signing import Signer
from server.fleet import actions as fleet
from server.ingest import leases
from server.ingest.admit import Admission, Arrival
from server.ingest.provisioned import Provisioned
from server.ingest.sift import Limits
from server.storage import Database
from server.wiring import take_other
from tests.support.company import NOW, TESTER

SIGNER = Signer.from_seed(bytes(range(32)))
EDGE = EdgeId("edge-hq")
EPOCH = Epoch("ab" * 16)
RECEIVED = datetime(2026, 11, 23, 0, 58, 3, tzinfo=UTC)
"""08:58:03 in Shanghai."""


def row(user: str = "1", wall: str = "2026-11-23 08:58:00", terminal: str = "T1", number: int = 0, **changes: object) -> PunchRow:
    """A good row unless told otherwise; `number` makes the salt another one."""
    values = {"received_at": RECEIVED, "source": Source.ZK_LIVE, "salt": number.to_bytes(16, "big"), "drift_ms": -1500} | changes
    return PunchRow(terminal, user, wall, **{"raw": b"\x01\x02\xfe", "verify": 1, "state": 0} | values)


@dataclass
class SendingEdge:
    """Edge `edge-hq` of `found_company`, with a key of its own. Every row it sends continues its chain."""

    database: Database
    edge: EdgeId = EDGE
    epoch: Epoch = EPOCH
    now: datetime = NOW
    bodies: list[bytes] = field(default_factory=list)

    def __post_init__(self) -> None:
        with self.database.writing() as uow:
            fleet.replace_edge_key(uow, self.edge, SIGNER.verifier, TESTER, self.now)
        self._admission = Admission(self.database, "worker", Provisioned(self.database), Limits(), take_other)
        self._heads = [chain.genesis(self.edge, self.epoch)]
        self.say(
            Hello(
                edge=self.edge,
                epoch=self.epoch,
                low=0,
                high=0,
                low_head=self._heads[0],
                high_head=self._heads[0],
                acknowledged=0,
                version="0.1.0",
                clock=self.now,
                nonce="0" * 32,
            )
        )

    def send(self, *rows: PunchRow | bytes) -> list[Receipt]:
        """One batch of these rows."""
        bodies = [one if isinstance(one, bytes) else codec.encode_row(one) for one in rows]
        first = len(self.bodies) + 1
        self.bodies += bodies
        self._heads += chain.extend(self._heads[-1], [chain.digest(body) for body in bodies])
        last = len(self.bodies)
        raws = [msgspec.Raw(body) for body in bodies]
        heads = {"previous_head": self._heads[first - 1], "head": self._heads[last]}
        return self.say(Batch(edge=self.edge, epoch=self.epoch, first=first, last=last, rows=raws, **heads))

    def say(self, message: Message) -> list[Receipt]:
        encoding, payload = codec.pack(codec.encode(message, SIGNER))
        return self.arrive(topics.up(self.edge, kind_of(message), encoding), payload)

    def tell_health(self, *terminals: object, **said: object) -> None:
        values = {"at": self.now, "version": "0.1.0", "queue_depth": 0} | said
        self.say(Health(edge=self.edge, terminals=list(terminals), **values))

    def arrive(self, topic: str, payload: bytes) -> list[Receipt]:
        """Something comes from the broker; a moment passes, so that new provisioning is seen."""
        self.now += timedelta(seconds=2)
        held = leases.heartbeat(self.database, "worker", self.now)
        assert shard_of(self.edge) in held
        return self._admission.take([Arrival(topic, payload, self.now)], held, self.now)

    def garbage(self) -> bytes:
        """JSON, because a batch can hold nothing else, but no row."""
        return b'{"row": "nonsense"}'
