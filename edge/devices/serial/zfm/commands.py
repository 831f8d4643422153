"""What a module can be asked, and what it answers. Pure.

Numbers and layouts: docs/reference/serial-parts.md, from the modules' data sheets as two independent libraries agree on them.
"""

import struct
from dataclasses import dataclass
from enum import IntEnum

from edge.devices.driver import FrameError
from edge.devices.serial.zfm.frames import EVERY_MODULE, Packet, PacketType


class Code(IntEnum):
    """Commands, by the first byte of their payload."""

    TAKE_IMAGE = 0x01
    IMAGE_TO_FEATURES = 0x02
    MATCH = 0x03
    SEARCH = 0x04
    MAKE_TEMPLATE = 0x05
    STORE = 0x06
    LOAD = 0x07
    UPLOAD_FEATURES = 0x08
    DOWNLOAD_FEATURES = 0x09
    UPLOAD_IMAGE = 0x0A
    DOWNLOAD_IMAGE = 0x0B
    DELETE = 0x0C
    EMPTY = 0x0D
    SET_PARAMETER = 0x0E
    READ_PARAMETERS = 0x0F
    SET_PASSWORD = 0x12
    VERIFY_PASSWORD = 0x13
    RANDOM = 0x14
    SET_ADDRESS = 0x15
    WRITE_NOTE = 0x18
    READ_NOTE = 0x19
    FAST_SEARCH = 0x1B
    COUNT_TEMPLATES = 0x1D
    READ_INDEX = 0x1F
    LIGHT = 0x35
    SOFT_RESET = 0x3D
    ECHO = 0x53


class Confirmation(IntEnum):
    """First byte of an acknowledgement."""

    OK = 0x00
    RECEIVE_ERROR = 0x01
    NO_FINGER = 0x02
    IMAGE_FAILED = 0x03
    MESSY = 0x06
    FEW_POINTS = 0x07
    NO_MATCH = 0x08
    NOT_FOUND = 0x09
    CANNOT_MERGE = 0x0A
    BAD_PAGE = 0x0B
    LOAD_FAILED = 0x0C
    UPLOAD_FAILED = 0x0D
    CANNOT_RECEIVE = 0x0E
    IMAGE_UPLOAD_FAILED = 0x0F
    DELETE_FAILED = 0x10
    EMPTY_FAILED = 0x11
    WRONG_PASSWORD = 0x13
    NO_VALID_IMAGE = 0x15
    FLASH_FAILED = 0x18
    BAD_REGISTER = 0x1A
    BAD_ADDRESS = 0x20
    VERIFY_FIRST = 0x21
    ECHO = 0x55
    BAD_PACKET = 0xFE
    TIMED_OUT = 0xFF


WORDS: dict[int, str] = {
    Confirmation.RECEIVE_ERROR: "it received a damaged packet",
    Confirmation.NO_FINGER: "there is no finger on it",
    Confirmation.IMAGE_FAILED: "it could not take a picture: wipe its window",
    Confirmation.MESSY: "the picture is messy: dry the finger and lay it flat",
    Confirmation.FEW_POINTS: "too little of the finger shows: lay its middle on the window",
    Confirmation.NO_MATCH: "the two do not match",
    Confirmation.NOT_FOUND: "nobody has this finger here",
    Confirmation.CANNOT_MERGE: "the pictures are not of one finger: begin again",
    Confirmation.BAD_PAGE: "it has no such place for a template",
    Confirmation.LOAD_FAILED: "the stored template cannot be read",
    Confirmation.UPLOAD_FAILED: "it could not hand out the template",
    Confirmation.CANNOT_RECEIVE: "it cannot take the template",
    Confirmation.IMAGE_UPLOAD_FAILED: "it could not hand out the picture",
    Confirmation.DELETE_FAILED: "it could not delete",
    Confirmation.EMPTY_FAILED: "it could not delete everything",
    Confirmation.WRONG_PASSWORD: "its password is another one",
    Confirmation.NO_VALID_IMAGE: "it holds no picture",
    Confirmation.FLASH_FAILED: "its memory cannot be written",
    Confirmation.BAD_REGISTER: "it has no such parameter",
    Confirmation.BAD_ADDRESS: "its address is another one",
    Confirmation.VERIFY_FIRST: "it wants its password first",
    Confirmation.BAD_PACKET: "it does not understand the packet",
    Confirmation.TIMED_OUT: "it waited too long for a packet",
}
BUFFERS = (1, 2)
BAUD_UNIT = 9600
PACKET_SIZES = (32, 64, 128, 256)
INDEX_PAGE_TEMPLATES = 256
NOTE_PAGES, NOTE_BYTES = 16, 32
"""A notepad beside the templates, for whoever owns the module."""
_PARAMETER_NUMBERS = {"baud": 4, "security": 5, "packet_size": 6}


@dataclass(frozen=True, slots=True)
class Parameters:
    """What a module says of itself."""

    status: int
    system: int
    capacity: int
    security: int
    address: int
    packet_bytes: int
    baud: int


