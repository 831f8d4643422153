"""What has to be done after a consent is withdrawn, one by one (server.hr.privacy)."""

import sqlalchemy as sa
from alembic import op

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True).with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "withdrawal_task",
        sa.Column("id", KEY, nullable=False),
        sa.Column("consent_id", KEY, nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("terminal_id", KEY, nullable=True),
        sa.Column("terminal_user", sa.String(64), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("done_at", INSTANT, nullable=True),
        sa.Column("done_by", sa.Text(), nullable=False),
        sa.CheckConstraint("kind IN ('template', 'other-way', 'health', 'told')", name=op.f("ck_withdrawal_task_kind")),
        sa.CheckConstraint("(kind = 'template') = (terminal_id IS NOT NULL)", name=op.f("ck_withdrawal_task_terminal")),
        sa.ForeignKeyConstraint(["consent_id"], ["consent.id"], name=op.f("fk_withdrawal_task_consent_id_consent")),
        sa.ForeignKeyConstraint(["terminal_id"], ["terminal.id"], name=op.f("fk_withdrawal_task_terminal_id_terminal")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_withdrawal_task")),
    )
    op.create_index("ix_withdrawal_task_consent_id", "withdrawal_task", ["consent_id"])
    op.create_index("ix_withdrawal_task_done_at", "withdrawal_task", ["done_at"])
