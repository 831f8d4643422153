"""What a simulated terminal can do wrong, by name, and which of it is switched on. Each family has a table of its own. Pure."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

FaultValue = int | float | str | bool


@dataclass(frozen=True, slots=True)
class Fault:
    """One mode: its name on the command line, what it does, and the value it takes (`True` = it takes none)."""

    name: str
    summary: str
    default: FaultValue = True
    low: float = 0
    high: float = 1_000_000
    words: tuple[str, ...] = ()


class FaultError(ValueError):
    """A fault mode that does not exist, or a value it cannot have; the message says what can be written."""


def parse_fault(known: Mapping[str, Fault], text: str) -> tuple[str, FaultValue]:
    """Read NAME or NAME=VALUE; raises FaultError with the names or values that exist."""
    name, equals, value = text.strip().partition("=")
    fault = known.get(name)
    if fault is None:
        raise FaultError(f"no fault mode is called {name!r}; there are: {', '.join(known)}")
    return name, _value_of(fault, value) if equals else fault.default


def _value_of(fault: Fault, text: str) -> FaultValue:
    if fault.words:
        if text not in fault.words:
            raise FaultError(f"{fault.name} takes one of: {', '.join(fault.words)}")
        return text
    if fault.default is True:
        raise FaultError(f"{fault.name} takes no value")
    kind = type(fault.default)
    try:
        value: int | float = int(text) if kind is int else float(text)
    except ValueError:
        raise FaultError(f"{fault.name} takes a number, such as {fault.default}") from None
    if not fault.low <= value <= fault.high:
        raise FaultError(f"{fault.name} takes {fault.low:g} to {fault.high:g}")
    return value


class Switches:
    """The modes of a table that are switched on; any of them can be combined."""

    def __init__(self, known: Mapping[str, Fault], texts: Iterable[str] = ()) -> None:
        self._known = known
        self._on: dict[str, FaultValue] = {}
        for text in texts:
            self.switch_on(text)

    def __contains__(self, name: str) -> bool:
        assert name in self._known, name
        return name in self._on

    def switch_on(self, text: str) -> None:
        """Switch on NAME or NAME=VALUE; raises FaultError."""
        name, value = parse_fault(self._known, text)
        self._on[name] = value

    def switch_off(self, name: str) -> None:
        """Switch off, whether it was on or not; raises FaultError for a name that does not exist."""
        self._on.pop(parse_fault(self._known, name)[0], None)

    def number(self, name: str) -> int:
        """Whole-numbered value of a mode; 0 when it is off."""
        return int(self._on.get(name, 0))

    def chance(self, name: str) -> float:
        """Share in [0, 1] of a mode; 0 when it is off."""
        return float(self._on.get(name, 0))

    def word(self, name: str) -> str | None:
        """Word a mode was given; None when it is off."""
        value = self._on.get(name)
        return None if value is None else str(value)

    def spend(self, name: str) -> bool:
        """Take one off a mode that holds a number of times; False when none is left."""
        left = self.number(name)
        if left > 0:
            self._on[name] = left - 1
        return left > 0

    def names(self) -> Iterator[str]:
        """Modes that are on, in the order they were switched on."""
        return iter(self._on)
