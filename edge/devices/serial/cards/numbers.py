"""A card's number: 32 bits, and the ways in which readers, cards and access systems write it. Pure.

decimal    0003087675   ten digits, as most cards have it printed
facility   04707483     three digits of facility (bits 16 to 23), five of card (the last 16 bits); also printed 047,07483
hex        002F1D3B     eight hex digits
reversed   0991768320   ten digits of the number with its four bytes the other way round, as many 13.56 MHz readers type it
"""

import re
from enum import StrEnum
from typing import NewType

CardNumber = NewType("CardNumber", int)
BITS = 32


class CardFormat(StrEnum):
    DECIMAL = "decimal"
    FACILITY = "facility"
    HEX = "hex"
    REVERSED = "reversed"


class CardNumberError(ValueError):
    """What was read or typed is no card number of this format."""


def show_card(number: CardNumber, form: CardFormat) -> str:
    match form:
        case CardFormat.DECIMAL:
            return f"{number:010d}"
        case CardFormat.FACILITY:
            return f"{number >> 16 & 0xFF:03d}{number & 0xFFFF:05d}"
        case CardFormat.HEX:
            return f"{number:08X}"
        case CardFormat.REVERSED:
            return f"{_turned(number):010d}"


def parse_card(text: str, form: CardFormat) -> CardNumber:
    """Read what a reader types or a card has printed; raises CardNumberError. FACILITY knows 24 bits of the number only."""
    text = text.strip()
    if form is CardFormat.FACILITY:
        found = re.fullmatch(r"(\d{3})[,.]?(\d{5})", text, re.ASCII)
        if not found or int(found[1]) > 0xFF or int(found[2]) > 0xFFFF:
            raise CardNumberError("a number of this format has 3 digits up to 255 and 5 up to 65535")
        return CardNumber(int(found[1]) << 16 | int(found[2]))
    if form is CardFormat.HEX:
        if not re.fullmatch(r"[0-9A-Fa-f]{1,8}", text):
            raise CardNumberError("a number of this format has up to 8 hex digits")
        return CardNumber(int(text, 16))
    if not re.fullmatch(r"\d{1,10}", text, re.ASCII) or int(text) >= 1 << BITS:
        raise CardNumberError("a number of this format has up to 10 digits, 4294967295 at most")
    return CardNumber(_turned(int(text)) if form is CardFormat.REVERSED else int(text))


def _turned(number: int) -> int:
    return int.from_bytes(number.to_bytes(4, "big"), "little")
