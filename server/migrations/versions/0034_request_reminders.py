"""Of which missing certificates people were told already (server.hr.requests)."""

import sqlalchemy as sa
from alembic import op

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.Integer().with_variant(sa.DateTime(timezone=True), "postgresql")


def upgrade() -> None:
    op.create_table(
        "request_reminder",
        sa.Column("request_id", KEY, autoincrement=False, nullable=False),
        sa.Column("stage", sa.String(16), autoincrement=False, nullable=False),
        sa.Column("told_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(["request_id"], ["hr_request.id"], name=op.f("fk_request_reminder_request_id_hr_request")),
        sa.PrimaryKeyConstraint("request_id", "stage", name=op.f("pk_request_reminder")),
    )
