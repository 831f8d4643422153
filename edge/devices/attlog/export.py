"""Writes a file as a terminal exports it: for the demo, for tests, and to look at what is read back."""

from collections.abc import Iterable

from edge.devices.driver import TerminalPunch
from protocol.instants import show_wall


def write_export(punches: Iterable[TerminalPunch], *, device_number: int = 1) -> bytes:
    """User number padded to 9, CRLF, work code 0; codes that are not known become 0."""
    lines = (
        f"{punch.user:>9}\t{show_wall(punch.wall)}\t{device_number}\t{punch.state or 0}\t{punch.verify or 0}\t0\r\n" for punch in punches
    )
    return "".join(lines).encode()
