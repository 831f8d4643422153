"""A person's punches as evidence: with what the edge sealed, so that anybody can check them without this server.

A punch is proven when the digest of its bytes stands at its place among the batch's digests, those lead from the batch's first head to
its last, and the edge's key signed that. Nothing in the file has to be believed except the edge's public key, whose id is told too:
compare it with the one on the edge's page, or with the kit of the edge.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import msgspec
from sqlalchemy import select

from protocol import chain, codec
from protocol.errors import ProtocolError
from protocol.identifiers import EdgeId, Epoch
from protocol.signing import Verifier
from server.attendance import actions as attendance
from server.directory import actions as directory
from server.errors import NotFoundError
from server.fleet.tables import edge, edge_key
from server.ingest.tables import batch, epoch
from server.storage import UnitOfWork

FORMAT = 1


class EvidenceBatch(msgspec.Struct, frozen=True):
    """A batch as it was sealed: its numbers, heads, signature, and the digest of each of its rows."""

    edge: str
    epoch: str
    first: int
    last: int
    previous_head: bytes
    head: bytes
    signature: bytes
    key: str
    digests: list[bytes]


class EvidencePunch(msgspec.Struct, frozen=True):
    """A punch: its row exactly as the edge wrote it, and where its chain holds it; `batch` is None while it has none yet."""

    row: str
    edge: str
    epoch: str
    sequence: int
    admitted_at: str
    batch: int | None


class Evidence(msgspec.Struct, frozen=True):
    """The whole file. keys: public Ed25519 keys (32 bytes) by their id."""

    format: int
    person: str
    since: str
    until: str
    punches: list[EvidencePunch]
    batches: list[EvidenceBatch]
    keys: dict[str, bytes]


@dataclass(frozen=True, slots=True)
class Finding:
    """What checking one punch found; `reason` says why it is not proven."""

    row: str
    proven: bool
    reason: str = ""


def export_evidence(uow: UnitOfWork, employee_number: str, since: date, until: date) -> bytes:
    """A person's punches from `since` to `until`, both included, as JSON; raises NotFoundError."""
    person = directory.find_person(uow, employee_number)
    if person is None:
        raise NotFoundError(what="person", name=employee_number)
    names = {row.id: (row.name, row.epoch) for row in uow.fetch_all(select(epoch.c.id, edge.c.name, epoch.c.epoch).join(edge))}
    batches: list[EvidenceBatch] = []
    places: dict[int, int] = {}
    punches = []
    for punch in attendance.evidence_punches(uow, person.id, since, until):
        sealed = _batch_of(uow, punch.epoch_id, punch.sequence)
        edge_name, epoch_name = names.get(punch.epoch_id, ("", ""))
        if sealed is not None and sealed.id not in places:
            places[sealed.id] = len(batches)
            batches.append(_as_evidence(sealed, edge_name, epoch_name))
        place = places[sealed.id] if sealed is not None else None
        punches.append(EvidencePunch(punch.body.decode(), edge_name, epoch_name, punch.sequence, punch.admitted_at.isoformat(), place))
    keys = {row.key_id: row.public_key for row in uow.fetch_all(select(edge_key.c.key_id, edge_key.c.public_key))}
    used = {one.key for one in batches}
    told = {name: key for name, key in keys.items() if name in used}
    evidence = Evidence(FORMAT, employee_number, since.isoformat(), until.isoformat(), punches, batches, told)
    return msgspec.json.format(msgspec.json.encode(evidence), indent=1)


def check_evidence(data: bytes) -> list[Finding]:
    """Check every punch of a file by the file alone; raises ValueError when it is no evidence file."""
    try:
        evidence = msgspec.json.decode(data, type=Evidence)
    except msgspec.MsgspecError as error:
        raise ValueError(f"this is no evidence file of Clockbridge: {error}") from error
    sound = [_why_unsound(one, evidence.keys) for one in evidence.batches]
    return [_checked(punch, evidence.batches, sound) for punch in evidence.punches]


def _batch_of(uow: UnitOfWork, epoch_id: int, sequence: int) -> Any:
    """The batch that sealed a row; a longer one may have followed a shorter one, either proves it."""
    query = select(batch).where(batch.c.epoch_id == epoch_id, batch.c.first <= sequence, batch.c.last >= sequence)
    return uow.fetch_one(query.order_by(batch.c.last).limit(1))


def _as_evidence(row: Any, edge_name: str, epoch_name: str) -> EvidenceBatch:
    digests = [row.digests[start : start + 32] for start in range(0, len(row.digests), 32)]
    return EvidenceBatch(edge_name, epoch_name, row.first, row.last, row.previous_head, row.head, row.signature, row.key_id, digests)


def _why_unsound(one: EvidenceBatch, keys: dict[str, bytes]) -> str:
    """Empty when the edge's key signed exactly these digests."""
    if one.key not in keys or Verifier(keys[one.key]).key_id != one.key:
        return "the key that sealed it is not in the file"
    if len(one.digests) != one.last - one.first + 1 or chain.extend(one.previous_head, one.digests)[-1] != one.head:
        return "the chain of its batch is broken"
    text = chain.seal_text(EdgeId(one.edge), Epoch(one.epoch), one.first, one.last, one.previous_head, one.head)
    try:
        Verifier(keys[one.key]).verify(one.signature, text)
    except ProtocolError as error:
        return str(error)
    return ""


def _checked(punch: EvidencePunch, batches: Sequence[EvidenceBatch], sound: Sequence[str]) -> Finding:
    if punch.batch is None:
        return Finding(punch.row, proven=False, reason="no sealed batch holds it yet")
    if not 0 <= punch.batch < len(batches):
        return Finding(punch.row, proven=False, reason="its batch is not in the file")
    if sound[punch.batch]:
        return Finding(punch.row, proven=False, reason=sound[punch.batch])
    one, body = batches[punch.batch], punch.row.encode()
    if (one.edge, one.epoch) != (punch.edge, punch.epoch) or not one.first <= punch.sequence <= one.last:
        return Finding(punch.row, proven=False, reason="its batch is of another edge or another place")
    if one.digests[punch.sequence - one.first] != chain.digest(body):
        return Finding(punch.row, proven=False, reason="its bytes are not the ones that were sealed")
    try:
        codec.decode_row(body)
    except ProtocolError as error:
        return Finding(punch.row, proven=False, reason=str(error))
    return Finding(punch.row, proven=True)
