"""Which serial numbers may push. Nothing else decides it: data of any other terminal stays on the terminal."""

from collections.abc import Iterable, Sequence

from edge.settings import PushTerminal
from protocol.identifiers import TerminalSerial


class Approvals:
    """Terminals of the edge's settings, and those that the server's set-up adds. The settings win."""

    def __init__(self, listed: Iterable[PushTerminal]) -> None:
        self._listed = {TerminalSerial(terminal.serial): terminal for terminal in listed}
        self._all = dict(self._listed)

    def admit(self, added: Iterable[PushTerminal]) -> None:
        """From now on the set-up adds these."""
        self._all = {TerminalSerial(terminal.serial): terminal for terminal in added} | self._listed

    def find(self, serial: TerminalSerial) -> PushTerminal | None:
        """What is set for this terminal; None for one that may not push."""
        return self._all.get(serial)

    def all(self) -> Sequence[PushTerminal]:
        return list(self._all.values())
