"""Notices to people, and what they want by mail (server.notify)."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True).with_variant(sa.Integer(), "sqlite")
JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def upgrade() -> None:
    op.create_table(
        "notice",
        sa.Column("id", KEY, nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("facts", JSON, nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("read_at", INSTANT, nullable=True),
        sa.Column("mail_at", INSTANT, nullable=True),
        sa.Column("mail_attempts", sa.SmallInteger(), nullable=False),
        sa.CheckConstraint("kind IN ('approval', 'request', 'attendance', 'leave', 'staff', 'account')", name=op.f("ck_notice_kind")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notice")),
    )
    op.create_index("ix_notice_person_id_read_at", "notice", ["person_id", "read_at"])
    op.create_index("ix_notice_mail_at", "notice", ["mail_at"])
    op.create_index("ix_notice_at", "notice", ["at"])
    op.create_table(
        "mail_wish",
        sa.Column("person_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("wish", sa.String(16), nullable=False),
        sa.Column("digest_on", sa.Integer(), nullable=True),
        sa.CheckConstraint("wish IN ('each', 'digest', 'none')", name=op.f("ck_mail_wish_wish")),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_mail_wish")),
    )
