"""What the live board asks: the punches that came since it last looked, in the order they came."""

from dataclasses import replace
from typing import Any

from sqlalchemy import Row, bindparam, select, text

from server.attendance.model import BoardCursor, PunchLine
from server.attendance.store.lines import lines_by_id
from server.attendance.tables import punch
from server.storage import UnitOfWork

IN_FLIGHT = 5_000
"""On PostgreSQL, punches of transactions that are under way while a board opens have ids at most this far down."""

_SNAPSHOT = text(
    "SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint AS lowest, pg_snapshot_xmax(pg_current_snapshot())::text::bigint AS next"
)
_LATER = select(punch.c.id).where(punch.c.id > bindparam("settled")).order_by(punch.c.id.desc()).limit(bindparam("limit"))


def board_start(uow: UnitOfWork, shown: int, *, see_people: bool = True) -> tuple[list[PunchLine], BoardCursor]:
    """The punches that came last, at most `shown`, oldest first, and the cursor to go on from."""
    ids = sorted(row.id for row in uow.fetch_all(_LATER, {"settled": 0, "limit": shown if uow.dialect == "sqlite" else IN_FLIGHT}))
    lines = lines_by_id(uow, ids[-shown:], see_people=see_people)
    return [lines[one] for one in ids[-shown:]], _moved(uow, BoardCursor(ids[0] - 1 if ids else 0), ids)


def punches_after(
    uow: UnitOfWork, cursor: BoardCursor, limit: int = 200, *, see_people: bool = True
) -> tuple[list[PunchLine], BoardCursor]:
    """What came since the cursor, oldest first; of a flood the last `limit`, because nobody could read the rest.

    Call it in a reading unit of work: punches and snapshot must be of one moment. No punch is missed and none is given twice, also
    when transactions of several workers end in another order than they began.
    """
    ids = sorted(row.id for row in uow.fetch_all(_LATER, {"settled": cursor.settled, "limit": limit + len(cursor.seen)}))
    fresh = [one for one in ids if one not in cursor.seen][-limit:]
    lines = lines_by_id(uow, fresh, see_people=see_people)
    if len(ids) == limit + len(cursor.seen):
        cursor = replace(cursor, settled=max(cursor.settled, ids[0] - 1))  # a flood: what lies below was passed over, for good
    return [lines[one] for one in fresh], _moved(uow, cursor, ids)


def _moved(uow: UnitOfWork, cursor: BoardCursor, ids: list[int]) -> BoardCursor:
    top = max(ids, default=cursor.settled)
    if uow.dialect == "sqlite":
        return BoardCursor(top)  # one writer at a time: what is visible is all there is below
    snapshot = snapshot_of(uow)
    settled, watched, until = cursor.settled, cursor.watched_id, cursor.watched_until
    if snapshot.lowest >= until:
        settled = max(settled, watched)
        watched, until = top, snapshot.next
    return BoardCursor(settled, frozenset(one for one in ids if one > settled), watched, until)


def snapshot_of(uow: UnitOfWork) -> Row[Any]:
    """PostgreSQL: numbers of transactions. lowest: all below are over; next: the first that has not begun."""
    row = uow.fetch_one(_SNAPSHOT)
    assert row is not None
    return row
