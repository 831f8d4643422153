"""The simulated terminal's protocol program, the conversations it holds, and the answers it gives. Pure.

What it says to each request stands in `identify`, `reading`, `changing`, `uploading` and `enrolling`; `answers` chooses.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum, auto
from random import Random

from edge.devices.zkteco.frames import Command, Frame
from edge.devices.zkteco.simulator.faults import Faults
from edge.devices.zkteco.simulator.model import Terminal


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
    upload: bytearray | None = None
    upload_size: int = 0

    def forget(self) -> None:
        """Lose the session and everything in it."""
        self.session, self.authorised, self.event_mask = None, False, 0
        self.free_table()

    def free_table(self) -> None:
        """Drop the buffers, of what is read and of what is written."""
        self.table, self.table_is_log, self.given = None, False, 0
        self.tried.clear()
        self.upload, self.upload_size = None, 0


@dataclass(slots=True)
class Enrolling:
    """Somebody is asked for a finger; `talk` asked for it and hears of it whatever it listens to."""

    talk: Conversation
    number: str
    finger: int
    left: int = 3
    """Times the finger is still to be laid on."""


@dataclass
class Desk:
    """The terminal's protocol program."""

    terminal: Terminal
    faults: Faults
    chance: Random
    user_size: int = 72
    key: int = 0
    punch_now: Callable[[], None] = lambda: None
    """Called where a fault mode lets somebody punch in the middle of a read."""
    enrolling: Enrolling | None = None


def say(talk: Conversation, request: Frame, command: int, data: bytes = b"") -> Answer:
    """Answer with one frame."""
    return Answer((frame_of(talk, request, command, data),))


def frame_of(talk: Conversation, request: Frame, command: int, data: bytes = b"") -> Frame:
    """Make a frame of this conversation; the request's reply number is echoed."""
    return Frame(command, talk.session or 0, request.reply, data)


def ok(_desk: Desk, talk: Conversation, request: Frame, _now: datetime) -> Answer:
    """Acknowledge and do nothing."""
    return say(talk, request, Command.ACK_OK)
