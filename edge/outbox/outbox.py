"""The outbox as other parts use it. Every method may be called from any thread and blocks until its work is on the disk."""

import os
import shutil
import sqlite3
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from threading import Lock as Mutex
from types import TracebackType
from typing import Any, Self, TypeVar

import structlog

from edge.errors import OutboxDamagedError, OutboxDiskError, OutboxFullError
from edge.outbox import file, ledger, schema, succession
from edge.outbox.commits import GroupCommit, Job
from edge.watermark import Watermark
from protocol.identifiers import EdgeId, Epoch, TerminalSerial

log = structlog.get_logger(__name__)
T = TypeVar("T")
DAY = 86_400
RELEASED_SHARE = 0.5
"""Released rows beyond this share of the cap go before their keep time is over."""
OPENING_BYTES = 256 * 1024
"""On a disk with less room than this, a file that cannot be opened is taken for one that finds the disk full."""
ROOM_BYTES = 1024 * 1024
ROOM_SHARE = 1 / 16
"""Room from which on a full outbox takes rows again, in bytes and as a share of the cap, whichever is less: some thousand punches, so that
terminals are not read again for each row that was released."""


@dataclass(frozen=True, slots=True)
class OutboxSize:
    """Bytes: in use, the cap, and free on the disk. `room` is what may still be appended."""

    used: int
    cap: int
    disk_free: int

    @property
    def room(self) -> int:
        return max(min(self.cap - self.used, self.disk_free), 0)


