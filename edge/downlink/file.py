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
PRAGMA user_version = 1;
"""


def downlink_file(data_dir: Path) -> SmallFile:
    """The file in this folder, not opened yet."""
    return SmallFile(data_dir / FILE, TABLES, ("the file of orders and wanted users", "指令与人员数据文件"))
