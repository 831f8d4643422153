"""Following punches durably: none is passed over and none is given twice, also when transactions end in another order than they began.

The mechanism is that of the live board (`store.board`), upwards and without passing over a flood.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

import msgspec
from sqlalchemy import bindparam, func, select

from server.attendance.model import BoardCursor
from server.attendance.store.board import snapshot_of
from server.attendance.store.lines import enrolled_then
from server.attendance.tables import punch, punch_cursor
from server.directory.tables import enrolment
from server.fleet.tables import terminal
from server.storage import UnitOfWork, unpack_date, upsert

NAME = "days"
_DAY = 1_000_000
_UPWARDS = select(punch.c.id).where(punch.c.id > bindparam("settled")).order_by(punch.c.id).limit(bindparam("limit"))


def hold_cursor(uow: UnitOfWork) -> BoardCursor | None:
    """The cursor for this transaction alone; None where another worker holds it."""
    query = select(punch_cursor.c.body).where(punch_cursor.c.name == NAME)
    if uow.dialect == "postgresql":
        query = query.with_for_update(skip_locked=True)
    row = uow.fetch_one(query)
    if row is not None:
        return msgspec.json.decode(row.body, type=BoardCursor)
    return BoardCursor(0) if uow.fetch_one(select(punch_cursor.c.name).where(punch_cursor.c.name == NAME)) is None else None


def alone(uow: UnitOfWork, what: int) -> bool:
    """Whether this transaction is the only one that does `what`, a number of ours; on SQLite a writing one always is."""
    return uow.dialect == "sqlite" or bool(uow.scalar(select(func.pg_try_advisory_xact_lock(what))))


def seen_cursor(uow: UnitOfWork) -> BoardCursor:
    """The cursor as it stands, to see whether anything came."""
    body = uow.scalar(select(punch_cursor.c.body).where(punch_cursor.c.name == NAME))
    return BoardCursor(0) if body is None else msgspec.json.decode(body, type=BoardCursor)


def move_cursor(uow: UnitOfWork, cursor: BoardCursor) -> None:
    upsert(uow, punch_cursor, [{"name": NAME, "body": msgspec.json.encode(cursor)}], ["name"])


def came_after(uow: UnitOfWork, cursor: BoardCursor, limit: int) -> tuple[list[int], BoardCursor]:
    """Ids of at most `limit` punches that came since the cursor, and the cursor behind them.

    In a writing transaction each statement sees its own moment: what was over before the punches were read is in them, and what had not
    begun when they had been read is not.
    """
    over = _over(uow)
    room = limit + len(cursor.seen)
    ids = [row.id for row in uow.fetch_all(_UPWARDS, {"settled": cursor.settled, "limit": room})]
    fresh = [one for one in ids if one not in cursor.seen]
    return fresh, _moved(uow, cursor, ids, over, cut=len(ids) == room)


def days_of_punches(uow: UnitOfWork, ids: Sequence[int]) -> set[tuple[int, date]]:
    """(person, date the terminal showed) of these punches; those that are nobody's give none."""
    joined = punch.join(terminal, terminal.c.id == punch.c.terminal_id).join(enrolment, enrolled_then())
    query = select(enrolment.c.person_id, punch.c.wall).select_from(joined).where(punch.c.id.in_(ids))
    found = {(row.person_id, row.wall // _DAY) for row in uow.fetch_all(query)}
    return {(person_id, day) for person_id, packed in found if (day := _real_date(packed)) is not None}


def _over(uow: UnitOfWork) -> int:
    """On PostgreSQL all transactions below this number are over."""
    return 0 if uow.dialect == "sqlite" else int(snapshot_of(uow).lowest)


def _real_date(packed: int) -> date | None:
    try:
        return unpack_date(packed)
    except ValueError:
        return None


def _moved(uow: UnitOfWork, cursor: BoardCursor, ids: Sequence[int], over: int, *, cut: bool) -> BoardCursor:
    top = max(ids, default=cursor.settled)
    if uow.dialect == "sqlite":
        return BoardCursor(top)  # one writer at a time: what is visible is all there is below
    settled, watched, until = cursor.settled, cursor.watched_id, cursor.watched_until
    if over >= until:
        settled = max(settled, min(watched, top) if cut else watched)
        watched, until = top, int(snapshot_of(uow).next)
    return replace(BoardCursor(settled), seen=frozenset(one for one in ids if one > settled), watched_id=watched, watched_until=until)
