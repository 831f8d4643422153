"""What an edge is for beside its settings file, and the rules that hold for all of its terminals just now."""

from collections.abc import Callable
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from edge.settings import PushTerminal, TerminalSettings
from protocol.wanted import ClockRule


@dataclass(frozen=True, slots=True)
class Duty:
    """What the server's set-up adds: terminals to read, terminals that may push, the zone of their clocks, and when clocks are set."""

    zone: ZoneInfo
    clock: ClockRule
    terminals: tuple[TerminalSettings, ...] = ()
    pushing: tuple[PushTerminal, ...] = ()


@dataclass(slots=True)
class Rules:
    """What holds just now. trusted: whether this machine's clock may be believed; it may block for a moment."""

    zone: ZoneInfo
    clock: ClockRule
    trusted: Callable[[], bool]
