"""What appending, releasing and forgetting do to the tables. Each function runs inside a transaction that somebody else ends.

`State` mirrors the tables in memory; a caller hands in a copy and keeps it only when the transaction was committed.
"""

import sqlite3
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from msgspec import Struct

from edge.errors import OutboxDamagedError
from edge.outbox import schema
from edge.watermark import START, Watermark
from protocol import chain, codec, counting
from protocol.identifiers import EdgeId, Epoch, TerminalSerial
from protocol.instants import WallTime, pack_wall
from protocol.messages import PunchRow

HOUR = 3600
CHUNK_ROWS = 500
"""Rows deleted in one transaction: a larger one fails on a full disk even after the ballast was given up (measured)."""
KEPT_ORDERS = 1000
BEFORE_EVERY_ERA = -1
ONE_BY_ONE = 4
"""Up to this many rows, asking for each identity is cheaper than a savepoint."""
FEW_TIMES = 4
"""As many identities as were asked for are read in a tenth of the time that asking for each takes (measured)."""


class NewRow(Struct, frozen=True, gc=False):
    """A row to append: its identity on its terminal (wall 0 and a digest as user for bytes that are no punch), and its final bytes."""

    wall: int
    user: str
    body: bytes


def new_row(row: PunchRow, body: bytes) -> NewRow:
    """A row with the identity it is known by on its terminal."""
    if not row.wall:
        return NewRow(0, chain.digest(row.raw).hex(), body)
    return NewRow(pack_wall(row.wall), row.user, body)


@dataclass(frozen=True, slots=True)
class Place:
    """Where the reading of a terminal's log stands. epoch and era: another one means that what was read before may be wanted again."""

    epoch: Epoch
    era: int
    watermark: Watermark


@dataclass(frozen=True, slots=True)
class Appended:
    """What an append did: `count` rows got the sequences up to `high`, the others were known.

    at_place: False when reading no longer stood where the caller believed; nothing was appended then.
    """

    count: int
    high: int
    at_place: bool = True


@dataclass(frozen=True, slots=True)
class Stretch:
    """Consecutive rows from `first` on, with the chain's heads before and after; no rows when there is nothing behind `first`."""

    first: int
    previous_head: bytes
    head: bytes
    bodies: list[bytes]

    @property
    def last(self) -> int:
        return self.first + len(self.bodies) - 1


@dataclass(frozen=True, slots=True)
class TerminalState:
    """A terminal as the outbox knows it. appended, doubtful: distinct identities of punches, and of bytes that were none."""

    number: int
    era: int
    watermark: Watermark
    appended: int = 0
    doubtful: int = 0


@dataclass(frozen=True, slots=True)
class Identities:
    """Distinct punches (wall, user) of a terminal from the day `first` to the day `last`, in their order."""

    first: date
    last: date
    punches: list[tuple[WallTime, str]]


@dataclass(slots=True)
class State:
    """Present values. low and high are 0 when nothing was ever appended; low_head is the head just before `low`."""

    edge: EdgeId
    epoch: Epoch
    predecessor: str | None
    mark: int
    low: int
    high: int
    low_head: bytes
    high_head: bytes
    terminals: dict[TerminalSerial, TerminalState]

    def copy(self) -> "State":
        return replace(self, terminals=dict(self.terminals))


def load(connection: sqlite3.Connection) -> State:
    """Read the present state; raises OutboxDamagedError where the tables contradict each other."""
    meta = connection.execute("SELECT edge, epoch, predecessor, mark, low_head FROM meta").fetchone()
    if meta is None:
        raise OutboxDamagedError("its description is missing")
    edge, epoch, predecessor, mark, low_head = meta
    low, high, count = connection.execute("SELECT coalesce(min(sequence), 0), coalesce(max(sequence), 0), count(*) FROM outbox").fetchone()
    issued = connection.execute("SELECT coalesce(max(seq), 0) FROM sqlite_sequence WHERE name = 'outbox'").fetchone()[0]
    if count and count != high - low + 1:
        raise OutboxDamagedError("rows are missing in the middle")
    if issued != high or mark > high:
        raise OutboxDamagedError("its numbers do not agree")
    high_head = connection.execute("SELECT head FROM outbox WHERE sequence = ?", (high,)).fetchone()[0] if high else low_head
    return State(EdgeId(edge), Epoch(epoch), predecessor, mark, low, high, low_head, high_head, _load_terminals(connection))


def _load_terminals(connection: sqlite3.Connection) -> dict[TerminalSerial, TerminalState]:
    counts = {
        (number, is_punch): count
        for number, is_punch, count in connection.execute("SELECT terminal, wall > 0, count(*) FROM identity GROUP BY 1, 2")
    }
    return {
        TerminalSerial(serial): TerminalState(number, era, Watermark(count, digest), counts.get((number, 1), 0), counts.get((number, 0), 0))
        for number, serial, count, digest, era in connection.execute("SELECT terminal, serial, count, digest, era FROM cursor")
    }


