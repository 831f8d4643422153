"""Whether somebody's face may leave a terminal (server.dispatch.areas)."""

import sqlalchemy as sa
from alembic import op

revision = "0047"
down_revision = "0046"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("wanted_user", sa.Column("faces", sa.Boolean(), nullable=False, server_default=sa.false()))
    with op.batch_alter_table("wanted_user") as batch:
        batch.alter_column("faces", server_default=None)
