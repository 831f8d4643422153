"""Which punches edge and server do not share, of days that the edge listed (server.ingest.reconciliation)."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0050"
down_revision = "0049"
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(JSONB(), "postgresql")


def upgrade() -> None:
    op.add_column("reconciled_day", sa.Column("extra", sa.BigInteger(), server_default="0", nullable=False))
    op.add_column("reconciled_day", sa.Column("named", JSON, nullable=True))
    op.add_column("reconciled_day", sa.Column("named_of", sa.String(32), nullable=True))
