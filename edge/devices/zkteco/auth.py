"""How a terminal's communication key is scrambled on the wire. It keeps honest clients apart and protects against nobody."""

TICKS = 50
_MASK = b"ZKSO"


def scramble_key(key: int, session: int, ticks: int = TICKS) -> bytes:
    """Scramble `key` (0 to 999999, any u32 works) for this session; 4 bytes, the third is `ticks` itself.

    Reverse the key's 32 bits, add the session modulo 2^32, mask with "ZKSO", swap the halves, mask with the ticks. The lowest
    byte of the sum is overwritten by the ticks, so the session's low byte seldom matters.
    """
    reversed_key = int(f"{key & 0xFFFFFFFF:032b}"[::-1], 2)
    mixed = ((reversed_key + session) & 0xFFFFFFFF).to_bytes(4, "little")
    _, b1, b2, b3 = (byte ^ mask for byte, mask in zip(mixed, _MASK, strict=True))
    return bytes((b2 ^ ticks, b3 ^ ticks, ticks, b1 ^ ticks))