def place_of(state: State, serial: TerminalSerial) -> Place:
    """Where the reading of this terminal stands."""
    terminal = state.terminals.get(serial)
    return Place(state.epoch, terminal.era, terminal.watermark) if terminal else Place(state.epoch, 0, START)


def append(
    connection: sqlite3.Connection,
    state: State,
    serial: TerminalSerial,
    rows: Sequence[NewRow],
    watermark: Watermark | None,
    place: Place | None = None,
) -> Appended:
    """Append what is not known yet and move the terminal's watermark. `rows` may repeat what is known, and each other.

    place: where reading stood when these rows were chosen. It is held against the present one here, inside the transaction: a re-read
    that was ordered, or damage that was healed, between the rows of one log would else be forgotten by the watermark behind them.
    """
    if place is not None and place != place_of(state, serial):
        return Appended(0, state.high, at_place=False)
    terminal = state.terminals.get(serial) or _enter(connection, serial)
    added, unheard = _remember(connection, terminal, rows)
    if added:
        write_bodies(connection, state, [row.body for row in added])
    if unheard:
        doubtful = [row.wall for row in unheard].count(0)
        terminal = replace(terminal, appended=terminal.appended + len(unheard) - doubtful, doubtful=terminal.doubtful + doubtful)
    if watermark is not None and watermark != terminal.watermark:
        connection.execute(
            "UPDATE cursor SET count = ?, digest = ? WHERE terminal = ?", (watermark.count, watermark.digest, terminal.number)
        )
        terminal = replace(terminal, watermark=watermark)
    state.terminals[serial] = terminal
    return Appended(len(added), state.high)


def _enter(connection: sqlite3.Connection, serial: TerminalSerial) -> TerminalState:
    number = connection.execute(
        "INSERT INTO cursor (serial, count, digest, era) VALUES (?, ?, ?, 0)", (serial, START.count, START.digest)
    ).lastrowid
    assert number is not None
    return TerminalState(number, 0, START)


def _remember(connection: sqlite3.Connection, terminal: TerminalState, rows: Sequence[NewRow]) -> tuple[Sequence[NewRow], Sequence[NewRow]]:
    """Keep the identities of these rows; gives the rows to append, and those of them whose identity was never seen before."""
    if len(rows) <= ONE_BY_ONE:
        return _remember_singly(connection, terminal, rows)
    number, era = terminal.number, terminal.era
    connection.execute("SAVEPOINT whole")
    before = connection.total_changes
    schema.insert(connection, "INSERT OR IGNORE INTO identity", [(number, row.wall, row.user, era) for row in rows])
    if connection.total_changes - before == len(rows):
        connection.execute("RELEASE whole")
        return rows, rows
    connection.execute("ROLLBACK TO whole")
    connection.execute("RELEASE whole")
    return _remember_singly(connection, terminal, rows)


def _remember_singly(
    connection: sqlite3.Connection, terminal: TerminalState, rows: Sequence[NewRow]
) -> tuple[Sequence[NewRow], Sequence[NewRow]]:
    added, unheard = [], []
    for row in rows:
        key = (terminal.number, row.wall, row.user)
        if connection.execute("INSERT OR IGNORE INTO identity VALUES (?, ?, ?, ?)", (*key, terminal.era)).rowcount:
            unheard.append(row)
        elif connection.execute("SELECT era FROM identity WHERE terminal = ? AND wall = ? AND user = ?", key).fetchone()[0] < terminal.era:
            connection.execute("UPDATE identity SET era = ? WHERE terminal = ? AND wall = ? AND user = ?", (terminal.era, *key))
        else:
            continue
        added.append(row)
    return added, unheard


def write_bodies(connection: sqlite3.Connection, state: State, bodies: Sequence[bytes]) -> None:
    """Put rows at the end of the queue and of the chain."""
    heads = chain.extend(state.high_head, chain.digests(bodies))
    first = state.high + 1
    schema.insert(connection, "INSERT INTO outbox", list(zip(range(first, first + len(bodies)), bodies, heads, strict=True)))
    state.low = state.low or first
    state.high += len(bodies)
    state.high_head = heads[-1]


