"""Takes messages in: many in one transaction, each once, and says what to answer when the transaction has committed.

Before the transaction each message is decoded and its signature checked; what fails there is kept once and refused, and stops nobody.
In the transaction the leases are checked, epochs are judged in the order of arrival, rows are sifted, punches recorded, marks moved.
Answers leave this file as values: whoever sends them has seen the commit.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from protocol import codec, topics
from protocol.errors import ProtocolError, SignatureError
from protocol.identifiers import EdgeId, Epoch, Shard, shard_of
from protocol.instants import pack_wall
from protocol.messages import UP_KINDS, Batch, Hello, Live, Message, Receipt, Refusal
from protocol.topics import Topic
from server.attendance import actions as attendance
from server.attendance.model import NewPunch
from server.ingest import leases, store
from server.ingest.courier import Courier, hand_on
from server.ingest.judge import EpochCondition, NothingNew, Refused, Taken, judge_batch, judge_hello
from server.ingest.leases import Lease
from server.ingest.provisioned import KnownEdge, Provisioned
from server.ingest.sift import NUL, Doubted, Limits, Origin, Reason, Sieve
from server.ingest.store import SealedBatch, StoredEpoch
from server.storage import Database, UnitOfWork

NEW, DUPLICATE, QUARANTINED = b"N", b"D", b"Q"
CARRY_ROWS = {word for word, kind in UP_KINDS.items() if kind in (Batch, Live)}
"""A row that no database could keep is quarantined alone; of other messages the whole is refused."""
NOBODYS_EPOCH = Epoch("0" * 32)


@dataclass(frozen=True, slots=True)
class Arrival:
    """A message as the broker gave it."""

    topic: str
    payload: bytes
    at: datetime


@dataclass(frozen=True, slots=True)
class Checked:
    """A message that is what its edge signed."""

    message: Message
    signature: bytes
    edge: KnownEdge
    arrival: Arrival


@dataclass(frozen=True, slots=True)
class Rejected:
    """A message that is not, and why; `topic` is None where not even that could be read."""

    arrival: Arrival
    topic: Topic | None
    refusal: Refusal
    detail: str


@dataclass
class _Intake:
    """What one transaction collects before it writes."""

    now: datetime
    epochs: dict[tuple[EdgeId, Epoch], StoredEpoch]
    punches: list[NewPunch] = field(default_factory=list)
    doubted: list[tuple[Doubted, int, int, int]] = field(default_factory=list)
    sealed: list["_Sealing"] = field(default_factory=list)
    answers: dict[tuple[EdgeId, Epoch], Receipt] = field(default_factory=dict)
    moved: set[tuple[EdgeId, Epoch]] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class _Sealing:
    """A batch whose rows' outcomes are known when the punches have been recorded; `place` is that of its first good row in the intake."""

    batch: Batch
    signature: bytes
    epoch_id: int
    known: int
    digests: list[bytes]
    quarantined: frozenset[int]
    place: int


