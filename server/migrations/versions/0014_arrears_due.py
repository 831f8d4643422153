"""With which period arrears are paid (server.attendance): those that are there, with the one after their own."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

DAY = sa.Integer()
"""YYYYMMDD: the month after December is 8,900 further, that after any other 100."""
FILL = """
UPDATE period_arrear SET due_month = (
    SELECT attendance_period.month + CASE WHEN attendance_period.month / 100 % 100 = 12 THEN 8900 ELSE 100 END
    FROM period_closing JOIN attendance_period ON attendance_period.id = period_closing.period_id
    WHERE period_closing.id = period_arrear.closing_id
)
"""


def upgrade() -> None:
    op.add_column("period_arrear", sa.Column("due_month", DAY, nullable=True))
    op.execute(FILL)
