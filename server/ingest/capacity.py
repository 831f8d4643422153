"""How full a terminal is, from what it says of itself. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass

NEARLY_FULL = 0.9
FULL = 0.99
KINDS = ("users", "fingers", "faces", "palms", "punches")
"""What a terminal has limited room for; its facts hold `<kind>` and `<kind>_capacity`. Punches are those of the last complete read."""


@dataclass(frozen=True, slots=True)
class Capacity:
    """Room for one kind of thing on a terminal. room is above 0."""

    kind: str
    used: int
    room: int

    @property
    def share(self) -> float:
        return self.used / self.room

    @property
    def percent(self) -> int:
        """Rounded down, so that 100 means that there is no room left."""
        return min(self.used * 100 // self.room, 100)

    @property
    def state(self) -> str:
        """The state's colour."""
        return "wrong" if self.share >= FULL else "attention" if self.share >= NEARLY_FULL else "ok"


def capacities(facts: Mapping[str, str], held: int | None) -> list[Capacity]:
    """Those that are known, in the order of `KINDS`. held: punches in the terminal's log."""
    found = []
    for kind in KINDS:
        used, room = _number(facts.get(kind)), _number(facts.get(f"{kind}_capacity"))
        used = held if kind == "punches" and held is not None else used
        if used is not None and room:
            found.append(Capacity(kind, used, room))
    return found


def fullest(found: list[Capacity]) -> Capacity | None:
    """The one that runs out first."""
    return max(found, key=lambda one: one.share, default=None)


def _number(text: str | None) -> int | None:
    """A count as a terminal writes it; None for none, and for what is none."""
    return int(text) if text and text.isascii() and text.isdecimal() and len(text) < 12 else None
