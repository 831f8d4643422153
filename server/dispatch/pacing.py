"""When something that waits for an edge is sent again: memory of one worker's courier, and no loss when it is gone."""

import threading
from collections.abc import Hashable, Iterable
from datetime import datetime, timedelta
from typing import Generic, TypeVar

PAUSES = (timedelta(seconds=10), timedelta(seconds=30), timedelta(minutes=1), timedelta(minutes=5))
"""Between sending something and sending it again; the last one for as long as it takes."""

Key = TypeVar("Key", bound=Hashable)


class Pacing(Generic[Key]):
    """What was sent to which edge, how often and when. A thread may ask while another one forgets."""

    def __init__(self) -> None:
        self._sent: dict[tuple[int, Key], tuple[int, datetime]] = {}
        self._lock = threading.Lock()

    def due(self, waiting: Iterable[tuple[int, Key]], now: datetime, most: int) -> list[tuple[int, Key]]:
        """Those of all that waits, as (edge, key), that are to be sent now: never sent yet, or their pause is over. They count as sent.

        What does not wait any more is forgotten.
        """
        with self._lock:
            waiting = list(waiting)
            self._sent = {key: self._sent[key] for key in waiting if key in self._sent}
            chosen = [key for key in waiting if self._is_due(key, now)][:most]
            for key in chosen:
                self._sent[key] = (self._sent.get(key, (0, now))[0] + 1, now)
            return chosen

    def forget(self, edge_id: int) -> None:
        """This edge has a new line: what went into the old one may be lost, and is sent at once."""
        with self._lock:
            self._sent = {key: value for key, value in self._sent.items() if key[0] != edge_id}

    def _is_due(self, key: tuple[int, Key], now: datetime) -> bool:
        if key not in self._sent:
            return True
        times, at = self._sent[key]
        return not timedelta(0) <= now - at < PAUSES[min(times, len(PAUSES)) - 1]  # a clock that was set back makes it due
