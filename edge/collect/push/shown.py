"""What the edge's status shows of the door: who waits for approval, and what nobody knows. Bounded: anybody may knock."""

from collections import Counter, OrderedDict
from datetime import UTC, datetime
from typing import Any

import msgspec

from edge.collect.push.memory import Remembered
from edge.collect.push.proof import Standing
from edge.devices.iclock.protocol.dialect import dialect_of
from edge.devices.iclock.protocol.faces import face_algorithm, palm_counts
from edge.devices.iclock.protocol.records import Held
from edge.devices.iclock.protocol.request import Request
from edge.health import plain
from protocol.identifiers import TerminalSerial
from protocol.messages import Knocking

WAITING = 20
UNKNOWN = 100
_OPTIONS = {
    "model": "devicename", "platform": "platform", "firmware": "fwversion", "mac": "mac", "algorithm": "fpversion",
}  # fmt: skip
_CAPACITIES = {
    "users_capacity": ("maxusercount", 100), "fingers_capacity": ("maxfingercount", 100), "faces_capacity": ("maxfacecount", 1),
    "punches_capacity": ("maxattlogcount", 10_000),
}  # fmt: skip
"""Options with a capacity, and the unit they count in; the units beside that of punches are doubtful."""


class Shown:
    """Counts and the newest ones; all of it lives in the event loop."""

    def __init__(self) -> None:
        self.unknown: Counter[str] = Counter()
        self.counts: Counter[str] = Counter()
        self.proofs: dict[TerminalSerial, Standing] = {}
        self._waiting: OrderedDict[TerminalSerial, Knocking] = OrderedDict()

    def waits(self, serial: TerminalSerial, source: str, facts: dict[str, str]) -> tuple[bool, TerminalSerial | None]:
        """A terminal that nobody approved has knocked; gives whether it is new, and who was forgotten for it."""
        new, now = serial not in self._waiting, datetime.now(UTC)
        known = self._waiting.get(serial) or Knocking(serial, source, now, now)
        self._waiting[serial] = msgspec.structs.replace(known, address=source, last_at=now, facts=known.facts | facts)
        self._waiting.move_to_end(serial)
        forgotten = self._waiting.popitem(last=False)[0] if len(self._waiting) > WAITING else None
        return new, forgotten

    def waits_no_more(self, serial: TerminalSerial) -> None:
        """Somebody approved it."""
        self._waiting.pop(serial, None)

    def knocking(self) -> list[Knocking]:
        """Who waits for approval, as the server is told."""
        return list(self._waiting.values())

    def not_known(self, what: str) -> None:
        """Something came that nobody knows; beyond a hundred kinds they are counted together."""
        self.unknown[what if what in self.unknown or len(self.unknown) < UNKNOWN else "others"] += 1

    def told(self, **more: object) -> dict[str, Any]:
        """For the status file."""
        waiting = [{"serial": one.serial, "source": one.address, "last": one.last_at.isoformat()} for one in self._waiting.values()]
        proofs = {
            serial: {"days": one.days, "missing": one.missing, "last": datetime.fromtimestamp(one.last, UTC).isoformat()}
            for serial, one in self.proofs.items()
        }
        return {"waiting": waiting, "proofs": proofs, "unknown": dict(self.unknown), "counts": dict(self.counts), **more}


def facts_of_handshake(request: Request) -> dict[str, str]:
    """What a terminal says of itself when it knocks; nothing where this request is no handshake."""
    if request.what != "cdata" or "options" not in request.query:
        return {}
    told = {"dialect": dialect_of(request.query), "push_version": request.query.get("pushver")}
    return {name: plain(value, 32) for name, value in told.items() if value}


def facts_of(remembered: Remembered, held: Held | None) -> dict[str, str]:
    """What a terminal is and holds, in the words that are used for every terminal; what it does not tell is left out."""
    options = remembered.options
    told = {name: options.get(option, "") for name, option in _OPTIONS.items()}
    told |= {"dialect": remembered.dialect, "push_version": remembered.version}
    told |= {
        name: str(int(options[option]) * scale) for name, (option, scale) in _CAPACITIES.items() if options.get(option, "").isdecimal()
    }
    told["algorithm"] = f"zk-{told['algorithm']}" if told["algorithm"] else ""
    face = face_algorithm(options)
    told["face_algorithm"] = face.name if face else ""
    told |= {name: str(count) for name, count in palm_counts(options).items()}
    if held is not None:
        counts = {"users": held.users, "fingers": held.fingers, "punches": held.punches, "faces": held.faces}
        told |= {"firmware": held.firmware} | {name: str(count) for name, count in counts.items() if count is not None}
    return {name: plain(value, 100) for name, value in told.items() if value}
