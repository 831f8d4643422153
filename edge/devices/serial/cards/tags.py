"""What an RDM6300 says of a 125 kHz tag (EM4100), 14 bytes of text. Pure.

    02 | 2 hex version | 8 hex number | 2 hex XOR of those five bytes | 03

It says it again and again while the tag is near, so a tag counts once until it has been away for a while.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from edge.devices.serial.cards.numbers import CardNumber

BEGIN, END = b"\x02", b"\x03"
FRAME_BYTES = 14
AWAY_SECONDS = 2.0
_HEX = frozenset(b"0123456789ABCDEFabcdef")


def encode_tag(number: CardNumber, version: int = 0) -> bytes:
    """What a reader says."""
    content = bytes([version]) + number.to_bytes(4, "big")
    return BEGIN + (content + bytes([_xor(content)])).hex().upper().encode() + END


class TagSplitter:
    """Finds tags in whatever a line delivers, in any pieces; it never holds more than one frame."""

    def __init__(self) -> None:
        self.damaged = 0
        """Frames so far that were cut, or whose sum was wrong."""
        self._held = b""

    def feed(self, data: bytes) -> Iterator[CardNumber]:
        for one in data:
            byte = bytes([one])
            if byte == BEGIN:
                self.damaged += bool(self._held)
                self._held = byte
            elif self._held and (number := self._take(byte)) is not None:
                yield number

    def _take(self, byte: bytes) -> CardNumber | None:
        self._held += byte
        if len(self._held) < FRAME_BYTES:
            return None
        frame, self._held = self._held, b""
        text = frame[1:-1]
        content = bytes.fromhex(text.decode()) if _HEX.issuperset(text) else b""
        if not content or frame[-1:] != END or _xor(content) != 0:
            self.damaged += 1
            return None
        return CardNumber(int.from_bytes(content[1:5], "big"))


@dataclass(slots=True)
class Debounce:
    """Lets a card through once, until it has been away for AWAY_SECONDS, or another one came."""

    _last: CardNumber | None = None
    _seen_at: float = float("-inf")

    def is_new(self, number: CardNumber, at: float) -> bool:
        """at: seconds of any clock that never goes back."""
        new = number != self._last or at - self._seen_at > AWAY_SECONDS
        self._last, self._seen_at = number, at
        return new


def _xor(content: bytes) -> int:
    found = 0
    for byte in content:
        found ^= byte
    return found
