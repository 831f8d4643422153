"""The durable queue of people whose users on terminals are to be worked out again."""

from collections.abc import Collection
from datetime import date, datetime, timedelta

from sqlalchemy import func, select, update

from server.dispatch.areas.tables import wanted_day, wanted_mark
from server.storage import UnitOfWork, insert_ignoring, portions, upsert

PAUSES = (timedelta(seconds=2), timedelta(seconds=20), timedelta(minutes=5), timedelta(hours=1))
"""Before somebody who could not be worked out is tried again; the last one for ever."""
LOCK = 0x5EED_A4EA
_c = wanted_mark.c


def alone(uow: UnitOfWork) -> bool:
    """Whether this transaction is the only one that works users out; on SQLite a writing one always is."""
    return uow.dialect == "sqlite" or bool(uow.scalar(select(func.pg_try_advisory_xact_lock(LOCK))))


def wait_alone(uow: UnitOfWork) -> None:
    """As `alone`, and worth waiting for: nobody holds it for longer than some tenths of a second."""
    if uow.dialect == "postgresql":
        uow.scalar(select(func.pg_advisory_xact_lock(LOCK)))


def mark(uow: UnitOfWork, ids: Collection[int], now: datetime) -> None:
    """Have these people worked out again, each once however often they are marked."""
    rows = [{"person_id": key, "due_at": now, "failures": 0} for key in sorted(set(ids))]
    insert_ignoring(uow, wanted_mark, rows, ["person_id"])


def due(uow: UnitOfWork, now: datetime, limit: int) -> list[int]:
    """The people who wait longest."""
    query = select(_c.person_id).where(_c.due_at <= now).order_by(_c.due_at, _c.person_id).limit(limit)
    return [row.person_id for row in uow.fetch_all(query)]


def take(uow: UnitOfWork, ids: Collection[int]) -> None:
    """They are worked out, in this transaction."""
    for keys in portions(ids):
        uow.execute(wanted_mark.delete().where(_c.person_id.in_(keys)))


def put_off(uow: UnitOfWork, person_id: int, now: datetime) -> None:
    """They could not be worked out: later again, and nobody else waits for them."""
    failures = int(uow.scalar(select(_c.failures).where(_c.person_id == person_id)) or 0)
    pause = PAUSES[min(failures, len(PAUSES) - 1)]
    uow.execute(update(wanted_mark).where(_c.person_id == person_id).values(failures=failures + 1, due_at=now + pause))


def waiting(uow: UnitOfWork) -> int:
    """How many people wait to be worked out."""
    return int(uow.scalar(select(func.count()).select_from(wanted_mark)))


def followed_days(uow: UnitOfWork) -> dict[str, date]:
    """Up to which date what begins and ends by itself was followed, by time zone."""
    return {row.time_zone: row.day for row in uow.fetch_all(select(wanted_day))}


def note_followed(uow: UnitOfWork, days: dict[str, date]) -> None:
    upsert(uow, wanted_day, [{"time_zone": name, "day": day} for name, day in sorted(days.items())], ["time_zone"])
