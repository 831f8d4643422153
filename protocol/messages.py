"""Every message, as frozen typed values.

Unknown fields are ignored, fields that are added later have defaults, and a word that a later release added to an enumeration is read
as its OTHER, so neighbouring releases understand each other. Instants are aware and in UTC. Names of people and templates never travel
here.
"""

from datetime import datetime
from enum import StrEnum
from typing import Annotated

from msgspec import Meta, Raw, Struct

from protocol.identifiers import EdgeId, Epoch, PunchIdentity, TerminalSerial, TerminalUser
from protocol.instants import pack_wall

VERSION = 1
"""Version of the messages; it rises only when an older release could misunderstand one."""

LARGEST = 2**62
"""Numbers stay below what any database or other language calls an integer, with room to count on."""
Count = Annotated[int, Meta(ge=0, le=LARGEST)]
Sequence = Annotated[int, Meta(ge=1, le=LARGEST)]
Number = Annotated[int, Meta(ge=-LARGEST, le=LARGEST)]
Head = Annotated[bytes, Meta(min_length=32, max_length=32)]
Instant = Annotated[datetime, Meta(tz=True)]
Name = Annotated[str, Meta(max_length=200)]
Note = Annotated[str, Meta(max_length=2000)]


class Source(StrEnum):
    """How the edge came by a punch; OTHER for a way that only a later release knows."""

    ZK_PULL = "zk-pull"
    ZK_LIVE = "zk-live"
    PYZK = "pyzk"
    ATTLOG_FILE = "attlog-file"
    PUSH = "push"
    STATION = "station"
    OTHER = "other"

    @classmethod
    def _missing_(cls, _: object) -> "Source":
        return cls.OTHER


class Refusal(StrEnum):
    """Why the server stored nothing of what it was sent; OTHER for a reason that only a later release knows."""

    UNKNOWN_EDGE = "unknown-edge"
    WRONG_SHARD = "wrong-shard"
    UNDECODABLE = "undecodable"
    BAD_SIGNATURE = "bad-signature"
    BAD_CHAIN = "bad-chain"
    EPOCH_REFUSED = "epoch-refused"
    STORAGE = "storage"
    OTHER = "other"

    @classmethod
    def _missing_(cls, _: object) -> "Refusal":
        return cls.OTHER


class OrderKind(StrEnum):
    """What the server can ask of an edge; OTHER for something that only a later release knows, which an edge refuses."""

    RE_READ = "re-read"
    OTHER = "other"

    @classmethod
    def _missing_(cls, _: object) -> "OrderKind":
        return cls.OTHER


class OrderOutcome(StrEnum):
    """What became of an order; OTHER for an outcome that only a later release knows."""

    DONE = "done"
    REFUSED = "refused"
    EXPIRED = "expired"
    OTHER = "other"

    @classmethod
    def _missing_(cls, _: object) -> "OrderOutcome":
        return cls.OTHER


class PunchRow(Struct, frozen=True, omit_defaults=True, gc=False):
    """One row of an outbox, written once when it is appended and never again. It holds no other object, so the collector may pass it by.

    wall: "YYYY-MM-DD hh:mm:ss" as the terminal showed it, possible or not; empty where nothing could be decoded.
    drift_ms: terminal minus true time as last measured, milliseconds. raw: the terminal's own bytes. salt: 16 random bytes.
    doubt: why the edge wants the row quarantined; None for a punch it vouches for.
    """

    terminal: Annotated[str, Meta(max_length=64)]
    user: Annotated[str, Meta(max_length=64)]
    wall: Annotated[str, Meta(max_length=19)]
    received_at: Instant
    source: Source
    salt: Annotated[bytes, Meta(min_length=16, max_length=16)]
    verify: Number | None = None
    state: Number | None = None
    drift_ms: Number | None = None
    raw: Annotated[bytes, Meta(max_length=4096)] = b""
    doubt: Annotated[str, Meta(max_length=64)] | None = None

    @property
    def identity(self) -> PunchIdentity:
        """Raises DecodeError where `wall` is empty."""
        return PunchIdentity(TerminalSerial(self.terminal), pack_wall(self.wall), TerminalUser(self.user))


class Message(Struct, frozen=True, kw_only=True, tag_field="kind"):
    """What all messages carry: the edge they come from or go to, and the key that signed them."""

    edge: EdgeId
    key: str = ""
    v: int = VERSION


