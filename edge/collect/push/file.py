"""The file push.db beside the outbox: what is remembered of terminals that push, and their commands.

Losing it loses no punch: terminals send again what it does not say was taken. So a transaction is not waited for until the disk has it, and
a power cut may take the last ones back; only what a person was told is queued is `promise`d. On the card of a small box a write takes ten
milliseconds and more, and each punch, command and count of hundreds of terminals would be one.
"""

from pathlib import Path

from edge.small_file import SmallFile

VERSION = 1
TABLES = f"""
CREATE TABLE terminal (
    serial TEXT PRIMARY KEY,
    facts TEXT NOT NULL         -- JSON, see memory.Remembered
) STRICT;
CREATE TABLE administrator (
    serial TEXT NOT NULL,
    pin TEXT NOT NULL,
    PRIMARY KEY (serial, pin)
) STRICT, WITHOUT ROWID;
CREATE TABLE unknown (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    at TEXT NOT NULL,
    serial TEXT NOT NULL,
    what TEXT NOT NULL,
    body BLOB NOT NULL          -- its beginning
) STRICT;
CREATE TABLE command (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    serial TEXT NOT NULL,
    text TEXT NOT NULL,
    state TEXT NOT NULL,
    made_at INTEGER NOT NULL,   -- Unix seconds
    expires_at INTEGER NOT NULL,
    sent_at INTEGER,            -- last time
    times INTEGER NOT NULL,     -- how often it was sent
    ended_at INTEGER,
    code INTEGER,               -- what the terminal returned
    detail TEXT NOT NULL,
    purpose TEXT NOT NULL       -- what the result is for, empty where a person asked
) STRICT;
CREATE INDEX command_open ON command (serial, state);
CREATE TABLE proof (
    serial TEXT NOT NULL,
    day TEXT NOT NULL,
    at INTEGER NOT NULL,
    terminal_count INTEGER NOT NULL,
    edge_count INTEGER NOT NULL,
    missing INTEGER NOT NULL,
    PRIMARY KEY (serial, day)
) STRICT, WITHOUT ROWID;
PRAGMA user_version = {VERSION};
"""


def push_file(path: Path) -> SmallFile:
    """The file at this path, not opened yet."""
    return SmallFile(path, TABLES, ("the file of terminals that push", "推送考勤机的数据文件"))
