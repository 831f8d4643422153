"""An edge on paper: it writes what a real one would put on the line, and nothing more. Each message is what the broker would deliver."""

from dataclasses import dataclass, field
from datetime import UTC, datetime

import msgspec

from protocol import chain, codec, topics
from protocol.identifiers import EdgeId, Epoch
from protocol.messages import Batch, Hello, Live, Message, PunchRow, Source, kind_of
from protocol.signing import Signer
from server.ingest.admit import Arrival

FIRST_EPOCH = Epoch("e" * 32)
RECEIVED = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
"""09:00 in Shanghai."""


@dataclass
class PaperEdge:
    """Rows are numbered from 1; `heads[n]` is the chain's head behind row n."""

    name: EdgeId
    seed: int = 1
    epoch: Epoch = FIRST_EPOCH
    rows: list[bytes] = field(default_factory=list)
    heads: list[bytes] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.signer = Signer.from_seed(bytes([self.seed]) * 32)
        self.heads = self.heads or [chain.genesis(self.name, self.epoch)]

    @property
    def high(self) -> int:
        return len(self.rows)

    def begin_epoch(self, epoch: str) -> None:
        """A new life of the outbox, empty."""
        self.epoch, self.rows, self.heads = Epoch(epoch), [], [chain.genesis(self.name, Epoch(epoch))]

    def append(self, body: bytes) -> None:
        self.rows.append(body)
        self.heads += chain.extend(self.heads[-1], [chain.digest(body)])

    def punch(self, wall: str, user: str = "1", terminal: str = "T1", **others: object) -> bytes:
        """Append a punch; gives the row's bytes."""
        salt = (self.high + 1).to_bytes(8, "big") + self.epoch.encode()[:8]
        row = PunchRow(terminal, user, wall, others.pop("received_at", RECEIVED), Source.ZK_LIVE, salt, **others)
        self.append(codec.encode_row(row))
        return self.rows[-1]

    def punches(self, count: int, user: str = "1") -> None:
        """`count` more punches, all of different seconds of one morning."""
        for _ in range(count):
            second = self.high
            self.punch(f"2026-11-23 08:{second // 60:02}:{second % 60:02}", user)

    # What it says

    def hello(self, nonce: str = "1" * 32, *, low: int | None = None) -> Arrival:
        low = min(1, self.high) if low is None else low
        return self.send(
            Hello(
                edge=self.name,
                epoch=self.epoch,
                low=low,
                high=self.high,
                low_head=self.heads[max(low - 1, 0)],
                high_head=self.heads[-1],
                acknowledged=0,
                version="0.1.0",
                clock=RECEIVED,
                nonce=nonce,
            )
        )

    def batch(self, first: int = 1, last: int | None = None) -> Arrival:
        return self.send(self.batch_message(first, last))

    def batch_message(self, first: int = 1, last: int | None = None) -> Batch:
        last = self.high if last is None else last
        rows = [msgspec.Raw(row) for row in self.rows[first - 1 : last]]
        heads = self.heads
        return Batch(edge=self.name, epoch=self.epoch, first=first, last=last, previous_head=heads[first - 1], head=heads[last], rows=rows)

    def live(self, first: int, last: int) -> Arrival:
        rows = [msgspec.Raw(row) for row in self.rows[first - 1 : last]]
        return self.send(Live(edge=self.name, epoch=self.epoch, first=first, rows=rows))

    def send(self, message: Message, signer: Signer | None = None) -> Arrival:
        encoding, payload = codec.pack(codec.encode(message, signer or self.signer))
        return Arrival(topics.up(self.name, kind_of(message), encoding), payload, RECEIVED)
