"""What edges read of terminals' logs (server.fleet)."""

import sqlalchemy as sa
from alembic import op

revision = "0044"
down_revision = "0043"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True).with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "terminal_reading",
        sa.Column("terminal_id", KEY, autoincrement=False, nullable=False),
        sa.Column("first_at", INSTANT, nullable=False),
        sa.Column("last_at", INSTANT, nullable=False),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.Column("milliseconds", KEY, nullable=False),
        sa.Column("declared", KEY, nullable=True),
        sa.Column("declared_bytes", KEY, nullable=False),
        sa.Column("received_bytes", KEY, nullable=False),
        sa.Column("decoded", KEY, nullable=False),
        sa.Column("doubtful", KEY, nullable=False),
        sa.Column("repeated", KEY, nullable=False),
        sa.Column("held", KEY, nullable=False),
        sa.Column("appended", KEY, nullable=False),
        sa.Column("complete", sa.Boolean(), nullable=False),
        sa.Column("layout", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["terminal_id"], ["terminal.id"], name=op.f("fk_terminal_reading_terminal_id_terminal")),
        sa.PrimaryKeyConstraint("terminal_id", "first_at", name=op.f("pk_terminal_reading")),
    )
