"""The text that a terminal writes to a USB stick: `<device number or serial>_attlog.dat`. Pure: bytes in, values out.

One line a punch, LF or CRLF, fields separated by one TAB:

    user number, padded on the left with spaces | YYYY-MM-DD hh:mm:ss | device number | state | verification | work code | more …

Tolerated, because files in the field have them: a byte order mark, padding on either side, `/` in the date, missing or
further columns after the time, numbers that are not numeric, text in GB18030. A line that is no punch is kept
with its place and its reason.
Source: docs/reference/usb-export.md.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from edge.devices.driver import DoubtfulBytes, TerminalPunch
from protocol.errors import DecodeError
from protocol.instants import WallTime, pack_wall, show_wall

LAYOUT = "attlog"
DOUBTFUL_PIECE = 4096
"""Bytes of one doubtful piece: a longer line (an older binary log) becomes several, so that each fits into a message."""
USER_LIMIT = 24
"""Bytes of the longest user number any layout of the pull protocol has."""

_BOM = b"\xef\xbb\xbf"
_BLANK = b" \t\r\x1a"
_SLASHED = re.compile(r"(\d{4})/(\d\d)/(\d\d) ", re.ASCII)


@dataclass(frozen=True, slots=True)
class Export:
    """What a file holds, in its own order. `cut` = the last line ends in the middle."""

    punches: tuple[TerminalPunch, ...]
    doubtful: tuple[DoubtfulBytes, ...]
    cut: bool


class _NoPunchError(Exception):
    """Why a line is no punch."""


def parse_export(data: bytes) -> Export:
    """Read a whole file; every byte that is not blank ends up in a punch's `raw` or in a doubtful piece with its offset."""
    punches: list[TerminalPunch] = []
    doubtful: list[DoubtfulBytes] = []
    cut = False
    for number, offset, line in _lines(data):
        try:
            punches.append(_parse_line(line))
        except _NoPunchError as problem:
            doubtful.extend(_pieces(offset, line, f"line {number}: {problem}"))
            cut = offset + len(line) == len(data)
    return Export(tuple(punches), tuple(doubtful), cut)


def _lines(data: bytes) -> Iterator[tuple[int, int, bytes]]:
    """Line number from 1, offset of its first byte, its bytes without the line end; blank lines are left out."""
    offset = len(_BOM) if data.startswith(_BOM) else 0
    for number, whole in enumerate(data[offset:].split(b"\n"), 1):
        line = whole.removesuffix(b"\r")
        if line.strip(_BLANK):
            yield number, offset, line
        offset += len(whole) + 1


def _pieces(offset: int, line: bytes, reason: str) -> Iterator[DoubtfulBytes]:
    for start in range(0, len(line), DOUBTFUL_PIECE):
        yield DoubtfulBytes(offset + start, line[start : start + DOUBTFUL_PIECE], reason)


def _parse_line(line: bytes) -> TerminalPunch:
    if b"\0" in line:
        raise _NoPunchError("it holds binary data; export the log as text")
    if len(line) > DOUBTFUL_PIECE:
        raise _NoPunchError("it is longer than any punch")
    fields = [field.strip(" ") for field in _text(line).split("\t")]
    if len(fields) < 2:
        raise _NoPunchError("it has no TAB between user and time")
    user, time = fields[0], fields[1]
    if not user or not user.isprintable() or len(user.encode()) > USER_LIMIT:
        raise _NoPunchError("its user number is empty or too long")
    return TerminalPunch(user=user, wall=_wall(time), verify=_code(fields, 4), state=_code(fields, 3), raw=line)


def _text(line: bytes) -> str:
    for encoding in ("utf-8", "gb18030"):
        try:
            return line.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise _NoPunchError("it is neither UTF-8 nor GB18030")


def _wall(time: str) -> WallTime:
    try:
        return pack_wall(_SLASHED.sub(r"\1-\2-\3 ", time))
    except DecodeError:
        raise _NoPunchError("its time is not written YYYY-MM-DD hh:mm:ss") from None


def _code(fields: list[str], position: int) -> int | None:
    """A code is evidence only: what is no number from 0 to 255 is left unknown and stays in `raw`."""
    text = fields[position] if len(fields) > position else ""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 3 and int(text) <= 255 else None


def write_export(punches: Iterable[TerminalPunch], *, device_number: int = 1) -> bytes:
    """Write a file as a terminal does: user number padded to 9, CRLF, work code 0; codes that are not known become 0."""
    lines = (
        f"{punch.user:>9}\t{show_wall(punch.wall)}\t{device_number}\t{punch.state or 0}\t{punch.verify or 0}\t0\r\n" for punch in punches
    )
    return "".join(lines).encode()
