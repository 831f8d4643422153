"""The legal entities that a role of an account is limited to (server.access); none: all of them."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "account_role_entity",
        sa.Column("account_id", KEY, autoincrement=False, nullable=False),
        sa.Column("role", sa.String(32), nullable=False),
        sa.Column("legal_entity_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id", "role"],
            ["account_role.account_id", "account_role.role"],
            name=op.f("fk_account_role_entity_account_id_role_account_role"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("account_id", "role", "legal_entity_id", name=op.f("pk_account_role_entity")),
    )
