"""What a client may change at the terminal, and the events it registers for. Pure."""

import struct
from datetime import datetime

from edge.devices.zkteco.frames import Command, Frame
from edge.devices.zkteco.simulator import tables
from edge.devices.zkteco.simulator.desk import Answer, Conversation, Desk, say
from edge.devices.zkteco.simulator.rows import read_user


def write_user(desk: Desk, talk: Conversation, request: Frame, _now: datetime) -> Answer:
    """Add or overwrite a user, 28 or 72 bytes (8)."""
    user = read_user(request.data, tables.name_encoding(desk.faults))
    if user is None:
        return say(talk, request, Command.ACK_ERROR_DATA)
    desk.terminal.put_user(user)
    return say(talk, request, Command.ACK_OK)


def delete_user(desk: Desk, talk: Conversation, request: Frame, _now: datetime) -> Answer:
    """Delete the user with this uid (18); 2001 when there is none."""
    deleted = desk.terminal.delete_user(int.from_bytes(request.data[:2], "little"))
    return say(talk, request, Command.ACK_OK if deleted else Command.ACK_ERROR)


def clear(desk: Desk, talk: Conversation, request: Frame, _now: datetime) -> Answer:
    """Clear the log (15), or by type: 1 the log, 5 the users, none or 0 both (14)."""
    kind = request.data[0] if request.command == Command.CLEAR_DATA and request.data else 0
    if kind in {0, 1}:
        desk.terminal.clear_log()
    if request.command == Command.CLEAR_DATA and kind in {0, 5}:
        for uid in list(desk.terminal.users):
            desk.terminal.delete_user(uid)
    return say(talk, request, Command.ACK_OK)


def clear_administrators(desk: Desk, talk: Conversation, request: Frame, _now: datetime) -> Answer:
    """Make administrators ordinary users (20)."""
    desk.terminal.demote_administrators()
    return say(talk, request, Command.ACK_OK)


def register(_desk: Desk, talk: Conversation, request: Frame, _now: datetime) -> Answer:
    """Register for live events by mask; 0 ends it (500)."""
    (talk.event_mask,) = struct.unpack("<I", request.data[:4])
    return say(talk, request, Command.ACK_OK)
