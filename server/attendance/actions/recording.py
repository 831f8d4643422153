"""Recording punches, each identity once: the hot path of ingest.

The statements are written for each dialect, because everything general costs here. On SQLite one `executemany`; on PostgreSQL a binary
COPY into a temporary table and one insert-select. That a row was there already is seen from the count of affected rows; only then
the stored rows are read to tell which.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from operator import itemgetter
from typing import Any

from sqlalchemy import case, select
from sqlalchemy.dialects import postgresql, sqlite

from server.attendance.actions.erasing import erased_among
from server.attendance.model import NewPunch, Recorded
from server.attendance.tables import punch, terminal_tally
from server.storage import UnitOfWork, copy_to_intake, from_microseconds, insert_from_intake, portions, to_microseconds

_GIVEN = (
    "wall", "terminal_id", "terminal_user", "received_at", "drift_ms", "verify", "state", "source", "edge_id", "epoch_id", "sequence",
    "live", "body",
)  # fmt: skip
"""Columns in the order of a NewPunch's fields, so that one goes into the statement as it is."""
_COLUMNS = (*_GIVEN, "admitted_at")
_KEY = ("wall", "terminal_id", "terminal_user")
_SQLITE_INSERT = (
    f"INSERT INTO punch ({', '.join(_COLUMNS)}) VALUES ({', '.join('?' * len(_GIVEN))}, {{admitted}}) "  # noqa: S608 - our own names
    f"ON CONFLICT ({', '.join(_KEY)}) DO NOTHING"
)
_SQLITE_LOOK = (
    "WITH given (position, wall, terminal_id, terminal_user) AS (VALUES {values}) "
    "SELECT given.position, punch.id, punch.epoch_id, punch.sequence FROM given CROSS JOIN punch ON punch.wall = given.wall "
    "AND punch.terminal_id = given.terminal_id AND punch.terminal_user = given.terminal_user"
)
_POSTGRESQL_LOOK = (
    "SELECT given.position, punch.id, punch.epoch_id, punch.sequence FROM {intake} AS given JOIN punch ON punch.wall = given.wall "
    "AND punch.terminal_id = given.terminal_id AND punch.terminal_user = given.terminal_user"
)
_LOOK_AT_ONCE = 5_000
"""Four values each: below SQLite's limit of 32,766 values in a statement."""


def record_punches(uow: UnitOfWork, rows: Sequence[NewPunch], admitted_at: datetime) -> Recorded:
    """Store the punches whose identity (wall time, terminal, terminal user) is not there yet, in the given order.

    Terminals and edges must exist. Says how many were new, and which positions are duplicates: those whose identity is stored with
    another (epoch, sequence) than their own, and those that were erased. Repeating the call changes nothing.
    """
    if not rows:
        return Recorded(0, frozenset())
    if erased := erased_among(uow, rows):
        places = [place for place in range(len(rows)) if place not in erased]
        found = _record(uow, [rows[place] for place in places], admitted_at)
        return Recorded(found.new, frozenset(erased | {places[place] for place in found.duplicates}))
    return _record(uow, rows, admitted_at)


def _record(uow: UnitOfWork, rows: Sequence[NewPunch], admitted_at: datetime) -> Recorded:
    if not rows:
        return Recorded(0, frozenset())
    top = uow.connection.exec_driver_sql("SELECT coalesce(max(id), 0) FROM punch").scalar_one()
    if uow.dialect == "sqlite":
        new, look = _record_on_sqlite(uow, rows, admitted_at), _SQLITE_LOOK
    else:
        intake = copy_to_intake(uow, punch, _COLUMNS, _for_postgresql(rows, admitted_at))
        new, look = insert_from_intake(uow, punch, _COLUMNS, _KEY, intake), _POSTGRESQL_LOOK.format(intake=intake)
    if new == len(rows):
        _tally(uow, rows, admitted_at)
        return Recorded(new, frozenset())
    inserted, duplicates = _told_apart(rows, _stored(uow, rows, look), top)
    assert len(inserted) == new, "every stored row is either ours or was there before"
    _tally(uow, inserted, admitted_at)
    return Recorded(new, frozenset(duplicates))


def known_among(uow: UnitOfWork, terminal_id: int, keys: Collection[tuple[int, str]]) -> set[tuple[int, str]]:
    """Those of these (wall time, terminal user) of a terminal that are punches already; only reads."""
    query = select(punch.c.wall, punch.c.terminal_user).where(punch.c.terminal_id == terminal_id)
    walls = sorted({wall for wall, _ in keys})
    found = {(row.wall, row.terminal_user) for some in portions(walls) for row in uow.fetch_all(query.where(punch.c.wall.in_(some)))}
    return found & set(keys)


