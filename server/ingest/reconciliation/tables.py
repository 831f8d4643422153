"""Counts that wait to be compared, the last comparison of each terminal, and its days."""

from sqlalchemy import BigInteger, CheckConstraint, Column, ForeignKey, Index, LargeBinary, String, Table

from server.storage import BigKey, JsonData, PackedDate, UtcInstant, metadata

reconciliation = Table(
    "reconciliation",
    metadata,
    Column("terminal_id", ForeignKey("terminal.id"), primary_key=True, autoincrement=False),
    Column("edge_id", ForeignKey("edge.id"), nullable=False, index=True),
    Column("at", UtcInstant, nullable=False),
    # the days that were compared; days outside keep what an earlier comparison said
    Column("first", PackedDate, nullable=False),
    Column("last", PackedDate, nullable=False),
)

reconciled_day = Table(
    "reconciled_day",
    metadata,
    Column("terminal_id", ForeignKey("terminal.id"), primary_key=True, autoincrement=False),
    Column("day", PackedDate, primary_key=True, autoincrement=False),
    Column("at_edge", BigInteger, nullable=False),
    Column("here", BigInteger, nullable=False),
    Column("state", String(16), nullable=False),
    Column("missing", BigInteger, nullable=False),
    Column("extra", BigInteger, nullable=False, server_default="0"),
    Column("most_missing", BigInteger, nullable=False),
    Column("gap_since", UtcInstant),
    Column("asked_at", UtcInstant),
    # no foreign key: orders are an area beside this one
    Column("order_id", BigInteger),
    Column("filled_at", UtcInstant),
    # by the edge's listing of the day, which ones the two sides do not share, and the digests of both sides then
    Column("named", JsonData),
    Column("named_of", String(32)),
    CheckConstraint("state IN ('equal', 'erased', 'more', 'gap')", name="state"),
    Index("ix_reconciled_day_state", "state"),
)

waiting_count = Table(
    "waiting_count",
    metadata,
    Column("id", BigKey, primary_key=True),
    Column("terminal_id", ForeignKey("terminal.id"), nullable=False, index=True),
    Column("edge_id", ForeignKey("edge.id"), nullable=False, index=True),
    Column("at", UtcInstant, nullable=False),
    # the newest rows of all terminals when it was heard: what came later is not in the edge's count
    Column("newest_punch", BigInteger, nullable=False),
    Column("newest_kept_back", BigInteger, nullable=False),
    # as it came: protocol.messages.Counted
    Column("body", LargeBinary, nullable=False),
)
