"""Live events as the terminal sends them. Pure.

    size   10: uid u16, verify, state, time6       12: number u32, verify, state, time6      14: as 10, four more
           32: number text 24, verify, state, time6     36, 37, 52: as 32, with 4, 5, 20 more

time6 is one byte each of year (from 2000), month, day, hour, minute, second. What further bytes mean is not known; they are zero.
Of the events a client can register for, the simulated terminal makes two: attendance and verify. A number that is no u32 cannot stand
in an event of 12 bytes and is sent in one of 32.
"""

import struct

from edge.devices.zkteco.events import EventMask
from edge.devices.zkteco.frames import Command, Frame
from edge.devices.zkteco.simulator.faults import Faults
from edge.devices.zkteco.simulator.model import Punch
from protocol.instants import wall_parts

_SIZE_OF_RECORD = {"8a": "10", "8b": "10", "16": "12", "40": "32", "49": "52"}
_UNKNOWN_SIZE = 23


class EventWriter:
    """Writes a punch as the frames that a client with a given mask gets."""

    def __init__(self, faults: Faults, record_size: str) -> None:
        self._faults = faults
        self._usual_size = _SIZE_OF_RECORD[record_size]

    def events_of(self, punch: Punch, mask: int) -> list[Frame]:
        """First who was recognised, then the punch; the event's code stands in the session field, the reply number is 0."""
        events = []
        if mask & EventMask.VERIFY:
            events.append(Frame(Command.REGISTER_EVENTS, EventMask.VERIFY, 0, struct.pack("<iB", punch.uid, 1)))
        if mask & EventMask.ATTENDANCE:
            size = self._faults.word("event-size") or self._usual_size
            events.append(Frame(Command.REGISTER_EVENTS, EventMask.ATTENDANCE, 0, punch_event(punch, size)))
        return events


def punch_event(punch: Punch, size: str) -> bytes:
    """Write a punch as an event's data; `size` is one of the lengths above, or "unknown"."""
    year, *rest = wall_parts(punch.wall)
    tail = bytes((punch.verify, punch.state, year - 2000, *rest))
    if size in {"10", "14"}:
        return (struct.pack("<H", punch.uid) + tail).ljust(int(size), b"\0")
    if size == "12" and punch.number.isdigit() and int(punch.number) < 2**32:
        return struct.pack("<I", int(punch.number)) + tail
    if size == "unknown":
        return tail.rjust(_UNKNOWN_SIZE, b"\x2a")
    return (punch.number.encode()[:24].ljust(24, b"\0") + tail).ljust(max(32, int(size)), b"\0")