def read(connection: sqlite3.Connection, state: State, first: int, limit_rows: int, limit_bytes: int) -> Stretch:
    """Rows from `first` on, as many as the limits allow but at least one.

    The chain is followed while reading, so that damage is found here and not refused by the server for ever: raises OutboxDamagedError.
    """
    head = previous_head = head_before(connection, state, first)
    bodies: list[bytes] = []
    size = 0
    found = connection.execute("SELECT sequence, body, head FROM outbox WHERE sequence >= ? ORDER BY sequence LIMIT ?", (first, limit_rows))
    for sequence, body, kept_head in found:
        size += len(body)
        if bodies and size > limit_bytes:
            break
        (head,) = chain.extend(head, (chain.digest(body),))
        if sequence != first + len(bodies) or head != kept_head:
            raise OutboxDamagedError(f"row {first + len(bodies)} does not continue the chain")
        bodies.append(body)
    found.close()
    return Stretch(first, previous_head, head, bodies)


def head_before(connection: sqlite3.Connection, state: State, sequence: int) -> bytes:
    """Chain head just before a row that is kept, or just behind the last one."""
    if sequence <= max(state.low, 1):
        return state.low_head
    found = connection.execute("SELECT head FROM outbox WHERE sequence = ?", (sequence - 1,)).fetchone()
    if found is None:
        raise OutboxDamagedError(f"row {sequence - 1} is missing")
    return bytes(found[0])


def head_at(connection: sqlite3.Connection, sequence: int) -> bytes | None:
    """Chain head at a row; None where it is not kept."""
    found = connection.execute("SELECT head FROM outbox WHERE sequence = ?", (sequence,)).fetchone()
    return bytes(found[0]) if found else None


def unknown(connection: sqlite3.Connection, terminal: TerminalState | None, keys: Sequence[tuple[int, str]]) -> list[int]:
    """Positions of the (wall, user) keys that would be appended, each key once."""
    taken = set(_known(connection, terminal, keys)) if terminal and keys else set()
    positions = []
    for position, key in enumerate(keys):
        if key not in taken:
            taken.add(key)
            positions.append(position)
    return positions


def _known(connection: sqlite3.Connection, terminal: TerminalState, keys: Sequence[tuple[int, str]]) -> Iterable[tuple[int, str]]:
    """Those of these keys that are known, and others perhaps.

    A log tells one time after the other, so one question finds what is known between its first and its last. Where much more lies
    between them than was asked for, because one row shows a wrong year, each key is asked for.
    """
    walls, most = [wall for wall, _ in keys], FEW_TIMES * len(keys)
    between = "SELECT wall, user FROM identity WHERE terminal = ? AND wall BETWEEN ? AND ? AND era >= ? LIMIT ?"
    found = connection.execute(between, (terminal.number, min(walls), max(walls), terminal.era, most)).fetchall()
    if len(found) < most:
        return found
    ask = "SELECT wall, user FROM identity WHERE terminal = ? AND wall = ? AND user = ? AND era >= ?"
    return [key for key in keys if connection.execute(ask, (terminal.number, *key, terminal.era)).fetchone()]


def count_between(connection: sqlite3.Connection, terminal: TerminalState | None, first: int, last: int) -> int:
    """Identities of punches with a packed wall time from `first` to `last`."""
    if terminal is None:
        return 0
    ask = "SELECT count(*) FROM identity WHERE terminal = ? AND wall BETWEEN ? AND ?"
    return int(connection.execute(ask, (terminal.number, max(first, 1), last)).fetchone()[0])


def receipted_identities(connection: sqlite3.Connection, serial: TerminalSerial, first: date, last: date) -> Identities | None:
    """A terminal's punches from `first` on, up to `last` or to the day before the first that waits for a receipt.

    None where even `first` waits. Mark, rows and identities are those of one moment, read in one transaction: the state in memory is
    another moment's than what the connection sees.
    """
    connection.execute("BEGIN")
    try:
        last = min([last, *(day - timedelta(days=1) for day in _owed_days(connection, serial))])
        if last < first:
            return None
        ask = "SELECT wall, user FROM cursor JOIN identity USING (terminal) WHERE serial = ? AND wall BETWEEN ? AND ? ORDER BY wall"
        return Identities(first, last, connection.execute(ask, (serial, *counting.span_of(first, last))).fetchall())
    finally:
        if connection.in_transaction:  # SQLite ends it by itself where the disk fails
            connection.execute("ROLLBACK")


def _owed_days(connection: sqlite3.Connection, serial: TerminalSerial) -> set[date]:
    """Days of which a punch of the terminal waits for its receipt."""
    bodies = connection.execute("SELECT body FROM outbox WHERE sequence > (SELECT mark FROM meta)")
    rows = (codec.decode_row(body) for (body,) in bodies)
    return {day for row in rows if row.terminal == serial and (day := counting.day_of(row.wall))}


def receipted_rows(connection: sqlite3.Connection, after: int, upto: int) -> list[tuple[int, bytes]]:
    """Some of the rows that are still kept behind `after` and up to `upto`, with their sequences, in their order."""
    ask = "SELECT sequence, body FROM outbox WHERE sequence > ? AND sequence <= ? ORDER BY sequence LIMIT ?"
    return connection.execute(ask, (after, upto, CHUNK_ROWS)).fetchall()


