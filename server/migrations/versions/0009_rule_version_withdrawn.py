"""A version of rules can be withdrawn."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True).with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    with op.batch_alter_table("rule_set_version") as version:
        version.add_column(sa.Column("withdrawn_at", INSTANT, nullable=True))
