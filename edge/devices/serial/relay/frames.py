"""What an LCUS relay is told: A0, channel, 1 or 0, and their sum modulo 256. Most are silent, some clones echo. Pure."""

HEAD = 0xA0
CHANNELS = range(1, 9)


def switch(channel: int, *, on: bool) -> bytes:
    if channel not in CHANNELS:
        raise ValueError(f"a relay has the channels 1 to 8, not {channel}")
    return bytes([HEAD, channel, on, (HEAD + channel + on) & 0xFF])
