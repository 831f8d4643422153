"""What the simulated terminal says to each request. Pure: the memory and chance are handed in, the moment is an argument.

A `Desk` stands for the terminal's protocol program, a `Conversation` for one client at it. Facts: docs/reference/terminals,
"standalone pull protocol"; what a real terminal does with a command that is not listed there is not known, and is answered 65533.
"""

import struct
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum, auto
from random import Random

from edge.devices.zkteco.auth import scramble_key
from edge.devices.zkteco.frames import Command, Frame
from edge.devices.zkteco.records import decode_time, encode_time
from edge.devices.zkteco.simulator import tables
from edge.devices.zkteco.simulator.faults import Faults
from edge.devices.zkteco.simulator.model import Terminal
from edge.devices.zkteco.simulator.rows import read_user

TCP_PART = 65_472
UDP_PIECE = 1024
DIRECT_LIMIT = 1016
"""Largest table sent in one piece unasked: over UDP its datagram then has 1024 bytes, which is what clients can take."""
DEFAULT_KEY = 123_456
CLOCK_COLON = 57
"""Makes the colon of the clock blink; no client of ours needs it."""


class Then(Enum):
    """What happens to the line after an answer."""

    GO_ON = auto()
    CUT = auto()
    RESTART = auto()


@dataclass(frozen=True, slots=True)
class Answer:
    """Frames in order, and what comes after them."""

    frames: tuple[Frame, ...] = ()
    then: Then = Then.GO_ON


@dataclass(slots=True)
class Conversation:
    """One client at the terminal. `session` is None until it connects, and after the terminal forgot it."""

    datagrams: bool
    session: int | None = None
    authorised: bool = False
    event_mask: int = 0
    table: bytes | None = None
    table_is_log: bool = False
    given: int = 0
    tried: set[int] = field(default_factory=set)

    def forget(self) -> None:
        """Lose the session and everything in it."""
        self.session, self.authorised, self.event_mask = None, False, 0
        self.free_table()

    def free_table(self) -> None:
        """Drop the read buffer."""
        self.table, self.table_is_log, self.given = None, False, 0
        self.tried.clear()


@dataclass
class Desk:
    """The terminal's protocol program."""

    terminal: Terminal
    faults: Faults
    chance: Random
    user_size: int = 72
    key: int = 0
    punch_now: Callable[[], None] = lambda: None

    def answer(self, talk: Conversation, request: Frame, now: datetime) -> Answer:
        """Answer one request at the true naive wall time `now`; whatever the request holds, this raises nothing."""
        if request.command == Command.ACK_OK:
            return Answer()
        if self._forgets_session():
            talk.forget()
        if request.command not in _BEFORE_SESSION and (talk.session is None or request.session != talk.session or not talk.authorised):
            return _say(talk, request, Command.ACK_UNAUTH)
        handle = _HANDLERS.get(request.command)
        if handle is None:
            return _say(talk, request, Command.ACK_ERROR_CMD)
        try:
            return handle(self, talk, request, now)
        except (struct.error, IndexError, ValueError, OverflowError):
            return _say(talk, request, Command.ACK_ERROR_DATA)

    def refuse(self, talk: Conversation, request: Frame) -> Answer:
        """Turn a second client away."""
        return _say(talk, request, Command.ACK_ERROR)

    def _forgets_session(self) -> bool:
        if not self.faults.spend("session-reset"):
            return False
        if self.faults.number("session-reset"):
            return False
        self.faults.switch_off("session-reset")
        return True


def _say(talk: Conversation, request: Frame, command: int, data: bytes = b"") -> Answer:
    return Answer((_frame(talk, request, command, data),))


def _frame(talk: Conversation, request: Frame, command: int, data: bytes = b"") -> Frame:
    return Frame(command, talk.session or 0, request.reply, data)


def _ok(_desk: Desk, talk: Conversation, request: Frame, _now: datetime) -> Answer:
    return _say(talk, request, Command.ACK_OK)


# Sessions


