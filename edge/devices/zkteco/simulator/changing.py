"""What a client may change at the terminal: users, fingers one by one, the log; and the events it registers for. Pure.

Every write goes through `_write`, where fault modes lose it, refuse it, or cut the line or the power.
"""

import struct
from collections.abc import Callable
from datetime import datetime

from edge.devices.zkteco.frames import Command, Frame
from edge.devices.zkteco.simulator import tables
from edge.devices.zkteco.simulator.desk import Answer, Conversation, Desk, Then, say
from edge.devices.zkteco.simulator.model import User
from edge.devices.zkteco.simulator.rows import read_user
from edge.devices.zkteco.templates import Fingerprint


def write_user(desk: Desk, talk: Conversation, request: Frame, _now: datetime) -> Answer:
    """Add or overwrite a user (8); 2001 for a row of another length than its own, and when it is full."""
    user = read_user(request.data, tables.name_encoding(desk.faults)) if len(request.data) == desk.user_size else None
    if user is None:
        return say(talk, request, Command.ACK_ERROR)
    return write(desk, talk, request, lambda: put_user(desk, user))


def put_user(desk: Desk, user: User) -> bool:
    """Keep a user; False when the terminal is full."""
    terminal = desk.terminal
    known = user.uid in terminal.users or terminal.uid_of(user.number) is not None
    if not known and len(terminal.users) >= terminal.users_capacity:
        return False
    terminal.put_user(user)
    return True


def put_print(desk: Desk, one: Fingerprint) -> bool:
    """Keep a finger of a user who is there; False for a stranger's, and when the terminal is full."""
    terminal = desk.terminal
    known = (one.uid, one.finger) in terminal.prints
    if one.uid not in terminal.users or (not known and len(terminal.prints) >= terminal.fingers_capacity):
        return False
    data = one.data[:-1] + bytes((one.data[-1] ^ 1,)) if "spoils-templates" in desk.faults else one.data
    terminal.put_print(Fingerprint(one.uid, one.finger, one.flag, data))
    return True


def write(desk: Desk, talk: Conversation, request: Frame, change: Callable[[], bool]) -> Answer:
    """Carry out a change, and say whether; unless a fault mode comes between."""
    if "refuses-writes" in desk.faults:
        return say(talk, request, Command.ACK_ERROR)
    if "forgets-writes" in desk.faults:
        return say(talk, request, Command.ACK_OK)
    if desk.faults.spend("power-cut-mid-write"):
        return Answer((), Then.RESTART)
    done = change()
    answer = say(talk, request, Command.ACK_OK if done else Command.ACK_ERROR)
    if desk.faults.spend("cut-mid-write"):
        return Answer() if talk.datagrams else Answer(answer.frames, Then.CUT)
    return answer


def delete_user(desk: Desk, talk: Conversation, request: Frame, _now: datetime) -> Answer:
    """Delete the user with this uid (18); 2001 when there is none."""
    uid = int.from_bytes(request.data[:2], "little")
    return write(desk, talk, request, lambda: desk.terminal.delete_user(uid))


def delete_templates(desk: Desk, talk: Conversation, request: Frame, _now: datetime) -> Answer:
    """Delete all fingers of a uid (19); 2001 when there are none."""
    uid = int.from_bytes(request.data[:2], "little")
    return write(desk, talk, request, lambda: desk.terminal.drop_prints(uid))


def delete_finger(desk: Desk, talk: Conversation, request: Frame, _now: datetime) -> Answer:
    """Delete one finger of a number (134); 2001 when there is none."""
    number, finger = struct.unpack("<24sB", request.data[:25])
    uid = desk.terminal.uid_of(number.split(b"\0")[0].decode("ascii", "replace"))
    return write(desk, talk, request, lambda: uid is not None and desk.terminal.drop_prints(uid, finger))


def write_style(desk: Desk, talk: Conversation, request: Frame, _now: datetime) -> Answer:
    """Set how a user must prove who they are (79)."""
    uid, style = struct.unpack("<HB", request.data[:3])
    if uid not in desk.terminal.users:
        return say(talk, request, Command.ACK_ERROR)

    def change() -> bool:
        desk.terminal.set_style(uid, style)
        return True

    return write(desk, talk, request, change)


def read_style(desk: Desk, talk: Conversation, request: Frame, _now: datetime) -> Answer:
    """Tell how a user must prove who they are (80)."""
    (uid,) = struct.unpack("<H", request.data[:2])
    if uid not in desk.terminal.users:
        return say(talk, request, Command.ACK_ERROR)
    return say(talk, request, Command.ACK_OK, struct.pack("<HB", uid, desk.terminal.styles.get(uid, 0)).ljust(24, b"\0"))


def clear(desk: Desk, talk: Conversation, request: Frame, _now: datetime) -> Answer:
    """Clear the log (15), or by type: 1 the log, 2 the fingers, 5 the users, none or 0 all (14)."""
    kind = request.data[0] if request.command == Command.CLEAR_DATA and request.data else 0

    def change() -> bool:
        terminal = desk.terminal
        if kind in {0, 1}:
            terminal.clear_log()
        if request.command == Command.CLEAR_DATA:
            for uid in list(terminal.users):
                if kind in {0, 2}:
                    terminal.drop_prints(uid)
                if kind in {0, 5}:
                    terminal.delete_user(uid)
        return True

    return write(desk, talk, request, change)


def clear_administrators(desk: Desk, talk: Conversation, request: Frame, _now: datetime) -> Answer:
    """Make administrators ordinary users (20)."""
    desk.terminal.demote_administrators()
    return say(talk, request, Command.ACK_OK)


def register(_desk: Desk, talk: Conversation, request: Frame, _now: datetime) -> Answer:
    """Register for live events by mask; 0 ends it (500)."""
    (talk.event_mask,) = struct.unpack("<I", request.data[:4])
    return say(talk, request, Command.ACK_OK)
