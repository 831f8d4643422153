"""A line of the pull protocol with somebody who follows it. Bytes are shown only of what can hold nothing of people and no key.

What an answer holds depends on what was asked, so that decides: the answer to a question about the time may be seen, one about users not.
"""

import re

from edge.devices.watch import Watch
from edge.devices.zkteco.frames import Command, Frame
from edge.devices.zkteco.lines import Line

SHOWN_BYTES = 48
HARMLESS = frozenset(
    {
        Command.CONNECT, Command.EXIT, Command.ENABLE_DEVICE, Command.DISABLE_DEVICE, Command.RESTART, Command.POWER_OFF,
        Command.REFRESH_DATA, Command.REFRESH_OPTIONS, Command.VERSION, Command.SIZES, Command.GET_TIME, Command.SET_TIME, Command.STATE,
        Command.DOOR_STATE, Command.PIN_WIDTH, Command.UNLOCK, Command.REGISTER_EVENTS, Command.FREE_DATA, Command.PREPARE_BUFFER,
        Command.READ_BUFFER, Command.TEST_VOICE,
    }
)  # fmt: skip
"""Questions whose own bytes hold times, counts and flags only."""
_TABLES = frozenset({Command.PREPARE_BUFFER, Command.READ_BUFFER})
"""They are answered with records."""
_ANSWERS = frozenset({Command.ACK_OK, Command.ACK_ERROR, Command.ACK_DATA, Command.ACK_RETRY, Command.ACK_REPEAT, Command.ACK_UNAUTH})
_SECRET = re.compile(rb"key|pass|pwd|psw|secret|user|name", re.IGNORECASE)
"""Options whose value is kept back; ~DeviceName too, which somebody may have named after a person."""


class WatchedLine:
    """Passes everything on as it is."""

    def __init__(self, line: Line, watch: Watch) -> None:
        self._line, self._watch = line, watch
        self._asked: int = 0
        self._asked_data = b""

    async def send(self, frame: Frame) -> None:
        if frame.command not in _ANSWERS:  # an answer of ours to an event is no question
            self._asked, self._asked_data = frame.command, frame.data
        self._watch.note("out", name_of(frame.command), len(frame.data), _question(frame))
        await self._line.send(frame)

    async def receive(self, seconds: float) -> Frame | None:
        frame = await self._line.receive(seconds)
        if frame is not None:
            self._watch.note("in", name_of(frame.command), len(frame.data), _answer(frame, self._asked, self._asked_data))
        return frame

    async def close(self) -> None:
        await self._line.close()


def name_of(command: int) -> str:
    """Its name with its number."""
    try:
        return f"{Command(command).name.lower().replace('_', '-')} {command}"
    except ValueError:
        return str(command)


def _question(frame: Frame) -> str:
    if frame.command == Command.READ_OPTION:
        return frame.data.rstrip(b"\0").decode("ascii", "replace")[:SHOWN_BYTES]
    return _shown(frame.data) if frame.command in HARMLESS else _kept_back(frame.data)


def _answer(frame: Frame, asked: int, question: bytes) -> str:
    if frame.command == Command.REGISTER_EVENTS:
        return f"event {frame.session}"
    if frame.command == Command.PREPARE_DATA:
        return _shown(frame.data[:8])
    if asked == Command.READ_OPTION and not _SECRET.search(question):
        return frame.data.rstrip(b"\0").decode("ascii", "replace")[:SHOWN_BYTES]
    is_small = asked in HARMLESS and (asked not in _TABLES or (frame.command == Command.ACK_OK and len(frame.data) <= 16))
    return _shown(frame.data) if is_small and frame.command != Command.DATA else _kept_back(frame.data)


def _shown(data: bytes) -> str:
    return data[:SHOWN_BYTES].hex(" ") + (" …" if len(data) > SHOWN_BYTES else "")


def _kept_back(data: bytes) -> str:
    return "(kept back)" if data else ""
