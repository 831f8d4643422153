"""Whether the server has every punch that an edge took, day by day (server.ingest.reconciliation)."""

import sqlalchemy as sa
from alembic import op

revision = "0045"
down_revision = "0044"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True).with_variant(sa.Integer(), "sqlite")
STATES = "state IN ('equal', 'erased', 'more', 'gap')"


def upgrade() -> None:
    op.create_table(
        "reconciliation",
        sa.Column("terminal_id", KEY, autoincrement=False, nullable=False),
        sa.Column("edge_id", KEY, nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("first", sa.Integer(), nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["edge_id"], ["edge.id"], name=op.f("fk_reconciliation_edge_id_edge")),
        sa.ForeignKeyConstraint(["terminal_id"], ["terminal.id"], name=op.f("fk_reconciliation_terminal_id_terminal")),
        sa.PrimaryKeyConstraint("terminal_id", name=op.f("pk_reconciliation")),
    )
    op.create_index(op.f("ix_reconciliation_edge_id"), "reconciliation", ["edge_id"])
    op.create_table(
        "reconciled_day",
        sa.Column("terminal_id", KEY, autoincrement=False, nullable=False),
        sa.Column("day", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at_edge", sa.BigInteger(), nullable=False),
        sa.Column("here", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("missing", sa.BigInteger(), nullable=False),
        sa.Column("most_missing", sa.BigInteger(), nullable=False),
        sa.Column("gap_since", INSTANT, nullable=True),
        sa.Column("asked_at", INSTANT, nullable=True),
        sa.Column("order_id", sa.BigInteger(), nullable=True),
        sa.Column("filled_at", INSTANT, nullable=True),
        sa.CheckConstraint(STATES, name=op.f("ck_reconciled_day_state")),
        sa.ForeignKeyConstraint(["terminal_id"], ["terminal.id"], name=op.f("fk_reconciled_day_terminal_id_terminal")),
        sa.PrimaryKeyConstraint("terminal_id", "day", name=op.f("pk_reconciled_day")),
    )
    op.create_index("ix_reconciled_day_state", "reconciled_day", ["state"])
