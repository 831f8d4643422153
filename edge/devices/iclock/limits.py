"""How often one address may ask. Pure: instants are arguments, in seconds of any clock that only goes forward."""

from collections import OrderedDict
from dataclasses import dataclass

ADDRESSES = 4096
"""Addresses that are remembered; whoever was heard longest ago is forgotten first."""


SHARE = 4
"""No address has more than one part in so many of the connections and of the bodies: one that hangs keeps nobody else out."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Of the door: bytes of a body, bytes of all bodies that are on their way, connections at once, requests of one address in a minute."""

    body: int = 4 * 1024 * 1024
    bodies: int = 64 * 1024 * 1024
    connections: int = 1000
    per_minute: int = 600

    @property
    def connections_of_one(self) -> int:
        return max(1, self.connections // SHARE)

    @property
    def bodies_of_one(self) -> int:
        return max(self.body, self.bodies // SHARE)


class RateLimit:
    """A bucket for each address: it holds a minute's requests and fills again evenly."""

    def __init__(self, per_minute: int) -> None:
        self._size = float(per_minute)
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def allow(self, address: str, now: float) -> bool:
        """Count a request; False when this address has asked too often."""
        left, before = self._buckets.pop(address, (self._size, now))
        left = min(left + (now - before) * self._size / 60, self._size)
        allowed = left >= 1
        self._buckets[address] = (left - 1 if allowed else left, now)
        if len(self._buckets) > ADDRESSES:
            self._buckets.popitem(last=False)
        return allowed

    def __len__(self) -> int:
        return len(self._buckets)
