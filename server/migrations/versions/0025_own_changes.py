"""What employees ask to have changed in their own records (server.hr.staff)."""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.Integer().with_variant(sa.DateTime(timezone=True), "postgresql")
STATES = "state IN ('waiting', 'sent-back', 'approved', 'refused', 'withdrawn')"


def upgrade() -> None:
    op.create_table(
        "own_change",
        sa.Column("id", KEY, nullable=False),
        sa.Column("person_id", KEY, nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("asked_at", INSTANT, nullable=False),
        sa.Column("ended_at", INSTANT, nullable=True),
        sa.CheckConstraint(STATES, name=op.f("ck_own_change_state")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_own_change_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_own_change")),
    )
    op.create_index(op.f("ix_own_change_person_id"), "own_change", ["person_id"])
