"""From when to when each employment is, beside its spans, for lists (server.directory)."""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

DAY = sa.Integer()
FILL = """
UPDATE employment SET
    first_day = (SELECT min(span.first_day) FROM employment_span span
        WHERE span.person_id = employment.person_id AND span.employment_id = employment.id),
    last_day = (SELECT max(span.last_day) FROM employment_span span
        WHERE span.person_id = employment.person_id AND span.employment_id = employment.id)
"""


def upgrade() -> None:
    op.add_column("employment", sa.Column("first_day", DAY, nullable=True))
    op.add_column("employment", sa.Column("last_day", DAY, nullable=True))
    op.execute(FILL)
    op.create_index("ix_employment_first_day_person_id", "employment", ["first_day", "person_id"])
