"""A punch's way through the system, with its proof checked at the moment somebody looks.

The proof is checked on the very file that can be downloaded, by the same function that anybody can run on it.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
from sqlalchemy import Row, select

from protocol import chain, codec
from protocol.errors import DecodeError
from protocol.instants import pack_moment, show_wall, wall_moment
from protocol.messages import PunchRow
from server.attendance import actions as attendance
from server.attendance.model import Punch, PunchLine
from server.attendance.tables import punch
from server.fleet.tables import edge, edge_key, terminal
from server.ingest.actions.listing import QuarantinedRow, rows_of_identity
from server.ingest.evidence import PUNCHES_ONLY, Evidence, EvidenceBatch, EvidencePunch, Finding, check_evidence
from server.ingest.tables import batch, epoch
from server.storage import UnitOfWork

NEAR = timedelta(seconds=60)
"""To both sides: another punch of the same user is shown beside this one."""
OUTCOMES = {"N": "new", "D": "duplicate", "Q": "quarantined"}


@dataclass(frozen=True, slots=True)
class SealingBatch:
    """A batch that holds the punch's row, as it was sealed. outcome: what became of the row in it, in words."""

    id: int
    first: int
    last: int
    previous_head: bytes
    head: bytes
    signature: bytes
    key_id: str
    digest: bytes
    outcome: str
    admitted_at: datetime
    worker: str
    new: int
    duplicate: int
    quarantined: int


@dataclass(frozen=True, slots=True)
class NearPunch:
    """A punch of the same terminal user in the same zone within a minute."""

    id: int
    wall: str
    terminal: str


@dataclass(frozen=True, slots=True)
class Trace:
    """All that is known of one punch. mark: rows of its epoch up to here have their receipt. batches: the first one proves it."""

    punch: Punch
    line: PunchLine
    edge: str
    epoch: str
    mark: int
    batches: tuple[SealingBatch, ...]
    finding: Finding
    kept: tuple[QuarantinedRow, ...]
    near: tuple[NearPunch, ...]

    @property
    def row(self) -> PunchRow | None:
        """What the edge wrote; None for bytes that are no row."""
        try:
            return codec.decode_row(self.punch.body)
        except DecodeError:
            return None

    @property
    def json(self) -> str:
        """The bytes as JSON over several lines."""
        try:
            return msgspec.json.format(self.punch.body, indent=2).decode()
        except (msgspec.DecodeError, UnicodeDecodeError):
            return ""

    @property
    def digest(self) -> bytes:
        return chain.digest(self.punch.body)

    @property
    def receipted(self) -> bool:
        return self.mark >= self.punch.sequence

    @property
    def wall(self) -> str:
        """What the terminal's clock showed."""
        return show_wall(self.punch.wall)

    @property
    def site_zone(self) -> ZoneInfo:
        return ZoneInfo(self.line.time_zone)

    @property
    def shown_at(self) -> datetime | None:
        """The wall time as an instant by the site's zone; None where no calendar has it."""
        moment = wall_moment(self.punch.wall)
        return None if moment is None else moment.replace(tzinfo=self.site_zone)

    @property
    def happened_at(self) -> datetime | None:
        """The wall time without the terminal's drift: when it was by true time; None where either is not known."""
        if self.shown_at is None or self.punch.drift_ms is None:
            return None
        return self.shown_at - timedelta(milliseconds=self.punch.drift_ms)

    @property
    def edge_delay(self) -> timedelta | None:
        """From the punch by true time, or by the terminal's where its drift is not known, to when the edge had it."""
        begun = self.happened_at or self.shown_at
        return None if begun is None else self.punch.received_at - begun

    @property
    def server_delay(self) -> timedelta:
        """From the edge to this database."""
        return self.punch.admitted_at - self.punch.received_at


def trace_punch(uow: UnitOfWork, punch_id: int, *, see_people: bool) -> Trace:
    """Find all of it and check the proof; raises NotFoundError."""
    found = attendance.find_punch(uow, punch_id)
    line = attendance.find_line(uow, punch_id, see_people=see_people)
    edge_name, epoch_name, mark = _epoch_of(uow, found)
    sealed = tuple(_sealing(row, found.sequence) for row in _batches_of(uow, found))
    finding = check_evidence(_evidence_of(uow, found, ""))[0]
    kept = rows_of_identity(uow, str(line.terminal_serial), str(found.terminal_user), show_wall(found.wall))
    return Trace(found, line, edge_name, epoch_name, mark, sealed, finding, tuple(kept), tuple(_near(uow, found)))


