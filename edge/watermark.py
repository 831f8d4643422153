"""How far a terminal's log has been read: the number of its records, and a digest over them.

If a log still begins with the records that were read, only what follows is new. If it does not (cleared, rotated, another memory),
everything in it is offered again and punch identity absorbs what is known. The digest covers the terminal's own bytes and not what
they were decoded to: when a user list changes, old records are not offered again under a new person. Pure.

    digest(0)     = SHA-256("clockbridge watermark v1")
    digest(n)     = SHA-256 of the same text followed by each record with its length (4 bytes, little endian) in front

Source: docs/explanation/outbox.md, "Reading on".
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Self

_SEED = b"clockbridge watermark v1"


@dataclass(frozen=True, slots=True)
class Watermark:
    """The first `count` records of a log, and their digest (32 bytes)."""

    count: int
    digest: bytes

    def prefix_of(self, records: Sequence[bytes]) -> bool:
        """Whether a log still begins with exactly these records."""
        return self.count <= len(records) and Tally().over(records[: self.count]).watermark == self


class Tally:
    """A watermark that grows record by record, so that each appended stretch can have its own."""

    def __init__(self) -> None:
        self._hash = sha256(_SEED)
        self._count = 0

    def over(self, records: Iterable[bytes]) -> Self:
        """Count these records in; returns itself."""
        for record in records:
            self._hash.update(len(record).to_bytes(4, "little") + record)
            self._count += 1
        return self

    @property
    def watermark(self) -> Watermark:
        return Watermark(self._count, self._hash.digest())


START = Tally().watermark
"""Nothing has been read yet."""


def unread_from(known: Watermark, records: Sequence[bytes]) -> int:
    """Position of the first record to offer: behind the known prefix, or 0 when the log does not begin with it."""
    return known.count if known.prefix_of(records) else 0
