"""What an edge is for beside its settings file, and the rules that hold for all of its terminals just now."""

from collections.abc import Callable
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from edge.settings import PushTerminal, TerminalSettings
from protocol.identifiers import TerminalSerial
from protocol.wanted import ClockRule


@dataclass(frozen=True, slots=True)
class Duty:
    """What the server's set-up adds: terminals to read, terminals that may push, the zone of their clocks, and when clocks are set."""

    zone: ZoneInfo
    clock: ClockRule
    terminals: tuple[TerminalSettings, ...] = ()
    pushing: tuple[PushTerminal, ...] = ()

    def serials(self) -> set[TerminalSerial]:
        """Of all its terminals."""
        return {TerminalSerial(one.expected_serial) for one in self.terminals} | {TerminalSerial(one.serial) for one in self.pushing}


@dataclass(slots=True)
class Rules:
    """What holds just now. trusted: whether this machine's clock may be believed; it may block for a moment."""

    zone: ZoneInfo
    clock: ClockRule
    trusted: Callable[[], bool]
