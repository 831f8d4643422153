"""A process that does nothing but hold a relay's port and see that it goes off: `python -m edge.devices.serial.relay.guard PORT CHANNEL`.

It switches off when it starts and when it ends. Each line on standard input is a number of seconds to switch on for. The end of standard
input is the end of whoever started it, however that came about, also by SIGKILL: then it switches off and ends. It says `ready` once.
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


def main(port: str, channel: int) -> int:
    try:
        with SerialLine(port, BAUD) as line:
            _off(line, channel)
            print("ready", flush=True)  # noqa: T201 - whoever started it waits for this
            try:
                _obey(line, channel)
            finally:
                _off(line, channel)
    except DriverError as problem:
        print(problem, file=sys.stderr, flush=True)  # noqa: T201 - for whoever started it
        return CANNOT_RUN
    return 0


def _obey(line: SerialLine, channel: int) -> None:
    off_at, text = None, b""
    while True:
        wait = None if off_at is None else max(off_at - time.monotonic(), 0)
        ready, _, _ = select.select([sys.stdin.fileno()], [], [], wait)
        if not ready:
            _off(line, channel)
            off_at = None
            continue
        data = os.read(sys.stdin.fileno(), 1024)
        if not data:
            return
        *orders, text = (text + data).split(b"\n")
        for order in orders:
            seconds = _seconds(order)
            if seconds > 0:
                line.write(switch(channel, on=True))
                off_at = time.monotonic() + seconds


def _seconds(order: bytes) -> float:
    with suppress(ValueError):
        seconds = float(order)
        if 0 < seconds <= LONGEST_SECONDS:
            return seconds
    return 0.0


def _off(line: SerialLine, channel: int) -> None:
    """Twice, as a byte may be lost; switching off what is off does nothing."""
    line.write(switch(channel, on=False) * 2)


if __name__ == "__main__":
    for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
        signal.signal(number, lambda *_: sys.exit(0))  # through the `finally` above
    sys.exit(main(sys.argv[1], int(sys.argv[2])))
