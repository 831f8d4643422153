"""What terminals are for, from a date on (server.fleet)."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
DAY = sa.Integer()


def upgrade() -> None:
    op.create_table(
        "terminal_role",
        sa.Column("terminal_id", KEY, autoincrement=False, nullable=False),
        sa.Column("first_day", DAY, autoincrement=False, nullable=False),
        sa.Column("role", sa.String(16), nullable=True),
        sa.CheckConstraint("role IN ('entrance', 'exit')", name=op.f("ck_terminal_role_role")),
        sa.ForeignKeyConstraint(["terminal_id"], ["terminal.id"], name=op.f("fk_terminal_role_terminal_id_terminal")),
        sa.PrimaryKeyConstraint("terminal_id", "first_day", name=op.f("pk_terminal_role")),
    )
