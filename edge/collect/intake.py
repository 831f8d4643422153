"""Appends what was read. Every function blocks until it is on the disk, may be repeated, and belongs into a thread."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from edge.collect.rows import Origin, certain_doubts, distinct, key_of, raw_of, row_of_bytes, rows_of
from edge.devices.driver import DoubtfulBytes, LogRead, TerminalPunch
from edge.outbox import Outbox, Place
from edge.watermark import Tally, unread_from

STRETCH_ROWS = 500
FRESH_ROWS = 100
"""Up to this many new rows of a log are news and may overtake a backlog; more are history."""


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of a log: rows that were appended, identities the terminal holds, and the outbox's last row behind it.

    place: where reading of the terminal stands behind this log; another one later on means that somebody wants the log again.
    """

    appended: int
    held: int
    high: int
    place: Place


def take_log(outbox: Outbox, log: LogRead, origin: Origin) -> Taken:
    """Append what is not known yet. The watermark moves with each stretch, so that a crash costs no second reading of the rest."""
    records = raw_of(log.punches)
    appended, place = 0, None
    while place is None:
        count, place = _take_records(outbox, log.punches, records, origin)
        appended += count
    return Taken(appended + _take_doubts(outbox, log, origin), distinct(log), outbox.high, place)


def _take_records(outbox: Outbox, log: Sequence[TerminalPunch], records: Sequence[bytes], origin: Origin) -> tuple[int, Place | None]:
    """Append what follows the watermark; no place when somebody wanted the log from its beginning meanwhile."""
    serial, appended = origin.terminal, 0
    place = outbox.place(serial)
    start = unread_from(place.watermark, records)
    tally = Tally().over(records[:start])
    news = len(records) - start <= FRESH_ROWS
    for first in range(start, len(records), STRETCH_ROWS):
        punches = log[first : first + STRETCH_ROWS]
        tally.over(records[first : first + STRETCH_ROWS])
        unknown = outbox.unknown(serial, [key_of(punch) for punch in punches])
        rows = rows_of([punches[position] for position in unknown], origin)
        done = outbox.append(serial, rows, tally.watermark, place=place, fresh=news)
        if not done.at_place:
            return appended, None
        appended, place = appended + done.count, replace(place, watermark=tally.watermark)
    return appended, place


def take_event(outbox: Outbox, punch: TerminalPunch, origin: Origin) -> int:
    """Append a punch of this moment; gives 1, or 0 when it was known."""
    return outbox.append(origin.terminal, rows_of([punch], origin), fresh=True).count


def take_pushed(outbox: Outbox, punches: Sequence[TerminalPunch], doubtful: Sequence[DoubtfulBytes], origin: Origin, *, live: bool) -> int:
    """Append what a terminal sent; gives how many rows were new. live: these are punches of this moment, if they are few."""
    appended = _take_punches(outbox, punches, origin, fresh=live and len(punches) <= FRESH_ROWS)
    return appended + _take_bytes(outbox, doubtful, origin)


def _take_punches(outbox: Outbox, punches: Sequence[TerminalPunch], origin: Origin, *, fresh: bool = False) -> int:
    stretches = (punches[first : first + STRETCH_ROWS] for first in range(0, len(punches), STRETCH_ROWS))
    return sum(outbox.append(origin.terminal, rows_of(some, origin), fresh=fresh).count for some in stretches)


def _take_bytes(outbox: Outbox, doubts: Sequence[DoubtfulBytes], origin: Origin) -> int:
    stretches = (doubts[first : first + STRETCH_ROWS] for first in range(0, len(doubts), STRETCH_ROWS))
    return sum(outbox.append(origin.terminal, [row_of_bytes(doubt, origin) for doubt in some]).count for some in stretches)


def _take_doubts(outbox: Outbox, log: LogRead, origin: Origin) -> int:
    return _take_bytes(outbox, certain_doubts(log), origin)
