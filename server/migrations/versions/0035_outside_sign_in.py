"""Signing in elsewhere (server.access): links of accounts, returns that are spent, and the way in which a session was opened."""

import sqlalchemy as sa
from alembic import op

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True).with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.add_column("session", sa.Column("way", sa.String(16), nullable=False, server_default="password"))
    op.create_table(
        "outside_link",
        sa.Column("provider", sa.String(16), nullable=False),
        sa.Column("subject_index", sa.LargeBinary(32), nullable=False),
        sa.Column("account_id", KEY, nullable=False),
        sa.Column("sealed_name", sa.LargeBinary(), nullable=False),
        sa.Column("by_claim", sa.Boolean(), nullable=False),
        sa.Column("linked_at", INSTANT, nullable=False),
        sa.Column("used_at", INSTANT, nullable=True),
        sa.CheckConstraint("provider IN ('oidc', 'wecom', 'dingtalk', 'feishu')", name=op.f("ck_outside_link_provider")),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_outside_link_account_id_account")),
        sa.PrimaryKeyConstraint("provider", "subject_index", name=op.f("pk_outside_link")),
        sa.UniqueConstraint("account_id", "provider", name=op.f("uq_outside_link_account_id_provider")),
    )
    op.create_table(
        "spent_return",
        sa.Column("secret_hash", sa.LargeBinary(32), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("secret_hash", name=op.f("pk_spent_return")),
    )
    op.create_index("ix_spent_return_at", "spent_return", ["at"])
