"""What terminals sent, as they sent it: the bytes that are kept with each punch."""

from dataclasses import dataclass

from sqlalchemy import select

from protocol import codec
from protocol.errors import DecodeError
from server.attendance import actions as attendance
from server.attendance.model import PunchFilter, PunchKey, PunchLine
from server.attendance.tables import punch
from server.storage import UnitOfWork, portions

UNSHOWN = "·"
MOSTLY = 0.75
"""Bytes of which fewer can be read are no text."""


@dataclass(frozen=True, slots=True)
class RawPunch:
    """A punch with the terminal's own bytes; raw b"" where there are none (any more)."""

    line: PunchLine
    raw: bytes

    @property
    def text(self) -> str:
        return readable(self.raw)


def raw_punches(uow: UnitOfWork, wanted: PunchFilter, *, behind: PunchKey | None, limit: int) -> list[RawPunch]:
    """Punches that fit with their bytes, the latest of the terminal's clock first."""
    lines = attendance.list_punches(uow, wanted, behind=behind, limit=limit)
    query = select(punch.c.id, punch.c.body)
    bodies = {
        row.id: row.body for some in portions([line.id for line in lines]) for row in uow.fetch_all(query.where(punch.c.id.in_(some)))
    }
    return [RawPunch(line, _raw(bodies.get(line.id, b""))) for line in lines]


def readable(raw: bytes) -> str:
    """What of bytes is text: a pushed line as it stands, words in a record between dots; "" where next to nothing is."""
    try:
        text = raw.decode()
    except UnicodeDecodeError:
        text = raw.decode("latin-1")
        text = "".join(one if one.isascii() else UNSHOWN for one in text)
    shown = "".join(one if one.isprintable() else " → " if one == "\t" else UNSHOWN for one in text).strip(UNSHOWN + " ")
    letters = sum(one.isprintable() and one != UNSHOWN for one in text)
    return shown if raw and letters >= MOSTLY * len(text.rstrip("\0")) else ""


def _raw(body: bytes) -> bytes:
    try:
        return codec.decode_row(body).raw
    except DecodeError:
        return b""
