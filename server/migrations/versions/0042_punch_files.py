"""Logs of terminals that were handed in here (server.ingest.files)."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0042"
down_revision = "0041"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True).with_variant(sa.Integer(), "sqlite")
JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
STATES = "state IN ('looking', 'looked', 'taking', 'taken', 'refused', 'dropped')"


def upgrade() -> None:
    op.create_table(
        "punch_file",
        sa.Column("id", KEY, nullable=False),
        sa.Column("terminal_id", KEY, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=True),
        sa.Column("devices", JSON, nullable=False),
        sa.Column("any_device", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("job_key", sa.Text(), nullable=False),
        sa.Column("survey", JSON, nullable=True),
        sa.Column("reasons", JSON, nullable=False),
        sa.Column("new", sa.BigInteger(), nullable=False),
        sa.Column("known", sa.BigInteger(), nullable=False),
        sa.Column("quarantined", sa.BigInteger(), nullable=False),
        sa.Column("refusal", sa.String(32), nullable=False),
        sa.Column("shown", sa.Text(), nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("taken_by", sa.Text(), nullable=False),
        sa.Column("taken_at", INSTANT, nullable=True),
        sa.CheckConstraint(STATES, name=op.f("ck_punch_file_state")),
        sa.ForeignKeyConstraint(["terminal_id"], ["terminal.id"], name=op.f("fk_punch_file_terminal_id_terminal")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_punch_file")),
    )
    op.create_index(op.f("ix_punch_file_terminal_id"), "punch_file", ["terminal_id"])
