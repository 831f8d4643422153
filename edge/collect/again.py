"""Owes the server some days of a terminal once more, because it has less of them than it receipted. Identity there absorbs what it has."""

from collections.abc import Collection
from datetime import date

from edge.outbox import NewRow, Outbox, new_row
from protocol import codec
from protocol.counting import day_of, span_of
from protocol.identifiers import TerminalSerial


def owe_again(outbox: Outbox, serial: TerminalSerial, days: Collection[date]) -> int:
    """Append again what the outbox still keeps of these days, and let the rest be appended when the terminal is read next.

    Gives how many rows were kept. Blocks until they are on the disk; repeated after a crash it owes them once more, which does no harm.
    """
    upto, after, count = outbox.mark, 0, 0
    outbox.forget_between(serial, [span_of(day, day) for day in days])
    while kept := outbox.receipted_rows(after, upto):
        if rows := [row for _, body in kept for row in _of_days(body, serial, days)]:
            count += outbox.append(serial, rows).count
        after, _ = kept[-1]
    return count


def _of_days(body: bytes, serial: TerminalSerial, days: Collection[date]) -> list[NewRow]:
    row = codec.decode_row(body)
    return [new_row(row, body)] if row.terminal == serial and day_of(row.wall) in days else []
