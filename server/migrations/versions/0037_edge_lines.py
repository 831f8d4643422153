"""Whether an edge can be reached now, and the key with which one seals for it (server.fleet)."""

import sqlalchemy as sa
from alembic import op

revision = "0037"
down_revision = "0036"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True).with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "edge_line",
        sa.Column("edge_id", KEY, autoincrement=False, nullable=False),
        sa.Column("shard", sa.String(8), nullable=False),
        sa.Column("sealing_key", sa.LargeBinary(32), nullable=True),
        sa.Column("opened_at", INSTANT, nullable=False),
        sa.Column("cut_at", INSTANT, nullable=True),
        sa.ForeignKeyConstraint(["edge_id"], ["edge.id"], name=op.f("fk_edge_line_edge_id_edge")),
        sa.PrimaryKeyConstraint("edge_id", name=op.f("pk_edge_line")),
    )
    op.create_index(op.f("ix_edge_line_shard"), "edge_line", ["shard"])
