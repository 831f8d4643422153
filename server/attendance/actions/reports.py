"""What edges say of their terminals, as far as days wait for it."""

from datetime import datetime, timedelta

from sqlalchemy import select

from protocol.messages import Health
from server.attendance.store.reports import note_reports
from server.fleet.tables import terminal
from server.storage import UnitOfWork

READING = timedelta(minutes=1)
"""A read shows what was in the log when it began; none takes so long that a punch from before is not in it."""


def note_health(uow: UnitOfWork, health: Health, mark: int, now: datetime) -> None:
    """Note up to when the terminals of an edge have reported. mark: rows of its outbox up to there are stored here.

    A terminal has reported up to its last complete read, once all that was appended when that read ended is here. A clock that is behind
    puts a punch before the moment it happened, so the reading counts that much less.
    """
    complete = {one.serial: one for one in health.terminals if one.complete_at is not None and one.complete_sequence <= mark}
    if not complete:
        return
    known = uow.fetch_all(select(terminal.c.id, terminal.c.serial).where(terminal.c.serial.in_(sorted(complete))))
    reported = {}
    for row in known:
        said = complete[row.serial]
        assert said.complete_at is not None
        behind = timedelta(milliseconds=max(0, -(said.drift_ms or 0)))
        reported[row.id] = int((min(said.complete_at, health.at, now) - READING - behind).timestamp())
    note_reports(uow, reported)
