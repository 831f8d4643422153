"""The worker of comparisons: takes counts in the order in which they were heard, behind the transaction that admitted them, for ever.

Counting a month of a busy terminal takes a second: it is done on a snapshot, so nobody's punches wait for it. Any number of workers share
the work through the database; killing one loses nothing.
"""

from collections.abc import Callable
from datetime import UTC, datetime

import structlog

from server.ingest.reconciliation.actions import AskAgain, compare, let_go, next_count
from server.jobs.rounds import Rounds
from server.storage import Database, StorageError

POLL_SECONDS = 1.0

log = structlog.get_logger()


class ReconciliationWorker:
    """One worker; `run` returns after `stop`, with nothing half done."""

    def __init__(self, database: Database, ask_again: AskAgain, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._database, self._ask_again, self._now = database, ask_again, now
        rounds = Rounds("reconciliation", self.round, POLL_SECONDS)
        self.run, self.stop = rounds.run, rounds.stop

    def round(self) -> bool:
        """Compare what waits longest; whether there was anything. Raises StorageError."""
        count_id = next_count(self._database)
        if count_id is None:
            return False
        try:
            compare(self._database, count_id, self._ask_again, self._now())
        except StorageError:
            raise
        except Exception:  # one count that nobody understands must not keep back the others: the edge counts again the next night
            log.exception("a count could not be compared")
            let_go(self._database, count_id)
        return True