class Admission:
    """One worker's way into the database. `other` and the couriers take the messages that carry no rows, hellos among them."""

    def __init__(
        self,
        database: Database,
        worker: str,
        provisioned: Provisioned,
        limits: Limits,
        other: Callable[[UnitOfWork, int, Message, datetime], None],
        couriers: Sequence[Courier] = (),
    ) -> None:
        self._database, self._worker, self._provisioned = database, worker, provisioned
        self._limits, self._other, self._couriers = limits, other, couriers
        self._sieve = Sieve(provisioned.known, limits)

    def take(self, arrivals: Sequence[Arrival], held: dict[Shard, Lease], now: datetime) -> list[Receipt]:
        """Admit all of it in one transaction and give the receipts to send. Raises LeaseLostError or StorageError with nothing stored."""
        self._provisioned.look(now)
        edges, known = self._provisioned.edges, self._provisioned.known
        if known is not self._sieve.known:
            self._sieve = Sieve(known, self._limits)
        checked: list[Checked] = []
        rejected: list[Rejected] = []
        for arrival in arrivals:
            found = check(arrival, edges)
            checked.append(found) if isinstance(found, Checked) else rejected.append(found)
        with self._database.writing() as uow:
            leases.require(uow, self._worker, _needed(checked, held), now)
            intake = _Intake(now, store.load_epochs(uow, _epochs_of(checked)))
            for one in checked:
                self._admit(uow, intake, one)
            self._write(uow, intake)
            for refused in rejected:
                edge = refused.topic.edge if refused.topic else ""
                store.add_refused(uow, edge, refused.refusal, refused.detail, refused.arrival.topic, refused.arrival.payload, now)
        return [*intake.answers.values(), *_told(rejected, edges)]

    def _admit(self, uow: UnitOfWork, intake: _Intake, one: Checked) -> None:
        match one.message:
            case Hello() as hello:
                self._welcome(uow, intake, one.edge, hello)
                self._pass_on(uow, one, intake.now)
            case Batch() as batch:
                self._take_batch(uow, intake, one, batch)
            case Live() as live:
                self._take_live(intake, live)
            case _:
                self._pass_on(uow, one, intake.now)

    def _pass_on(self, uow: UnitOfWork, one: Checked, now: datetime) -> None:
        self._other(uow, one.edge.id, one.message, now)
        hand_on(self._couriers, uow, one.edge.id, one.message, now)

    def _welcome(self, uow: UnitOfWork, intake: _Intake, edge: KnownEdge, hello: Hello) -> None:
        key = (hello.edge, hello.epoch)
        stored = intake.epochs.get(key)
        welcome = judge_hello(stored.state if stored else None, hello)
        stored = StoredEpoch(stored.id, edge.id, welcome.state) if stored else store.open_epoch(uow, edge.id, welcome.state, intake.now)
        intake.epochs[key] = stored
        intake.moved.add(key)
        if welcome.hole:
            store.add_hole(uow, stored.id, welcome.hole, intake.now)
        _answer(intake, stored, welcome.refusal)

    def _take_batch(self, uow: UnitOfWork, intake: _Intake, one: Checked, batch: Batch) -> None:
        key = (batch.edge, batch.epoch)
        stored = intake.epochs.get(key)
        if stored is None:
            return  # no hello was heard: without an answer the edge says one
        match judge_batch(stored.state, batch):
            case NothingNew():
                _answer(intake, stored)
            case Refused(refusal, detail, state):
                if state:
                    intake.epochs[key] = stored = StoredEpoch(stored.id, stored.edge_id, state)
                    intake.moved.add(key)
                store.add_refused(uow, batch.edge, refusal, detail, one.arrival.topic, one.arrival.payload, intake.now)
                _answer(intake, stored, refusal, detail)
            case Taken() as taken:
                self._sift(intake, one, batch, stored, taken)
                intake.epochs[key] = stored = StoredEpoch(stored.id, stored.edge_id, taken.state)
                intake.moved.add(key)
                _answer(intake, stored)

    def _sift(self, intake: _Intake, one: Checked, batch: Batch, stored: StoredEpoch, taken: Taken) -> None:
        good, doubted = self._sieve.sift(taken.rows, Origin(stored.edge_id, stored.id, taken.first))
        place = len(intake.punches)
        intake.punches += good
        intake.doubted += [(row, stored.edge_id, stored.id, taken.first + row.position) for row in doubted]
        known = taken.first - batch.first
        quarantined = frozenset(row.position for row in doubted)
        intake.sealed.append(_Sealing(batch, one.signature, stored.id, known, taken.all_digests, quarantined, place))

    def _take_live(self, intake: _Intake, live: Live) -> None:
        """Rows ahead of their turn: those that may be punches become some at once; all of them come again in a batch."""
        stored = intake.epochs.get((live.edge, live.epoch))
        if stored is None:
            return
        if (
            stored.state.condition is EpochCondition.REFUSED
        ):  # no batch of it will ever prove them; they come again in the edge's next epoch
            _answer(intake, stored, Refusal.EPOCH_REFUSED)
            return
        good, _ = self._sieve.sift([bytes(row) for row in live.rows], Origin(stored.edge_id, stored.id, live.first, live=True))
        intake.punches += good

    def _write(self, uow: UnitOfWork, intake: _Intake) -> None:
        duplicates = attendance.record_punches(uow, intake.punches, intake.now).duplicates
        erased = self._erased(uow, intake)
        store.add_doubted(uow, [one for one in intake.doubted if (one[2], one[3]) not in erased], intake.now)
        store.add_batches(uow, [_sealed(one, duplicates, erased) for one in intake.sealed], self._worker, intake.now)
        for key in intake.moved:
            store.move_epoch(uow, intake.epochs[key], intake.epochs[key].state, intake.now)

    def _erased(self, uow: UnitOfWork, intake: _Intake) -> set[tuple[int, int]]:
        """(epoch, sequence) of doubted rows that are punches whose content was erased: nobody is that user any more, and they stay away."""
        asked = [(place, identity) for *place, identity in self._identified(intake.doubted)]
        found = attendance.erased_among(uow, [identity for _, identity in asked]) if asked else set()
        return {(asked[one][0][0], asked[one][0][1]) for one in found}

    def _identified(self, doubted: Iterable[tuple[Doubted, int, int, int]]) -> Iterator[tuple[int, int, tuple[int, int, str]]]:
        """(epoch, sequence, identity) of the rows that would be a punch if somebody were that user."""
        for one, _, epoch_id, sequence in doubted:
            terminal = self._sieve.known.terminals.get(one.row.terminal) if one.row is not None else None
            if one.row is not None and one.reason == Reason.UNKNOWN_USER and terminal is not None:
                yield epoch_id, sequence, (pack_wall(one.row.wall), terminal.id, one.row.user)


