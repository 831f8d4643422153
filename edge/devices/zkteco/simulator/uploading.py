"""What a client brings in a buffer: one template, or users and templates in bulk. Pure."""

import struct
from collections.abc import Iterator
from datetime import datetime

from edge.devices.zkteco.frames import Command, Frame
from edge.devices.zkteco.simulator import tables
from edge.devices.zkteco.simulator.changing import put_print, put_user, write
from edge.devices.zkteco.simulator.desk import Answer, Conversation, Desk, say
from edge.devices.zkteco.simulator.model import User
from edge.devices.zkteco.simulator.rows import read_user
from edge.devices.zkteco.templates import BULK_FINGER, BULK_LENGTHS, BULK_TAG, FIRST_FINGER, VALID, Fingerprint, buffer_checksum

LARGEST_BUFFER = 4 * 1024 * 1024
MOST_TEMPLATE_BYTES = 4096


def prepare(_desk: Desk, talk: Conversation, request: Frame, _now: datetime) -> Answer:
    """Begin a buffer of so many bytes (1500)."""
    (size,) = struct.unpack("<I", request.data[:4])
    if not 0 < size <= LARGEST_BUFFER:
        return say(talk, request, Command.ACK_ERROR)
    talk.upload, talk.upload_size = bytearray(), size
    return say(talk, request, Command.ACK_OK)


def take_piece(desk: Desk, talk: Conversation, request: Frame, _now: datetime) -> Answer:
    """Add to the buffer (1501); 2001 for more than was announced."""
    if talk.upload is None or len(talk.upload) + len(request.data) > talk.upload_size:
        return say(talk, request, Command.ACK_ERROR)
    talk.upload += request.data
    return write(desk, talk, request, lambda: True) if "cut-mid-write" in desk.faults else say(talk, request, Command.ACK_OK)


def checksum(desk: Desk, talk: Conversation, request: Frame, _now: datetime) -> Answer:
    """Tell the buffer's checksum (119)."""
    if talk.upload is None:
        return say(talk, request, Command.ACK_ERROR)
    told = buffer_checksum(bytes(talk.upload)) + ("checksum-other" in desk.faults)
    return say(talk, request, Command.ACK_OK, struct.pack("<I", told))


def write_template(desk: Desk, talk: Conversation, request: Frame, _now: datetime) -> Answer:
    """Keep the buffer as a finger (87); 2001 when it is not as long as the request says."""
    uid, finger, flag, size = struct.unpack("<HBBH", request.data[:6])
    data = bytes(talk.upload or b"")
    if len(data) != size or not 0 < size <= MOST_TEMPLATE_BYTES or finger > 9:
        return say(talk, request, Command.ACK_ERROR)
    return write(desk, talk, request, lambda: put_print(desk, Fingerprint(uid, finger, flag, data)))


def save_bulk(desk: Desk, talk: Conversation, request: Frame, _now: datetime) -> Answer:
    """Keep users and fingers of the buffer, as many as there is room for (110); 2001 when one of them was not kept."""
    if "no-bulk" in desk.faults:
        return say(talk, request, Command.ACK_ERROR_CMD)
    try:
        users, prints = _unpack(bytes(talk.upload or b""), desk)
    except (struct.error, ValueError):
        return say(talk, request, Command.ACK_ERROR_DATA)
    if "bulk-keeps" in desk.faults:
        users = users[: desk.faults.number("bulk-keeps")]

    def change() -> bool:
        kept = [put_user(desk, user) for user in users]
        kept += [put_print(desk, one) for one in prints]
        return all(kept)

    return write(desk, talk, request, change)


def _unpack(buffer: bytes, desk: Desk) -> tuple[list[User], list[Fingerprint]]:
    """What the buffer holds; raises ValueError for one that makes no sense."""
    people, places, templates = BULK_LENGTHS.unpack_from(buffer)
    body = buffer[BULK_LENGTHS.size :]
    if len(body) != people + places + templates:
        raise ValueError("the lengths do not fill the buffer")
    return list(_users(body[:people], desk)), list(_prints(body[people : people + places], body[people + places :]))


def _users(rows: bytes, desk: Desk) -> Iterator[User]:
    for start in range(0, len(rows), desk.user_size + 1):
        row = rows[start : start + desk.user_size + 1]
        user = read_user(row[1:], tables.name_encoding(desk.faults)) if row[0] == BULK_TAG and len(row) == desk.user_size + 1 else None
        if user is None:
            raise ValueError("a row that is no user")
        yield user


def _prints(places: bytes, templates: bytes) -> Iterator[Fingerprint]:
    for tag, uid, finger, offset in BULK_FINGER.iter_unpack(places):
        size = int.from_bytes(templates[offset : offset + 2], "little")
        data = templates[offset + 2 : offset + 2 + size]
        if tag != BULK_TAG or not FIRST_FINGER <= finger < FIRST_FINGER + 10 or not 0 < size == len(data) <= MOST_TEMPLATE_BYTES:
            raise ValueError("an entry that is no finger")
        yield Fingerprint(uid, finger - FIRST_FINGER, VALID, data)
