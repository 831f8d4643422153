"""What terminals that push told, as their edges took it: receipts by day and table."""

from collections.abc import Mapping, Sequence
from dataclasses import fields
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Row, delete, select

from protocol.messages import Pushed
from server.fleet.model import PushReceipt
from server.fleet.tables import terminal_pushed
from server.storage import UnitOfWork, upsert

KEPT = timedelta(days=400)
_COLUMNS = [terminal_pushed.c[one.name] for one in fields(PushReceipt)]
_KEY = ("terminal_id", "day", "told", "first_at")
_SAME = ("last_at", "bodies", "refused", "rows", "punches", "doubtful", "appended", "stamp", "missing")


def record_pushes(uow: UnitOfWork, terminals: Mapping[str, int], told: Sequence[Pushed]) -> None:
    """Keep what an edge says of terminals, by serial number; its latest word on a day counts. Dates that do not exist are left out."""
    found = {
        (terminals[one.serial], day, one.table, one.first_at): one for one in told if one.serial in terminals and (day := _date(one.day))
    }
    rows = [dict(zip(_KEY, key, strict=True)) | {name: getattr(one, name) for name in _SAME} for key, one in found.items()]
    upsert(uow, terminal_pushed, rows, key=_KEY)


def push_receipts(uow: UnitOfWork, terminal_id: int, *, before: date | None = None, days: int = 14) -> list[PushReceipt]:
    """What a terminal told on its latest days, the latest first; before: those that are earlier than this."""
    columns = terminal_pushed.c
    of_it = columns.terminal_id == terminal_id
    wanted = of_it if before is None else of_it & (columns.day < before)
    latest = select(columns.day).where(wanted).distinct().order_by(columns.day.desc()).limit(days)
    chosen = [row.day for row in uow.fetch_all(latest)]
    if not chosen:
        return []
    query = select(*_COLUMNS).where(of_it, columns.day.between(chosen[-1], chosen[0]))
    return [_receipt(row) for row in uow.fetch_all(query.order_by(columns.day.desc(), columns.told, columns.first_at.desc()))]


def tidy_pushes(uow: UnitOfWork, now: datetime) -> int:
    """Forget receipts of long ago; returns how many rows."""
    return uow.execute(delete(terminal_pushed).where(terminal_pushed.c.last_at < now - KEPT)).rowcount


def _date(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _receipt(row: Row[Any]) -> PushReceipt:
    return PushReceipt(**row._mapping)  # noqa: SLF001 - a documented name
