"""Appends what was read. Every function blocks until it is on the disk, may be repeated, and belongs into a thread."""

from dataclasses import dataclass

from edge.collect.rows import Origin, certain_doubts, distinct, key_of, key_of_bytes, raw_of, row_of, row_of_bytes
from edge.devices.driver import LogRead, TerminalPunch
from edge.outbox import Outbox
from edge.watermark import Tally, unread_from

STRETCH_ROWS = 500
FRESH_ROWS = 100
"""Up to this many new rows of a log are news and may overtake a backlog; more are history."""


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of a log: rows that were appended, identities the terminal holds, and the outbox's last row behind it."""

    appended: int
    held: int
    high: int


def take_log(outbox: Outbox, log: LogRead, origin: Origin) -> Taken:
    """Append what is not known yet. The watermark moves with each stretch, so that a crash costs no second reading of the rest."""
    serial = origin.terminal
    records = raw_of(log.punches)
    start = unread_from(outbox.watermark(serial), records)
    tally = Tally().over(records[:start])
    appended = 0
    for first in range(start, len(records), STRETCH_ROWS):
        punches = log.punches[first : first + STRETCH_ROWS]
        tally.over(records[first : first + STRETCH_ROWS])
        unknown = outbox.unknown(serial, [key_of(punch) for punch in punches])
        rows = [row_of(punches[position], origin) for position in unknown]
        news = len(records) - start <= FRESH_ROWS
        appended += outbox.append(serial, rows, tally.watermark, fresh=news).count
    return Taken(appended + _take_doubts(outbox, log, origin), distinct(log), outbox.high)


def take_file(outbox: Outbox, log: LogRead, origin: Origin) -> Taken:
    """Append what is not known yet of an export. It leaves the watermark alone: that belongs to the terminal's own log."""
    appended = 0
    for first in range(0, len(log.punches), STRETCH_ROWS):
        punches = log.punches[first : first + STRETCH_ROWS]
        unknown = outbox.unknown(origin.terminal, [key_of(punch) for punch in punches])
        appended += outbox.append(origin.terminal, [row_of(punches[position], origin) for position in unknown]).count
    return Taken(appended + _take_doubts(outbox, log, origin), distinct(log), outbox.high)


def take_event(outbox: Outbox, punch: TerminalPunch, origin: Origin) -> int:
    """Append a punch of this moment; gives 1, or 0 when it was known."""
    return outbox.append(origin.terminal, [row_of(punch, origin)], fresh=True).count


def _take_doubts(outbox: Outbox, log: LogRead, origin: Origin) -> int:
    doubts = certain_doubts(log)
    appended = 0
    for first in range(0, len(doubts), STRETCH_ROWS):
        some = doubts[first : first + STRETCH_ROWS]
        unknown = outbox.unknown(origin.terminal, [key_of_bytes(doubt) for doubt in some])
        appended += outbox.append(origin.terminal, [row_of_bytes(some[position], origin) for position in unknown]).count
    return appended
