"""The comparison in the database: counts that wait for it, what is here of a terminal's days, and what was found."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Row, delete, func, insert, or_, select

from protocol import codec
from protocol.counting import MIDNIGHT, count_days, day_of, digest_of, span_of
from protocol.errors import DecodeError
from protocol.instants import WallTime, pack_wall
from protocol.messages import Counted, CountedDay, Source
from server.attendance.actions.erasing import ERASED_USER
from server.attendance.tables import punch, terminal_tally
from server.fleet.tables import edge
from server.ingest.reconciliation.model import DayState, Gap, Held, Named, Origin, ReconciledDay, Reconciliation, WaitingCount
from server.ingest.reconciliation.tables import reconciled_day, reconciliation, waiting_count
from server.ingest.tables import quarantine
from server.storage import UnitOfWork, unpack_date, upsert

DATE_CHARACTERS = 10
KEPT = timedelta(days=400)
_DAY_FIELDS = [column for column in reconciled_day.c if column.name != "terminal_id"]
_IS_ERASED = (quarantine.c.terminal_user == "") & (func.length(quarantine.c.body) == 0)
Identity = tuple[WallTime, str]
_reader = msgspec.json.Decoder(Counted)


def add_waiting(uow: UnitOfWork, terminal_id: int, edge_id: int, said: Counted, at: datetime) -> None:
    """This is to be compared with what is here now."""
    newest = {
        "newest_punch": int(uow.scalar(select(func.max(punch.c.id))) or 0),
        "newest_kept_back": int(uow.scalar(select(func.max(quarantine.c.id))) or 0),
    }
    row = {"terminal_id": terminal_id, "edge_id": edge_id, "at": at, "body": msgspec.json.encode(said)}
    uow.execute(insert(waiting_count).values(row | newest))


def first_waiting(uow: UnitOfWork) -> int | None:
    """The count that waits longest; None where none does."""
    first: int | None = uow.scalar(select(func.min(waiting_count.c.id)))
    return first


def waiting(uow: UnitOfWork, count_id: int) -> WaitingCount | None:
    """A count that waits; None where somebody took it already."""
    row = uow.fetch_one(select(waiting_count).where(waiting_count.c.id == count_id))
    if row is None:
        return None
    said = _reader.decode(row.body)
    return WaitingCount(row.id, row.terminal_id, row.edge_id, row.at, said, row.newest_punch, row.newest_kept_back)


def take_waiting(uow: UnitOfWork, count_id: int) -> bool:
    """It waits no more; False where somebody took it already."""
    return uow.execute(delete(waiting_count).where(waiting_count.c.id == count_id)).rowcount == 1


def counted_here(uow: UnitOfWork, one: WaitingCount) -> dict[date, CountedDay]:
    """What was here of a terminal's days when they were counted: punches, and what was kept back of it, each identity once."""
    low, high = span_of(one.said.first, one.said.last)
    query = select(punch.c.wall, punch.c.terminal_user).where(punch.c.terminal_id == one.terminal_id, punch.c.wall.between(low, high))
    query = query.where(punch.c.id <= one.newest_punch).order_by(punch.c.wall)
    punches: list[Identity] = [(wall, user) for wall, user in map(tuple, uow.fetch_all(query))]
    kept_back = {identity for identity, _ in _kept_back(uow, one, one.said.first, one.said.last) if low <= identity[0] <= high}
    return {day.day: day for day in count_days(sorted(kept_back.union(punches)) if kept_back else punches)}


def held_on(uow: UnitOfWork, one: WaitingCount, day: date) -> list[Held]:
    """Each punch of a day that was here when it was counted, with how it came; what was kept back and became a punch stands once."""
    low, high = span_of(day, day)
    query = select(punch.c.id, punch.c.wall, punch.c.terminal_user, punch.c.source, punch.c.edge_id)
    query = query.where(punch.c.terminal_id == one.terminal_id, punch.c.wall.between(low, high), punch.c.id <= one.newest_punch)
    found: dict[Identity, Held] = {}
    for row in uow.fetch_all(query.order_by(punch.c.wall)):
        digest = None if row.terminal_user.startswith(ERASED_USER) else digest_of(row.wall, row.terminal_user)
        from_file = row.source == Source.ATTLOG_FILE
        found[row.wall, row.terminal_user] = Held(row.wall % MIDNIGHT, digest, _origin(one, row.edge_id, from_file), row.id)
    for (wall, user), row in _kept_back(uow, one, day, day, quarantine.c.edge_id, quarantine.c.body):
        digest = None if row.erased else digest_of(wall, user)
        found.setdefault((wall, user), Held(wall % MIDNIGHT, digest, _origin(one, row.edge_id, _is_from_file(row.body)), None))
    return list(found.values())


