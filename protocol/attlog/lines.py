"""A stream of bytes into lines. Memory is bounded whatever comes: a line is never kept beyond `LONGEST` bytes.

encoding    how it is known
UTF-8       a byte order mark, or nothing at all: then each line is UTF-8, or else GB18030
UTF-16      a byte order mark, or every second byte of the beginning is zero
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

LONGEST = 4096
"""Bytes of a line: no punch is so long, and a message takes no more evidence of one."""
LOOKED_AT = 64


class Encoding(StrEnum):
    """What a file is written in. BY_LINE: nothing says so, each line is UTF-8 or else GB18030."""

    BY_LINE = ""
    UTF_8 = "utf-8"
    UTF_16_LE = "utf-16-le"
    UTF_16_BE = "utf-16-be"


@dataclass(frozen=True, slots=True)
class Form:
    """skip: bytes of the mark in front of the first line."""

    encoding: Encoding
    skip: int

    @property
    def newline(self) -> bytes:
        return "\n".encode(self.encoding or Encoding.UTF_8)


_MARKS = ((b"\xef\xbb\xbf", Encoding.UTF_8), (b"\xff\xfe", Encoding.UTF_16_LE), (b"\xfe\xff", Encoding.UTF_16_BE))


@dataclass(frozen=True, slots=True)
class RawLine:
    """number: from 1. offset: of its first byte in the file. raw: its bytes, without the line end.

    ended: a line end stands behind it. long: it is a piece of a line that is longer than `LONGEST`.
    """

    number: int
    offset: int
    raw: bytes
    ended: bool
    long: bool


def form_of(beginning: bytes) -> Form:
    """What a file that begins so is written in."""
    for mark, encoding in _MARKS:
        if beginning.startswith(mark):
            return Form(encoding, len(mark))
    head = beginning[: LOOKED_AT - LOOKED_AT % 2]
    even, odd = head[::2], head[1::2]
    if len(head) >= 8 and not any(odd) and all(even):
        return Form(Encoding.UTF_16_LE, 0)
    if len(head) >= 8 and not any(even) and all(odd):
        return Form(Encoding.UTF_16_BE, 0)
    return Form(Encoding.BY_LINE, 0)


def raw_lines(chunks: Iterable[bytes], form: Form) -> Iterator[RawLine]:
    """Every line, blank ones too. The first chunk must hold the mark whole."""
    newline, skip = form.newline, form.skip
    number, offset, rest, long = 1, skip, b"", False
    for chunk in chunks:
        pieces = _split(rest + chunk[skip:], newline)
        skip, rest = 0, pieces.pop()
        for line in pieces:
            yield from _cut(number, offset, line, ended=True, long=long)
            number, offset, long = number + 1, offset + len(line) + len(newline), False
        while len(rest) > LONGEST:
            yield RawLine(number, offset, rest[:LONGEST], ended=False, long=True)
            rest, offset, long = rest[LONGEST:], offset + LONGEST, True
    if rest:
        yield RawLine(number, offset, rest, ended=False, long=long)


def _cut(number: int, offset: int, line: bytes, *, ended: bool, long: bool) -> Iterator[RawLine]:
    long = long or len(line) > LONGEST
    for start in range(0, max(len(line), 1), LONGEST):
        yield RawLine(number, offset + start, line[start : start + LONGEST], ended, long)


def _split(data: bytes, newline: bytes) -> list[bytes]:
    """At line ends; in UTF-16 only at those that begin at a whole character."""
    if len(newline) == 1:
        return data.split(newline)
    pieces, start, found = [], 0, data.find(newline)
    while found >= 0:
        if (found - start) % 2:
            found = data.find(newline, found + 1)
            continue
        pieces.append(data[start:found])
        start = found + len(newline)
        found = data.find(newline, start)
    pieces.append(data[start:])
    return pieces
