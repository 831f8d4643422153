"""The durable queue of days to look at again."""

from collections.abc import Iterable
from datetime import date, datetime

from sqlalchemy.dialects import postgresql, sqlite

from server.attendance.tables import day_mark
from server.storage import UnitOfWork


def mark_days(uow: UnitOfWork, days: Iterable[tuple[int, date]], why: str, now: datetime) -> int:
    """Mark these (person, work date), each once however often it is marked; returns how many were given.

    A day that a worker is busy with is marked anew: what the worker began with may not hold what changed now.
    """
    rows = [
        {"person_id": person_id, "work_date": day, "why": why, "marked_at": now, "due_at": now, "times": 1, "failures": 0}
        for person_id, day in sorted(set(days))  # in one order, so that two writers never wait for each other crosswise
    ]
    if not rows:
        return 0
    statement = (sqlite.insert if uow.dialect == "sqlite" else postgresql.insert)(day_mark)
    again = {"why": statement.excluded.why, "due_at": statement.excluded.due_at, "times": day_mark.c.times + 1, "failures": 0}
    uow.execute(statement.on_conflict_do_update(index_elements=["person_id", "work_date"], set_=again), rows)
    return len(rows)
