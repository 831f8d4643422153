"""By what terminals know somebody: a card, kinds of templates; and users of terminals who are nobody yet (server.directory)."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True).with_variant(sa.Integer(), "sqlite")
JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def upgrade() -> None:
    op.add_column("enrolment", sa.Column("card", sa.String(32), nullable=True))
    op.add_column("enrolment", sa.Column("templates", JSON, nullable=True))
    op.create_table(
        "terminal_user",
        sa.Column("zone_id", KEY, nullable=False),
        sa.Column("terminal_user", sa.String(64), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("card", sa.String(32), nullable=True),
        sa.Column("templates", JSON, nullable=True),
        sa.Column("told_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(["zone_id"], ["zone.id"], name=op.f("fk_terminal_user_zone_id_zone")),
        sa.PrimaryKeyConstraint("zone_id", "terminal_user", name=op.f("pk_terminal_user")),
    )
