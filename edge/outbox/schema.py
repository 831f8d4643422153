"""Tables of an outbox file, and connections to it.

`outbox` is only ever appended to at its end and deleted from at its beginning. `identity` is ordered by terminal and time, so it too
grows at its ends; a random key here would cost two thirds of the speed (measured: docs/explanation/outbox.md).
"""

import sqlite3
from collections.abc import Sequence
from functools import cache
from itertools import chain
from pathlib import Path
from typing import Any

from protocol.chain import genesis
from protocol.identifiers import EdgeId, Epoch

VERSION = 1
PAGE_BYTES = 4096
BLOCK_ROWS = 50
"""Rows of one INSERT: each statement looks up the highest sequence given out, so fifty rows at a time take a third less (measured)."""
WAL_LIMIT_BYTES = 16 * 1024 * 1024

TABLES = f"""
CREATE TABLE meta (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    edge TEXT NOT NULL,
    epoch TEXT NOT NULL,
    predecessor TEXT,           -- epoch of the file this one took over from; why, in a sentence
    reason TEXT,
    complete INTEGER NOT NULL,  -- 0 while a successor is being filled
    mark INTEGER NOT NULL,      -- rows up to here are committed at the server
    low_head BLOB NOT NULL      -- chain head just before the lowest row
) STRICT;
CREATE TABLE outbox (
    sequence INTEGER PRIMARY KEY AUTOINCREMENT, -- a plain key would begin at 1 again once the table is empty
    body BLOB NOT NULL,
    head BLOB NOT NULL          -- chain head after this row
) STRICT;
CREATE TABLE cursor (
    terminal INTEGER PRIMARY KEY,
    serial TEXT NOT NULL UNIQUE,
    count INTEGER NOT NULL,     -- watermark: records read
    digest BLOB NOT NULL,       -- watermark: digest over them
    era INTEGER NOT NULL        -- rises when everything shall be appended again
) STRICT;
CREATE TABLE identity (
    terminal INTEGER NOT NULL,
    wall INTEGER NOT NULL,      -- packed wall time; 0 for bytes that were no punch
    user TEXT NOT NULL,
    era INTEGER NOT NULL,       -- era of the cursor when it was last appended
    PRIMARY KEY (terminal, wall, user)
) STRICT, WITHOUT ROWID;
CREATE TABLE released (
    at INTEGER PRIMARY KEY,     -- Unix seconds, cut to the hour
    mark INTEGER NOT NULL       -- highest mark of that hour
) STRICT;
CREATE TABLE done_order (
    name TEXT PRIMARY KEY,
    at INTEGER NOT NULL,
    outcome TEXT NOT NULL,
    detail TEXT NOT NULL
) STRICT;
PRAGMA user_version = {VERSION};
"""


def connect(path: Path) -> sqlite3.Connection:
    """Open for reading and writing; transactions are begun and ended in words. Makes an empty file when there is none.

    Who came when is nobody else's business: the file is its owner's alone, and SQLite gives its log the same rights.
    """
    if not path.exists():
        path.touch(mode=0o600)
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=30)
    try:
        # FULL: NORMAL lost rows in 19 of 25 power cuts, FULL in none of 65.
        connection.executescript(
            f"PRAGMA page_size={PAGE_BYTES}; PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA journal_size_limit={WAL_LIMIT_BYTES};"
        )
    except sqlite3.Error:
        connection.close()
        raise
    return connection


def has_tables(connection: sqlite3.Connection) -> bool:
    """False for a file whose making was cut off before its first commit: it never held anything."""
    return bool(connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0])


def pages_in_use(connection: sqlite3.Connection) -> int:
    """Pages of the file that hold something."""
    total, free = (connection.execute(f"PRAGMA {what}").fetchone()[0] for what in ("page_count", "freelist_count"))
    return int(total - free)


def make_tables(connection: sqlite3.Connection, edge: EdgeId, epoch: Epoch, successor_of: tuple[str, str] | None = None) -> None:
    """Create everything in one transaction. successor_of: the epoch it takes over from, and why; it is complete when its filler says so."""
    predecessor, reason = successor_of or (None, None)
    connection.executescript("BEGIN IMMEDIATE;" + TABLES)
    connection.execute(
        "INSERT INTO meta VALUES (1, ?, ?, ?, ?, ?, 0, ?)",
        (edge, epoch, predecessor, reason, successor_of is None, genesis(edge, epoch)),
    )
    connection.execute("COMMIT")


def insert(connection: sqlite3.Connection, into: str, rows: Sequence[tuple[Any, ...]]) -> None:
    """Insert rows of equal width; `into` is the statement up to VALUES."""
    if not rows:
        return
    width, whole = len(rows[0]), len(rows) - len(rows) % BLOCK_ROWS
    for start in range(0, whole, BLOCK_ROWS):
        connection.execute(_statement(into, width, BLOCK_ROWS), list(chain.from_iterable(rows[start : start + BLOCK_ROWS])))
    connection.executemany(_statement(into, width, 1), rows[whole:])


@cache
def _statement(into: str, width: int, count: int) -> str:
    """Insert `count` rows at once; making the text anew would cost a single row as much as one of its statements."""
    return f"{into} VALUES {', '.join(['(' + ', '.join('?' * width) + ')'] * count)}"
