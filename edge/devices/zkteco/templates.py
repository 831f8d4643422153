"""Fingerprint templates on the wire: the table of all of them, and the buffer that brings users and templates in bulk. Pure.

Table (7, function 2), entry after entry, each as long as it says:

    size u16, with these 6 bytes · uid u16 · finger u8 · flag u8 (0 invalid, 1 valid, 3 duress) · template

Buffer (110), three lengths u32 and what they count:

    users: 02 and a user row each · fingers: 02 · uid u16 · 16 + finger u8 · offset u32 · templates: size u16 and the template each
"""

import struct
from collections.abc import Sequence
from dataclasses import dataclass

ENTRY = struct.Struct("<HHBB")
BULK_FINGER = struct.Struct("<BHBI")
BULK_LENGTHS = struct.Struct("<III")
BULK_TAG = 2
FIRST_FINGER = 0x10
VALID, DURESS = 1, 3
FINGERS = range(10)
LARGEST_TEMPLATE = 16_384
"""Ten times what a finger takes in any version; what is larger is none."""
BEHIND = 7
"""Bytes that firmware puts behind a template that is read alone: its flag, or six zeros and the flag."""
CHECKSUM_MODULUS = 0xFEFFFF


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """One entry of the table."""

    uid: int
    finger: int
    flag: int
    data: bytes


def decode_templates(records: bytes) -> list[Fingerprint] | None:
    """Read the table; None where its entries do not fill it exactly. Fingers marked invalid are there, too."""
    found = []
    place = 0
    while place < len(records):
        if len(records) - place < ENTRY.size:
            return None
        size, uid, finger, flag = ENTRY.unpack_from(records, place)
        if size <= ENTRY.size or place + size > len(records) or finger not in FINGERS:
            return None
        found.append(Fingerprint(uid, finger, flag, records[place + ENTRY.size : place + size]))
        place += size
    return found


def encode_template(print_: Fingerprint) -> bytes:
    """Write one entry of the table."""
    return ENTRY.pack(ENTRY.size + len(print_.data), print_.uid, print_.finger, print_.flag) + print_.data


def bulk_buffer(users: Sequence[bytes], prints: Sequence[Fingerprint]) -> bytes:
    """Everything for one bulk write: whole user rows, and fingers of theirs."""
    people = b"".join(bytes((BULK_TAG,)) + row for row in users)
    places, templates = b"", b""
    for one in prints:
        places += BULK_FINGER.pack(BULK_TAG, one.uid, FIRST_FINGER + one.finger, len(templates))
        templates += len(one.data).to_bytes(2, "little") + one.data
    return BULK_LENGTHS.pack(len(people), len(places), len(templates)) + people + places + templates


def is_held(template: bytes, read: bytes) -> bool:
    """Whether what was read alone is this template, with nothing behind it but what firmware puts there."""
    return read.startswith(template) and len(read) - len(template) <= BEHIND


def buffer_checksum(buffer: bytes) -> int:
    """What a terminal answers to 119: the well-known hash of ELF symbols, made smaller. Found by others in the vendor's own library."""
    total = 0
    for byte in buffer:
        total = ((total << 4) & 0xFFFFFFFF) + byte
        high = total & 0xF0000000
        total ^= high >> 24
    return (total & 0xFFFFFFFF) % CHECKSUM_MODULUS
