"""Tables of orders. What somebody gave is one row, with a row for each terminal or edge that it went to; an end is never written over."""

from sqlalchemy import CheckConstraint, Column, ForeignKey, Index, LargeBinary, String, Table, Text

from server.storage import BigKey, JsonData, UtcInstant, metadata

dispatch_order = Table(
    "dispatch_order",
    metadata,
    Column("id", BigKey, primary_key=True),
    Column("kind", String(32), nullable=False, index=True),
    Column("parameters", JsonData, nullable=False),
    # as it was chosen: a site, an area, terminals
    Column("target", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("asked_by", Text, nullable=False),
    Column("asked_at", UtcInstant, nullable=False),
    Column("expires_at", UtcInstant, nullable=False),
    # the order whose failed parts this one tries again
    Column("repeats_id", ForeignKey("dispatch_order.id"), index=True),
)

order_part = Table(
    "order_part",
    metadata,
    Column("id", BigKey, primary_key=True),
    Column("order_id", ForeignKey("dispatch_order.id"), nullable=False, index=True),
    # on the wire: random, so that a server restored from a backup gives no name twice
    Column("name", String(32), nullable=False, unique=True),
    # none where no edge reads the terminal
    Column("edge_id", ForeignKey("edge.id"), index=True),
    Column("terminal_id", ForeignKey("terminal.id")),
    Column("state", String(16), nullable=False),
    # as the order has it: the courier finds what is open by it alone
    Column("expires_at", UtcInstant, nullable=False),
    Column("taken_at", UtcInstant),
    Column("ended_at", UtcInstant),
    Column("detail", Text, nullable=False),
    Column("found", JsonData, nullable=False),
    Column("body", LargeBinary),
    CheckConstraint("state IN ('waiting', 'taken', 'done', 'failed', 'refused', 'expired', 'cancelled')", name="state"),
    Index("ix_order_part_state_expires_at", "state", "expires_at"),
    Index("ix_order_part_terminal_id_order_id", "terminal_id", "order_id"),
)

# a terminal that pushed to an edge and that somebody does not want: it is not offered again
turned_away = Table(
    "turned_away",
    metadata,
    Column("edge_id", ForeignKey("edge.id"), primary_key=True, autoincrement=False),
    Column("serial", String(64), primary_key=True),
    Column("by", Text, nullable=False),
    Column("at", UtcInstant, nullable=False),
    Column("reason", Text, nullable=False),
)
