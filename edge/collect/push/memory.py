"""What is remembered of each terminal that pushes. In memory to ask, in the file to stay; only approved terminals are ever remembered."""

import os
from collections.abc import Collection
from datetime import datetime

import msgspec

from edge.collect.drift import Stretch
from edge.devices.iclock.protocol.answers import Known
from edge.devices.iclock.protocol.dialect import Dialect
from edge.small_file import SmallFile
from protocol.identifiers import TerminalSerial

UNKNOWN_ROWS = 200
UNKNOWN_BYTES = 16 * 1024
"""What nobody knows is kept to look at: the newest ones, of each its beginning. Together a few megabytes at most."""
ADMINISTRATORS = 1000


class Remembered(msgspec.Struct, frozen=True):
    """One terminal. zone: the value it was told last. place: the outbox's count and era that its log was asked for.

    source: the address it was first heard from. greeted: a handshake has told the dialect. proved_on: the date of the last nightly proof.
    drifts: how far its clock was off lately.
    """

    dialect: str = Dialect.ATTENDANCE.value
    version: str = ""
    greeted: bool = False
    registered: bool = False
    code: str = ""
    source: str = ""
    zone: str = ""
    place: str = ""
    proved_on: str = ""
    stamps: dict[str, str] = {}
    options: dict[str, str] = {}
    drifts: tuple[Stretch, ...] = ()


class Memory:
    """Everything that is remembered; `open` reads it."""

    def __init__(self, file: SmallFile) -> None:
        self._file = file
        self._terminals: dict[TerminalSerial, Remembered] = {}

    def open(self) -> None:
        """Read the file."""
        with self._file.look() as connection:
            rows = connection.execute("SELECT serial, facts FROM terminal").fetchall()
        self._terminals = {TerminalSerial(serial): msgspec.json.decode(facts, type=Remembered) for serial, facts in rows}

    def of(self, serial: TerminalSerial) -> Remembered:
        return self._terminals.get(serial) or Remembered()

    def keep(self, serial: TerminalSerial, now: Remembered) -> None:
        """Remember it, on the disk when this returns; nothing is written when nothing changed."""
        if now == self._terminals.get(serial):
            return
        with self._file.change() as connection:
            connection.execute(
                "INSERT INTO terminal VALUES (?, ?) ON CONFLICT (serial) DO UPDATE SET facts = excluded.facts",
                (serial, msgspec.json.encode(now).decode()),
            )
        self._terminals[serial] = now

    def administrators(self, serial: TerminalSerial) -> set[str]:
        """User numbers that are known as administrators of the terminal itself."""
        with self._file.look() as connection:
            return {row[0] for row in connection.execute("SELECT pin FROM administrator WHERE serial = ?", (serial,))}

    def add_administrators(self, serial: TerminalSerial, pins: Collection[str]) -> None:
        """Know these too."""
        rows = [(serial, pin) for pin in sorted(pins)[:ADMINISTRATORS]]
        with self._file.change() as connection:
            connection.executemany("INSERT OR IGNORE INTO administrator VALUES (?, ?)", rows)

    def keep_unknown(self, serial: TerminalSerial, what: str, body: bytes, now: datetime) -> None:
        """Keep a piece of something that nobody knows."""
        with self._file.change() as connection:
            connection.execute(
                "INSERT INTO unknown (at, serial, what, body) VALUES (?, ?, ?, ?)", (now.isoformat(), serial, what, body[:UNKNOWN_BYTES])
            )
            connection.execute(
                "DELETE FROM unknown WHERE number <= (SELECT max(number) FROM unknown) - ?",
                (UNKNOWN_ROWS,),
            )


def known_of(serial: TerminalSerial, remembered: Remembered, dialect: str) -> Known:
    """As the protocol wants it. dialect: what a person set over what the terminal announces; empty for nothing."""
    return Known(
        serial=serial,
        dialect=Dialect(dialect or remembered.dialect),
        fixed=bool(dialect),
        version=remembered.version,
        stamps=remembered.stamps,
        registered=remembered.registered,
        code=remembered.code,
    )


def with_code(remembered: Remembered) -> Remembered:
    """With a registration code of its own."""
    return remembered if remembered.code else msgspec.structs.replace(remembered, code=os.urandom(8).hex())
