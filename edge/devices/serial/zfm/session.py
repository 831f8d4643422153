"""One exchange with a module: a command, its acknowledgement, and the data packets behind it where there are some. Pure.

Whoever owns the line feeds what arrives and asks whether the exchange is over; time is that one's business.
"""

from dataclasses import dataclass, field

from edge.devices.driver import FrameError
from edge.devices.serial.zfm.commands import WORDS, Confirmation
from edge.devices.serial.zfm.frames import Packet, PacketType, Splitter, encode

MAX_CONTENT = 64 * 1024
"""More than the largest picture (256 × 288 points of 4 bits are 36 KB): a module that never says "last" fills no memory."""


@dataclass(frozen=True, slots=True)
class Answer:
    """confirmation: first byte of the acknowledgement. values: the rest of it. content: what data packets brought."""

    confirmation: int
    values: bytes = b""
    content: bytes = b""

    @property
    def ok(self) -> bool:
        return self.confirmation in (Confirmation.OK, Confirmation.ECHO)

    @property
    def words(self) -> str:
        return WORDS.get(self.confirmation, f"it refuses with the code {self.confirmation:02X}")


@dataclass(slots=True)
class Exchange:
    """with_content: the command is one that data packets follow, so the exchange is over with the last of them."""

    request: Packet
    with_content: bool = False
    splitter: Splitter = field(default_factory=Splitter)
    answer: Answer | None = None
    """The whole answer, once it is there."""
    _acknowledged: Answer | None = None
    _content: bytes = b""

    def to_send(self) -> bytes:
        return encode(self.request)

    def feed(self, data: bytes) -> None:
        """Take what the line delivered; raises FrameError when no sense can come of it any more."""
        for packet in self.splitter.feed(data):
            if self.answer is None:
                self._take(packet)

    @property
    def damaged(self) -> bool:
        """Whether an answer came and was unreadable, so that waiting for it is in vain."""
        return self.splitter.damaged > 0

    def _take(self, packet: Packet) -> None:
        if packet.type is PacketType.ACK:
            self._acknowledge(packet)
        elif packet.type in (PacketType.DATA, PacketType.LAST_DATA) and self._acknowledged is not None:
            self._content += packet.payload
            if len(self._content) > MAX_CONTENT:
                raise FrameError("more data than any template or picture has")
            if packet.type is PacketType.LAST_DATA:
                self.answer = Answer(self._acknowledged.confirmation, self._acknowledged.values, self._content)

    def _acknowledge(self, packet: Packet) -> None:
        if not packet.payload:
            raise FrameError("an acknowledgement that says nothing")
        if self._acknowledged is not None:
            raise FrameError("a second acknowledgement where data should come")
        answer = Answer(packet.payload[0], packet.payload[1:])
        if self.with_content and answer.ok:
            self._acknowledged = answer
        else:
            self.answer = answer
