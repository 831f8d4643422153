"""The file wanted.sqlite beside the outbox: orders that were taken, and users as terminals should hold them.

Losing it loses nothing for good: the server sees another digest and sends all of it again, and asks again what was not answered.
"""

from pathlib import Path

from edge.small_file import SmallFile

FILE = "wanted.sqlite"
TABLES = """
CREATE TABLE ordered (
    name TEXT PRIMARY KEY,
    at INTEGER NOT NULL,        -- Unix seconds, of the last change
    state TEXT NOT NULL,        -- taken | begun | ended
    message TEXT NOT NULL,      -- protocol.messages.Order
    result TEXT                 -- protocol.messages.OrderResult
) STRICT;
CREATE TABLE wanted (
    serial TEXT NOT NULL,
    user TEXT NOT NULL,
    revision INTEGER NOT NULL,
    present INTEGER NOT NULL,
    hidden BLOB NOT NULL,       -- protocol.wanted.WantedUser, hidden by the vault
    state TEXT NOT NULL,        -- protocol.messages.UserState
    templates TEXT NOT NULL,    -- JSON: those known to be there, such as "finger-6"
    reason TEXT NOT NULL,
    tries INTEGER NOT NULL,     -- that failed, one after the other
    next_at INTEGER,            -- Unix seconds: when it is to be looked at again; NULL for never
    told_at INTEGER,            -- Unix seconds; NULL where the server does not know this state
    PRIMARY KEY (serial, user)
) STRICT, WITHOUT ROWID;
CREATE INDEX wanted_due ON wanted (serial, next_at) WHERE next_at IS NOT NULL;
CREATE INDEX wanted_untold ON wanted (serial) WHERE told_at IS NULL;
CREATE TABLE stranger (
    serial TEXT NOT NULL,
    user TEXT NOT NULL,
    present INTEGER NOT NULL,   -- 0: is not there any more
    told_at INTEGER,
    PRIMARY KEY (serial, user)
) STRICT, WITHOUT ROWID;
CREATE TABLE held (
    serial TEXT NOT NULL,
    user TEXT NOT NULL,
    template TEXT NOT NULL,     -- "finger-6"
    digest BLOB NOT NULL,       -- SHA-256 of what was brought there or told to the server last
    PRIMARY KEY (serial, user, template)
) STRICT, WITHOUT ROWID;
PRAGMA user_version = 1;
"""


def downlink_file(data_dir: Path) -> SmallFile:
    """The file in this folder, not opened yet."""
    return SmallFile(data_dir / FILE, TABLES, ("the file of orders and wanted users", "指令与人员数据文件"))
