"""A new outbox file takes over from one that is damaged, or whose epoch the server refused.

    1. `outbox.db.new` is filled with everything that is still owed, under a new epoch, and marked complete in its last commit
    2. the old file becomes `outbox.before-<new epoch>.db`, with a note saying why; it is never deleted
    3. the new one gets its name

Until 1 is done the old file is in force and a half-filled new one is thrown away; after it the new file is in force and `finish`
completes 2 and 3. So a crash between any two steps leads to one or the other.
"""

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing, suppress
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import msgspec

from edge.outbox import ledger, schema
from edge.outbox.file import translated
from edge.secret_file import sync_folder
from protocol import chain, codec
from protocol.errors import DecodeError
from protocol.identifiers import EdgeId, Epoch, TerminalSerial
from protocol.messages import PunchRow

ROWS_AT_ONCE = 500
HOLES_ALLOWED = 10_000
"""Unreadable rows in a row after which the rest of a damaged file is given up; its terminals are read again anyway."""
UNPROVEN = "salvaged-unproven"


def new_path(path: Path) -> Path:
    return path.with_name(path.name + ".new")


def create(path: Path, edge: EdgeId, epoch: Epoch) -> None:
    """Make an empty outbox, crash-safe: a file without tables counts as none."""
    with translated(), closing(schema.connect(path)) as connection:
        if not schema.has_tables(connection):
            schema.make_tables(connection, edge, epoch)
    sync_folder(path.parent)


def renew(path: Path, state: ledger.State, epoch: Epoch, max_pages: int) -> None:
    """Fill a successor with every row above the local mark, and with all identities and watermarks. Nobody may have `path` open.

    The local mark, not the server's: rows of a restored image may differ from what the server has under the same numbers.
    """
    with (
        translated(),
        closing(schema.connect(path)) as old,
        closing(_begin(path, state.edge, epoch, (state.epoch, "the server refused its epoch"), max_pages)) as successor,
    ):
        new_state = ledger.load(successor)
        for table in ("cursor", "identity", "done_order"):
            _copy(old, successor, table)
        _copy_rows(successor, new_state, _rows(old, state.mark))
        _complete(successor)
    finish(path)


def salvage(path: Path, edge: EdgeId, epoch: Epoch, max_pages: int, reason: str) -> int:
    """Fill a successor with what can be read of a damaged file; gives the number of rows saved.

    Only the identities of saved rows are kept, and no watermark: every terminal is read again in full, so that a row which could not
    be read here comes from the terminal. A row that its chain does not prove is saved with a doubt, so a person sees it in quarantine.
    """
    mark, predecessor, saved = 0, "unknown", 0
    with closing(_open_damaged(path)) as old:
        with suppress(sqlite3.Error, TypeError, ValueError):
            found = old.execute("SELECT mark, epoch FROM meta").fetchone()
            mark, predecessor = int(found[0]), str(found[1])
        with translated(), closing(_begin(path, edge, epoch, (predecessor, f"damaged: {reason}"), max_pages)) as successor:
            state = ledger.load(successor)
            with suppress(sqlite3.Error):
                _copy(old, successor, "done_order")
            readable = _readable_rows(old, mark)
            while some := list(islice(readable, ROWS_AT_ONCE)):
                saved += _save(successor, state, some)
            _complete(successor)
    finish(path)
    return saved


def finish(path: Path) -> None:
    """Complete a succession that a crash may have cut off; does nothing when there is none."""
    new = new_path(path)
    if not new.exists():
        return
    found = _complete_one(new)
    if found is None:
        _remove(new)
        return
    epoch, predecessor, reason = found
    aside = path.with_name(f"{path.stem}.before-{epoch}{path.suffix}")
    aside.with_suffix(".txt").write_text(f"Outbox of epoch {predecessor}, closed because {reason}.\n", encoding="utf-8")
    # The log first: left behind, SQLite would play it into the successor.
    for suffix in ("-wal", ""):
        old = path.with_name(path.name + suffix)
        if old.exists():
            old.rename(aside.with_name(aside.name + suffix))
    path.with_name(path.name + "-shm").unlink(missing_ok=True)
    sync_folder(path.parent)
    new.rename(path)
    sync_folder(path.parent)


def _begin(path: Path, edge: EdgeId, epoch: Epoch, successor_of: tuple[str, str], max_pages: int) -> sqlite3.Connection:
    new = new_path(path)
    _remove(new)
    connection = schema.connect(new)
    connection.execute(f"PRAGMA max_page_count={max_pages}")
    schema.make_tables(connection, edge, epoch, successor_of)
    return connection


