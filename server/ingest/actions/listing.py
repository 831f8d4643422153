"""Reading the quarantine and the refused messages: groups, single rows, counts."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

import msgspec
from sqlalchemy import BigInteger, ColumnElement, Row, Select, case, cast, exists, func, select, tuple_

from protocol import codec
from protocol.errors import DecodeError
from protocol.messages import PunchRow
from server.attendance.tables import punch
from server.errors import NotFoundError
from server.fleet.tables import edge, terminal
from server.ingest.tables import epoch, quarantine, refused_message
from server.storage import UnitOfWork

PAGE = 50
_WALL_FORM = "^[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2}$"


class QuarantineState(StrEnum):
    """What became of a row in quarantine."""

    OPEN = "open"
    REPLAYED = "replayed"
    DISMISSED = "dismissed"


@dataclass(frozen=True, slots=True)
class QuarantineFilter:
    """What a list shows; "" and None leave a question open. resolved_at: what one decision did, which has one instant."""

    reason: str = ""
    terminal: str = ""
    user: str = ""
    state: QuarantineState | None = QuarantineState.OPEN
    resolved_at: datetime | None = None


GroupKey = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class QuarantineGroup:
    """Rows of one reason, terminal and terminal user. first, last: wall times as the terminal wrote them, "" for none."""

    reason: str
    terminal: str
    user: str
    count: int
    first: str
    last: str
    arrived_at: datetime
    newest: int

    @property
    def key(self) -> GroupKey:
        """What `after` takes for the next page."""
        return (self.reason, self.terminal, self.user)


@dataclass(frozen=True, slots=True)
class QuarantinedRow:
    """A row in quarantine, with its evidence: the edge's chain at (epoch, sequence), and its bytes."""

    id: int
    reason: str
    edge: str
    epoch_id: int
    epoch: str
    sequence: int
    terminal: str
    user: str
    wall: str
    received_at: datetime | None
    arrived_at: datetime
    body: bytes
    content_hash: bytes
    state: QuarantineState
    resolved_at: datetime | None
    resolved_by: str | None
    note: str

    @property
    def row(self) -> PunchRow | None:
        """The row itself; None where its bytes are no row."""
        try:
            return codec.decode_row(self.body)
        except DecodeError:
            return None

    @property
    def raw(self) -> bytes:
        """The terminal's own bytes; what came instead of a row where it is none."""
        return self.body if self.row is None else self.row.raw

    @property
    def json(self) -> str:
        """The bytes as JSON over several lines; "" where they are none."""
        try:
            return msgspec.json.format(self.body, indent=2).decode()
        except (msgspec.DecodeError, UnicodeDecodeError):
            return ""


@dataclass(frozen=True, slots=True)
class KeptCounts:
    """Distinct rows of a terminal in quarantine that are no punch under their own identity. open: nobody has decided yet."""

    open: int = 0
    settled: int = 0

    @property
    def all(self) -> int:
        return self.open + self.settled


@dataclass(frozen=True, slots=True)
class RefusedMessage:
    """A message that was refused. body: at most 64 KB of it."""

    id: int
    edge: str
    reason: str
    detail: str
    content_hash: bytes
    topic: str
    body: bytes
    at: datetime
    last_at: datetime
    count: int


def list_groups(uow: UnitOfWork, wanted: QuarantineFilter, after: GroupKey | None = None, limit: int = PAGE) -> list[QuarantineGroup]:
    """One line for each (reason, terminal, terminal user), in this order, from behind the key `after` on."""
    key = (quarantine.c.reason, quarantine.c.terminal_serial, quarantine.c.terminal_user)
    # what a terminal wrote no time for must not look like the earliest time
    wall = func.nullif(quarantine.c.wall_text, "")
    query = select(
        *key,
        func.count().label("count"),
        func.min(wall).label("first"),
        func.max(wall).label("last"),
        func.max(quarantine.c.arrived_at).label("arrived_at"),
        func.max(quarantine.c.id).label("newest"),
    )
    query = query.where(*conditions(wanted)).group_by(*key).order_by(*key).limit(limit)
    if after is not None:
        query = query.where(tuple_(*key) > after)
    return [
        QuarantineGroup(reason, serial, user, count, first or "", last or "", arrived_at, newest)
        for reason, serial, user, count, first, last, arrived_at, newest in (tuple(row) for row in uow.fetch_all(query))
    ]


def list_rows(uow: UnitOfWork, wanted: QuarantineFilter, before: int | None = None, limit: int = PAGE) -> list[QuarantinedRow]:
    """Single rows, the latest first, from behind the id `before` on."""
    query = rows_query().where(*conditions(wanted)).order_by(quarantine.c.id.desc()).limit(limit)
    if before is not None:
        query = query.where(quarantine.c.id < before)
    return [as_row(row) for row in uow.fetch_all(query)]


def find_row(uow: UnitOfWork, row_id: int) -> QuarantinedRow:
    """One row; raises NotFoundError."""
    row = uow.fetch_one(rows_query().where(quarantine.c.id == row_id))
    if row is None:
        raise NotFoundError(what="row in quarantine", name=row_id)
    return as_row(row)


def rows_of_identity(uow: UnitOfWork, serial: str, user: str, wall: str) -> list[QuarantinedRow]:
    """What the quarantine holds or held of one punch, in the order it came."""
    same = (quarantine.c.terminal_serial == serial, quarantine.c.terminal_user == user, quarantine.c.wall_text == wall)
    return [as_row(row) for row in uow.fetch_all(rows_query().where(*same).order_by(quarantine.c.id))]


