"""Packets of the pull protocol, and their frame on TCP.

Payload, all little-endian (one UDP datagram is one payload):

    0        2         4        6       8
    command  checksum  session  reply   data ...

On TCP a prefix stands before each payload: 50 50 82 7D, then the payload's length as u32. TCP knows no borders: frames arrive in
pieces and several at once, so they are cut out of a stream (`FrameStream`).
"""

import struct
from dataclasses import dataclass
from enum import IntEnum

from edge.devices.driver import FrameError

HEADER_BYTES = 8
PREFIX = b"\x50\x50\x82\x7d"
PREFIX_BYTES = 8
MAX_PAYLOAD_BYTES = 1024 * 1024
"""A part of a read is at most 65,472 bytes; sixteen times that is no frame of any terminal, and no reason to wait for more."""


class Command(IntEnum):
    """Requests, answers and the event command; the numbers are the protocol's."""

    READ_TEMPLATES = 7
    WRITE_USER = 8
    READ_USERS = 9
    READ_OPTION = 11
    WRITE_OPTION = 12
    READ_ATTENDANCE = 13
    CLEAR_DATA = 14
    CLEAR_ATTENDANCE = 15
    DELETE_USER = 18
    DELETE_TEMPLATES = 19
    CLEAR_ADMINISTRATORS = 20
    UNLOCK = 31
    CLEAR_OPERATION_LOG = 33
    READ_OPERATION_LOG = 34
    SIZES = 50
    START_VERIFY = 60
    START_ENROL = 61
    CANCEL_CAPTURE = 62
    STATE = 64
    WRITE_DISPLAY = 66
    CLEAR_DISPLAY = 67
    PIN_WIDTH = 69
    DOOR_STATE = 75
    WRITE_VERIFY = 79
    READ_VERIFY = 80
    WRITE_TEMPLATE = 87
    READ_TEMPLATE = 88
    SAVE_BULK = 110
    CHECKSUM = 119
    DELETE_FINGER = 134
    GET_TIME = 201
    SET_TIME = 202
    REGISTER_EVENTS = 500
    CONNECT = 1000
    EXIT = 1001
    ENABLE_DEVICE = 1002
    DISABLE_DEVICE = 1003
    RESTART = 1004
    POWER_OFF = 1005
    REFRESH_DATA = 1013
    REFRESH_OPTIONS = 1014
    TEST_VOICE = 1017
    VERSION = 1100
    AUTH = 1102
    PREPARE_DATA = 1500
    DATA = 1501
    FREE_DATA = 1502
    PREPARE_BUFFER = 1503
    READ_BUFFER = 1504
    ACK_OK = 2000
    ACK_ERROR = 2001
    ACK_DATA = 2002
    ACK_RETRY = 2003
    ACK_REPEAT = 2004
    ACK_UNAUTH = 2005
    ACK_ERROR_DATA = 65531
    ACK_ERROR_INIT = 65532
    ACK_ERROR_CMD = 65533
    ACK_UNKNOWN = 65535


@dataclass(frozen=True, slots=True)
class Frame:
    """One packet. An event carries its code in the place of the session, and reply 0.

    sound: whether the checksum held. Some peers send it off by one, so a reader notes it and does not refuse.
    """

    command: int
    session: int
    reply: int
    data: bytes = b""
    sound: bool = True


def checksum(payload: bytes) -> int:
    """One's complement of the one's complement sum of 16-bit words, the checksum's own field taken as zero; 0 to 65535."""
    if len(payload) % 2:
        payload += b"\0"
    words: tuple[int, ...] = struct.unpack(f"<{len(payload) // 2}H", payload)
    total = sum(words) - (words[1] if len(words) > 1 else 0)
    while total > 0xFFFF:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def encode_payload(frame: Frame) -> bytes:
    """Write a packet with its checksum."""
    bare = struct.pack("<HHHH", frame.command, 0, frame.session & 0xFFFF, frame.reply & 0xFFFF) + frame.data
    return bare[:2] + struct.pack("<H", checksum(bare)) + bare[4:]


def encode_tcp(frame: Frame) -> bytes:
    """Write a packet with the prefix that TCP needs."""
    payload = encode_payload(frame)
    return PREFIX + struct.pack("<I", len(payload)) + payload


def decode_payload(payload: bytes) -> Frame:
    """Read a packet; raises FrameError for fewer than 8 bytes. Checksums 0 and 65535 mean the same."""
    if len(payload) < HEADER_BYTES:
        raise FrameError("a packet has at least 8 bytes")
    command, told, session, reply = struct.unpack_from("<HHHH", payload)
    return Frame(command, session, reply, payload[HEADER_BYTES:], sound=told % 0xFFFF == checksum(payload) % 0xFFFF)


class FrameStream:
    """Cuts frames out of a TCP stream, however it was split; memory is bounded by one frame."""

    def __init__(self) -> None:
        self._waiting = bytearray()

    def feed(self, data: bytes) -> list[Frame]:
        """Take bytes, give the frames that are whole; raises FrameError when the stream is not this protocol."""
        self._waiting += data
        frames = []
        while (end := self._end_of_first()) is not None:
            frames.append(decode_payload(bytes(self._waiting[PREFIX_BYTES:end])))
            del self._waiting[:end]
        return frames

    def _end_of_first(self) -> int | None:
        waiting = self._waiting
        if not PREFIX.startswith(waiting[:4]):
            raise FrameError("the stream does not begin with a frame's prefix")
        if len(waiting) < PREFIX_BYTES:
            return None
        length = int.from_bytes(waiting[4:PREFIX_BYTES], "little")
        if not HEADER_BYTES <= length <= MAX_PAYLOAD_BYTES:
            raise FrameError("a frame's length is out of bounds")
        end = PREFIX_BYTES + length
        return end if len(waiting) >= end else None