def punch_evidence(uow: UnitOfWork, punch_id: int, *, see_people: bool) -> bytes:
    """One punch as an evidence file, JSON; it names nobody where people may not be seen. Raises NotFoundError."""
    found = attendance.find_punch(uow, punch_id)
    line = attendance.find_line(uow, punch_id, see_people=see_people)
    return _evidence_of(uow, found, line.employee_number or "")


def _evidence_of(uow: UnitOfWork, found: Punch, person: str) -> bytes:
    edge_name, epoch_name, _ = _epoch_of(uow, found)
    row = next(iter(_batches_of(uow, found)), None)
    batches, keys = [], {}
    if row is not None:
        digests = [row.digests[start : start + chain.HASH_BYTES] for start in range(0, len(row.digests), chain.HASH_BYTES)]
        heads = (row.previous_head, row.head, row.signature, row.key_id)
        batches = [EvidenceBatch(edge_name, epoch_name, row.first, row.last, *heads, digests)]
        key = uow.scalar(select(edge_key.c.public_key).where(edge_key.c.key_id == row.key_id, edge_key.c.edge_id == found.edge_id))
        keys = {} if key is None else {row.key_id: key}
    text, day = found.body.decode("utf-8", "replace"), show_wall(found.wall)[:10]
    admitted = found.admitted_at.isoformat()
    one = EvidencePunch(text, edge_name, epoch_name, found.sequence, admitted, None if row is None else 0)
    return msgspec.json.format(msgspec.json.encode(Evidence(PUNCHES_ONLY, person, day, day, [one], batches, keys)), indent=1)


def _epoch_of(uow: UnitOfWork, found: Punch) -> tuple[str, str, int]:
    query = select(edge.c.name, epoch.c.epoch, epoch.c.mark).select_from(epoch.join(edge, edge.c.id == epoch.c.edge_id))
    row = uow.fetch_one(query.where(epoch.c.id == found.epoch_id))
    return ("", "", 0) if row is None else (row.name, row.epoch, row.mark)


def _batches_of(uow: UnitOfWork, found: Punch) -> list[Row[Any]]:
    """Batches that hold the row; a longer one may have followed a shorter one, each of them proves it."""
    query = select(batch).where(batch.c.epoch_id == found.epoch_id, batch.c.first <= found.sequence, batch.c.last >= found.sequence)
    return list(uow.fetch_all(query.order_by(batch.c.last)))


def _sealing(row: Row[Any], sequence: int) -> SealingBatch:
    place = sequence - row.first
    return SealingBatch(
        id=row.id,
        first=row.first,
        last=row.last,
        previous_head=row.previous_head,
        head=row.head,
        signature=row.signature,
        key_id=row.key_id,
        digest=row.digests[place * chain.HASH_BYTES : (place + 1) * chain.HASH_BYTES],
        outcome=OUTCOMES.get(chr(row.outcomes[place]), "") if place < len(row.outcomes) else "",
        admitted_at=row.admitted_at,
        worker=row.worker,
        new=row.new,
        duplicate=row.duplicate,
        quarantined=row.quarantined,
    )


def _near(uow: UnitOfWork, found: Punch) -> list[NearPunch]:
    moment = wall_moment(found.wall)
    if moment is None:
        return []
    zone = select(terminal.c.zone_id).where(terminal.c.id == found.terminal_id).scalar_subquery()
    joined = punch.join(terminal, terminal.c.id == punch.c.terminal_id)
    query = select(punch.c.id, punch.c.wall, terminal.c.name).select_from(joined)
    query = query.where(
        terminal.c.zone_id == zone,
        punch.c.terminal_user == found.terminal_user,
        punch.c.wall.between(pack_moment(moment - NEAR), pack_moment(moment + NEAR)),
        punch.c.id != found.id,
    )
    return [NearPunch(row.id, show_wall(row.wall), row.name) for row in uow.fetch_all(query.order_by(punch.c.wall, punch.c.id).limit(20))]
