"""What the edge's status shows of the door: who waits for approval, and what nobody knows. Bounded: anybody may knock."""

from collections import Counter, OrderedDict
from datetime import UTC, datetime
from typing import Any

from edge.collect.push.proof import Standing
from protocol.identifiers import TerminalSerial

WAITING = 20
UNKNOWN = 100


class Shown:
    """Counts and the newest ones; all of it lives in the event loop."""

    def __init__(self) -> None:
        self.unknown: Counter[str] = Counter()
        self.counts: Counter[str] = Counter()
        self.proofs: dict[TerminalSerial, Standing] = {}
        self._waiting: OrderedDict[TerminalSerial, tuple[str, datetime]] = OrderedDict()

    def waits(self, serial: TerminalSerial, source: str) -> tuple[bool, TerminalSerial | None]:
        """A terminal that nobody approved has knocked; gives whether it is new, and who was forgotten for it."""
        new = serial not in self._waiting
        self._waiting[serial] = (source, datetime.now(UTC))
        self._waiting.move_to_end(serial)
        forgotten = self._waiting.popitem(last=False)[0] if len(self._waiting) > WAITING else None
        return new, forgotten

    def not_known(self, what: str) -> None:
        """Something came that nobody knows; beyond a hundred kinds they are counted together."""
        self.unknown[what if what in self.unknown or len(self.unknown) < UNKNOWN else "others"] += 1

    def told(self, **more: object) -> dict[str, Any]:
        """For the status file."""
        waiting = [{"serial": serial, "source": source, "last": at.isoformat()} for serial, (source, at) in self._waiting.items()]
        proofs = {
            serial: {"days": one.days, "missing": one.missing, "last": datetime.fromtimestamp(one.last, UTC).isoformat()}
            for serial, one in self.proofs.items()
        }
        return {"waiting": waiting, "proofs": proofs, "unknown": dict(self.unknown), "counts": dict(self.counts), **more}
