"""Ingest's own tables: epochs, sealed batches, holes, quarantine, refused messages."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

from sqlalchemy import delete, exists, func, insert, select, tuple_, update

from protocol.identifiers import EdgeId, Epoch
from server.ingest.judge import EpochCondition, EpochState, Hole
from server.ingest.sift import Doubted
from server.ingest.tables import batch, epoch, hole, quarantine, refused_message
from server.storage import UnitOfWork, insert_ignoring, portions

KEPT_BYTES = 65_536
"""Of a message that was refused: enough to see what it was, not enough to fill a disk."""
MOST_REFUSED = 10_000
"""Messages that were refused: an edge that signs with keys that are worth nothing any more goes on talking for as long as it runs."""


@dataclass(frozen=True, slots=True)
class StoredEpoch:
    """An epoch's row: its number here and its state."""

    id: int
    edge_id: int
    state: EpochState


@dataclass(frozen=True, slots=True)
class SealedBatch:
    """A batch as evidence: what was sealed, and what became of each of its rows (one letter each: N, D or Q)."""

    epoch_id: int
    first: int
    last: int
    previous_head: bytes
    head: bytes
    signature: bytes
    key_id: str
    digests: bytes
    outcomes: bytes


def load_epochs(uow: UnitOfWork, wanted: Iterable[tuple[int, EdgeId, Epoch]]) -> dict[tuple[EdgeId, Epoch], StoredEpoch]:
    """Epochs by edge and name, of (edge's row number, edge, epoch); locked until the transaction ends where that is possible."""
    names = {(edge_id, name): edge for edge_id, edge, name in wanted}
    if not names:
        return {}
    statement = select(epoch).where(tuple_(epoch.c.edge_id, epoch.c.epoch).in_(list(names))).order_by(epoch.c.id)
    if uow.dialect == "postgresql":
        statement = statement.with_for_update()
    found = {}
    for row in uow.fetch_all(statement):
        edge = names[row.edge_id, Epoch(row.epoch)]
        state = EpochState(edge, Epoch(row.epoch), row.mark, row.head, row.session, EpochCondition(row.state))
        found[edge, Epoch(row.epoch)] = StoredEpoch(row.id, row.edge_id, state)
    return found


def open_epoch(uow: UnitOfWork, edge_id: int, state: EpochState, now: datetime) -> StoredEpoch:
    values = {
        "edge_id": edge_id,
        "epoch": state.epoch,
        "mark": state.mark,
        "head": state.head,
        "session": state.session,
        "state": state.condition,
        "opened_at": now,
        "moved_at": now,
    }
    number = uow.scalar(insert(epoch).values(values).returning(epoch.c.id))
    return StoredEpoch(int(number), edge_id, state)


def mark_of(uow: UnitOfWork, edge_id: int) -> int:
    """The mark of the epoch that an edge is in; 0 where it is in none."""
    query = select(epoch.c.mark).where(epoch.c.edge_id == edge_id, epoch.c.state == EpochCondition.OPEN.value)
    return int(uow.scalar(query.order_by(epoch.c.moved_at.desc()).limit(1)) or 0)


def move_epoch(uow: UnitOfWork, stored: StoredEpoch, state: EpochState, now: datetime) -> None:
    """Bring an epoch's row to `state`."""
    values = {"mark": state.mark, "head": state.head, "session": state.session, "state": state.condition, "moved_at": now}
    uow.execute(update(epoch).where(epoch.c.id == stored.id).values(values))


def add_hole(uow: UnitOfWork, epoch_id: int, gone: Hole, now: datetime) -> None:
    reason = "the edge no longer had these rows when this server asked for them"
    uow.execute(insert(hole).values(epoch_id=epoch_id, first=gone.first, last=gone.last, at=now, reason=reason))


def add_batches(uow: UnitOfWork, batches: Sequence[SealedBatch], worker: str, now: datetime) -> None:
    if batches:
        uow.execute(insert(batch), [_batch_values(sealed, worker, now) for sealed in batches])


