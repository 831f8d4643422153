"""Rows of a terminal's tables: punches in five layouts, users in two, and the packed time. All little-endian.

    8a   uid u16 · verify u8 · time u32 · state u8
    8b   uid u16 · state<<4 | verify u8 · u8 · time u32                                  (ZEM500, MA300)
    16   number u32 · time u32 · verify u8 · state u8 · 2 bytes · work code u32
    40   uid u16 · number 24 · verify u8 · time u32 · state u8 · 8 bytes
    49   the 40, then 9 bytes more                                                       (SpeedFace-V5L)

    28   uid u16 · privilege u8 · password 5 · name 8 · card u32 · 00 · group u8 · zone u16 · number u32
    72   uid u16 · privilege u8 · password 8 · name 24 · card u32 · group u8 · zones 4 × u16 · number 24

Which layout a body has is decided in `edge.devices.zkteco.layouts`.
"""

import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from protocol.instants import WallTime, pack_parts, wall_parts

ENCODED_YEARS = range(2000, 2134)


def decode_time(packed: int) -> WallTime:
    """u32 to the wall time it shows. Months have 31 days in it, so 30 February can come out; it is kept."""
    packed, second = divmod(packed, 60)
    packed, minute = divmod(packed, 60)
    packed, hour = divmod(packed, 24)
    packed, day = divmod(packed, 31)
    year, month = divmod(packed, 12)
    return pack_parts(2000 + year, month + 1, day + 1, hour, minute, second)


def encode_time(wall: WallTime) -> int:
    """The u32 for a wall time of 2000 to 2133; raises ValueError outside."""
    year, month, day, hour, minute, second = wall_parts(wall)
    if year not in ENCODED_YEARS:
        raise ValueError("a terminal's time lies between 2000 and 2133")
    return (((year - 2000) * 372 + (month - 1) * 31 + day - 1) * 24 + hour) * 3600 + minute * 60 + second


@dataclass(frozen=True, slots=True)
class PunchLayout:
    """`fields` gives (person, time, verify, state) of a row; a person is a uid (8a, 8b), a number (16) or its 24 bytes (40, 49)."""

    name: str
    size: int
    pattern: struct.Struct
    fields: Callable[[tuple[int | bytes, ...]], tuple[int | bytes, int, int, int]]


def _fields_8a(row: tuple[int | bytes, ...]) -> tuple[int | bytes, int, int, int]:
    uid, verify, time, state = row
    return uid, time, verify, state  # type: ignore[return-value] # struct gives ints for this pattern


def _fields_8b(row: tuple[int | bytes, ...]) -> tuple[int | bytes, int, int, int]:
    uid, codes, _, time = row
    return uid, time, codes & 15, codes >> 4  # type: ignore[return-value, operator]


def _fields_16(row: tuple[int | bytes, ...]) -> tuple[int | bytes, int, int, int]:
    number, time, verify, state, _, _ = row
    return number, time, verify, state  # type: ignore[return-value]


def _fields_text(row: tuple[int | bytes, ...]) -> tuple[int | bytes, int, int, int]:
    _, number, verify, time, state, _ = row
    return number, time, verify, state  # type: ignore[return-value]


PUNCH_LAYOUTS: dict[str, PunchLayout] = {
    layout.name: layout
    for layout in (
        PunchLayout("8a", 8, struct.Struct("<HBIB"), _fields_8a),
        PunchLayout("8b", 8, struct.Struct("<HBBI"), _fields_8b),
        PunchLayout("16", 16, struct.Struct("<IIBB2sI"), _fields_16),
        PunchLayout("40", 40, struct.Struct("<H24sBIB8s"), _fields_text),
        PunchLayout("49", 49, struct.Struct("<H24sBIB17s"), _fields_text),
    )
}
_TAIL_40 = bytes((0, 0, 0, 0, 255, 0, 0, 0))


def rows(layout: PunchLayout, body: bytes) -> Iterator[tuple[int | bytes, int, int, int]]:
    """(person, packed time, verify, state) of each row; `body` is a whole number of rows."""
    return map(layout.fields, layout.pattern.iter_unpack(body))


def encode_record(layout: str, uid: int, number: str, wall: WallTime, verify: int, state: int) -> bytes:
    """Write one punch row; raises ValueError where the layout cannot carry the number or the time."""
    time = encode_time(wall)
    match layout:
        case "8a":
            return PUNCH_LAYOUTS["8a"].pattern.pack(uid, verify, time, state)
        case "8b":
            return PUNCH_LAYOUTS["8b"].pattern.pack(uid, (state & 15) << 4 | verify & 15, 0, time)
        case "16":
            return PUNCH_LAYOUTS["16"].pattern.pack(int(number), time, verify, state, bytes(2), 0)
        case "40":
            return PUNCH_LAYOUTS["40"].pattern.pack(uid, number.encode("ascii"), verify, time, state, _TAIL_40)
        case "49":
            return PUNCH_LAYOUTS["49"].pattern.pack(uid, number.encode("ascii"), verify, time, state, _TAIL_40 + bytes(9))
    raise ValueError(f"there is no punch layout {layout!r}; there are {', '.join(PUNCH_LAYOUTS)}")


@dataclass(frozen=True, slots=True)
class TerminalUserRow:
    """One user as the terminal stores it; the name's bytes are kept, because their encoding is the terminal's affair."""

    uid: int
    number: str
    name: bytes
    privilege: int


USER_28 = struct.Struct("<HB5s8sIBBHI")
USER_72 = struct.Struct("<HB8s24sIBHHHH24s")
USER_SIZES = (28, 72)


def encode_user(
    size: int, uid: int, number: str, name: bytes, privilege: int = 0, password: str = "", card: int = 0, group: int = 1
) -> bytes:
    """Write one user row; the name is cut to its field, and always ends with a NUL in the 72-byte form."""
    if size == 28:
        return USER_28.pack(uid, privilege, password.encode("ascii")[:5], name[:8], card, 0, group, 0, int(number))
    if size == 72:
        return USER_72.pack(uid, privilege, password.encode("ascii")[:8], name[:23], card, group, 0, 0, 0, 0, number.encode("ascii")[:23])
    raise ValueError("a user row has 28 or 72 bytes")


def decode_user(size: int, row: bytes) -> TerminalUserRow | None:
    """Read one user row; None where it cannot be one."""
    if size == 28:
        uid, privilege, _, name, _, zero, _, _, number = USER_28.unpack(row)
        return TerminalUserRow(uid, str(number), name.split(b"\0")[0], privilege) if number and not zero and uid else None
    uid, privilege, _, name, _, _, _, _, _, _, number = USER_72.unpack(row)
    text = text_number(number)
    return TerminalUserRow(uid, text, name.split(b"\0")[0], privilege) if text and uid else None


def text_number(field: bytes) -> str | None:
    """A number from its NUL-padded field; None unless it is printable ASCII, not empty, with nothing but NULs behind it."""
    text = field.rstrip(b"\0")
    if not text or not text.isascii() or not text.decode("ascii").isprintable():
        return None
    return text.decode("ascii")