def _connect(desk: Desk, talk: Conversation, request: Frame, _now: datetime) -> Answer:
    talk.forget()
    talk.session = desk.chance.randrange(1, 65_536)
    talk.authorised = _right_key(desk) == 0 and "key-wrong" not in desk.faults
    return _say(talk, request, Command.ACK_OK if talk.authorised else Command.ACK_UNAUTH)


def _right_key(desk: Desk) -> int:
    return desk.key or (DEFAULT_KEY if "key-required" in desk.faults else 0)


def _auth(desk: Desk, talk: Conversation, request: Frame, _now: datetime) -> Answer:
    right = (
        talk.session is not None
        and "key-wrong" not in desk.faults
        and len(request.data) >= 4
        and request.data[:4] == scramble_key(_right_key(desk), talk.session, request.data[2])
    )
    talk.authorised = right
    return _say(talk, request, Command.ACK_OK if right else Command.ACK_UNAUTH)


def _exit(_desk: Desk, talk: Conversation, request: Frame, _now: datetime) -> Answer:
    answer = _say(talk, request, Command.ACK_OK)
    talk.forget()
    return answer


def _restart(desk: Desk, talk: Conversation, request: Frame, _now: datetime) -> Answer:
    frames = () if "restart-silent" in desk.faults else (_frame(talk, request, Command.ACK_OK),)
    return Answer(frames, Then.RESTART)


def _enable(desk: Desk, talk: Conversation, request: Frame, _now: datetime) -> Answer:
    desk.terminal.enabled = request.command == Command.ENABLE_DEVICE
    return _say(talk, request, Command.ACK_OK)


# Facts about the terminal


def _version(_desk: Desk, talk: Conversation, request: Frame, _now: datetime) -> Answer:
    return _say(talk, request, Command.ACK_OK, tables.FIRMWARE.encode() + b"\0")


def _read_option(desk: Desk, talk: Conversation, request: Frame, _now: datetime) -> Answer:
    name = request.data.split(b"\0")[0].decode("ascii", "replace")
    value = desk.terminal.options.get(name)
    if value is None or "no-options" in desk.faults:
        return _say(talk, request, Command.ACK_ERROR)
    return _say(talk, request, Command.ACK_OK, f"{name}={value}".encode() + b"\0")


def _write_option(desk: Desk, talk: Conversation, request: Frame, _now: datetime) -> Answer:
    name, equals, value = request.data.split(b"\0")[0].decode("ascii", "replace").partition("=")
    if not equals or not name or name == "~SerialNumber" or len(desk.terminal.options) > 500:
        return _say(talk, request, Command.ACK_ERROR)
    desk.terminal.set_option(name, value)
    return _say(talk, request, Command.ACK_OK)


def _sizes(desk: Desk, talk: Conversation, request: Frame, _now: datetime) -> Answer:
    answer = _say(talk, request, Command.ACK_OK, tables.sizes(desk.terminal, desk.faults))
    _somebody_punches(desk)
    return answer


def _get_time(desk: Desk, talk: Conversation, request: Frame, now: datetime) -> Answer:
    return _say(talk, request, Command.ACK_OK, struct.pack("<I", encode_time(tables.wall_of(desk.terminal.clock(now)))))


def _set_time(desk: Desk, talk: Conversation, request: Frame, now: datetime) -> Answer:
    shown = tables.moment_of(decode_time(*struct.unpack("<I", request.data[:4])))
    desk.terminal.set_clock(now, shown)
    return _say(talk, request, Command.ACK_OK)


def _state(_desk: Desk, _talk: Conversation, request: Frame, _now: datetime) -> Answer:
    return Answer((Frame(Command.ACK_OK, 0, request.reply, b""),))


def _pin_width(desk: Desk, talk: Conversation, request: Frame, _now: datetime) -> Answer:
    return _say(talk, request, Command.ACK_OK, bytes((int(desk.terminal.options.get("~PIN2Width", "9")),)))


def _door(_desk: Desk, talk: Conversation, request: Frame, _now: datetime) -> Answer:
    return _say(talk, request, Command.ACK_OK, b"\0")