class Outbox:
    """Rows an edge owes the server, in one SQLite file. `with Outbox(...)` opens and locks it; constructing touches nothing.

    An append is durable when it returns, also through a power cut. A damaged file heals itself: it is moved aside, what can be read is
    saved under a new epoch, and the caller sees OutboxDamagedError once.
    """

    def __init__(self, path: Path, edge: EdgeId, limits: file.Limits | None = None, clock: Callable[[], float] = time.time) -> None:
        self.path = path
        self.edge = edge
        self.on_append: Callable[[int, int], None] = _nobody_listens
        """Called after a commit with the highest sequence and how many of its newest rows are punches of this moment."""
        self.healings = 0
        """How often damage was found and healed since this agent began."""
        self._limits = limits or file.Limits()
        self._clock = clock
        self._lock = file.Lock(path.with_suffix(".lock"))
        self._ballast = file.Ballast(path.with_name("ballast"))
        self._commits = GroupCommit(self._commit_together)
        self._reading = Mutex()
        self._state: ledger.State
        self._writer: sqlite3.Connection
        self._reader: sqlite3.Connection
        self._cap_pages = 0
        self._full = False
        self._broken = False
        self._life = 0  # rises with every opening, so that one damage is healed once

    # Opening -------------------------------------------------------------------------------------------------------------------------

    def __enter__(self) -> Self:
        with file.translated():
            self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._lock.take()
        try:
            self._cap_pages = self._limits.pages(self.path.parent)
            self._open_with_room()
            self._ballast.lay()
        except BaseException:
            self._lock.give_back()
            raise
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        with self._commits.turn, self._reading:
            self._close_connections()
            self._lock.give_back()

    def _open_with_room(self) -> None:
        """An edge that is started on a full disk still has rows to send: it gives up its ballast for that."""
        try:
            self._open()
        except (OutboxFullError, OutboxDiskError) as error:
            if shutil.disk_usage(self.path.parent).free > OPENING_BYTES:
                raise
            if not self._ballast.throw():
                raise file.full() from error  # SQLite may call it an I/O error when the disk is full
            self._open()

    def _open(self) -> None:
        with file.translated():
            succession.finish(self.path)
        try:
            self._open_existing()
        except OutboxDamagedError as error:
            self._salvage(error.reason)
            self._open_existing()

    def _open_existing(self) -> None:
        succession.create(self.path, self.edge, _new_epoch())
        self._writer, self._state = file.open_checked(self.path, self.edge)
        self._writer.execute(f"PRAGMA max_page_count={self._cap_pages}")
        self._reader = schema.connect(self.path)
        self._broken = False
        self._life += 1

    def _salvage(self, reason: str) -> None:
        with file.translated():
            saved = succession.salvage(self.path, self.edge, _new_epoch(), self._cap_pages, reason)
        self.healings += 1
        log.error("outbox_damaged", reason=reason, rows_saved=saved)

    def _close_connections(self) -> None:
        for name in ("_reader", "_writer"):
            connection = getattr(self, name, None)
            if connection is not None:
                with suppress(sqlite3.Error):
                    connection.close()

    # What it holds -------------------------------------------------------------------------------------------------------------------

    def state(self) -> ledger.State:
        """What it holds, all of it of one moment; the caller's own."""
        return self._state.copy()

    @property
    def epoch(self) -> Epoch:
        return self._state.epoch

    @property
    def has_predecessor(self) -> bool:
        """Whether rows of an earlier epoch were released, which this file cannot send again."""
        return self._state.predecessor is not None

    @property
    def mark(self) -> int:
        return self._state.mark

    @property
    def low(self) -> int:
        return self._state.low

    @property
    def high(self) -> int:
        return self._state.high

    @property
    def low_head(self) -> bytes:
        return self._state.low_head

    @property
    def high_head(self) -> bytes:
        return self._state.high_head

    def place(self, serial: TerminalSerial) -> ledger.Place:
        """Where the reading of this terminal's log stands."""
        return ledger.place_of(self._state, serial)

    def watermark(self, serial: TerminalSerial) -> Watermark:
        """How far this terminal's log was read."""
        return self.place(serial).watermark

    def counts(self, serial: TerminalSerial) -> tuple[int, int]:
        """Distinct identities ever appended of this terminal: punches, and bytes that were none."""
        terminal = self._state.terminals.get(serial)
        return (terminal.appended, terminal.doubtful) if terminal else (0, 0)

    def count_between(self, serial: TerminalSerial, first: int, last: int) -> int:
        """Distinct punches ever appended of this terminal with a packed wall time from `first` to `last`."""
        return self._read(lambda connection, state: ledger.count_between(connection, state.terminals.get(serial), first, last))

    def receipted_identities(self, serial: TerminalSerial, first: date, last: date) -> ledger.Identities | None:
        """Punches of these days that the server has receipted, up to the first day that waits; None where `first` does."""
        return self._read(lambda connection, _: ledger.receipted_identities(connection, serial, first, last))

    def receipted_rows(self, after: int, upto: int) -> list[tuple[int, bytes]]:
        """Some of the rows that are still kept behind `after` and up to `upto`, with their sequences; none at the end."""
        return self._read(lambda connection, _: ledger.receipted_rows(connection, after, upto))

    def terminals(self) -> list[TerminalSerial]:
        """Every terminal that ever appended."""
        return list(self._state.terminals)

    @property
    def full(self) -> bool:
        """Whether the last append found no room, and none was made since."""
        return self._full

    def size(self) -> OutboxSize:
        pages = self._read(lambda connection, _: schema.pages_in_use(connection))
        with file.translated():
            free = shutil.disk_usage(self.path.parent).free
        return OutboxSize(pages * schema.PAGE_BYTES, self._cap_pages * schema.PAGE_BYTES, free)

    def clock_set_back(self) -> bool:
        """Whether the clock shows an hour that is over for longer than an hour, judging by when rows were released."""
        return self._clock() < self._read(lambda connection, _: ledger.latest_release(connection)) - ledger.HOUR

    def unknown(self, serial: TerminalSerial, keys: Sequence[tuple[int, str]]) -> list[int]:
        """Positions of those (wall, user) keys that an append would add, each key once."""
        return self._read(lambda connection, state: ledger.unknown(connection, state.terminals.get(serial), keys))

    def read(self, first: int, limit_rows: int, limit_bytes: int) -> ledger.Stretch:
        """Rows from `first` on (low <= first <= high + 1)."""
        return self._read(lambda connection, state: ledger.read(connection, state, first, limit_rows, limit_bytes))

    def head_at(self, sequence: int) -> bytes | None:
        """Chain head at this row; None where the row is not kept here."""
        return self._read(lambda connection, _: ledger.head_at(connection, sequence))

    def order_done(self, name: str) -> tuple[str, str] | None:
        """Outcome and detail of an order that was carried out; None for one that was not."""
        return self._read(lambda connection, _: ledger.order_done(connection, name))

    # What changes it -----------------------------------------------------------------------------------------------------------------

    def append(
        self,
        serial: TerminalSerial,
        rows: Sequence[ledger.NewRow],
        watermark: Watermark | None = None,
        *,
        place: ledger.Place | None = None,
        fresh: bool = False,
    ) -> ledger.Appended:
        """Append those of a terminal's rows that are not known, and move its watermark, in one transaction.

        place: where reading stood when these rows were chosen; where it does no longer, nothing is appended and `at_place` says so.
        fresh: these are punches of this moment, for the live lane. Raises OutboxFullError, OutboxDiskError or OutboxDamagedError; nothing
        has been appended then.
        """

        def work(connection: sqlite3.Connection, state: ledger.State) -> ledger.Appended:
            return ledger.append(connection, state, serial, rows, watermark, place)

        try:
            appended = self._commits.do(work)
        except OutboxFullError:
            if not self.tidy():
                self._note_full(True)
                raise
            appended = self._commits.do(work)
        if appended.count:
            self._note_full(False)
            self.on_append(appended.high, appended.count if fresh else 0)
        return appended

    def release(self, mark: int, epoch: Epoch | None = None) -> None:
        """Set the mark to what the server told, up or down; raises ValueError beyond the last row.

        epoch: the one the mark belongs to, so that a file which healed itself meanwhile is not released by it; None for the present one.
        When the disk fails it moves in memory only, which is safe: after a restart rows are sent again.
        """
        now = int(self._clock())

        def work(connection: sqlite3.Connection, state: ledger.State) -> None:
            if epoch in (None, state.epoch):
                ledger.release(connection, state, mark, now)

        try:
            self._commits.do(work)
        except (OutboxFullError, OutboxDiskError) as error:
            if isinstance(error, OutboxFullError) and self._ballast.throw():
                log.warning("outbox_gave_up_ballast")
            with self._commits.turn:
                if epoch in (None, self._state.epoch):
                    self._state.mark = mark

    def forget(self, serial: TerminalSerial | None, order: str | None = None) -> list[TerminalSerial]:
        """Let everything of a terminal (or of all) be appended again; an order's name is remembered in the same transaction."""
        now = int(self._clock())

        def work(connection: sqlite3.Connection, state: ledger.State) -> list[TerminalSerial]:
            found = ledger.forget(connection, state, lambda known: serial in (None, known))
            if order is not None:
                ledger.remember_order(connection, order, now, "done", f"terminals: {len(found)}")
            return found

        return self._commits.do(work)

    def forget_between(self, serial: TerminalSerial, spans: Sequence[tuple[int, int]]) -> None:
        """Let a terminal's punches of these packed times be appended again, each once, and its log be read anew."""
        self._commits.do(lambda connection, state: ledger.forget_between(connection, state, serial, spans))

    def remember_order(self, name: str, outcome: str, detail: str) -> None:
        """Keep what became of an order that changed nothing here."""
        now = int(self._clock())
        self._commits.do(lambda connection, _: ledger.remember_order(connection, name, now, outcome, detail))

    def renew_epoch(self) -> None:
        """Close this file and go on in a new one under a new epoch; every row above the local mark is appended there again."""
        with self._commits.turn, self._reading:
            self._broken = True  # until it is open again
            self._close_connections()
            try:
                with file.translated():
                    succession.renew(self.path, self._state, _new_epoch(), self._cap_pages)
            finally:
                self._open()
        log.warning("outbox_epoch_renewed", rows=self._state.high)

    def tidy(self) -> int:
        """Delete released rows whose keep time is over, or that take more than half of the cap; gives how many."""
        deleted = 0
        while chunk := self._delete_chunk():
            deleted += chunk
        with file.translated():
            self._ballast.lay()
        return deleted

    def make_room(self) -> bool:
        """Whether there is room to append again, after deleting what may go: asked instead of reading a terminal in vain."""
        self.tidy()
        size = self.size()
        if size.room < min(ROOM_BYTES, size.cap * ROOM_SHARE):
            return False
        self._note_full(False)
        return True

    def _note_full(self, full: bool) -> None:
        if full != self._full:
            log.error("outbox_full") if full else log.info("outbox_has_room")
        self._full = full

    def _delete_chunk(self) -> int:
        now, keep = int(self._clock()), self._limits.keep_days * DAY
        size = self.size()
        crowded = size.used > size.cap * RELEASED_SHARE or size.disk_free < file.BALLAST_BYTES

        def work(connection: sqlite3.Connection, state: ledger.State) -> int:
            upto = state.mark if crowded else ledger.kept_long_enough(connection, now, keep)
            return ledger.delete_chunk(connection, state, upto)

        try:
            return self._commits.do(work)
        except OutboxFullError:
            return self._commits.do(work) if self._ballast.throw() else 0

    def answer(self) -> None:
        """Come back from an empty transaction: whoever watches the agent asks for one. Raises OutboxError."""
        self._commits.do(lambda _connection, _state: None)

    # Transactions --------------------------------------------------------------------------------------------------------------------

    def _commit_together(self, jobs: list[Job[Any]]) -> None:
        """One transaction for all; when it fails, one for each, so that a job only answers for itself."""
        try:
            self._transact(jobs)
        except BaseException as error:  # noqa: BLE001 - whoever waits must be told, whatever it was
            if len(jobs) == 1:
                jobs[0].fail(error)
                return
            for job in jobs:
                self._commit_together([job])

    def _transact(self, jobs: list[Job[Any]]) -> None:
        self._reopen_if_broken()
        state = self._state.copy()
        try:
            with file.translated():
                self._writer.execute("BEGIN IMMEDIATE")
                values = [job.work(self._writer, state) for job in jobs]
                self._writer.execute("COMMIT")
        except BaseException as error:
            self._roll_back()
            self._note(error, self._life)
            raise
        self._state = state
        for job, value in zip(jobs, values, strict=True):
            job.succeed(value)

    def _roll_back(self) -> None:
        with suppress(sqlite3.Error):
            if self._writer.in_transaction:
                self._writer.execute("ROLLBACK")

    def _read(self, work: Callable[[sqlite3.Connection, ledger.State], T]) -> T:
        if self._broken:
            with self._commits.turn:
                self._reopen_if_broken()
        life = self._life
        try:
            with self._reading, file.translated():
                return work(self._reader, self._state)
        except OutboxDamagedError as error:
            with self._commits.turn:
                self._note(error, life)
            raise

    def _note(self, error: BaseException, life: int) -> None:
        """Heal damage at once. After a failed fsync nobody knows what the disk holds: the file is opened anew before its next use."""
        if isinstance(error, OutboxDiskError):
            self._broken = True
        elif isinstance(error, OutboxDamagedError) and life == self._life:
            self._broken = True  # should healing fail (a full disk), it is tried again before the next use
            with self._reading:
                self._close_connections()
                self._salvage(error.reason)
                self._open_existing()

    def _reopen_if_broken(self) -> None:
        if not self._broken:
            return
        with self._reading:
            self._close_connections()
            self._open()


def _nobody_listens(high: int, fresh: int) -> None:
    """Until somebody sets `Outbox.on_append`."""


def _new_epoch() -> Epoch:
    return Epoch(os.urandom(16).hex())
