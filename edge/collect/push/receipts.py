"""What each terminal told on each day, table by table, for people to look at: how much came, and that it was acknowledged.

In memory, and now and then in push.db, because each punch would be a write else: a power cut takes the last seconds of it. Told to the
server twice, because the first may have been on a line that broke, and forgotten when its day is over. Any thread.
"""

import threading
import time
from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta

import msgspec

from edge.collect.duty import Rules
from edge.devices.iclock.protocol.react import KNOWN_TABLES, Reaction
from edge.devices.iclock.protocol.request import Request
from edge.small_file import SmallFile
from protocol.identifiers import TerminalSerial
from protocol.messages import Pushed

COUNTED = "verify-sum-attlog"
OTHERS = "others"
SILENT = ("rtstate",)
"""Tables without rows of their own: they come every minute and say nothing that is kept."""
EVERY_SECONDS, AGAIN_SECONDS = 60.0, 600.0
"""What goes on changing is told so often; what was told is told again after so long."""
TOLD_TIMES = 2
MOST = 20_000
"""Of an edge: months of hundreds of terminals without a line. The oldest are let go."""
STAMP = 32
_TABLE = """CREATE TABLE IF NOT EXISTS receipt (
    serial TEXT NOT NULL,
    day TEXT NOT NULL,
    name TEXT NOT NULL,
    untold INTEGER NOT NULL,    -- how often it is to be told yet
    receipt TEXT NOT NULL,      -- JSON, protocol.messages.Pushed
    PRIMARY KEY (serial, day, name)
) STRICT, WITHOUT ROWID"""
"""Made when it is opened: files of earlier releases lack it."""

_Key = tuple[str, str, str]


class _Kept(msgspec.Struct):
    """A receipt. told_at: of a clock that only goes forward. dirty: the file does not have it."""

    receipt: Pushed
    untold: int = TOLD_TIMES
    told_at: float = float("-inf")
    dirty: bool = True


class Receipts:
    """Of all terminals; `open` reads the file. Instants are aware."""

    def __init__(self, file: SmallFile, rules: Rules) -> None:
        self._file, self._rules = file, rules
        self._turn = threading.Lock()
        self._kept: dict[_Key, _Kept] = {}

    def open(self) -> None:
        """Read what is to be told yet."""
        with self._file.change() as connection:
            connection.execute(_TABLE)
            rows = connection.execute("SELECT untold, receipt FROM receipt ORDER BY day").fetchall()
        found = [_Kept(msgspec.json.decode(receipt, type=Pushed), untold, dirty=False) for untold, receipt in rows]
        with self._turn:
            self._kept = {_key(one.receipt): one for one in found}

    def took(self, serial: TerminalSerial, request: Request, reaction: Reaction, appended: int, now: datetime) -> None:
        """A request of this terminal was taken, and is acknowledged now."""
        name = _name(request, reaction)
        if name:
            found, told = reaction.found, reaction.told
            more = {
                "bodies": 1,
                "rows": found.lines + told.lines + len(reaction.options) + reaction.pictures,
                "punches": len(found.punches),
                "doubtful": len(found.doubtful),
                "appended": appended,
            }
            self._add(serial, name, now, more, {"stamp": reaction.stamp[1][:STAMP]} if reaction.stamp else {})

    def refused(self, serial: TerminalSerial, request: Request, now: datetime) -> None:
        """A request of this terminal was not taken: it keeps what it has, and comes again."""
        name = _name(request, None)
        if name:
            self._add(serial, name, now, {"refused": 1}, {})

    def counted(self, serial: TerminalSerial, day: date, holds: int, has: int, missing: int, now: datetime) -> None:
        """The terminal said how many punches of a day its log holds."""
        self._add(serial, COUNTED, now, {"bodies": 1}, {"rows": holds, "punches": has, "missing": missing}, day)

    def _add(
        self, serial: TerminalSerial, name: str, now: datetime, more: Mapping[str, int], says: Mapping[str, object], day: date | None = None
    ) -> None:
        of = str(day or now.astimezone(self._rules.zone).date())
        with self._turn:
            kept = self._kept.setdefault((serial, of, name), _Kept(Pushed(serial, of, name, now, now)))
            sums = {field: getattr(kept.receipt, field) + count for field, count in more.items()}
            kept.receipt = msgspec.structs.replace(kept.receipt, last_at=now, **sums | dict(says))
            kept.untold, kept.dirty = TOLD_TIMES, True

    def due(self, most: int) -> list[Pushed]:
        """Some of what the server should hear now; it counts as told."""
        now = time.monotonic()
        with self._turn:
            due = [one for one in self._kept.values() if one.untold and now - one.told_at >= _rest(one)][:most]
            for one in due:
                one.untold, one.told_at, one.dirty = one.untold - 1, now, True
            return [one.receipt for one in due]

    def write(self, now: datetime) -> None:
        """Bring the file up to date, and forget what is over and was told; raises OutboxDiskError, and the next time writes it."""
        open_from = str(now.astimezone(self._rules.zone).date() - timedelta(days=1))
        with self._turn:
            over = {key for key, one in self._kept.items() if not one.untold and one.receipt.day < open_from}
            over |= set(sorted(self._kept, key=lambda key: key[1])[: max(len(self._kept) - MOST, 0)])
            dirty = [(*key, one.untold, msgspec.json.encode(one.receipt).decode()) for key, one in self._kept.items() if one.dirty]
            if over or dirty:
                self._store(over, [row for row in dirty if row[:3] not in over])
            self._kept = {key: one for key, one in self._kept.items() if key not in over}
            for one in self._kept.values():
                one.dirty = False

    def _store(self, gone: Iterable[_Key], rows: Iterable[tuple[str, str, str, int, str]]) -> None:
        with self._file.change() as connection:
            connection.executemany("DELETE FROM receipt WHERE serial = ? AND day = ? AND name = ?", gone)
            connection.executemany("INSERT OR REPLACE INTO receipt VALUES (?, ?, ?, ?, ?)", rows)


def _rest(kept: _Kept) -> float:
    return EVERY_SECONDS if kept.untold == TOLD_TIMES else AGAIN_SECONDS


def _key(receipt: Pushed) -> _Key:
    return receipt.serial, receipt.day, receipt.table


def _name(request: Request, reaction: Reaction | None) -> str:
    """The table that a request brings something of; empty where it brings nothing."""
    if request.method != "POST" or request.what not in ("cdata", "querydata", "fdata"):
        return ""
    table = "attphoto" if request.what == "fdata" else request.table or request.query.get("tablename", "").lower()
    if table in SILENT or (reaction is not None and reaction.answer.status != 200):
        return ""
    return table if table in KNOWN_TABLES else OTHERS