# Tables


def _table_of(desk: Desk, command: int) -> bytes | None:
    if command == Command.READ_USERS:
        return tables.user_table(desk.terminal, desk.user_size, desk.faults)
    if command == Command.READ_ATTENDANCE:
        return tables.log_table(desk.terminal, desk.faults)
    if command in {Command.READ_TEMPLATES, Command.READ_OPERATION_LOG}:
        return bytes(4)
    return None


def _open_table(desk: Desk, talk: Conversation, request: Frame, _now: datetime) -> Answer:
    if "refuse-1503" in desk.faults:
        return _say(talk, request, Command.ACK_ERROR)
    _, command, _, _ = struct.unpack("<BHII", request.data[:11])
    table = _table_of(desk, command)
    if table is None:
        return _say(talk, request, Command.ACK_ERROR)
    talk.free_table()
    is_log = command == Command.READ_ATTENDANCE
    if len(table) <= _direct_limit(desk, talk):
        answer = _say(talk, request, Command.DATA, table)
        _table_was_read(desk, is_log)
    else:
        talk.table, talk.table_is_log = table, is_log
        answer = _say(talk, request, Command.ACK_OK, struct.pack("<BIII", 0, len(table), len(table), 0))
    if is_log:
        _somebody_punches(desk)
    return answer


def _direct_limit(desk: Desk, talk: Conversation) -> int:
    if "buffered" in desk.faults:
        return -1
    if "direct-small" in desk.faults and not talk.datagrams:
        return desk.faults.number("direct-small")
    return DIRECT_LIMIT


def _read_part(desk: Desk, talk: Conversation, request: Frame, _now: datetime) -> Answer:
    start, size = struct.unpack("<II", request.data[:8])
    if "refuse-1503" in desk.faults or talk.table is None or not 0 < size <= TCP_PART or start >= len(talk.table):
        return _say(talk, request, Command.ACK_ERROR)
    if "lossy-chunk" in desk.faults and start not in talk.tried:
        talk.tried.add(start)
        return _say(talk, request, Command.ACK_ERROR)
    part = talk.table[start : start + size]
    talk.given = max(talk.given, start + len(part))
    then = Then.CUT if not talk.datagrams and desk.faults.spend("cut-mid-read") else Then.GO_ON
    return Answer(_part_frames(desk, talk, request, part), then)


def _part_frames(desk: Desk, talk: Conversation, request: Frame, part: bytes) -> tuple[Frame, ...]:
    piece = UDP_PIECE if talk.datagrams else desk.faults.number("split-1501") or TCP_PART
    pieces = [part[start : start + piece] for start in range(0, len(part), piece)]
    return (
        _frame(talk, request, Command.PREPARE_DATA, struct.pack("<II", len(part), 0x1000)),
        *(_frame(talk, request, Command.DATA, data) for data in pieces),
        _frame(talk, request, Command.ACK_OK),
    )


def _free_table(desk: Desk, talk: Conversation, request: Frame, _now: datetime) -> Answer:
    if talk.table is not None and talk.given >= len(talk.table):
        _table_was_read(desk, talk.table_is_log)
    talk.free_table()
    return _say(talk, request, Command.ACK_OK)


def _read_directly(desk: Desk, talk: Conversation, request: Frame, _now: datetime) -> Answer:
    if request.command == Command.READ_USERS and request.data[:1] != b"\x05":
        return _say(talk, request, Command.ACK_ERROR)  # one template: there are none
    table = _table_of(desk, request.command)
    assert table is not None
    answer = Answer(_part_frames(desk, talk, request, table))
    _table_was_read(desk, request.command == Command.READ_ATTENDANCE)
    return answer


def _somebody_punches(desk: Desk) -> None:
    if desk.faults.spend("punch-mid-read"):
        desk.punch_now()


def _table_was_read(desk: Desk, is_log: bool) -> None:
    if is_log and "log-cleared" in desk.faults and len(desk.terminal.log):
        desk.terminal.clear_log()
        desk.faults.switch_off("log-cleared")


