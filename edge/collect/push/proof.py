"""Loss proof: how many punches the terminal's own log holds for a day, against how many the edge ever took.

    count   VERIFY SUM ATTLOG for the day        as many as the edge has: nothing is missing
    fill    DATA QUERY ATTLOG for the day        what was missing comes, identity absorbs the rest
            also where the edge has more         a file, a log that was cleared, another unit before under the same number: once,
            than before beyond the terminal's    because one that is missing may hide behind those
    after   the edge counts again; rows that came are counted too, because a terminal may hold one punch twice; then the terminal does, too

The security dialect knows no count: its whole log is asked for instead.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from hashlib import sha256

from edge.collect.push.queue import DAY, Ended, Queue
from edge.collect.push.receipts import Receipts
from edge.devices.iclock.protocol.commands import ALL_TRANSACTIONS, count_punches, query_punches
from edge.devices.iclock.protocol.dialect import Dialect
from edge.devices.iclock.protocol.lines import number_of
from edge.devices.iclock.protocol.punches import Found
from edge.outbox import Outbox
from edge.small_file import SmallFile
from protocol.counting import span_of
from protocol.identifiers import TerminalSerial

COUNT_SECONDS, FILL_SECONDS = 2 * 3600, DAY
KEPT_DAYS = 400
NEWS_DAYS = 2
"""Of days before, a count that says what was said before leaves no receipt."""
CLOSE_SECONDS = 3600
"""A count of the day before is as good as new for so long."""


@dataclass(frozen=True, slots=True)
class Standing:
    """How a terminal stands: days ever compared, days with missing punches, the last comparison, whether days are being filled."""

    days: int
    gaps: tuple[tuple[str, int], ...]
    last: int
    filling: bool

    @property
    def missing(self) -> int:
        return sum(count for _, count in self.gaps)


class Proof:
    """Compares, and asks for what is missing. Instants are Unix seconds."""

    def __init__(self, file: SmallFile, queue: Queue, outbox: Outbox, receipts: Receipts) -> None:
        self._file, self._queue, self._outbox, self._receipts = file, queue, outbox, receipts
        self._came: dict[TerminalSerial, dict[bytes, Found]] = {}
        """Bodies that came while a day was being filled, by their digest: one that comes twice counts once."""

    def see(self, serial: TerminalSerial, body: bytes, found: Found) -> None:
        """Rows came; they are looked at when a day is being filled."""
        if serial in self._came and found.lines:
            self._came[serial][sha256(body).digest()] = found

    def hear(self, serial: TerminalSerial, ended: Ended, now: int) -> bool:
        """A command of this proof has ended; gives whether a day was compared by it."""
        kind, _, text = ended.purpose.partition(":")
        if kind not in ("count", "fill") or not ended.done:
            return False
        day = date.fromisoformat(text)
        has = self._has(serial, day)
        if kind == "fill":
            return self._filled(serial, day, has, now)
        values = ended.result.values
        holds = number_of(values.get("attlogsum") or values.get("attlogcount"))
        if holds is None:
            return False
        missing = max(holds - has - self._repeated(serial, day, holds), 0)
        may_hide = has > holds and has - holds != self._excess(serial, day)
        self._keep(serial, day, now, holds, has, missing)
        if missing or may_hide:
            self._came.setdefault(serial, {})
            self._queue.add_once(serial, query_punches(*bounds_of(day)), now, FILL_SECONDS, f"fill:{day}")
        return True

    def _filled(self, serial: TerminalSerial, day: date, has: int, now: int) -> bool:
        with self._file.look() as connection:
            found = connection.execute("SELECT terminal_count FROM proof WHERE serial = ? AND day = ?", (serial, str(day))).fetchone()
        if found is None:
            return False
        first, last = span_of(day, day)
        bodies = self._came.get(serial, {}).values()
        came = sum(sum(first <= one.wall <= last for one in body.punches) + len(body.doubtful) for body in bodies)
        missing = max(found[0] - max(has, came), 0)
        self._keep(serial, day, now, found[0], has, missing)
        if not missing:  # somebody may have punched meanwhile in place of what is missing
            self._queue.add_once(serial, count_punches(*bounds_of(day)), now, COUNT_SECONDS, f"count:{day}")
        if not self._queue.is_open(serial, "fill"):
            self._came.pop(serial, None)
        return True

    def _repeated(self, serial: TerminalSerial, day: date, holds: int) -> int:
        """Rows of the day that were found to repeat others when all of it came; none where the log has become shorter since."""
        with self._file.look() as connection:
            found = connection.execute(
                "SELECT terminal_count, edge_count FROM proof WHERE serial = ? AND day = ? AND missing = 0", (serial, str(day))
            ).fetchone()
        return max(found[0] - found[1], 0) if found and holds >= found[0] else 0

    def _excess(self, serial: TerminalSerial, day: date) -> int | None:
        """How many more the edge had than the terminal when the day was compared last; None where it never was."""
        with self._file.look() as connection:
            ask = "SELECT edge_count - terminal_count FROM proof WHERE serial = ? AND day = ?"
            found = connection.execute(ask, (serial, str(day))).fetchone()
        return int(found[0]) if found else None

    def _has(self, serial: TerminalSerial, day: date) -> int:
        return self._outbox.count_between(serial, *span_of(day, day))

    def _keep(self, serial: TerminalSerial, day: date, now: int, holds: int, has: int, missing: int) -> None:
        with self._file.change() as connection:
            before = connection.execute("SELECT missing FROM proof WHERE serial = ? AND day = ?", (serial, str(day))).fetchone()
            connection.execute(
                "INSERT INTO proof VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (serial, day) DO UPDATE SET at = excluded.at,"
                " terminal_count = excluded.terminal_count, edge_count = excluded.edge_count, missing = excluded.missing",
                (serial, str(day), now, holds, has, missing),
            )
            connection.execute("DELETE FROM proof WHERE at < ?", (now - KEPT_DAYS * DAY,))
        at = datetime.fromtimestamp(now, UTC)
        if missing or before != (missing,) or day >= at.date() - timedelta(days=NEWS_DAYS):
            self._receipts.counted(serial, day, holds, has, missing, at)

    def standing(self, serial: TerminalSerial) -> Standing:
        """How the terminal stands now."""
        with self._file.look() as connection:
            days, last = connection.execute("SELECT count(*), coalesce(max(at), 0) FROM proof WHERE serial = ?", (serial,)).fetchone()
            gaps = connection.execute("SELECT day, missing FROM proof WHERE serial = ? AND missing > 0 ORDER BY day", (serial,)).fetchall()
        return Standing(days, tuple((day, missing) for day, missing in gaps), last, self._queue.is_open(serial, "fill"))

    def complete(self, serial: TerminalSerial, today: date, now: int) -> bool:
        """Whether the edge has all that the terminal held lately: today and yesterday were compared, and nothing is missing anywhere."""
        with self._file.look() as connection:
            close = connection.execute(
                "SELECT count(*) FROM proof WHERE serial = ? AND day IN (?, ?) AND at >= ?",
                (serial, str(today), str(today - timedelta(days=1)), now - CLOSE_SECONDS),
            ).fetchone()[0]
        return close == 2 and not self.standing(serial).gaps


def ask_counts(queue: Queue, serial: TerminalSerial, dialect: Dialect, days: Sequence[date], now: int) -> None:
    """Have these days counted, newest first."""
    if dialect is Dialect.SECURITY:
        queue.add_once(serial, ALL_TRANSACTIONS, now, DAY, "all")
        return
    for day in sorted(days, reverse=True):
        queue.add_once(serial, count_punches(*bounds_of(day)), now, COUNT_SECONDS, f"count:{day}")


def last_days(today: date, count: int) -> list[date]:
    """Today and the days before it."""
    return [today - timedelta(days=back) for back in range(count)]


def bounds_of(day: date) -> tuple[datetime, datetime]:
    """First and last second of a day on the terminal's clock."""
    return datetime.combine(day, time()), datetime.combine(day, time(23, 59, 59))
