"""Sessions, and what the terminal says of itself. Pure."""

import struct
from datetime import datetime, timedelta

from edge.devices.zkteco.auth import scramble_key
from edge.devices.zkteco.frames import Command, Frame
from edge.devices.zkteco.records import decode_time, encode_time
from edge.devices.zkteco.simulator import tables
from edge.devices.zkteco.simulator.desk import Answer, Conversation, Desk, Then, frame_of, say
from edge.devices.zkteco.simulator.reading import somebody_punches

DEFAULT_KEY = 123_456
"""What the fault mode key-required asks for."""


def connect(desk: Desk, talk: Conversation, request: Frame, _now: datetime) -> Answer:
    """Begin a session; 2005 with the session when a key is needed (command 1000)."""
    talk.forget()
    talk.session = desk.chance.randrange(1, 65_536)
    talk.authorised = _right_key(desk) == 0 and "key-wrong" not in desk.faults
    return say(talk, request, Command.ACK_OK if talk.authorised else Command.ACK_UNAUTH)


def _right_key(desk: Desk) -> int:
    return desk.key or (DEFAULT_KEY if "key-required" in desk.faults else 0)


def auth(desk: Desk, talk: Conversation, request: Frame, _now: datetime) -> Answer:
    """Let in whoever scrambled the right key for this session, with whatever ticks they chose (1102)."""
    right = (
        talk.session is not None
        and "key-wrong" not in desk.faults
        and len(request.data) >= 4
        and request.data[:4] == scramble_key(_right_key(desk), talk.session, request.data[2])
    )
    talk.authorised = right
    return say(talk, request, Command.ACK_OK if right else Command.ACK_UNAUTH)


def leave(_desk: Desk, talk: Conversation, request: Frame, _now: datetime) -> Answer:
    """End the session (1001)."""
    answer = say(talk, request, Command.ACK_OK)
    talk.forget()
    return answer


def restart(desk: Desk, talk: Conversation, request: Frame, _now: datetime) -> Answer:
    """Switch off and on (1004); switching off for good (1005) is the same here, or nobody could go on."""
    frames = () if "restart-silent" in desk.faults else (frame_of(talk, request, Command.ACK_OK),)
    return Answer(frames, Then.RESTART)


def enable(desk: Desk, talk: Conversation, request: Frame, now: datetime) -> Answer:
    """Let people punch again (1002), or keep them from it (1003), for so many seconds when the request says how many."""
    terminal = desk.terminal
    terminal.enabled, terminal.enabled_again = request.command == Command.ENABLE_DEVICE, None
    seconds = int.from_bytes(request.data[:4], "little")
    if not terminal.enabled and seconds and "stays-disabled" not in desk.faults:
        terminal.enabled_again = now + timedelta(seconds=seconds)
    return say(talk, request, Command.ACK_OK)


def version(_desk: Desk, talk: Conversation, request: Frame, _now: datetime) -> Answer:
    """Firmware version (1100)."""
    return say(talk, request, Command.ACK_OK, tables.FIRMWARE.encode() + b"\0")


def read_option(desk: Desk, talk: Conversation, request: Frame, _now: datetime) -> Answer:
    """One option, asked for with or without a NUL behind its name (11); 2001 when there is none."""
    name = request.data.split(b"\0")[0].decode("ascii", "replace")
    value = desk.terminal.options.get(name)
    if value is None or "no-options" in desk.faults:
        return say(talk, request, Command.ACK_ERROR)
    return say(talk, request, Command.ACK_OK, f"{name}={value}".encode() + b"\0")


def write_option(desk: Desk, talk: Conversation, request: Frame, _now: datetime) -> Answer:
    """Set an option (12); the serial number stays."""
    name, equals, value = request.data.split(b"\0")[0].decode("ascii", "replace").partition("=")
    if not equals or not name or name == "~SerialNumber" or len(desk.terminal.options) > 500:
        return say(talk, request, Command.ACK_ERROR)
    desk.terminal.set_option(name, value)
    return say(talk, request, Command.ACK_OK)


def sizes(desk: Desk, talk: Conversation, request: Frame, _now: datetime) -> Answer:
    """Counts and room (50)."""
    answer = say(talk, request, Command.ACK_OK, tables.sizes(desk.terminal, desk.faults))
    somebody_punches(desk)
    return answer


def get_time(desk: Desk, talk: Conversation, request: Frame, now: datetime) -> Answer:
    """What the clock shows (201)."""
    return say(talk, request, Command.ACK_OK, struct.pack("<I", encode_time(tables.wall_of(desk.terminal.clock(now)))))


def set_time(desk: Desk, talk: Conversation, request: Frame, now: datetime) -> Answer:
    """Set the clock (202)."""
    shown = tables.moment_of(decode_time(*struct.unpack("<I", request.data[:4])))
    desk.terminal.set_clock(now, shown)
    return say(talk, request, Command.ACK_OK)


def state(_desk: Desk, _talk: Conversation, request: Frame, _now: datetime) -> Answer:
    """Waiting for a user; the answer stands in the place of the session (64)."""
    return Answer((Frame(Command.ACK_OK, 0, request.reply, b""),))


def pin_width(desk: Desk, talk: Conversation, request: Frame, _now: datetime) -> Answer:
    """Digits of a user number (69)."""
    return say(talk, request, Command.ACK_OK, bytes((int(desk.terminal.options.get("~PIN2Width", "9")),)))


def unlock(desk: Desk, talk: Conversation, request: Frame, _now: datetime) -> Answer:
    """Open the door for so many tenths of a second (31)."""
    (tenths,) = struct.unpack("<I", request.data[:4])
    desk.terminal.opened.append(tenths)
    return say(talk, request, Command.ACK_OK)


def door(_desk: Desk, talk: Conversation, request: Frame, _now: datetime) -> Answer:
    """Closed (75)."""
    return say(talk, request, Command.ACK_OK, b"\0")
