"""Steps of the roster grid that can be undone, and publications that can be withdrawn."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True).with_variant(sa.Integer(), "sqlite")
DATA = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def upgrade() -> None:
    op.create_table(
        "roster_edit",
        sa.Column("id", KEY, nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("edit_key", sa.String(64), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("undone", sa.Boolean(), nullable=False),
        sa.Column("cells", DATA, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_roster_edit")),
        sa.UniqueConstraint("edit_key", name=op.f("uq_roster_edit_edit_key")),
    )
    op.create_index("ix_roster_edit_author_id", "roster_edit", ["author", "id"])
    op.create_table(
        "roster_publication",
        sa.Column("id", KEY, nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("first_day", sa.Integer(), nullable=False),
        sa.Column("last_day", sa.Integer(), nullable=False),
        sa.Column("cells", DATA, nullable=False),
        sa.Column("withdrawn_at", INSTANT, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_roster_publication")),
    )
