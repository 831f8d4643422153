"""A relay that is not there: it switches, remembers, and says nothing."""

from collections.abc import Callable

from edge.devices.serial.relay.frames import CHANNELS, switch
from edge.devices.serial.simulator.port import Port

_ORDERS = {switch(channel, on=on): (channel, on) for channel in CHANNELS for on in (True, False)}
_ORDER_BYTES = 4


class RelayPort(Port):
    """closed: channels that are on just now. told: called with each change, in the port's thread."""

    def __init__(self, told: Callable[[int, bool], None] | None = None) -> None:
        super().__init__()
        self.closed: set[int] = set()
        self.changes: list[tuple[int, bool]] = []
        self.orders = 0
        self._told = told
        self._held = b""

    def hear(self, data: bytes) -> None:
        self._held += data
        while len(self._held) >= _ORDER_BYTES:
            order = _ORDERS.get(self._held[:_ORDER_BYTES])
            self._held = self._held[_ORDER_BYTES if order else 1 :]
            if order:
                self._switch(*order)

    def _switch(self, channel: int, on: bool) -> None:
        self.orders += 1
        if on == (channel in self.closed):
            return
        (self.closed.add if on else self.closed.discard)(channel)
        self.changes.append((channel, on))
        if self._told:
            self._told(channel, on)
