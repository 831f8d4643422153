"""What the demo can show and do, as its page and its check see it."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol


class Condition(StrEnum):
    """How a part is."""

    RUNNING = "running"
    STOPPED = "stopped"
    CUT = "cut off"


class Deed(StrEnum):
    """What can be done to a part."""

    CUT = "cut"
    JOIN = "join"
    KILL = "kill"
    START = "start"
    PUNCH = "punch"


@dataclass(frozen=True, slots=True)
class Words:
    """One text in both languages: a page chooses by its reader, the command line by the environment."""

    en: str
    zh: str


@dataclass(frozen=True, slots=True)
class TerminalCounts:
    """Distinct punches of one terminal, counted at each station by that station itself; None where it cannot be asked just now."""

    serial: str
    name: str
    site: str
    held: int | None
    appended: int | None
    admitted: int | None
    quarantined: int | None

    @property
    def received(self) -> int | None:
        """What the server has of it, admitted or quarantined."""
        return None if self.admitted is None or self.quarantined is None else self.admitted + self.quarantined

    @property
    def equal(self) -> bool:
        return self.held is not None and self.held == self.appended == self.received


@dataclass(frozen=True, slots=True)
class PartState:
    """A part on the page: what it is, how it is, and what can be done to it."""

    key: str
    name: Words
    condition: Condition
    deeds: tuple[Deed, ...]


class Scene(Protocol):
    """The running demo."""

    def parts(self) -> Sequence[PartState]: ...
    def counts(self) -> Sequence[TerminalCounts]: ...
    def do(self, key: str, deed: Deed) -> Words:
        """Do it and say in a sentence what was done; raises KeyError for a part that is not there or cannot do that just now."""
        ...
