"""Wakes a terminal that pushes, so that it asks for commands at once instead of at its next heartbeat.

A datagram `R-CMD` to the terminal's port 4374 does it, by the vendor's text and its old server's source; which firmware listens is not
known. It is a nudge and no more: nobody waits for it, and a terminal that does not know it asks at its own time.
"""

import socket
from contextlib import suppress
from ipaddress import ip_address

PORT = 4374
WORD = b"R-CMD"


def wake(address: str, port: int = PORT) -> None:
    """Send it; never raises, and never waits."""
    with suppress(OSError, ValueError):
        family = socket.AF_INET6 if ip_address(address).version == 6 else socket.AF_INET
        with socket.socket(family, socket.SOCK_DGRAM) as line:
            line.setblocking(False)
            line.sendto(WORD, (address, port))