def _complete(connection: sqlite3.Connection) -> None:
    connection.execute("UPDATE meta SET complete = 1")
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def _complete_one(new: Path) -> tuple[str, str, str] | None:
    """Epoch, predecessor and reason of a successor that was filled to its end; None for one that was not."""
    with suppress(sqlite3.Error), closing(schema.connect(new)) as connection:
        found = connection.execute("SELECT epoch, predecessor, reason FROM meta WHERE complete").fetchone()
        # what is still in its log must be in the file itself before it gets another name
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        return found  # type: ignore[no-any-return] # three texts or nothing
    return None


def _copy(old: sqlite3.Connection, successor: sqlite3.Connection, table: str) -> None:
    """Copy a table in transactions of bearable size."""
    rows = iter(old.execute(f"SELECT * FROM {table}"))  # noqa: S608 - a name from this file
    while some := list(islice(rows, 10_000)):
        successor.execute("BEGIN IMMEDIATE")
        schema.insert(successor, f"INSERT INTO {table}", some)
        successor.execute("COMMIT")


def _copy_rows(successor: sqlite3.Connection, state: ledger.State, bodies: Iterator[bytes]) -> None:
    while some := list(islice(bodies, ROWS_AT_ONCE)):
        successor.execute("BEGIN IMMEDIATE")
        ledger.write_bodies(successor, state, some)
        successor.execute("COMMIT")


def _rows(connection: sqlite3.Connection, mark: int) -> Iterator[bytes]:
    """Bodies of the rows above a mark, read a chunk at a time."""
    while chunk := connection.execute(
        "SELECT sequence, body FROM outbox WHERE sequence > ? ORDER BY sequence LIMIT ?", (mark, ROWS_AT_ONCE)
    ).fetchall():
        for _, body in chunk:
            yield body
        mark = chunk[-1][0]


# A damaged file ------------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Found:
    """A row of a damaged file; `proven` = its bytes and the head before it lead to its own head."""

    row: PunchRow
    body: bytes
    proven: bool


def _open_damaged(path: Path) -> sqlite3.Connection:
    """As it is: no pragma that would write to it."""
    return sqlite3.connect(f"file:{path}?mode=rw", uri=True, isolation_level=None, check_same_thread=False)


def _readable_rows(old: sqlite3.Connection, mark: int) -> Iterator[_Found]:
    """Every row above the mark that still is one, in order; unreadable ones are stepped over."""
    sequence, head, misses, last = mark, _head_at(old, mark), 0, _last_issued(old)
    while misses < HOLES_ALLOWED and (last is None or sequence < last):
        try:
            found = old.execute(
                "SELECT sequence, body, head FROM outbox WHERE sequence > ? ORDER BY sequence LIMIT 1", (sequence,)
            ).fetchone()
        except sqlite3.Error:
            sequence, head, misses = sequence + 1, None, misses + 1
            continue
        if found is None:
            return
        misses = 0
        place, body, own_head = found
        if isinstance(body, bytes):
            with suppress(DecodeError):
                follows = head is not None and place == sequence + 1
                yield _Found(codec.decode_row(body), body, follows and chain.extend(head or b"", [chain.digest(body)])[0] == own_head)
        sequence, head = place, own_head if isinstance(own_head, bytes) else None


def _head_at(old: sqlite3.Connection, mark: int) -> bytes | None:
    """The head from which the first row above the mark goes on; None where it cannot be read."""
    for query, values in (("SELECT head FROM outbox WHERE sequence = ?", (mark,)), ("SELECT low_head FROM meta", ())):
        with suppress(sqlite3.Error, TypeError):
            found = old.execute(query, values).fetchone()
            if found and isinstance(found[0], bytes):
                return found[0]
    return None


def _last_issued(old: sqlite3.Connection) -> int | None:
    with suppress(sqlite3.Error, TypeError, ValueError):
        return int(old.execute("SELECT seq FROM sqlite_sequence WHERE name = 'outbox'").fetchone()[0])
    return None


def _save(successor: sqlite3.Connection, state: ledger.State, rows: Iterable[_Found]) -> int:
    """Append rows under their identities, as if they were collected now."""
    before = state.high
    successor.execute("BEGIN IMMEDIATE")
    for found in rows:
        new = ledger.new_row(found.row, found.body) if found.proven else _doubtful(found)
        ledger.append(successor, state, TerminalSerial(found.row.terminal), [new], None)
    successor.execute("COMMIT")
    return state.high - before


def _doubtful(found: _Found) -> ledger.NewRow:
    """For quarantine, and under no identity: the terminal's own row shall still come."""
    row = msgspec.structs.replace(found.row, doubt=found.row.doubt or UNPROVEN)
    return ledger.NewRow(0, chain.digest(found.body).hex(), codec.encode_row(row))


# Files ---------------------------------------------------------------------------------------------------------------------------


def _remove(new: Path) -> None:
    for suffix in ("-wal", "-shm", ""):
        new.with_name(new.name + suffix).unlink(missing_ok=True)
