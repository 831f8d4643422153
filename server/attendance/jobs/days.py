"""The worker of attendance days: follows what came and what changed, and brings marked days up to date, for ever.

Any number of them share the work through the database; killing one loses nothing. Idle, it asks the database a few small questions
every fifth of a second.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime

import structlog

from server.attendance.actions.following import follow_changes, follow_clock, follow_punches, open_days
from server.attendance.actions.marked import Done, assess_marked
from server.jobs.rounds import Rounds
from server.storage import Database

POLL_SECONDS = 0.15
"""A late punch is in its day within a second: this pause, following it, working its day out."""
CLOCK_SECONDS = 2.0
"""How often days that are over, reports of terminals and new dates are looked for."""
TOLD_SECONDS = 60.0

log = structlog.get_logger()


@dataclass
class Tally:
    """What was done since it was last told."""

    punches: int = 0
    marks: int = 0
    written: int = 0
    differences: int = 0
    failed: int = 0
    told_at: float = field(default_factory=time.monotonic)

    def add(self, done: Done) -> None:
        self.marks += done.marks
        self.written += done.written
        self.differences += done.differences
        self.failed += done.failed


class DayWorker:
    """One worker; `run` returns after `stop`, with nothing half done."""

    def __init__(self, database: Database, name: str, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._database, self._name, self._now = database, name, now
        self._rounds = Rounds(name, self._round_told, POLL_SECONDS)
        self._tally = Tally()
        self._looked_at = -CLOCK_SECONDS

    def stop(self) -> None:
        """May be called from a signal."""
        self._rounds.stop()

    def run(self) -> None:
        """Work until `stop`. A database that fails is asked again later; whatever else fails ends the process, which is started again."""
        log.info("assessing days", worker=self._name)
        self._rounds.run()
        log.info("stopped", worker=self._name)

    def round(self) -> bool:
        """Do a little of everything that waits; whether there was anything. Raises StorageError."""
        now = self._now()
        busy = False
        if time.monotonic() - self._looked_at >= CLOCK_SECONDS:
            busy = open_days(self._database, now) or follow_clock(self._database, now) > 0
            self._looked_at = time.monotonic()
        followed = follow_punches(self._database, now)
        self._tally.punches += followed
        busy = busy or followed > 0
        busy = follow_changes(self._database, now) >= 0 or busy
        done = assess_marked(self._database, now)
        self._tally.add(done)
        return busy or done.marks > 0

    def _round_told(self) -> bool:
        busy = self.round()
        self._tell()
        return busy

    def _tell(self) -> None:
        """One line a minute in which something was done."""
        tally = self._tally
        if time.monotonic() - tally.told_at < TOLD_SECONDS:
            return
        if tally.marks or tally.punches:
            told = {"punches": tally.punches, "days": tally.marks, "written": tally.written, "differences": tally.differences}
            log.info("days assessed", worker=self._name, **told, failed=tally.failed)
        self._tally = Tally()
