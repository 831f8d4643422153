"""What edges counted, to be compared behind the transaction that admits it (server.ingest.reconciliation)."""

import sqlalchemy as sa
from alembic import op

revision = "0049"
down_revision = "0048"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True).with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "waiting_count",
        sa.Column("id", KEY, nullable=False),
        sa.Column("terminal_id", KEY, nullable=False),
        sa.Column("edge_id", KEY, nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("newest_punch", sa.BigInteger(), nullable=False),
        sa.Column("newest_kept_back", sa.BigInteger(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["edge_id"], ["edge.id"], name=op.f("fk_waiting_count_edge_id_edge")),
        sa.ForeignKeyConstraint(["terminal_id"], ["terminal.id"], name=op.f("fk_waiting_count_terminal_id_terminal")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_waiting_count")),
    )
    op.create_index(op.f("ix_waiting_count_terminal_id"), "waiting_count", ["terminal_id"])
    op.create_index(op.f("ix_waiting_count_edge_id"), "waiting_count", ["edge_id"])
