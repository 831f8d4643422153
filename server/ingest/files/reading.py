"""A file's lines as rows, as an edge would write them; always the same ones, so that a repeat is known as one."""

import io
from collections.abc import Iterable, Iterator
from datetime import datetime
from hashlib import sha256
from itertools import islice

import zstandard

from protocol import codec
from protocol.attlog.punches import ExportLine, read_export
from protocol.instants import show_wall
from protocol.messages import PunchRow, Source

CHUNK = 256 * 1024
STRETCH = 2000
SALT_BYTES = 16


def pack(data: bytes) -> bytes:
    """As it is kept: a log becomes a tenth."""
    return zstandard.ZstdCompressor(level=6).compress(data)


def lines_of(content: bytes, devices: frozenset[str]) -> Iterator[ExportLine]:
    """The lines of a packed file, with memory for a piece of it."""
    with zstandard.ZstdDecompressor().stream_reader(io.BytesIO(content)) as reader:
        yield from read_export(iter(lambda: reader.read(CHUNK), b""), devices)


def stretches(lines: Iterable[ExportLine]) -> Iterator[list[ExportLine]]:
    stream = iter(lines)
    while stretch := list(islice(stream, STRETCH)):
        yield stretch


def is_row(line: ExportLine) -> bool:
    """Whether it becomes a row: a heading does not, nor what is of another device."""
    return line.is_punch or line.is_doubtful


def row_of(line: ExportLine, serial: str, at: datetime) -> bytes:
    """at: when the file was handed in."""
    wall = "" if line.wall is None else show_wall(line.wall)
    doubt = None if line.is_punch else f"file-{line.problem}"
    salt = sha256(f"{serial}\0{line.user}\0{wall}\0".encode() + line.raw).digest()[:SALT_BYTES]
    row = PunchRow(serial, line.user, wall, at, Source.ATTLOG_FILE, salt, line.verify, line.state, None, line.raw, doubt)
    return codec.encode_row(row)
