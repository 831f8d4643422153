"""Wiegand numbers, 26 and 34 bits, as converters hand them over. Pure.

An even parity bit over the first half of the data bits, the data, an odd parity bit over the second half.
26 bits carry 8 of facility and 16 of card; 34 bits carry 32.
"""

from edge.devices.serial.cards.numbers import CardNumber, CardNumberError

LENGTHS = (26, 34)


def decode_wiegand(bits: str) -> CardNumber:
    """Read 26 or 34 characters of 0 and 1; raises CardNumberError, also when a parity bit is wrong."""
    if len(bits) not in LENGTHS or set(bits) - {"0", "1"}:
        raise CardNumberError("a Wiegand number has 26 or 34 bits")
    data = bits[1:-1]
    if bits != _with_parity(data):
        raise CardNumberError("a parity bit is wrong: the card was read badly")
    return CardNumber(int(data, 2))


def encode_wiegand(number: CardNumber, length: int) -> str:
    """Write it in 26 bits (the last 24 of the number) or 34."""
    if length not in LENGTHS:
        raise CardNumberError("a Wiegand number has 26 or 34 bits")
    size = length - 2
    return _with_parity(f"{number & ((1 << size) - 1):0{size}b}")


def _with_parity(data: str) -> str:
    half = len(data) // 2
    even, odd = data[:half].count("1") % 2, 1 - data[half:].count("1") % 2
    return f"{even}{data}{odd}"
