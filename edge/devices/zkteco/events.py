"""Live events: a punch as the terminal reports it at once. Pure.

    uid u16 · verify u8 · state u8 · time 6                                 10 bytes, 14 with 4 more
    number u32 · verify u8 · state u8 · time 6                              12
    number 24 · verify u8 · state u8 · time 6                               32, 36, 37 and 52 with more behind

time: year - 2000, month, day, hour, minute, second, a byte each. An event of any other length is not guessed at.
"""

import struct
from collections.abc import Mapping
from enum import IntFlag

from edge.devices.driver import LiveEvent, TerminalPunch, UnreadableEvent
from edge.devices.zkteco.records import text_number
from protocol.instants import pack_parts, wall_moment


class EventMask(IntFlag):
    """What to register for, and the code an event carries in the place of the session."""

    ATTENDANCE = 1
    FINGER = 2
    ENROL_USER = 4
    ENROL_FINGER = 8
    BUTTON = 16
    UNLOCK = 32
    VERIFY = 128
    SCORE = 256
    ALARM = 512


_UID = struct.Struct("<HBB6s")
_NUMBER = struct.Struct("<IBB6s")
_TEXT = struct.Struct("<24sBB6s")
_BY_LENGTH = {10: _UID, 14: _UID, 12: _NUMBER, 32: _TEXT, 36: _TEXT, 37: _TEXT}
LONG_EVENT = 52
"""From this length on, events begin like those of 32 bytes; firmware appends what it likes."""


def names_only_uid(data: bytes) -> bool:
    """Whether an event tells a uid and no number; only the user list of the same moment says whose it is."""
    return _BY_LENGTH.get(len(data)) is _UID


def decode_punch_event(data: bytes, users: Mapping[int, str]) -> LiveEvent:
    """Decode the data of an attendance event; what is not certain comes out as an UnreadableEvent."""
    pattern = _TEXT if len(data) >= LONG_EVENT else _BY_LENGTH.get(len(data))
    if pattern is None:
        return UnreadableEvent(data, "unknown-length")
    person, verify, state, time = pattern.unpack_from(data)
    wall = pack_parts(2000 + time[0], *time[1:])
    if wall_moment(wall) is None:
        return UnreadableEvent(data, "impossible-date")
    if pattern is _UID:
        number = users.get(person)
        return TerminalPunch(number, wall, verify, state, data) if number else UnreadableEvent(data, "uid-unresolved")
    number = text_number(person) if isinstance(person, bytes) else str(person) if person else None
    return TerminalPunch(number, wall, verify, state, data) if number else UnreadableEvent(data, "no-number")
