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
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

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
class Columns:
    """The fields of all rows, each as one sequence: a log is judged and decoded by columns, because rows one by one cost ten times more.

    persons: uids (8a, 8b), numbers (16) or the 24 bytes of a number (40, 49). times: packed, see `decode_time`.
    """

    persons: Sequence[int | bytes]
    times: Sequence[int]
    verifies: Sequence[int]
    states: Sequence[int]


@dataclass(frozen=True, slots=True)
class PunchLayout:
    """How a row is packed; `columns` takes one sequence for each field of the pattern."""

    name: str
    size: int
    pattern: struct.Struct
    columns: Callable[..., Columns]


def _columns_8a(uids: Sequence[int], verifies: Sequence[int], times: Sequence[int], states: Sequence[int]) -> Columns:
    return Columns(uids, times, verifies, states)


def _columns_8b(uids: Sequence[int], codes: Sequence[int], _: Sequence[int], times: Sequence[int]) -> Columns:
    return Columns(uids, times, [code & 15 for code in codes], [code >> 4 for code in codes])


def _columns_16(numbers: Sequence[int], times: Sequence[int], verifies: Sequence[int], states: Sequence[int], *_: object) -> Columns:
    return Columns(numbers, times, verifies, states)


def _columns_text(
    _: Sequence[int], numbers: Sequence[bytes], verifies: Sequence[int], times: Sequence[int], states: Sequence[int], *__: object
) -> Columns:
    return Columns(numbers, times, verifies, states)


PUNCH_LAYOUTS: dict[str, PunchLayout] = {
    layout.name: layout
    for layout in (
        PunchLayout("8a", 8, struct.Struct("<HBIB"), _columns_8a),
        PunchLayout("8b", 8, struct.Struct("<HBBI"), _columns_8b),
        PunchLayout("16", 16, struct.Struct("<IIBB2sI"), _columns_16),
        PunchLayout("40", 40, struct.Struct("<H24sBIB8s"), _columns_text),
        PunchLayout("49", 49, struct.Struct("<H24sBIB17s"), _columns_text),
    )
}
_TAIL_40 = bytes((0, 0, 0, 0, 255, 0, 0, 0))


def columns(layout: PunchLayout, body: bytes) -> Columns:
    """The rows of `body`, which is a whole number of them and at least one."""
    return layout.columns(*zip(*layout.pattern.iter_unpack(body), strict=True))


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
    """One user as the terminal stores it; the name's bytes are kept, because their encoding is the terminal's affair.

    raw: the row itself, whose further fields (time zones) stay as they are when the user is changed.
    """

    uid: int
    number: str
    name: bytes
    privilege: int
    password: bytes = b""
    card: int = 0
    group: int = 1
    raw: bytes = field(default=b"", compare=False, repr=False)


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
        uid, privilege, password, name, card, zero, group, _, number = USER_28.unpack(row)
        text = str(number) if number and not zero else None
    else:
        uid, privilege, password, name, card, group, _, _, _, _, number = USER_72.unpack(row)
        text = text_number(number)
    if not text or not uid:
        return None
    return TerminalUserRow(uid, text, name.split(b"\0")[0], privilege, password.split(b"\0")[0], card, group, row)


def text_number(field: bytes) -> str | None:
    """A number from its NUL-padded field; None unless it is printable ASCII, not empty, with nothing but NULs behind it."""
    text = field.rstrip(b"\0")
    if not text or not text.isascii() or not text.decode("ascii").isprintable():
        return None
    return text.decode("ascii")
