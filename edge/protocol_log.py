"""What terminals and the edge said to each other last: a small ring for each terminal, in memory, without anything of people.

2026-11-27 08:58:01.312  out  get-time 201   0 bytes
2026-11-27 08:58:01.330  in   ack-ok 2000    4 bytes   0b 2f 85 33
"""

from collections import OrderedDict, deque
from datetime import UTC, datetime
from time import time

RINGS = 5000
"""Terminals that are followed at once; the one that was silent longest goes first."""
SHOWN = 160
Entry = tuple[float, str, str, int, str]


class Ring:
    """The last entries of one terminal: a `edge.devices.watch.Watch`."""

    def __init__(self, entries: int) -> None:
        self._entries: deque[Entry] = deque(maxlen=entries)

    def note(self, direction: str, name: str, length: int, shown: str) -> None:
        self._entries.append((time(), direction, name, length, shown[:SHOWN]))

    def entries(self) -> list[Entry]:
        """Oldest first."""
        return list(self._entries)


class ProtocolLog:
    """All rings; entries: of each terminal, 0 for none at all."""

    def __init__(self, entries: int) -> None:
        self._size = entries
        self._rings: OrderedDict[str, Ring] = OrderedDict()
        self._serials: dict[str, str] = {}

    def ring(self, key: str) -> Ring:
        """The ring of a terminal by its serial number, or, while nobody knows that, by what its settings call it."""
        ring = self._rings.setdefault(key, Ring(self._size))
        self._rings.move_to_end(key)
        if len(self._rings) > RINGS:
            self._rings.popitem(last=False)
        return ring

    def is_about(self, key: str, serial: str) -> None:
        """The terminal that the settings call so has told its serial number."""
        self._serials[serial] = key

    def serials(self) -> list[str]:
        """Of all terminals that are followed, by serial number where it is known."""
        named = {key: serial for serial, key in self._serials.items()}
        return [named.get(key, key) for key in self._rings]

    def text(self, serial: str) -> str | None:
        """The log of a terminal by pull and push, an entry a line, oldest first; None where nothing was followed."""
        rings = [self._rings[key] for key in {serial, self._serials.get(serial, "")} if key in self._rings]
        return "".join(f"{_line(entry)}\n" for entry in sorted(entry for ring in rings for entry in ring.entries())) if rings else None


def _line(entry: Entry) -> str:
    at, direction, name, length, shown = entry
    moment = datetime.fromtimestamp(at, UTC)
    return f"{moment:%Y-%m-%d %H:%M:%S}.{moment.microsecond // 1000:03}Z  {direction:3}  {name}  {length} bytes  {shown}".rstrip()