def already_there(uow: UnitOfWork, rows: Sequence[NewPunch]) -> frozenset[int]:
    """Positions of the rows whose identity is stored, or stands further up among them; nothing is written."""
    if not rows:
        return frozenset()
    look = _SQLITE_LOOK
    if uow.dialect != "sqlite":
        intake = copy_to_intake(uow, punch, _COLUMNS, _for_postgresql(rows, from_microseconds(rows[0].received_us)))
        look = _POSTGRESQL_LOOK.format(intake=intake)
    first: dict[tuple[Any, ...], int] = {}
    repeated = {position for position, row in enumerate(rows) if first.setdefault(row[:3], position) != position}
    return frozenset(repeated | {found[0] for found in _stored(uow, rows, look)})


def _record_on_sqlite(uow: UnitOfWork, rows: Sequence[NewPunch], admitted_at: datetime) -> int:
    """The driver is quickest with exact tuples of exact types; anything derived costs it a look-up for each value (measured)."""
    statement = _SQLITE_INSERT.format(admitted=to_microseconds(admitted_at))
    cursor = uow.connection.connection.cursor()
    try:
        return int(cursor.executemany(statement, list(map(tuple, rows))).rowcount)
    finally:
        cursor.close()


def _for_postgresql(rows: Sequence[NewPunch], admitted_at: datetime) -> Iterable[tuple[Any, ...]]:
    moments = {count: from_microseconds(count) for count in {row.received_us for row in rows}}
    return ((*row[:3], moments[row.received_us], *row[4:], admitted_at) for row in rows)


def _stored(uow: UnitOfWork, rows: Sequence[NewPunch], look: str) -> Iterable[Any]:
    """(position, id, epoch, sequence) of the stored row for each given row."""
    if uow.dialect != "sqlite":
        yield from uow.connection.exec_driver_sql(look)
        return
    for start in range(0, len(rows), _LOOK_AT_ONCE):
        part = rows[start : start + _LOOK_AT_ONCE]
        values = tuple(value for position, row in enumerate(part, start) for value in (position, *row[:3]))
        yield from uow.connection.exec_driver_sql(look.format(values=", ".join(["(?, ?, ?, ?)"] * len(part))), values)


def _told_apart(rows: Sequence[NewPunch], stored: Iterable[Any], top: int) -> tuple[list[NewPunch], list[int]]:
    """(rows that were stored just now, positions of duplicates). A row of ours above the former top of ids is of just now."""
    inserted: dict[int, NewPunch] = {}
    duplicates = []
    for position, punch_id, epoch_id, sequence in stored:
        row = rows[position]
        if (row.epoch_id, row.sequence) != (epoch_id, sequence):
            duplicates.append(position)
        elif punch_id > top:
            inserted[punch_id] = row
    return list(inserted.values()), duplicates


def _tally(uow: UnitOfWork, rows: Sequence[NewPunch], admitted_at: datetime) -> None:
    """Count them to their terminals, in the order of terminals, so that two workers never wait for each other crosswise."""
    if not rows:
        return
    if len(set(map(itemgetter(1), rows))) == 1:  # as in most batches
        counts, latest = {rows[0].terminal_id: len(rows)}, {rows[0].terminal_id: max(map(itemgetter(0), rows))}
    else:
        counts, latest = Counter(map(itemgetter(1), rows)), _latest(rows)
    statement = (sqlite.insert if uow.dialect == "sqlite" else postgresql.insert)(terminal_tally)
    old, new = terminal_tally.c, statement.excluded
    statement = statement.on_conflict_do_update(
        index_elements=["terminal_id"],
        set_={
            "admitted": old.admitted + new.admitted,
            "latest_wall": case((new.latest_wall > old.latest_wall, new.latest_wall), else_=old.latest_wall),
            "latest_admitted_at": new.latest_admitted_at,
        },
    )
    uow.execute(
        statement,
        [
            {"terminal_id": one, "admitted": counts[one], "latest_wall": latest[one], "latest_admitted_at": admitted_at}
            for one in sorted(counts)
        ],
    )


def _latest(rows: Sequence[NewPunch]) -> dict[int, int]:
    latest: dict[int, int] = {}
    for row in rows:
        latest[row.terminal_id] = max(row.wall, latest.get(row.terminal_id, 0))
    return latest
