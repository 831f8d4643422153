"""Tables of the import room. Files and what was found in them are sealed: they are full of personal data."""

from sqlalchemy import CheckConstraint, Column, ForeignKey, Index, Integer, LargeBinary, String, Table, Text

from server.storage import BigKey, JsonData, UtcInstant, metadata

import_run = Table(
    "import_run",
    metadata,
    Column("id", BigKey, primary_key=True),
    Column("name", Text, nullable=False),
    Column("size", Integer, nullable=False),
    Column("sha256", String(64), nullable=False),
    # what a file of one sheet holds, where its sender said so; "" else
    Column("kind", String(16), nullable=False),
    Column("state", String(16), nullable=False),
    # the work that it waits for, or waited for last
    Column("job_key", String(200), nullable=False),
    # of whoever handed it in, at that moment
    Column("permissions", JsonData, nullable=False),
    Column("choices", JsonData, nullable=False),
    Column("counts", JsonData, nullable=False),
    Column("kinds", JsonData, nullable=False),
    # empty when the time that it is kept is over
    Column("sealed_file", LargeBinary),
    Column("sealed_outcome", LargeBinary),
    Column("author", Text, nullable=False),
    Column("at", UtcInstant, nullable=False),
    Column("checked_at", UtcInstant),
    Column("stored_at", UtcInstant),
    Column("stored_by", Text, nullable=False),
    Column("undone_at", UtcInstant),
    Column("undone_by", Text, nullable=False),
    Column("undo_reason", Text, nullable=False),
    CheckConstraint("state IN ('checking', 'checked', 'storing', 'stored', 'undone')", name="state"),
    Index("ix_import_run_at", "at"),
)

# the rows that an import added or changed, so that it can be undone: what was before, and a digest of what is after
import_trace = Table(
    "import_trace",
    metadata,
    Column("import_id", ForeignKey("import_run.id"), primary_key=True, autoincrement=False),
    Column("table_name", String(64), primary_key=True),
    Column("rows", Integer, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
)