class Hello(Message, frozen=True, kw_only=True, tag="hello"):
    """Opens a conversation; the answer carries the nonce and may take the mark down.

    low, high: lowest and highest sequence the edge still holds, 0 when it never appended. low_head: chain head just before `low`.
    high_head: chain head at `high`. acknowledged: the mark as the edge has stored it.
    """

    epoch: Epoch
    low: Count
    high: Count
    low_head: Head
    high_head: Head
    acknowledged: Count
    version: Name
    clock: Instant
    nonce: Annotated[str, Meta(pattern="^[0-9a-f]{32}$")]


class Batch(Message, frozen=True, kw_only=True, tag="batch"):
    """Rows `first` to `last`, exactly as appended; its signature is the seal of `protocol.chain`.

    A field that a later release adds stands behind `rows`, because the codec holds what stands before them to one spelling.
    """

    epoch: Epoch
    first: Sequence
    last: Sequence
    previous_head: Head
    head: Head
    rows: Annotated[list[Raw], Meta(min_length=1, max_length=1000)]


class Live(Message, frozen=True, kw_only=True, tag="live"):
    """The newest rows, ahead of a backlog; they come again in a batch. `first` is the sequence of the first one."""

    epoch: Epoch
    first: Sequence
    rows: Annotated[list[Raw], Meta(min_length=1, max_length=1000)]


class TerminalHealth(Struct, frozen=True, omit_defaults=True):
    """One terminal as its edge sees it; counts are of distinct identities, stages name the instant of their last success.

    held: in the terminal's log at the last complete read. appended: ever appended by this outbox. cleared: appended but no
    longer held.
    complete_at, complete_sequence: the last complete read, and the outbox's highest sequence when it ended.
    """

    serial: Name
    name: Name
    address: Name
    state: Name
    last_read_at: Instant | None = None
    last_event_at: Instant | None = None
    complete_at: Instant | None = None
    complete_sequence: Count = 0
    drift_ms: Number | None = None
    held: Count | None = None
    appended: Count = 0
    cleared: Count | None = None
    doubtful: Count = 0
    last_error: Note = ""
    stages: dict[str, Instant] = {}


class Health(Message, frozen=True, kw_only=True, tag="health"):
    """How an edge and its terminals are; the latest one counts."""

    at: Instant
    version: Name
    queue_depth: Count
    oldest_at: Instant | None = None
    free_bytes: Count | None = None
    hours_left: float | None = None
    clock_set_back: bool = False
    certificate_ends_at: Instant | None = None
    stages: dict[str, Instant] = {}
    terminals: list[TerminalHealth] = []
    alarms: list[Note] = []


class Bye(Message, frozen=True, kw_only=True, tag="bye"):
    """The edge's last will: its line is cut."""

    at: Instant


class OrderResult(Message, frozen=True, kw_only=True, tag="order-result"):
    """What an edge made of an order."""

    order: Name
    at: Instant
    outcome: OrderOutcome
    detail: Note = ""


class Receipt(Message, frozen=True, kw_only=True, tag="receipt"):
    """Rows up to `mark` are committed at the server, for good.

    session: the nonce of the hello that opened this conversation. An edge obeys receipts of its present session only, so that one
    that was kept back from before a restore of the server releases nothing. head: chain head at `mark`; rows are released only by a mark
    at which the edge's own chain has the same head, and by none where it is empty.
    """

    epoch: Epoch
    mark: Count
    session: str
    refusal: Refusal | None = None
    detail: Note = ""
    head: Annotated[bytes, Meta(max_length=32)] = b""


class Order(Message, frozen=True, kw_only=True, tag="order"):
    """Something the server asks once; it may arrive twice."""

    order: Name
    action: OrderKind
    expires_at: Instant
    parameters: dict[str, str] = {}


UP_KINDS: dict[str, type[Message]] = {
    "hello": Hello,
    "batch": Batch,
    "live": Live,
    "health": Health,
    "bye": Bye,
    "order-result": OrderResult,
}
DOWN_KINDS: dict[str, type[Message]] = {"receipt": Receipt, "order": Order}


def kind_of(message: Message) -> str:
    """The word that stands in the topic and in the message."""
    return str(message.__struct_config__.tag)
