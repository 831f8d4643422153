"""Every message, as frozen typed values.

Unknown fields are ignored, fields that are added later have defaults, and a word that a later release added to an enumeration is read
as its OTHER, so neighbouring releases understand each other. Instants are aware and in UTC. Names of people and templates never travel
here
in the clear: what holds them is sealed for its reader.
"""

from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, Self

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
Sealed = Annotated[bytes, Meta(min_length=1, max_length=1024 * 1024)]


class Word(StrEnum):
    """A word of messages. Each kind has an OTHER, for what only a later release knows."""

    @classmethod
    def _missing_(cls, _: object) -> Self:
        return cls("other")


class Source(Word):
    """How the edge came by a punch; OTHER for a way that only a later release knows."""

    ZK_PULL = "zk-pull"
    ZK_LIVE = "zk-live"
    PYZK = "pyzk"
    ATTLOG_FILE = "attlog-file"
    PUSH = "push"
    STATION = "station"
    OTHER = "other"


class Refusal(Word):
    """Why the server stored nothing of what it was sent; OTHER for a reason that only a later release knows."""

    UNKNOWN_EDGE = "unknown-edge"
    WRONG_SHARD = "wrong-shard"
    UNDECODABLE = "undecodable"
    BAD_SIGNATURE = "bad-signature"
    BAD_CHAIN = "bad-chain"
    EPOCH_REFUSED = "epoch-refused"
    STORAGE = "storage"
    OTHER = "other"


MOST_DATES = 31
"""In the parameter `dates` of an order to re-read."""
CONSENT_GIVEN = "given"
"""What the parameter `consent` of an order to enrol says: the server has seen the person's separate consent to it."""


class OrderKind(Word):
    """What the server can ask of an edge; OTHER for something that only a later release knows, which an edge refuses."""

    RE_READ = "re-read"
    SET_CLOCK = "set-clock"
    REBOOT = "reboot"
    CLEAR_LOG = "clear-log"
    UNLOCK = "unlock"
    ENROL = "enrol"
    READ_OPTIONS = "read-options"
    READ_USERS = "read-users"
    PROVE = "prove"
    SCAN = "scan"
    PROTOCOL_LOG = "protocol-log"
    SUPPORT_BUNDLE = "support-bundle"
    OTHER = "other"


class OrderOutcome(Word):
    """What became of an order; OTHER for an outcome that only a later release knows.

    TAKEN: the edge has it and will say what became of it. FAILED: it was tried; REFUSED: it was not, and must not be.
    """

    TAKEN = "taken"
    DONE = "done"
    FAILED = "failed"
    REFUSED = "refused"
    EXPIRED = "expired"
    OTHER = "other"


class UserState(Word):
    """What a terminal holds of a user whom the server wants there or gone; OTHER for a state that only a later release knows.

    WAITING: not carried out yet. THERE, GONE: carried out, and read back where the terminal can be read. FAILED: tried, see the reason.
    REFUSED: this terminal cannot. STRANGER: on the terminal, and not known to the server.
    """

    WAITING = "waiting"
    THERE = "there"
    GONE = "gone"
    FAILED = "failed"
    REFUSED = "refused"
    STRANGER = "stranger"
    OTHER = "other"


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

    run: drawn at each start of the edge's program, 32 hex digits; place: the machine it runs on, as a person would look for it.
    sealing_key: what is for this edge's eyes only is sealed for it (X25519, raw; `protocol.sealing`); empty where it has none.
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
    sealing_key: Annotated[bytes, Meta(max_length=32)] = b""
    run: Annotated[str, Meta(max_length=32)] = ""
    place: Name = ""


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


class LastRead(Struct, frozen=True, omit_defaults=True):
    """What the last read of a terminal's log came to.

    declared: how many records the terminal said it has, a hint. decoded: records that became punches; doubtful: punches with a doubt and
    pieces that are none; repeated: records that equal another in person and second; held: what is left of all that, each identity
    once; appended: of these the ones that the edge did not know. reason: why it is not complete, or what of it nobody can decode.
    """

    started_at: Instant
    finished_at: Instant
    declared_bytes: Count
    received_bytes: Count
    decoded: Count
    held: Count
    complete: bool
    declared: Count | None = None
    doubtful: Count = 0
    repeated: Count = 0
    appended: Count = 0
    layout: Name = ""
    reason: Note = ""


