"""What terminals that push told, day by day and table by table (server.fleet)."""

import sqlalchemy as sa
from alembic import op

revision = "0051"
down_revision = "0050"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True).with_variant(sa.Integer(), "sqlite")
DAY = sa.Integer()


def upgrade() -> None:
    op.create_table(
        "terminal_pushed",
        sa.Column("terminal_id", KEY, autoincrement=False, nullable=False),
        sa.Column("day", DAY, autoincrement=False, nullable=False),
        sa.Column("told", sa.String(length=200), nullable=False),
        sa.Column("first_at", INSTANT, nullable=False),
        sa.Column("last_at", INSTANT, nullable=False),
        sa.Column("bodies", KEY, nullable=False),
        sa.Column("refused", KEY, nullable=False),
        sa.Column("rows", KEY, nullable=False),
        sa.Column("punches", KEY, nullable=False),
        sa.Column("doubtful", KEY, nullable=False),
        sa.Column("appended", KEY, nullable=False),
        sa.Column("stamp", sa.Text(), nullable=False),
        sa.Column("missing", KEY, nullable=True),
        sa.ForeignKeyConstraint(["terminal_id"], ["terminal.id"], name=op.f("fk_terminal_pushed_terminal_id_terminal")),
        sa.PrimaryKeyConstraint("terminal_id", "day", "told", "first_at", name=op.f("pk_terminal_pushed")),
    )