def add_doubted(uow: UnitOfWork, rows: Sequence[tuple[Doubted, int, int, int]], now: datetime) -> None:
    """Quarantine rows, each thing once, and none that was erased. rows: (row, edge, epoch, sequence), the middle two as numbers here."""
    if not rows:
        return
    erased = _erased_among(uow, [doubted for doubted, _, _, _ in rows])
    values = [
        {
            "reason": doubted.reason,
            "edge_id": edge_id,
            "epoch_id": epoch_id,
            "sequence": sequence,
            "terminal_serial": doubted.row.terminal if doubted.row else "",
            "terminal_user": doubted.row.user if doubted.row else "",
            "wall_text": doubted.row.wall if doubted.row else "",
            "received_at": doubted.row.received_at if doubted.row else None,
            "arrived_at": now,
            "body": doubted.body,
            "content_hash": doubted.content_hash,
            "state": "open",
            "note": "",
        }
        for doubted, edge_id, epoch_id, sequence in rows
        if doubted.content_hash not in erased
    ]
    insert_ignoring(uow, quarantine, values, ["content_hash"])


def _erased_among(uow: UnitOfWork, rows: Sequence[Doubted]) -> set[bytes]:
    """Content hashes of those rows that were kept here once and erased. Asked of the vault only where something of their terminals was."""
    serials = {doubted.row.terminal for doubted in rows if doubted.row}
    blank = (quarantine.c.terminal_user == "", func.length(quarantine.c.body) == 0)
    if not uow.scalar(select(exists().where(quarantine.c.terminal_serial.in_(serials), *blank))):
        return set()
    marks = {erased_hash(uow, doubted.content_hash): doubted.content_hash for doubted in rows}
    query = select(quarantine.c.content_hash)
    found = (row for some in portions(marks) for row in uow.fetch_all(query.where(quarantine.c.content_hash.in_(some))))
    return {marks[bytes(row[0])] for row in found}


def erased_hash(uow: UnitOfWork, content_hash: bytes) -> bytes:
    """What stands in the place of a content hash once the row is erased: it is still known by it, and cannot be tried out; 32 bytes."""
    return uow.vault.index(content_hash.hex(), "quarantine")


def add_refused(uow: UnitOfWork, edge: str, reason: str, detail: str, topic: str, payload: bytes, now: datetime) -> None:
    """Keep a message that was refused, once however often it comes; of very many the latest."""
    digest = sha256(payload).digest()
    again = update(refused_message).where(refused_message.c.content_hash == digest)
    if uow.execute(again.values(count=refused_message.c.count + 1, last_at=now)).rowcount:
        return
    values = {
        "edge": edge[:200],
        "reason": reason,
        "detail": detail[:500],
        "content_hash": digest,
        "topic": topic[:500],
        "body": payload[:KEPT_BYTES],
        "at": now,
        "last_at": now,
        "count": 1,
    }
    insert_ignoring(uow, refused_message, [values], ["content_hash"])
    latest = uow.scalar(select(func.max(refused_message.c.id)))
    uow.execute(delete(refused_message).where(refused_message.c.id <= latest - MOST_REFUSED))


def _batch_values(sealed: SealedBatch, worker: str, now: datetime) -> Mapping[str, Any]:
    return {
        "epoch_id": sealed.epoch_id,
        "first": sealed.first,
        "last": sealed.last,
        "previous_head": sealed.previous_head,
        "head": sealed.head,
        "signature": sealed.signature,
        "key_id": sealed.key_id,
        "digests": sealed.digests,
        "outcomes": sealed.outcomes,
        "admitted_at": now,
        "worker": worker,
        "new": sealed.outcomes.count(b"N"),
        "duplicate": sealed.outcomes.count(b"D"),
        "quarantined": sealed.outcomes.count(b"Q"),
    }
