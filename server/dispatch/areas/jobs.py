"""The worker of wanted users: follows what changed and what the calendar begins and ends, and works the users of terminals out, for ever.

Any number of them share the work through the database; killing one loses nothing.
"""

import time
from collections.abc import Callable
from datetime import UTC, datetime

from server.dispatch.areas.actions import Consents, derive_marked, follow_changes, follow_dates, raise_revisions
from server.jobs.rounds import Rounds
from server.storage import Database

POLL_SECONDS = 0.25
CLOCK_SECONDS = 5.0
"""How often new dates, and edges that do not agree, are looked for."""


class AreaWorker:
    """One worker; `run` returns after `stop`, with nothing half done."""

    def __init__(self, database: Database, consents: Consents, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._database, self._consents, self._now = database, consents, now
        self._looked_at = -CLOCK_SECONDS
        rounds = Rounds("areas", self.round, POLL_SECONDS)
        self.run, self.stop = rounds.run, rounds.stop

    def round(self) -> bool:
        """Do a little of everything that waits; whether there was anything. Raises StorageError."""
        now = self._now()
        if time.monotonic() - self._looked_at >= CLOCK_SECONDS:
            follow_dates(self._database, now)
            raise_revisions(self._database, now)
            self._looked_at = time.monotonic()
        followed = follow_changes(self._database, now)
        return derive_marked(self._database, self._consents, now) > 0 or followed
