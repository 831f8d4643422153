"""The work that closes a period (server.attendance)."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("attendance_period", sa.Column("job_id", sa.BigInteger(), nullable=True))