def release(connection: sqlite3.Connection, state: State, mark: int, now: int) -> None:
    """Set the mark. Released rows stay for their keep time; a lower mark makes rows owed again. Raises ValueError beyond the last row."""
    if not 0 <= mark <= state.high:
        raise ValueError(f"mark {mark} is not within 0 and {state.high}")
    connection.execute("UPDATE meta SET mark = ?", (mark,))
    if mark < state.mark:
        connection.execute("UPDATE released SET mark = min(mark, ?)", (mark,))
    else:
        seen = connection.execute("SELECT coalesce(max(at), 0) FROM released").fetchone()[0]
        # a clock that was set back must not let rows look older than they are
        at = max(seen, now // HOUR * HOUR)
        connection.execute("INSERT INTO released VALUES (?, ?) ON CONFLICT (at) DO UPDATE SET mark = max(mark, excluded.mark)", (at, mark))
    state.mark = mark


def latest_release(connection: sqlite3.Connection) -> int:
    """The latest hour in which a row was released; 0 when none was."""
    return int(connection.execute("SELECT coalesce(max(at), 0) FROM released").fetchone()[0])


def kept_long_enough(connection: sqlite3.Connection, now: int, keep_seconds: int) -> int:
    """The highest row whose keep time is over."""
    now = max(now, latest_release(connection))
    found = connection.execute("SELECT coalesce(max(mark), 0) FROM released WHERE at <= ?", (now - keep_seconds - HOUR,)).fetchone()
    return int(found[0])


def delete_chunk(connection: sqlite3.Connection, state: State, upto: int) -> int:
    """Delete up to 500 of the oldest rows; never the one at the mark, so that a server whose mark fell behind it shows. Gives how many."""
    last = min(upto, state.mark - 1, state.low + CHUNK_ROWS - 1)
    if not state.low or last < state.low:
        return 0
    head = head_before(connection, state, last + 1)
    deleted = last - state.low + 1
    connection.execute("DELETE FROM outbox WHERE sequence <= ?", (last,))
    connection.execute("UPDATE meta SET low_head = ?, mark = ?", (head, state.mark))
    connection.execute("DELETE FROM released WHERE mark <= ? AND at < (SELECT max(at) FROM released)", (last,))
    state.low, state.low_head = last + 1, head
    return deleted


def forget(connection: sqlite3.Connection, state: State, wanted: Callable[[TerminalSerial], bool]) -> list[TerminalSerial]:
    """Let everything of these terminals be appended again, without losing count of what was; gives the terminals."""
    serials = [serial for serial in state.terminals if wanted(serial)]
    for serial in serials:
        terminal = replace(state.terminals[serial], era=state.terminals[serial].era + 1, watermark=START)
        connection.execute(
            "UPDATE cursor SET era = ?, count = ?, digest = ? WHERE terminal = ?",
            (terminal.era, START.count, START.digest, terminal.number),
        )
        state.terminals[serial] = terminal
    return serials


def forget_between(connection: sqlite3.Connection, state: State, serial: TerminalSerial, spans: Sequence[tuple[int, int]]) -> None:
    """Let a terminal's punches of these packed times be appended again, each once, without losing count of what was."""
    terminal = state.terminals.get(serial)
    if terminal is None:
        return
    ask = "UPDATE identity SET era = ? WHERE terminal = ? AND wall BETWEEN ? AND ?"
    connection.executemany(ask, [(BEFORE_EVERY_ERA, terminal.number, first, last) for first, last in spans])
    connection.execute("UPDATE cursor SET count = ?, digest = ? WHERE terminal = ?", (START.count, START.digest, terminal.number))
    state.terminals[serial] = replace(terminal, watermark=START)


def order_done(connection: sqlite3.Connection, name: str) -> tuple[str, str] | None:
    """Outcome and detail of an order that was carried out; None for one that was not."""
    found = connection.execute("SELECT outcome, detail FROM done_order WHERE name = ?", (name,)).fetchone()
    return (str(found[0]), str(found[1])) if found else None


def remember_order(connection: sqlite3.Connection, name: str, now: int, outcome: str, detail: str) -> None:
    """Keep what became of an order, so that it runs once; the latest thousand are kept."""
    connection.execute("INSERT OR IGNORE INTO done_order VALUES (?, ?, ?, ?)", (name, now, outcome, detail))
    connection.execute(
        "DELETE FROM done_order WHERE name NOT IN (SELECT name FROM done_order ORDER BY at DESC, rowid DESC LIMIT ?)", (KEPT_ORDERS,)
    )