class TerminalHealth(Struct, frozen=True, omit_defaults=True):
    """One terminal as its edge sees it; counts are of distinct identities, stages name the instant of their last success.

    held: in the terminal's log at the last complete read. appended: ever appended by this outbox. cleared: appended but no
    longer held.
    complete_at, complete_sequence: the last complete read, and the outbox's highest sequence when it ended.
    facts: what it says of itself and what the edge knows of its way (driver, firmware, platform, mac, algorithm, users, fingers, faces
    and the capacities users_capacity and so on), as text. wanted: how many users the edge knows it should hold or lose, and
    wanted_digest what `protocol.wanted.digest` gives for them; the server sends all of them again where it has another.
    last_read: of a terminal whose log the edge reads; None of one that pushes, and before the first read.
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
    facts: dict[Name, Name] = {}
    wanted: Count = 0
    wanted_digest: Name = ""
    last_read: LastRead | None = None


class Knocking(Struct, frozen=True, omit_defaults=True):
    """A terminal that pushes to an edge without being approved: nothing of it is taken, and it keeps everything."""

    serial: Name
    address: Name
    first_at: Instant
    last_at: Instant
    facts: dict[Name, Name] = {}


class Pushed(Struct, frozen=True, omit_defaults=True):
    """What a terminal that pushes told on one day of its site, of one table; all of it grows until the day is over.

    table: as terminals name it (`attlog`, `operlog`, `rtlog`, `user`, …), `others` for those that nobody knows, or `verify-sum-attlog`
    for the terminal's own count of the punches of that day. bodies: requests that were taken, and acknowledged because they were;
    refused: those that were not, which the terminal keeps. rows: that came, or that the terminal counts. punches: those of them that
    the edge has. appended: rows that the edge did not know. stamp: the last one that came with them. missing: by the terminal's count.
    """

    serial: Name
    day: Annotated[str, Meta(pattern=r"^\d{4}-\d\d-\d\d$")]
    table: Name
    first_at: Instant
    last_at: Instant
    bodies: Count = 0
    refused: Count = 0
    rows: Count = 0
    punches: Count = 0
    doubtful: Count = 0
    appended: Count = 0
    stamp: Name = ""
    missing: Count | None = None


class UserReport(Struct, frozen=True, omit_defaults=True):
    """What a terminal holds of one user, as far as the edge brought it; templates: "finger-6", "face" and so on."""

    user: Annotated[str, Meta(max_length=64)]
    state: UserState
    revision: Count = 0
    templates: list[Name] = []
    reason: Note = ""


class Health(Message, frozen=True, kw_only=True, tag="health"):
    """How an edge and its terminals are; the latest one counts.

    setup_version: of the set-up in force, 0 for none of the server's. pushed: what has changed of it lately, at most 500.
    """

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
    knocking: list[Knocking] = []
    setup_version: Count = 0
    pushed: Annotated[list[Pushed], Meta(max_length=500)] = []


class Bye(Message, frozen=True, kw_only=True, tag="bye"):
    """The edge's last will: its line is cut."""

    at: Instant


class Scanned(Struct, frozen=True, omit_defaults=True):
    """A terminal that a scan met; stands as JSON behind its address in `found` of the result.

    serial: empty where it did not tell, and `trouble` says why: it wants another key, above all.
    """

    serial: Name = ""
    driver: Name = "zkteco"
    port: Annotated[int, Meta(ge=1, le=65535)] = 4370
    transport: Name = "tcp"
    facts: dict[Name, Name] = {}
    trouble: Note = ""


class OrderResult(Message, frozen=True, kw_only=True, tag="order-result"):
    """What an edge made of an order. found: what it asked for, by name. body: a file it asked for; no names, numbers or keys in it."""

    order: Name
    at: Instant
    outcome: OrderOutcome
    detail: Note = ""
    found: dict[Name, Note] = {}
    body: Annotated[bytes, Meta(max_length=2 * 1024 * 1024)] = b""


class Reported(Message, frozen=True, kw_only=True, tag="reported"):
    """What has changed of the users on a terminal since it was told last."""

    terminal: Name
    at: Instant
    users: Annotated[list[UserReport], Meta(min_length=1, max_length=1000)]


class Captured(Message, frozen=True, kw_only=True, tag="captured"):
    """Templates that were read from a terminal, `protocol.wanted.Templates` sealed for the server."""

    terminal: Name
    at: Instant
    sealed: Sealed


class CountedDay(Struct, frozen=True, omit_defaults=True):
    """A day of a terminal's own clock: distinct punches that the edge ever appended, and their digest (`protocol.counting`).

    listing: each of them, as `protocol.counting.read_listing` reads it; empty where nobody asked for the day.
    """

    day: date
    count: Count
    digest: Annotated[str, Meta(pattern="^[0-9a-f]{16}$")]
    listing: Annotated[bytes, Meta(max_length=1024 * 1024)] = b""


class Counted(Message, frozen=True, kw_only=True, tag="counted"):
    """What an edge ever took of a terminal from the day `first` to the day `last`, to be held against what the server has.

    Said when the server has receipted all of it. A day that is not among `days` has no punches at the edge. lists: days that are ordered
    again come with their listing.
    """

    terminal: Name
    at: Instant
    first: date
    last: date
    days: Annotated[list[CountedDay], Meta(max_length=400)]
    lists: bool = False


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


class Setup(Message, frozen=True, kw_only=True, tag="setup"):
    """What an edge is for: `protocol.wanted.EdgeSetup`, sealed for it. An edge keeps the highest version, and obeys it from then on."""

    version: Sequence
    sealed: Sealed


class Wanted(Message, frozen=True, kw_only=True, tag="wanted"):
    """Users as a terminal should hold them: `protocol.wanted.WantedUsers`, sealed for the edge. A higher revision replaces a lower."""

    terminal: Name
    sealed: Sealed


UP_KINDS: dict[str, type[Message]] = {
    "hello": Hello,
    "batch": Batch,
    "live": Live,
    "health": Health,
    "bye": Bye,
    "order-result": OrderResult,
    "reported": Reported,
    "captured": Captured,
    "counted": Counted,
}
DOWN_KINDS: dict[str, type[Message]] = {"receipt": Receipt, "order": Order, "setup": Setup, "wanted": Wanted}


def kind_of(message: Message) -> str:
    """The word that stands in the topic and in the message."""
    return str(message.__struct_config__.tag)
