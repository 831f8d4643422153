"""What a shard of long work is at (server.jobs)."""

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("job_shard", sa.Column("step", sa.Text(), nullable=True))
