"""What people sign in with besides a password (server.access): one-time codes, known browsers, second factors."""

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True).with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "session_duty",
        sa.Column("token_hash", sa.LargeBinary(32), nullable=False),
        sa.Column("duty", sa.String(16), nullable=False),
        sa.CheckConstraint("duty IN ('password', 'second-factor')", name=op.f("ck_session_duty_duty")),
        sa.ForeignKeyConstraint(
            ["token_hash"], ["session.token_hash"], name=op.f("fk_session_duty_token_hash_session"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("token_hash", "duty", name=op.f("pk_session_duty")),
    )
    op.create_table(
        "one_time_code",
        sa.Column("account_id", KEY, autoincrement=False, nullable=False),
        sa.Column("code_index", sa.LargeBinary(32), nullable=False),
        sa.Column("issued_at", INSTANT, nullable=False),
        sa.Column("expires_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_one_time_code_account_id_account")),
        sa.PrimaryKeyConstraint("account_id", name=op.f("pk_one_time_code")),
    )
    op.create_table(
        "known_device",
        sa.Column("token_hash", sa.LargeBinary(32), nullable=False),
        sa.Column("account_id", KEY, nullable=False),
        sa.Column("seen_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_known_device_account_id_account")),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_known_device")),
    )
    op.create_index("ix_known_device_account_id", "known_device", ["account_id"])
    op.create_table(
        "second_factor",
        sa.Column("account_id", KEY, autoincrement=False, nullable=False),
        sa.Column("secret", sa.LargeBinary(), nullable=False),
        sa.Column("confirmed_at", INSTANT, nullable=True),
        sa.Column("last_step", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_second_factor_account_id_account")),
        sa.PrimaryKeyConstraint("account_id", name=op.f("pk_second_factor")),
    )
    op.create_table(
        "recovery_code",
        sa.Column("account_id", KEY, autoincrement=False, nullable=False),
        sa.Column("code_index", sa.LargeBinary(32), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_recovery_code_account_id_account")),
        sa.PrimaryKeyConstraint("account_id", "code_index", name=op.f("pk_recovery_code")),
    )
