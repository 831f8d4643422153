"""Work that is done in small rounds for as long as its process lives."""

import threading
from collections.abc import Callable

import structlog

from server.storage import StorageError

PAUSES = (0.5, 1.0, 2.0, 5.0)
"""Seconds before the database is asked again after it failed; the last one while it keeps failing."""

log = structlog.get_logger()


class Rounds:
    """Does round after round; `run` returns after `stop`, behind a whole round.

    round: does a little of what waits and gives whether there was anything; then the next follows at once, else after `idle_seconds`.
    Raises StorageError where the database failed: the same is tried again. Whatever else it raises ends `run`.
    """

    def __init__(self, name: str, round_: Callable[[], bool], idle_seconds: float) -> None:
        self._name, self._round, self._idle_seconds = name, round_, idle_seconds
        self._stop = threading.Event()

    def stop(self) -> None:
        """May be called from a signal."""
        self._stop.set()

    def run(self) -> None:
        """Work until `stop`; survives a database that goes away."""
        failures = 0
        while not self._stop.is_set():
            try:
                busy = self._round()
                if failures:
                    log.info("the database is back", worker=self._name)
                failures = 0
            except StorageError as error:
                if not failures:
                    log.error("the database failed", worker=self._name, error=str(error))  # noqa: TRY400 - the sentence says it all
                self._stop.wait(PAUSES[min(failures, len(PAUSES) - 1)])
                failures += 1
                continue
            if not busy:
                self._stop.wait(self._idle_seconds)
