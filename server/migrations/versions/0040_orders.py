"""Orders to terminals and edges, and terminals that were turned away (server.dispatch.orders)."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0040"
down_revision = "0039"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True).with_variant(sa.Integer(), "sqlite")
JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
STATES = "state IN ('waiting', 'taken', 'done', 'failed', 'refused', 'expired', 'cancelled')"


def upgrade() -> None:
    op.create_table(
        "dispatch_order",
        sa.Column("id", KEY, nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("parameters", JSON, nullable=False),
        sa.Column("target", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("asked_by", sa.Text(), nullable=False),
        sa.Column("asked_at", INSTANT, nullable=False),
        sa.Column("expires_at", INSTANT, nullable=False),
        sa.Column("repeats_id", KEY, nullable=True),
        sa.ForeignKeyConstraint(["repeats_id"], ["dispatch_order.id"], name=op.f("fk_dispatch_order_repeats_id_dispatch_order")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dispatch_order")),
    )
    op.create_index(op.f("ix_dispatch_order_kind"), "dispatch_order", ["kind"])
    op.create_index(op.f("ix_dispatch_order_repeats_id"), "dispatch_order", ["repeats_id"])
    op.create_table(
        "order_part",
        sa.Column("id", KEY, nullable=False),
        sa.Column("order_id", KEY, nullable=False),
        sa.Column("name", sa.String(32), nullable=False),
        sa.Column("edge_id", KEY, nullable=True),
        sa.Column("terminal_id", KEY, nullable=True),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("expires_at", INSTANT, nullable=False),
        sa.Column("taken_at", INSTANT, nullable=True),
        sa.Column("ended_at", INSTANT, nullable=True),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("found", JSON, nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=True),
        sa.CheckConstraint(STATES, name=op.f("ck_order_part_state")),
        sa.ForeignKeyConstraint(["order_id"], ["dispatch_order.id"], name=op.f("fk_order_part_order_id_dispatch_order")),
        sa.ForeignKeyConstraint(["edge_id"], ["edge.id"], name=op.f("fk_order_part_edge_id_edge")),
        sa.ForeignKeyConstraint(["terminal_id"], ["terminal.id"], name=op.f("fk_order_part_terminal_id_terminal")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_order_part")),
        sa.UniqueConstraint("name", name=op.f("uq_order_part_name")),
    )
    op.create_index(op.f("ix_order_part_order_id"), "order_part", ["order_id"])
    op.create_index(op.f("ix_order_part_edge_id"), "order_part", ["edge_id"])
    op.create_index("ix_order_part_state_expires_at", "order_part", ["state", "expires_at"])
    op.create_index("ix_order_part_terminal_id_order_id", "order_part", ["terminal_id", "order_id"])
    op.create_table(
        "turned_away",
        sa.Column("edge_id", KEY, autoincrement=False, nullable=False),
        sa.Column("serial", sa.String(64), autoincrement=False, nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["edge_id"], ["edge.id"], name=op.f("fk_turned_away_edge_id_edge")),
        sa.PrimaryKeyConstraint("edge_id", "serial", name=op.f("pk_turned_away")),
    )
