"""Which serial numbers may push. Nothing else decides it: data of any other terminal stays on the terminal."""

from collections.abc import Sequence
from typing import Protocol

from edge.settings import PushSettings, PushTerminal
from protocol.identifiers import TerminalSerial


class Approvals(Protocol):
    """One set of approved serial numbers, wherever it comes from."""

    def find(self, serial: TerminalSerial) -> PushTerminal | None:
        """What is set for this terminal; None for one that may not push."""
        ...

    def all(self) -> Sequence[PushTerminal]: ...


class ListedTerminals:
    """Those that stand in the edge's settings."""

    def __init__(self, settings: PushSettings) -> None:
        self._terminals = {terminal.serial: terminal for terminal in settings.terminals}

    def find(self, serial: TerminalSerial) -> PushTerminal | None:
        return self._terminals.get(serial)

    def all(self) -> Sequence[PushTerminal]:
        return list(self._terminals.values())