# Changes


def _write_user(desk: Desk, talk: Conversation, request: Frame, _now: datetime) -> Answer:
    user = read_user(request.data, tables.name_encoding(desk.faults))
    if user is None:
        return _say(talk, request, Command.ACK_ERROR_DATA)
    desk.terminal.put_user(user)
    return _say(talk, request, Command.ACK_OK)


def _delete_user(desk: Desk, talk: Conversation, request: Frame, _now: datetime) -> Answer:
    deleted = desk.terminal.delete_user(int.from_bytes(request.data[:2], "little"))
    return _say(talk, request, Command.ACK_OK if deleted else Command.ACK_ERROR)


def _clear(desk: Desk, talk: Conversation, request: Frame, _now: datetime) -> Answer:
    kind = request.data[0] if request.command == Command.CLEAR_DATA and request.data else 0
    if kind in {0, 1}:
        desk.terminal.clear_log()
    if request.command == Command.CLEAR_DATA and kind in {0, 5}:
        for uid in list(desk.terminal.users):
            desk.terminal.delete_user(uid)
    return _say(talk, request, Command.ACK_OK)


def _clear_administrators(desk: Desk, talk: Conversation, request: Frame, _now: datetime) -> Answer:
    desk.terminal.demote_administrators()
    return _say(talk, request, Command.ACK_OK)


def _register(_desk: Desk, talk: Conversation, request: Frame, _now: datetime) -> Answer:
    (talk.event_mask,) = struct.unpack("<I", request.data[:4])
    return _say(talk, request, Command.ACK_OK)


def _refuse(_desk: Desk, talk: Conversation, request: Frame, _now: datetime) -> Answer:
    return _say(talk, request, Command.ACK_ERROR)


_BEFORE_SESSION = frozenset({Command.CONNECT, Command.AUTH, Command.EXIT})

_HANDLERS: dict[int, Callable[[Desk, Conversation, Frame, datetime], Answer]] = {
    Command.CONNECT: _connect,
    Command.AUTH: _auth,
    Command.EXIT: _exit,
    Command.ENABLE_DEVICE: _enable,
    Command.DISABLE_DEVICE: _enable,
    Command.RESTART: _restart,
    Command.POWER_OFF: _restart,
    Command.REFRESH_DATA: _ok,
    Command.REFRESH_OPTIONS: _ok,
    Command.TEST_VOICE: _ok,
    Command.VERSION: _version,
    Command.READ_OPTION: _read_option,
    Command.WRITE_OPTION: _write_option,
    Command.SIZES: _sizes,
    Command.GET_TIME: _get_time,
    Command.SET_TIME: _set_time,
    Command.STATE: _state,
    Command.PREPARE_BUFFER: _open_table,
    Command.READ_BUFFER: _read_part,
    Command.FREE_DATA: _free_table,
    Command.READ_USERS: _read_directly,
    Command.READ_ATTENDANCE: _read_directly,
    Command.READ_TEMPLATES: _read_directly,
    Command.READ_OPERATION_LOG: _read_directly,
    Command.WRITE_USER: _write_user,
    Command.DELETE_USER: _delete_user,
    Command.CLEAR_DATA: _clear,
    Command.CLEAR_ATTENDANCE: _clear,
    Command.CLEAR_ADMINISTRATORS: _clear_administrators,
    Command.CLEAR_OPERATION_LOG: _ok,
    Command.REGISTER_EVENTS: _register,
    Command.START_VERIFY: _ok,
    Command.START_ENROL: _refuse,  # it has no finger sensor
    Command.CANCEL_CAPTURE: _ok,
    Command.DELETE_TEMPLATE: _refuse,  # it holds no templates
    Command.UNLOCK: _ok,
    Command.DOOR_STATE: _door,
    CLOCK_COLON: _ok,
    Command.WRITE_DISPLAY: _ok,
    Command.CLEAR_DISPLAY: _ok,
    Command.PIN_WIDTH: _pin_width,
}
