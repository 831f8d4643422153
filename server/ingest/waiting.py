"""Messages that wait for admission, between the broker's thread and the worker's.

Room is counted in bytes, because a message has a hundred bytes or a quarter of a megabyte. What finds no room is dropped: its edge still
has it and sends it again, and that is how a slow database slows the edges.

Batches wait behind everything else. After a long cut all edges of a company send theirs at once, and neither a punch of this moment (the
live lane) nor the hello of an edge that comes back may stand in that queue.
"""

import itertools
import queue
from dataclasses import dataclass, field

from server.ingest.admit import Arrival

WAITING_BYTES = 64 * 1024 * 1024
SHARE_OF_BATCHES = 7 / 8
"""The rest of the room is there when batches have filled theirs."""
BYTES_PER_COMMIT = 512 * 1024
"""As they came, mostly compressed: some eight full batches. Small ones share a commit in hundreds, or each would cost one."""
MESSAGES_PER_COMMIT = 256
OVERHEAD_BYTES = 500
"""What a message takes beside its payload: a flood of empty ones fills the room as well."""


@dataclass(frozen=True, slots=True, order=True)
class _Place:
    """Batches behind the others, each of both in the order of arrival."""

    is_batch: bool
    number: int
    arrival: Arrival = field(compare=False)


class Waiting:
    """One thread puts, one takes: each counts only its own bytes, so no lock is needed for that."""

    def __init__(self, room: int = WAITING_BYTES) -> None:
        self._room = room
        self._numbers = itertools.count()
        self._places: queue.PriorityQueue[_Place] = queue.PriorityQueue()
        self._put_bytes = self._taken_bytes = 0

    def put(self, arrival: Arrival) -> bool:
        """Let it wait; False where there is no room for it."""
        size, is_batch = _size(arrival), "/batch/" in arrival.topic
        room = self._room * (SHARE_OF_BATCHES if is_batch else 1)
        if self._put_bytes - self._taken_bytes + size > room:
            return False
        self._put_bytes += size
        self._places.put(_Place(is_batch, next(self._numbers), arrival))
        return True

    def take(self, timeout: float) -> list[Arrival]:
        """One commit's worth; waits up to `timeout` seconds for the first."""
        try:
            taken = [self._places.get(timeout=timeout).arrival]
        except queue.Empty:
            return []
        size = _size(taken[0])
        while size < BYTES_PER_COMMIT and len(taken) < MESSAGES_PER_COMMIT:
            try:
                taken.append(self._places.get_nowait().arrival)
            except queue.Empty:
                break
            size += _size(taken[-1])
        self._taken_bytes += size
        return taken


def _size(arrival: Arrival) -> int:
    return len(arrival.payload) + OVERHEAD_BYTES
