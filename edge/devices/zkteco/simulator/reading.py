"""How a client reads the tables: whole, in parts, or by the legacy direct commands. Pure."""

import struct
from datetime import datetime

from edge.devices.zkteco.frames import Command, Frame
from edge.devices.zkteco.simulator import tables
from edge.devices.zkteco.simulator.desk import Answer, Conversation, Desk, Then, frame_of, say

TCP_PART = 65_472
UDP_PIECE = 1024
DIRECT_LIMIT = 1016
"""Largest table sent in one piece unasked: over UDP its datagram then has 1024 bytes, which is what clients can take."""


def _table_of(desk: Desk, command: int) -> bytes | None:
    if command == Command.READ_USERS:
        return tables.user_table(desk.terminal, desk.user_size, desk.faults)
    if command == Command.READ_ATTENDANCE:
        return tables.log_table(desk.terminal, desk.faults)
    if command == Command.READ_TEMPLATES:
        return tables.template_table(desk.terminal)
    if command == Command.READ_OPERATION_LOG:
        return bytes(4)
    return None


def open_table(desk: Desk, talk: Conversation, request: Frame, _now: datetime) -> Answer:
    """Fill the read buffer (1503), or send a small table at once. The buffer is what the table was at this moment."""
    if "refuse-1503" in desk.faults:
        return say(talk, request, Command.ACK_ERROR)
    _, command, _, _ = struct.unpack("<BHII", request.data[:11])
    table = _table_of(desk, command)
    if table is None:
        return say(talk, request, Command.ACK_ERROR)
    talk.free_table()
    is_log = command == Command.READ_ATTENDANCE
    if len(table) <= _direct_limit(desk, talk):
        answer = say(talk, request, Command.DATA, table)
        _table_was_read(desk, is_log)
    else:
        talk.table, talk.table_is_log = table, is_log
        answer = say(talk, request, Command.ACK_OK, struct.pack("<BIII", 0, len(table), len(table), 0))
    if is_log:
        somebody_punches(desk)
    return answer


def _direct_limit(desk: Desk, talk: Conversation) -> int:
    if "buffered" in desk.faults:
        return -1
    if "direct-small" in desk.faults and not talk.datagrams:
        return desk.faults.number("direct-small")
    return DIRECT_LIMIT


def read_part(desk: Desk, talk: Conversation, request: Frame, _now: datetime) -> Answer:
    """Send a part of the read buffer (1504): 1500 with its size, the data in 1501, 2000."""
    start, size = struct.unpack("<II", request.data[:8])
    if "refuse-1503" in desk.faults or talk.table is None or not 0 < size <= TCP_PART or start >= len(talk.table):
        return say(talk, request, Command.ACK_ERROR)
    if "lossy-chunk" in desk.faults and start not in talk.tried:
        talk.tried.add(start)
        return say(talk, request, Command.ACK_ERROR)
    part = talk.table[start : start + size]
    talk.given = max(talk.given, start + len(part))
    then = Then.CUT if not talk.datagrams and desk.faults.spend("cut-mid-read") else Then.GO_ON
    return Answer(_part_frames(desk, talk, request, part), then)


def _part_frames(desk: Desk, talk: Conversation, request: Frame, part: bytes) -> tuple[Frame, ...]:
    piece = UDP_PIECE if talk.datagrams else desk.faults.number("split-1501") or TCP_PART
    pieces = [part[start : start + piece] for start in range(0, len(part), piece)]
    return (
        frame_of(talk, request, Command.PREPARE_DATA, struct.pack("<II", len(part), 0x1000)),
        *(frame_of(talk, request, Command.DATA, data) for data in pieces),
        frame_of(talk, request, Command.ACK_OK),
    )


def free_table(desk: Desk, talk: Conversation, request: Frame, _now: datetime) -> Answer:
    """Drop the read buffer (1502)."""
    if talk.table is not None and talk.given >= len(talk.table):
        _table_was_read(desk, talk.table_is_log)
    talk.free_table()
    return say(talk, request, Command.ACK_OK)


def read_directly(desk: Desk, talk: Conversation, request: Frame, _now: datetime) -> Answer:
    """Send a whole table at once, as old firmware does (9, 13, 7, 34)."""
    if request.command == Command.READ_USERS and request.data[:1] != b"\x05":
        return read_template(desk, talk, request, _now)
    table = _table_of(desk, request.command)
    assert table is not None
    answer = Answer(_part_frames(desk, talk, request, table))
    _table_was_read(desk, request.command == Command.READ_ATTENDANCE)
    return answer


def read_template(desk: Desk, talk: Conversation, request: Frame, _now: datetime) -> Answer:
    """One template, with its flag behind it (88, and 9 for one finger); 2001 where there is none."""
    if "no-single-read" in desk.faults:
        return say(talk, request, Command.ACK_ERROR_CMD)
    one = desk.terminal.prints.get(struct.unpack("<HB", request.data[:3]))
    if one is None:
        return say(talk, request, Command.ACK_ERROR)
    return Answer(_part_frames(desk, talk, request, one.data + bytes((one.flag,))))


def somebody_punches(desk: Desk) -> None:
    """Let a punch happen now, when a fault mode says so."""
    if desk.faults.spend("punch-mid-read"):
        desk.punch_now()


def _table_was_read(desk: Desk, is_log: bool) -> None:
    if is_log and "log-cleared" in desk.faults and len(desk.terminal.log):
        desk.terminal.clear_log()
        desk.faults.switch_off("log-cleared")
