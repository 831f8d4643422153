"""An RDM6300 that is not there: a tag held to it is said again and again, as the real one does."""

from edge.devices.serial.cards.numbers import CardNumber
from edge.devices.serial.cards.tags import encode_tag
from edge.devices.serial.simulator.faults import Faults
from edge.devices.serial.simulator.port import Port


class CardPort(Port):
    def __init__(self, faults: Faults | None = None) -> None:
        super().__init__()
        self.faults = faults or Faults()

    def hear(self, data: bytes) -> None:
        """It has no ears."""

    def hold(self, number: CardNumber, times: int = 5) -> None:
        """Hold a tag to it, for so many frames."""
        for _ in range(times):
            self.say(self.faults.on_the_way(encode_tag(number)))
