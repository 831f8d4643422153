"""What edges read of terminals' logs: read receipts."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, delete, select

from protocol.messages import LastRead
from server.fleet import store
from server.fleet.engine import next_reading
from server.fleet.model import Reading
from server.fleet.tables import terminal_reading
from server.storage import UnitOfWork, upsert

KEPT = timedelta(days=400)


def record_readings(uow: UnitOfWork, told: Mapping[int, LastRead]) -> None:
    """Keep what edges read, by terminal. Several reads between two words of an edge leave the last one."""
    if not told:
        return
    last = {row.terminal_id: _reading(row) for row in store.latest_rows(uow, terminal_reading, "first_at", list(told))}
    found = {key: next_reading(last.get(key), one) for key, one in told.items()}
    rows = [{"terminal_id": key, **asdict(one)} for key, one in found.items() if one]
    upsert(uow, terminal_reading, rows, key=["terminal_id", "first_at"])


def readings(uow: UnitOfWork, terminal_id: int, *, before: datetime | None = None, limit: int = 20) -> list[Reading]:
    """Reads of a terminal's log, the latest first; before: those that began to say so earlier than this."""
    query = select(terminal_reading).where(terminal_reading.c.terminal_id == terminal_id)
    if before is not None:
        query = query.where(terminal_reading.c.first_at < before)
    return [_reading(row) for row in uow.fetch_all(query.order_by(terminal_reading.c.first_at.desc()).limit(limit))]


def tidy_readings(uow: UnitOfWork, now: datetime) -> int:
    """Forget reads of long ago; returns how many rows."""
    return uow.execute(delete(terminal_reading).where(terminal_reading.c.last_at < now - KEPT)).rowcount


def _reading(row: Row[Any]) -> Reading:
    return Reading(**{name: value for name, value in row._mapping.items() if name != "terminal_id"})  # noqa: SLF001 - a documented name
