"""What a reader that is a keyboard to Linux types, from the kernel's events to a line of text. Pure.

An event is `struct input_event`: two longs of time, type u16, code u16, value s32, in the machine's own byte order. Type 1 is a key,
value 1 its going down. Sources: linux/input.h, linux/input-event-codes.h.
"""

import struct
from collections.abc import Iterator

EVENT = struct.Struct("@llHHi")
KEY, DOWN = 1, 1
MAX_CHARACTERS = 32
GAP_SECONDS = 1.0
"""A reader types a number in a tenth of a second; what lies further apart is not one number."""
_ENTER = frozenset({28, 96})
_ROWS = {
    2: "1234567890", 16: "QWERTYUIOP", 30: "ASDFGHJKL", 44: "ZXCVBNM",
    71: "789", 75: "456", 79: "1230",
}  # fmt: skip
"""Key code of the first, and the characters of the codes from there on; the last three are the number pad."""
_CHARACTERS = {first + at: one for first, row in _ROWS.items() for at, one in enumerate(row)}


class KeyLines:
    """Turns events, in any pieces, into lines that ended in Enter; it never holds more than one line."""

    def __init__(self) -> None:
        self._held = b""
        self._line = ""
        self._at = 0.0

    def feed(self, data: bytes) -> Iterator[str]:
        self._held += data
        while len(self._held) >= EVENT.size:
            event, self._held = self._held[: EVENT.size], self._held[EVENT.size :]
            if (line := self._take(event)) is not None:
                yield line

    def _take(self, event: bytes) -> str | None:
        seconds, microseconds, kind, code, value = EVENT.unpack(event)
        if kind != KEY or value != DOWN:
            return None
        at = seconds + microseconds / 1e6
        if not 0 <= at - self._at <= GAP_SECONDS:
            self._line = ""
        self._at = at
        if code in _ENTER:
            line, self._line = self._line, ""
            return line or None
        self._line = (self._line + _CHARACTERS.get(code, ""))[-MAX_CHARACTERS:]
        return None


def key_events(text: str, at: float = 0.0) -> bytes:
    """The events of typing a text and Enter, a hundredth of a second apart."""
    codes = [next(code for code, one in _CHARACTERS.items() if one == character) for character in text] + [min(_ENTER)]
    events = []
    for place, code in enumerate(codes):
        seconds, part = divmod(at + place / 100, 1)
        events += [EVENT.pack(int(seconds), int(part * 1e6), KEY, code, value) for value in (DOWN, 0)]
    return b"".join(events)
