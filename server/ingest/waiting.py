"""Messages that wait for admission, between the broker's thread and the worker's.

Room is counted in bytes, because a message has a hundred bytes or a quarter of a megabyte. What finds no room is dropped: its edge still
has it and sends it again, and that is how a slow database slows the edges.
"""

import queue

from server.ingest.admit import Arrival

WAITING_BYTES = 64 * 1024 * 1024
BYTES_PER_COMMIT = 512 * 1024
"""As they came, mostly compressed: some eight full batches. Small ones share a commit in hundreds, or each would cost one."""
MESSAGES_PER_COMMIT = 256
OVERHEAD_BYTES = 500
"""What a message takes beside its payload: a flood of empty ones fills the room as well."""


class Waiting:
    """One thread puts, one takes: each counts only its own bytes, so no lock is needed."""

    def __init__(self, room: int = WAITING_BYTES) -> None:
        self._room = room
        self._arrivals: queue.SimpleQueue[Arrival] = queue.SimpleQueue()
        self._put_bytes = self._taken_bytes = 0

    def put(self, arrival: Arrival) -> bool:
        """Let it wait; False where there is no room for it."""
        size = _size(arrival)
        if self._put_bytes - self._taken_bytes + size > self._room:
            return False
        self._put_bytes += size
        self._arrivals.put(arrival)
        return True

    def take(self, timeout: float) -> list[Arrival]:
        """One commit's worth in the order of arrival; waits up to `timeout` seconds for the first."""
        try:
            taken = [self._arrivals.get(timeout=timeout)]
        except queue.Empty:
            return []
        size = _size(taken[0])
        while size < BYTES_PER_COMMIT and len(taken) < MESSAGES_PER_COMMIT:
            try:
                taken.append(self._arrivals.get_nowait())
            except queue.Empty:
                break
            size += _size(taken[-1])
        self._taken_bytes += size
        return taken


def _size(arrival: Arrival) -> int:
    return len(arrival.payload) + OVERHEAD_BYTES
