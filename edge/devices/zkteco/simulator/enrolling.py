"""Somebody lays a finger on the terminal three times: asked for by a client (61), told by events. Pure; chance is an argument."""

import struct
from datetime import datetime
from random import Random

from edge.devices.zkteco.events import EventMask
from edge.devices.zkteco.frames import Command, Frame
from edge.devices.zkteco.simulator.changing import put_print, put_user
from edge.devices.zkteco.simulator.desk import Answer, Conversation, Desk, Enrolling, say
from edge.devices.zkteco.simulator.model import User
from edge.devices.zkteco.templates import VALID, Fingerprint

GOOD_SCORE = b"\x64"
RESULTS = {"done": 0, "poor": 4, "duplicate": 5, "cancelled": 6}
TEMPLATE_BYTES = {"9": (450, 600), "10": (1100, 1500)}
HEADS = {"9": b"\x01", "10": b"MxSS21"}
"""How templates of an algorithm begin; what follows is drawn."""


def start(desk: Desk, talk: Conversation, request: Frame, _now: datetime) -> Answer:
    """Ask for a finger (61): number 24, finger u8, flag over TCP; number u32, finger u8 over UDP."""
    if "no-sensor" in desk.faults:
        return say(talk, request, Command.ACK_ERROR)
    if talk.datagrams:
        number, finger = struct.unpack("<IB", request.data[:5])
        text = str(number)
    else:
        field, finger = struct.unpack("<24sB", request.data[:25])
        text = field.split(b"\0")[0].decode("ascii")
    if not text or finger > 9:
        return say(talk, request, Command.ACK_ERROR)
    desk.enrolling = Enrolling(talk, text, finger)
    return say(talk, request, Command.ACK_OK)


def cancel(desk: Desk, talk: Conversation, request: Frame, _now: datetime) -> Answer:
    """Ask for no finger any more (62)."""
    desk.enrolling = None
    return say(talk, request, Command.ACK_OK)


def lay_finger(desk: Desk, chance: Random) -> list[Frame]:
    """The person lays the finger on once more; what the terminal then tells. After the third time it keeps it, or says why not."""
    going = desk.enrolling
    end = desk.faults.word("enrol-ends") or "done"
    if going is None or end == "nobody":
        return []
    going.left -= 1
    told = [_event(EventMask.FINGER), _event(EventMask.SCORE, GOOD_SCORE)]
    if going.left > 0:
        return told
    desk.enrolling = None
    result = _keep(desk, going, chance) if end == "done" else b""
    return [*told, _event(EventMask.ENROL_FINGER, result or struct.pack("<H", RESULTS[end] or RESULTS["poor"]))]


def _keep(desk: Desk, going: Enrolling, chance: Random) -> bytes:
    """Keep a new finger, of a new user where nobody has the number; the result that is told, empty when there is no room."""
    terminal = desk.terminal
    uid = terminal.uid_of(going.number)
    if uid is None:
        uid = terminal.free_uid()
        put_user(desk, User(uid, going.number))
    data = draw_template(chance, terminal.options["~ZKFPVersion"])
    if not put_print(desk, Fingerprint(uid, going.finger, VALID, data)):
        return b""
    return struct.pack("<HH9sB", 0, len(data), going.number.encode(), going.finger)


def draw_template(chance: Random, algorithm: str) -> bytes:
    """Bytes that look like a template of this algorithm; they match no finger."""
    head = HEADS.get(algorithm, b"")
    return head + chance.randbytes(chance.randint(*TEMPLATE_BYTES.get(algorithm, (1100, 1500))) - len(head))


def _event(kind: EventMask, data: bytes = b"") -> Frame:
    return Frame(Command.REGISTER_EVENTS, kind, 0, data)