def count_rows(uow: UnitOfWork, wanted: QuarantineFilter) -> int:
    """How many rows fit."""
    return int(uow.scalar(select(func.count()).select_from(quarantine).where(*conditions(wanted))))


def known_reasons(uow: UnitOfWork) -> list[str]:
    """Every reason that a row was ever kept for, also doubts in an edge's own words."""
    query = select(quarantine.c.reason).distinct().order_by(quarantine.c.reason)
    return [row.reason for row in uow.fetch_all(query)]


def open_counts(uow: UnitOfWork) -> dict[str, int]:
    """Distinct open rows by the terminal's serial number, without those that became punches by another way meanwhile."""
    return {serial: counts.open for serial, counts in kept_counts(uow).items() if counts.open}


def kept_counts(uow: UnitOfWork) -> dict[str, KeptCounts]:
    """By serial number, what stands beside a terminal's punches: admitted + open + settled is what its edge appended.

    A row that was replayed, or came again and was admitted, is a punch and so is not counted here.
    """
    query = select(quarantine.c.terminal_serial, quarantine.c.state, func.count().label("rows")).where(~_is_punch())
    found: dict[str, dict[bool, int]] = {}
    for row in uow.fetch_all(query.group_by(quarantine.c.terminal_serial, quarantine.c.state)):
        of_terminal = found.setdefault(row.terminal_serial, {True: 0, False: 0})
        of_terminal[row.state == QuarantineState.OPEN] += int(row.rows)
    return {serial: KeptCounts(counts[True], counts[False]) for serial, counts in found.items()}


def list_refused(
    uow: UnitOfWork, *, reason: str = "", edge_name: str = "", before: int | None = None, limit: int = PAGE
) -> list[RefusedMessage]:
    """Refused messages, those that were first seen latest first."""
    query = select(refused_message).order_by(refused_message.c.id.desc()).limit(limit)
    if reason:
        query = query.where(refused_message.c.reason == reason)
    if edge_name:
        query = query.where(refused_message.c.edge == edge_name)
    if before is not None:
        query = query.where(refused_message.c.id < before)
    return [RefusedMessage(**row._mapping) for row in uow.fetch_all(query)]  # noqa: SLF001 - SQLAlchemy's documented name


def find_refused(uow: UnitOfWork, message_id: int) -> RefusedMessage:
    """One refused message; raises NotFoundError."""
    row = uow.fetch_one(select(refused_message).where(refused_message.c.id == message_id))
    if row is None:
        raise NotFoundError(what="refused message", name=message_id)
    return RefusedMessage(**row._mapping)  # noqa: SLF001 - as above


def conditions(wanted: QuarantineFilter) -> list[ColumnElement[bool]]:
    """The filter for a WHERE."""
    asked = (
        (quarantine.c.reason, wanted.reason),
        (quarantine.c.terminal_serial, wanted.terminal),
        (quarantine.c.terminal_user, wanted.user),
        (quarantine.c.state, wanted.state),
        (quarantine.c.resolved_at, wanted.resolved_at),
    )
    return [column == value for column, value in asked if value]


def rows_query() -> Select[Any]:
    """Rows as `as_row` reads them."""
    joined = quarantine.join(edge, edge.c.id == quarantine.c.edge_id).join(epoch, epoch.c.id == quarantine.c.epoch_id)
    return select(quarantine, edge.c.name.label("edge_name"), epoch.c.epoch.label("epoch_name")).select_from(joined)


def as_row(row: Row[Any]) -> QuarantinedRow:
    return QuarantinedRow(
        id=row.id,
        reason=row.reason,
        edge=row.edge_name,
        epoch_id=row.epoch_id,
        epoch=row.epoch_name,
        sequence=row.sequence,
        terminal=row.terminal_serial,
        user=row.terminal_user,
        wall=row.wall_text,
        received_at=row.received_at,
        arrived_at=row.arrived_at,
        body=row.body,
        content_hash=row.content_hash,
        state=QuarantineState(row.state),
        resolved_at=row.resolved_at,
        resolved_by=row.resolved_by,
        note=row.note,
    )


def _is_punch() -> ColumnElement[bool]:
    """Condition: a punch with this row's own identity exists."""
    same = (
        terminal.c.serial == quarantine.c.terminal_serial,
        punch.c.terminal_id == terminal.c.id,
        punch.c.wall == _packed_wall(),
        punch.c.terminal_user == quarantine.c.terminal_user,
    )
    return exists().where(*same).correlate(quarantine)


def _packed_wall() -> ColumnElement[int]:
    """The wall time as punches hold it; NULL where the text is none. A row may say anything, so the form is checked first."""
    text = quarantine.c.wall_text
    digits: Sequence[ColumnElement[str]] = [func.substr(text, start, length) for start, length in _PARTS]
    joined = digits[0]
    for part in digits[1:]:
        joined = joined.concat(part)
    return case((text.regexp_match(_WALL_FORM), cast(joined, BigInteger)))


_PARTS = ((1, 4), (6, 2), (9, 2), (12, 2), (15, 2), (18, 2))
"""Where the six numbers stand in "YYYY-MM-DD hh:mm:ss": (first character, characters)."""
