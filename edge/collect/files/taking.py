"""A file into the outbox: first a look at all of it, then its lines. A look changes nothing; taking may be repeated, also after a crash.

    look ► refused (nothing of it is taken)
         └► take, stretch by stretch ► taken

Memory holds one stretch, whatever the size. Every function blocks, and belongs into a thread.
"""

import sqlite3
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import blake2b
from itertools import islice
from typing import IO
from zoneinfo import ZoneInfo

from edge.collect.rows import Origin, key_of, row_of_bytes, rows_of
from edge.devices.attlog.read import chunks_of, doubtful_of, punch_of
from edge.outbox import Outbox
from protocol.attlog.punches import ExportLine, read_export
from protocol.attlog.survey import Survey, Surveyor
from protocol.identifiers import TerminalSerial
from protocol.messages import Source

STRETCH_ROWS = 2000
Told = Callable[[int], None]
"""Told how many bytes of the file were read."""


@dataclass(frozen=True, slots=True)
class Taken:
    """Rows that were appended: punches, and lines that were none."""

    punches: int
    doubtful: int


def look(file: IO[bytes], serial: TerminalSerial, devices: frozenset[str], outbox: Outbox, zone: ZoneInfo, told: Told) -> Survey:
    """What the file holds, and how many of its punches the outbox never had. Raises OutboxError, OSError."""
    surveyor = Surveyor(datetime.now(UTC).astimezone(zone).replace(tzinfo=None))
    lines = surveyor.over(read_export(chunks_of(file, told), devices))
    with closing(_Seen()) as seen:
        for stretch in _stretches(line for line in lines if line.is_punch):
            keys = [key_of(punch_of(line)) for line in stretch]
            seen.add(keys[place] for place in outbox.unknown(serial, keys))
        survey = surveyor.finish()
        survey.new = seen.count
    return survey


def take(file: IO[bytes], serial: TerminalSerial, devices: frozenset[str], outbox: Outbox, told: Told) -> Taken:
    """Append every punch that is not known yet, and every line that is none. Raises OutboxError, OSError; a repeat goes on from there."""
    origin = Origin(serial, Source.ATTLOG_FILE, datetime.now(UTC))
    punches = doubtful = 0
    for stretch in _stretches(read_export(chunks_of(file, told), devices)):
        found = [punch_of(line) for line in stretch if line.is_punch]
        unknown = outbox.unknown(serial, [key_of(one) for one in found])
        if unknown:
            punches += outbox.append(serial, rows_of([found[place] for place in unknown], origin)).count
        rows = [row_of_bytes(doubtful_of(line), origin) for line in stretch if line.is_doubtful]
        if rows:
            doubtful += outbox.append(serial, rows).count
    return Taken(punches, doubtful)


def _stretches(lines: Iterable[ExportLine]) -> Iterator[list[ExportLine]]:
    stream = iter(lines)
    while stretch := list(islice(stream, STRETCH_ROWS)):
        yield stretch


class _Seen:
    """Counts distinct identities, on the disk: a million of them in memory would be a hundred megabytes."""

    def __init__(self) -> None:
        self.count = 0
        self._connection = sqlite3.connect("", isolation_level=None)
        self._connection.execute("CREATE TABLE seen (digest INTEGER PRIMARY KEY)")

    def add(self, keys: Iterable[tuple[int, str]]) -> None:
        digests = ((int.from_bytes(blake2b(f"{wall} {user}".encode(), digest_size=8).digest(), signed=True),) for wall, user in keys)
        self._connection.execute("BEGIN")
        self.count += self._connection.executemany("INSERT OR IGNORE INTO seen VALUES (?)", digests).rowcount
        self._connection.execute("COMMIT")

    def close(self) -> None:
        self._connection.close()