def check(arrival: Arrival, edges: Mapping[EdgeId, KnownEdge]) -> Checked | Rejected:
    """Decode a message and hold it against its edge's keys. Touches nothing."""
    topic: Topic | None = None
    try:
        topic = topics.parse(arrival.topic)
        edge = edges.get(topic.edge)
        if edge is None or not edge.active:
            return Rejected(arrival, topic, Refusal.UNKNOWN_EDGE, "this edge is not known here, or was revoked")
        data = codec.unpack(topic.encoding, arrival.payload)
        if NUL in data and topic.kind not in CARRY_ROWS:
            return Rejected(arrival, topic, Refusal.UNDECODABLE, "a text in it holds a NUL, which no database keeps")
        received = codec.decode(topic.kind, data)
        if received.message.edge != topic.edge:
            return Rejected(arrival, topic, Refusal.BAD_SIGNATURE, "the message names another edge than its topic")
        key = edge.keys.get(received.message.key)
        if key is None:
            return Rejected(arrival, topic, Refusal.BAD_SIGNATURE, "signed with a key that is not this edge's")
        received.check(key)
    except SignatureError as error:
        return Rejected(arrival, topic, Refusal.BAD_SIGNATURE, error.reason)
    except ProtocolError as error:
        return Rejected(arrival, topic, Refusal.WRONG_SHARD if topic is None else Refusal.UNDECODABLE, error.reason)
    return Checked(received.message, received.signature, edge, arrival)


def _needed(checked: Iterable[Checked], held: dict[Shard, Lease]) -> list[Lease]:
    """Leases of the shards that these messages came on; one that is not held counts as lost."""
    shards = {shard_of(one.message.edge) for one in checked}
    missing = [shard for shard in shards if shard not in held]
    if missing:
        raise leases.LeaseLostError(missing)
    return [held[shard] for shard in sorted(shards)]


def _epochs_of(checked: Iterable[Checked]) -> list[tuple[int, EdgeId, Epoch]]:
    return [(one.edge.id, one.message.edge, one.message.epoch) for one in checked if isinstance(one.message, Hello | Batch | Live)]


def _answer(intake: _Intake, stored: StoredEpoch, refusal: Refusal | None = None, detail: str = "") -> None:
    """One answer an epoch, the newest; but a refusal is not forgotten for what came behind it."""
    key = (stored.state.edge, stored.state.epoch)
    before = intake.answers.get(key)
    if refusal is None and before is not None and before.refusal is not None:
        refusal, detail = before.refusal, before.detail
    state = stored.state
    intake.answers[key] = Receipt(
        edge=state.edge,
        epoch=state.epoch,
        mark=state.mark,
        session=state.session,
        refusal=refusal,
        detail=detail,
        head=state.head,
    )


def _told(rejected: Iterable[Rejected], edges: Mapping[EdgeId, KnownEdge]) -> list[Receipt]:
    """Reasons for edges that are known and so can hear them; the empty session moves nothing."""
    return [
        Receipt(edge=one.topic.edge, epoch=NOBODYS_EPOCH, mark=0, session="", refusal=one.refusal, detail=one.detail)
        for one in rejected
        if one.topic and one.topic.edge in edges
    ]


def _sealed(one: _Sealing, duplicates: frozenset[int], erased: Collection[tuple[int, int]]) -> SealedBatch:
    """Outcomes of all rows of a batch; rows that were known before count as duplicates, those that were erased since, too."""
    outcomes = bytearray(DUPLICATE * one.known + NEW * (len(one.digests) - one.known))
    for position in one.quarantined:
        was = (one.epoch_id, one.batch.first + one.known + position)
        outcomes[one.known + position] = DUPLICATE[0] if was in erased else QUARANTINED[0]
    if duplicates:
        good = (position for position in range(len(one.digests) - one.known) if position not in one.quarantined)
        for place, position in enumerate(good, one.place):
            if place in duplicates:
                outcomes[one.known + position] = DUPLICATE[0]
    batch = one.batch
    return SealedBatch(
        epoch_id=one.epoch_id,
        first=batch.first,
        last=batch.last,
        previous_head=batch.previous_head,
        head=batch.head,
        signature=one.signature,
        key_id=batch.key,
        digests=b"".join(one.digests),
        outcomes=bytes(outcomes),
    )
