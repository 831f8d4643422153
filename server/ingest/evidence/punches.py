"""A person's punches as evidence: with what the edge sealed, so that anybody can check them without this server.

A punch is proven when the digest of its bytes stands at its place among the batch's digests, those lead from the batch's first head to
its last, and the edge's key signed that. Nothing in the file has to be believed except the edge's public key, whose id is told too:
compare it with the one on the edge's page, or with the kit of the edge.
"""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

import msgspec
from sqlalchemy import select

from protocol import chain, codec
from protocol.errors import ProtocolError
from protocol.identifiers import EdgeId, Epoch
from protocol.signing import Verifier
from server.attendance import actions as attendance
from server.attendance.model import Punch
from server.directory.model import Person
from server.fleet.tables import edge, edge_key, site, terminal
from server.ingest.evidence.model import PUNCHES_ONLY, Evidence, EvidenceBatch, EvidencePunch, Finding
from server.ingest.tables import batch, epoch
from server.storage import UnitOfWork, pack_date

BESIDE = timedelta(days=2)
_DAY = 1_000_000


def gather(uow: UnitOfWork, person: Person, since: date, until: date, used: Mapping[int, date]) -> Evidence:
    """A person's punches from `since` to `until`, both included, and those that are used: their ids, each with the work date it is for."""
    names = {row.id: (row.name, row.epoch) for row in uow.fetch_all(select(epoch.c.id, edge.c.name, epoch.c.epoch).join(edge))}
    zones = {row.id: row.time_zone for row in uow.fetch_all(select(terminal.c.id, site.c.time_zone).join(site))}
    batches: list[EvidenceBatch] = []
    places: dict[int, int] = {}
    punches = []
    for punch in _punches(uow, person.id, since, until, used):
        sealed = _batch_of(uow, punch.epoch_id, punch.sequence)
        edge_name, epoch_name = names.get(punch.epoch_id, ("", ""))
        if sealed is not None and sealed.id not in places:
            places[sealed.id] = len(batches)
            batches.append(_as_evidence(sealed, edge_name, epoch_name))
        place = places[sealed.id] if sealed is not None else None
        told = (punch.body.decode(), edge_name, epoch_name, punch.sequence, punch.admitted_at.isoformat(), place)
        punches.append(EvidencePunch(*told, punch.id, zones[punch.terminal_id]))
    keys = {row.key_id: row.public_key for row in uow.fetch_all(select(edge_key.c.key_id, edge_key.c.public_key))}
    signing = {one.key for one in batches}
    known = {name: key for name, key in keys.items() if name in signing}
    return Evidence(PUNCHES_ONLY, person.employee_number, since.isoformat(), until.isoformat(), punches, batches, known)


def _punches(uow: UnitOfWork, person_id: int, since: date, until: date, used: Mapping[int, date]) -> list[Punch]:
    """A punch of a night shift lies on the date beside its work date; other punches of other dates are not handed out."""
    first, last = min(since, *used.values(), since) - BESIDE, max(until, *used.values(), until) + BESIDE
    low, high = pack_date(since) * _DAY, (pack_date(until) + 1) * _DAY
    found = attendance.evidence_punches(uow, person_id, first, last)
    return [punch for punch in found if punch.id in used or low <= punch.wall < high]


def read_evidence(data: bytes) -> Evidence:
    """Raises ValueError when it is no evidence file."""
    try:
        return msgspec.json.decode(data, type=Evidence)
    except msgspec.MsgspecError as error:
        raise ValueError(f"this is no evidence file of Clockbridge: {error}") from error


def check_evidence(data: bytes) -> list[Finding]:
    """Check every punch of a file; raises ValueError when it is no evidence file."""
    return check_punches(read_evidence(data))


def check_punches(evidence: Evidence) -> list[Finding]:
    """Check every punch of a file by the file alone."""
    sound = [why_unsound(one, evidence.keys) for one in evidence.batches]
    return [_checked(punch, evidence.batches, sound) for punch in evidence.punches]


def _batch_of(uow: UnitOfWork, epoch_id: int, sequence: int) -> Any:
    """The batch that sealed a row; a longer one may have followed a shorter one, either proves it."""
    query = select(batch).where(batch.c.epoch_id == epoch_id, batch.c.first <= sequence, batch.c.last >= sequence)
    return uow.fetch_one(query.order_by(batch.c.last).limit(1))


def _as_evidence(row: Any, edge_name: str, epoch_name: str) -> EvidenceBatch:
    digests = [row.digests[start : start + 32] for start in range(0, len(row.digests), 32)]
    return EvidenceBatch(edge_name, epoch_name, row.first, row.last, row.previous_head, row.head, row.signature, row.key_id, digests)


def why_unsound(one: EvidenceBatch, keys: dict[str, bytes]) -> str:
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
