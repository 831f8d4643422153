"""Of which ends of contracts HR was told already (server.hr.staff)."""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.Integer().with_variant(sa.DateTime(timezone=True), "postgresql")


def upgrade() -> None:
    op.create_table(
        "contract_reminder",
        sa.Column("contract_id", KEY, autoincrement=False, nullable=False),
        sa.Column("stage", sa.String(16), autoincrement=False, nullable=False),
        sa.Column("told_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(["contract_id"], ["contract.id"], name=op.f("fk_contract_reminder_contract_id_contract")),
        sa.PrimaryKeyConstraint("contract_id", "stage", name=op.f("pk_contract_reminder")),
    )
