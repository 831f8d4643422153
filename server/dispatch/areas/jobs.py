"""The worker of wanted users: follows what changed and what the calendar begins and ends, and works the users of terminals out, for ever.

Any number of them share the work through the database; killing one loses nothing.
"""

import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime

import structlog

from server.dispatch.areas.actions import Consents, derive_marked, follow_changes, follow_dates, raise_revisions
from server.storage import Database, StorageError

POLL_SECONDS = 0.25
CLOCK_SECONDS = 5.0
"""How often new dates, and edges that do not agree, are looked for."""
PAUSES = (0.5, 1.0, 2.0, 5.0)
"""Seconds before the database is asked again after it failed; the last one while it keeps failing."""

log = structlog.get_logger()


class AreaWorker:
    """One worker; `run` returns after `stop`, with nothing half done."""

    def __init__(self, database: Database, consents: Consents, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._database, self._consents, self._now = database, consents, now
        self._stop = threading.Event()
        self._looked_at = -CLOCK_SECONDS

    def stop(self) -> None:
        """May be called from a signal."""
        self._stop.set()

    def run(self) -> None:
        """Work until `stop`; survives a database that goes away."""
        failures = 0
        while not self._stop.is_set():
            try:
                busy = self.round()
                failures = 0
            except StorageError as error:
                if not failures:
                    log.error("the database failed", worker="areas", error=str(error))  # noqa: TRY400 - the sentence says it all
                self._stop.wait(PAUSES[min(failures, len(PAUSES) - 1)])
                failures += 1
                continue
            if not busy:
                self._stop.wait(POLL_SECONDS)

    def round(self) -> bool:
        """Do a little of everything that waits; whether there was anything. Raises StorageError."""
        now = self._now()
        if time.monotonic() - self._looked_at >= CLOCK_SECONDS:
            follow_dates(self._database, now)
            raise_revisions(self._database, now)
            self._looked_at = time.monotonic()
        followed = follow_changes(self._database, now)
        return derive_marked(self._database, self._consents, now) > 0 or followed