def _kept_back(
    uow: UnitOfWork, one: WaitingCount, first: date, last: date, *columns: ColumnElement[Any]
) -> Iterator[tuple[Identity, Row[Any]]]:
    """What was kept back of a terminal's days and has an identity. One that was erased has a mark of its own in the place of its user."""
    shown = func.substr(quarantine.c.wall_text, 1, DATE_CHARACTERS)
    days = [date.fromordinal(number).isoformat() for number in range(first.toordinal(), last.toordinal() + 1)]
    query = select(quarantine.c.id, quarantine.c.wall_text, quarantine.c.terminal_user, _IS_ERASED.label("erased"), *columns)
    query = query.where(quarantine.c.terminal_serial == one.said.terminal, shown.in_(days), quarantine.c.id <= one.newest_kept_back)
    for row in uow.fetch_all(query):
        try:
            yield (pack_wall(row.wall_text), f"{ERASED_USER}{row.id}" if row.erased else row.terminal_user), row
        except DecodeError:  # it has no identity, at the edge neither
            continue


def _is_from_file(body: bytes) -> bool:
    try:
        return codec.decode_row(body).source is Source.ATTLOG_FILE
    except DecodeError:  # erased, or never a row
        return False


def _origin(one: WaitingCount, edge_id: int, from_file: bool) -> Origin:
    if from_file:
        return Origin.FILE
    return Origin.FORGOTTEN if edge_id == one.edge_id else Origin.OTHER_EDGE


def erased_day(uow: UnitOfWork, terminal_id: int, serial: str) -> date | None:
    """The last day of which it was erased here whose a punch of this terminal was."""
    wall = uow.scalar(select(terminal_tally.c.erased_wall).where(terminal_tally.c.terminal_id == terminal_id))
    text = uow.scalar(select(func.max(quarantine.c.wall_text)).where(quarantine.c.terminal_serial == serial, _IS_ERASED))
    days = [unpack_date(wall // MIDNIGHT) if wall else None, day_of(text or "")]
    return max((one for one in days if one is not None), default=None)


def days_of(uow: UnitOfWork, terminal_id: int, first: date, last: date) -> list[ReconciledDay]:
    """As they were compared last, the latest first."""
    of_days = reconciled_day.c.day.between(first, last)
    query = select(*_DAY_FIELDS).where(reconciled_day.c.terminal_id == terminal_id, of_days).order_by(reconciled_day.c.day.desc())
    return [_as_day(row) for row in uow.fetch_all(query)]


def keep(uow: UnitOfWork, terminal_id: int, edge_id: int, at: datetime, first: date, last: date, days: Sequence[ReconciledDay]) -> None:
    """This is what was found last. Forgotten are days that have no punches at the edge any more, and very old ones."""
    day = reconciled_day.c.day
    gone = or_(day.between(first, last), day < last - KEPT)
    uow.execute(delete(reconciled_day).where(reconciled_day.c.terminal_id == terminal_id, gone))
    run = {"terminal_id": terminal_id, "edge_id": edge_id, "at": at, "first": first, "last": last}
    upsert(uow, reconciliation, [run], ("terminal_id",))
    upsert(uow, reconciled_day, [_values(one) | {"terminal_id": terminal_id} for one in days], ("terminal_id", "day"))


def last_of(uow: UnitOfWork, terminal_id: int) -> Reconciliation | None:
    """The last comparison; None where there was none."""
    joined = reconciliation.join(edge, edge.c.id == reconciliation.c.edge_id)
    query = select(reconciliation, edge.c.name).select_from(joined).where(reconciliation.c.terminal_id == terminal_id)
    row = uow.fetch_one(query)
    if row is None:
        return None
    return Reconciliation(row.name, row.at, row.first, row.last, tuple(days_of(uow, terminal_id, row.first, row.last)))


def gaps(uow: UnitOfWork) -> dict[int, Gap]:
    """By terminal, what is missing of the days that were compared last."""
    joined = reconciled_day.join(reconciliation, reconciliation.c.terminal_id == reconciled_day.c.terminal_id)
    day = reconciled_day.c
    query = select(
        day.terminal_id,
        func.count().label("days"),
        func.sum(day.missing).label("missing"),
        func.min(day.day).label("first"),
        func.min(day.gap_since).label("since"),
    ).select_from(joined)
    query = query.where(day.state == DayState.GAP.value, day.day >= reconciliation.c.first).group_by(day.terminal_id)
    return {row.terminal_id: Gap(row.days, int(row.missing), row.first, row.since) for row in uow.fetch_all(query)}


def _values(one: ReconciledDay) -> dict[str, Any]:
    return {column.name: getattr(one, column.name) for column in _DAY_FIELDS} | {"named": msgspec.to_builtins(one.named)}


def _as_day(row: Row[Any]) -> ReconciledDay:
    named = None if row.named is None else msgspec.convert(row.named, Named)
    return ReconciledDay(**{**row._mapping, "state": DayState(row.state), "named": named})  # noqa: SLF001 - SQLAlchemy's documented name