@dataclass(frozen=True, slots=True)
class Hit:
    """A finger that was found: where its template lies, and how well it fits (the higher the better, 50 is poor, 200 is good)."""

    page: int
    score: int


def command(code: Code, arguments: bytes = b"", address: int = EVERY_MODULE) -> Packet:
    return Packet(PacketType.COMMAND, bytes([code]) + arguments, address)


def image_to_features(buffer: int) -> Packet:
    return command(Code.IMAGE_TO_FEATURES, _buffer(buffer))


def search(buffer: int, start: int, count: int) -> Packet:
    return command(Code.SEARCH, _buffer(buffer) + struct.pack(">HH", start, count))


def store(buffer: int, page: int) -> Packet:
    return command(Code.STORE, _buffer(buffer) + struct.pack(">H", page))


def load(buffer: int, page: int) -> Packet:
    return command(Code.LOAD, _buffer(buffer) + struct.pack(">H", page))


def upload_features(buffer: int) -> Packet:
    return command(Code.UPLOAD_FEATURES, _buffer(buffer))


def download_features(buffer: int) -> Packet:
    return command(Code.DOWNLOAD_FEATURES, _buffer(buffer))


def delete(page: int, count: int = 1) -> Packet:
    return command(Code.DELETE, struct.pack(">HH", page, count))


def verify_password(password: int) -> Packet:
    return command(Code.VERIFY_PASSWORD, struct.pack(">I", password))


def set_password(password: int) -> Packet:
    return command(Code.SET_PASSWORD, struct.pack(">I", password))


def set_address(address: int) -> Packet:
    return command(Code.SET_ADDRESS, struct.pack(">I", address))


def set_parameter(name: str, value: int) -> Packet:
    """baud: one that 9600 divides, up to 115200. security: 1 (lenient) to 5 (strict). packet_size: 32, 64, 128 or 256 bytes."""
    number = {"baud": value // BAUD_UNIT, "security": value, "packet_size": PACKET_SIZES.index(value) if name == "packet_size" else 0}[name]
    return command(Code.SET_PARAMETER, bytes([_PARAMETER_NUMBERS[name], number]))


def read_index(page: int) -> Packet:
    return command(Code.READ_INDEX, bytes([page]))


def read_note(page: int) -> Packet:
    return command(Code.READ_NOTE, _note_page(page))


def write_note(page: int, note: bytes) -> Packet:
    """note: 32 bytes at most; the rest is zeros."""
    if len(note) > NOTE_BYTES:
        raise ValueError(f"a note has {NOTE_BYTES} bytes at most")
    return command(Code.WRITE_NOTE, _note_page(page) + note.ljust(NOTE_BYTES, b"\0"))


def light(control: int, speed: int, colour: int, times: int) -> Packet:
    """R503 only. control: 1 breathing, 2 flashing, 3 on, 4 off. colour: 1 red, 2 blue, 3 purple. times: 0 for ever."""
    return command(Code.LIGHT, bytes([control, speed, colour, times]))


def data_packets(content: bytes, packet_bytes: int) -> list[Packet]:
    """Cut content as the module wants it; the last piece says that it is the last."""
    pieces = [content[first : first + packet_bytes] for first in range(0, len(content), packet_bytes)]
    return [Packet(PacketType.DATA if piece is not pieces[-1] else PacketType.LAST_DATA, piece) for piece in pieces]


def parse_parameters(answer: bytes) -> Parameters:
    status, system, capacity, security, address, size, baud = _unpack(">HHHHIHH", answer)
    if size >= len(PACKET_SIZES):
        raise FrameError("the module tells a packet size that there is none of")
    return Parameters(status, system, capacity, security, address, PACKET_SIZES[size], baud * BAUD_UNIT)


def parse_hit(answer: bytes) -> Hit:
    return Hit(*_unpack(">HH", answer))


def parse_number(answer: bytes) -> int:
    """A score, or a count of templates."""
    return int(_unpack(">H", answer)[0])


def parse_note(answer: bytes) -> bytes:
    if len(answer) < NOTE_BYTES:
        raise FrameError("a note that is too short")
    return answer[:NOTE_BYTES]


def parse_index(answer: bytes, page: int) -> list[int]:
    """Places that hold a template; one bit each, the lowest first."""
    if len(answer) < INDEX_PAGE_TEMPLATES // 8:
        raise FrameError("an index page that is too short")
    first = page * INDEX_PAGE_TEMPLATES
    return [first + at for at in range(INDEX_PAGE_TEMPLATES) if answer[at // 8] >> at % 8 & 1]


def _unpack(form: str, answer: bytes) -> tuple[int, ...]:
    if len(answer) < struct.calcsize(form):
        raise FrameError("an answer that is too short")
    return struct.unpack_from(form, answer)


def _buffer(number: int) -> bytes:
    if number not in BUFFERS:
        raise ValueError(f"a module has the buffers 1 and 2, not {number}")
    return bytes([number])


def _note_page(page: int) -> bytes:
    if not 0 <= page < NOTE_PAGES:
        raise ValueError(f"a module has the notes 0 to {NOTE_PAGES - 1}, not {page}")
    return bytes([page])
