"""What a terminal told, written as rows of the outbox: once, with a salt, and never again."""

import os
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from edge.devices.driver import DoubtfulBytes, LogRead, TerminalPunch
from edge.outbox import NewRow
from protocol import chain, codec
from protocol.identifiers import TerminalSerial
from protocol.instants import WallTime, show_wall
from protocol.messages import PunchRow, Source

SALT_BYTES = 16
DOUBT_CHARACTERS = 64
NO_TIME = WallTime(0)

Key = tuple[int, str]


def not_measured(_: WallTime) -> int | None:
    """Nobody has looked at the clock."""
    return None


@dataclass(frozen=True, slots=True)
class Origin:
    """Where rows come from: terminal, way, instant of receipt (UTC), and by how many milliseconds its clock was off at a time it showed."""

    terminal: TerminalSerial
    source: Source
    received_at: datetime
    drift_of: Callable[[WallTime], int | None] = not_measured


def rows_of(punches: Sequence[TerminalPunch], origin: Origin) -> list[NewRow]:
    """Punches as they will stand in the outbox. Their salt is drawn at once: a call for each would be a tenth of the work."""
    salts = os.urandom(SALT_BYTES * len(punches))
    places = range(0, len(salts), SALT_BYTES)
    return [_row_of(punch, origin, salts[place : place + SALT_BYTES]) for punch, place in zip(punches, places, strict=True)]


def _row_of(punch: TerminalPunch, origin: Origin, salt: bytes) -> NewRow:
    """A punch's identity is its wall time and its person on this terminal."""
    row = PunchRow(
        terminal=origin.terminal,
        user=punch.user,
        wall=show_wall(punch.wall),
        received_at=origin.received_at,
        source=origin.source,
        salt=salt,
        verify=punch.verify,
        state=punch.state,
        drift_ms=origin.drift_of(punch.wall),
        raw=punch.raw,
        doubt=punch.doubt[:DOUBT_CHARACTERS] if punch.doubt else None,
    )
    return NewRow(punch.wall, punch.user, codec.encode_row(row))


def row_of_bytes(doubtful: DoubtfulBytes, origin: Origin) -> NewRow:
    """Bytes that are no punch, for quarantine; a digest stands for their identity, so that a second read does not double them."""
    row = PunchRow(
        terminal=origin.terminal,
        user="",
        wall="",
        received_at=origin.received_at,
        source=origin.source,
        salt=os.urandom(SALT_BYTES),
        drift_ms=origin.drift_of(NO_TIME),
        raw=doubtful.raw,
        doubt=doubtful.reason[:DOUBT_CHARACTERS],
    )
    return NewRow(*key_of_bytes(doubtful), codec.encode_row(row))


def key_of(punch: TerminalPunch) -> Key:
    return punch.wall, punch.user


def key_of_bytes(doubtful: DoubtfulBytes) -> Key:
    return 0, chain.digest(doubtful.raw).hex()


def distinct(log: LogRead) -> int:
    """Identities that a log holds: punches that repeat each other are one, and so are equal doubtful bytes."""
    return len(set(map(key_of, log.punches))) + len(set(map(key_of_bytes, log.doubtful)))


def raw_of(punches: Iterable[TerminalPunch]) -> list[bytes]:
    return [punch.raw for punch in punches]


def certain_doubts(log: LogRead) -> Sequence[DoubtfulBytes]:
    """Doubtful bytes of a log that came to its end: those of a torn one may be whole punches next time."""
    return log.doubtful if log.receipt.received_bytes >= log.receipt.declared_bytes else ()
