"""Which answer belongs to which request. Pure: the memory and chance are handed in, the moment is an argument.

Facts: docs/reference/simulator.md, "What it answers". What a real terminal does with a command that is not listed there is not known;
it is answered 65533.
"""

import struct
from collections.abc import Callable
from datetime import datetime

from edge.devices.zkteco.frames import Command, Frame
from edge.devices.zkteco.simulator import changing, enrolling, identify, reading, uploading
from edge.devices.zkteco.simulator.desk import Answer, Conversation, Desk, ok, say

CLOCK_COLON = 57
"""Makes the colon of the clock blink; no client of ours needs it."""


def answer(desk: Desk, talk: Conversation, request: Frame, now: datetime) -> Answer:
    """Answer one request at the true naive wall time `now`; whatever the request holds, this raises nothing."""
    if request.command == Command.ACK_OK:
        return Answer()
    if _session_is_lost(desk):
        talk.forget()
    if request.command not in _BEFORE_SESSION and (talk.session is None or request.session != talk.session or not talk.authorised):
        return say(talk, request, Command.ACK_UNAUTH)
    handle = _HANDLERS.get(request.command)
    if handle is None:
        return say(talk, request, Command.ACK_ERROR_CMD)
    try:
        return handle(desk, talk, request, now)
    except (struct.error, IndexError, ValueError, OverflowError):
        return say(talk, request, Command.ACK_ERROR_DATA)


def _session_is_lost(desk: Desk) -> bool:
    """Whether the fault mode that forgets a session strikes at this request."""
    if not desk.faults.spend("session-reset") or desk.faults.number("session-reset"):
        return False
    desk.faults.switch_off("session-reset")
    return True


_BEFORE_SESSION = frozenset({Command.CONNECT, Command.AUTH, Command.EXIT})

_HANDLERS: dict[int, Callable[[Desk, Conversation, Frame, datetime], Answer]] = {
    Command.CONNECT: identify.connect,
    Command.AUTH: identify.auth,
    Command.EXIT: identify.leave,
    Command.ENABLE_DEVICE: identify.enable,
    Command.DISABLE_DEVICE: identify.enable,
    Command.RESTART: identify.restart,
    Command.POWER_OFF: identify.restart,
    Command.REFRESH_DATA: ok,
    Command.REFRESH_OPTIONS: ok,
    Command.TEST_VOICE: ok,
    Command.VERSION: identify.version,
    Command.READ_OPTION: identify.read_option,
    Command.WRITE_OPTION: identify.write_option,
    Command.SIZES: identify.sizes,
    Command.GET_TIME: identify.get_time,
    Command.SET_TIME: identify.set_time,
    Command.STATE: identify.state,
    Command.PREPARE_BUFFER: reading.open_table,
    Command.READ_BUFFER: reading.read_part,
    Command.FREE_DATA: reading.free_table,
    Command.READ_USERS: reading.read_directly,
    Command.READ_ATTENDANCE: reading.read_directly,
    Command.READ_TEMPLATES: reading.read_directly,
    Command.READ_OPERATION_LOG: reading.read_directly,
    Command.WRITE_USER: changing.write_user,
    Command.DELETE_USER: changing.delete_user,
    Command.CLEAR_DATA: changing.clear,
    Command.CLEAR_ATTENDANCE: changing.clear,
    Command.CLEAR_ADMINISTRATORS: changing.clear_administrators,
    Command.CLEAR_OPERATION_LOG: ok,
    Command.REGISTER_EVENTS: changing.register,
    Command.START_VERIFY: ok,
    Command.START_ENROL: enrolling.start,
    Command.CANCEL_CAPTURE: enrolling.cancel,
    Command.DELETE_TEMPLATES: changing.delete_templates,
    Command.DELETE_FINGER: changing.delete_finger,
    Command.READ_TEMPLATE: reading.read_template,
    Command.WRITE_TEMPLATE: uploading.write_template,
    Command.SAVE_BULK: uploading.save_bulk,
    Command.PREPARE_DATA: uploading.prepare,
    Command.DATA: uploading.take_piece,
    Command.CHECKSUM: uploading.checksum,
    Command.WRITE_VERIFY: changing.write_style,
    Command.READ_VERIFY: changing.read_style,
    Command.UNLOCK: identify.unlock,
    Command.DOOR_STATE: identify.door,
    CLOCK_COLON: ok,
    Command.WRITE_DISPLAY: ok,
    Command.CLEAR_DISPLAY: ok,
    Command.PIN_WIDTH: identify.pin_width,
}
