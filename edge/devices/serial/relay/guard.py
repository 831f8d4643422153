"""A process that does nothing but hold a relay's port and see that it goes off: `python -m edge.devices.serial.relay.guard PORT CHANNEL…`.

It switches its channels off when it starts and when it ends. Each line on standard input is a channel and the seconds to switch it on for.
The end of standard input is the end of whoever started it, however that came about, also by SIGKILL: then it switches off and ends. It
says `ready` once.
"""

import os
import select
import signal
import sys
import time
from contextlib import suppress

from edge.devices.driver import DriverError
from edge.devices.serial.line import SerialLine
from edge.devices.serial.relay.frames import switch

BAUD = 9600
LONGEST_SECONDS = 30.0
"""A door that stands open longer than this is no pulse any more."""
CANNOT_RUN = 2


def main(port: str, channels: list[int]) -> int:
    try:
        with SerialLine(port, BAUD) as line:
            _off(line, channels)
            print("ready", flush=True)  # noqa: T201 - whoever started it waits for this
            try:
                _obey(line, channels)
            finally:
                _off(line, channels)
    except DriverError as problem:
        print(problem, file=sys.stderr, flush=True)  # noqa: T201 - for whoever started it
        return CANNOT_RUN
    return 0


def _obey(line: SerialLine, channels: list[int]) -> None:
    off_at: dict[int, float] = {}
    text = b""
    while True:
        wait = max(min(off_at.values()) - time.monotonic(), 0) if off_at else None
        ready, _, _ = select.select([sys.stdin.fileno()], [], [], wait)
        over = [channel for channel, at in off_at.items() if at <= time.monotonic()]
        _off(line, over)
        for channel in over:
            del off_at[channel]
        if not ready:
            continue
        data = os.read(sys.stdin.fileno(), 1024)
        if not data:
            return
        *orders, text = (text + data).split(b"\n")
        for order in orders:
            channel, seconds = _parsed(order)
            if channel in channels and 0 < seconds <= LONGEST_SECONDS:
                line.write(switch(channel, on=True))
                off_at[channel] = time.monotonic() + seconds


def _parsed(order: bytes) -> tuple[int, float]:
    with suppress(ValueError):
        channel, seconds = order.split()
        return int(channel), float(seconds)
    return 0, 0.0


def _off(line: SerialLine, channels: list[int]) -> None:
    """Twice, as a byte may be lost; switching off what is off does nothing."""
    for channel in channels:
        line.write(switch(channel, on=False) * 2)


if __name__ == "__main__":
    for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
        signal.signal(number, lambda *_: sys.exit(0))  # through the `finally` above
    sys.exit(main(sys.argv[1], [int(channel) for channel in sys.argv[2:]]))
