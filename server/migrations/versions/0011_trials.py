"""Trials: days worked out beside those that count (server.attendance)."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True).with_variant(sa.Integer(), "sqlite")
JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
DAY = sa.Integer()


def upgrade() -> None:
    op.create_table(
        "trial",
        sa.Column("id", KEY, nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("who_kind", sa.String(16), nullable=False),
        sa.Column("who_id", sa.BigInteger(), nullable=False),
        sa.Column("who_name", sa.Text(), nullable=False),
        sa.Column("first_day", DAY, nullable=False),
        sa.Column("last_day", DAY, nullable=False),
        sa.Column("rules", sa.LargeBinary(), nullable=True),
        sa.Column("rules_name", sa.Text(), nullable=False),
        sa.Column("rules_version_id", sa.BigInteger(), nullable=False),
        sa.Column("job_id", sa.BigInteger(), nullable=False),
        sa.Column("decision", sa.String(16), nullable=False),
        sa.Column("decided_by", sa.Text(), nullable=True),
        sa.Column("decided_at", INSTANT, nullable=True),
        sa.Column("asked_by", sa.Text(), nullable=False),
        sa.Column("asked_at", INSTANT, nullable=False),
        sa.Column("totals", JSON, nullable=True),
        sa.Column("changed_days", sa.Integer(), nullable=False),
        sa.Column("changed_people", sa.Integer(), nullable=False),
        sa.CheckConstraint("kind IN ('recalculation', 'rules', 'sweep')", name=op.f("ck_trial_kind")),
        sa.CheckConstraint("decision IN ('open', 'applied', 'dropped')", name=op.f("ck_trial_decision")),
        sa.CheckConstraint("last_day >= first_day", name=op.f("ck_trial_span")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_trial")),
    )
    op.create_table(
        "trial_person",
        sa.Column("trial_id", KEY, autoincrement=False, nullable=False),
        sa.Column("person_id", KEY, autoincrement=False, nullable=False),
        sa.Column("days", sa.Integer(), nullable=False),
        sa.Column("before", JSON, nullable=False),
        sa.Column("after", JSON, nullable=False),
        sa.Column("changed", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["trial_id"], ["trial.id"], name=op.f("fk_trial_person_trial_id_trial"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_trial_person_person_id_person")),
        sa.PrimaryKeyConstraint("trial_id", "person_id", name=op.f("pk_trial_person")),
    )
    op.create_index("ix_trial_person_trial_id_changed", "trial_person", ["trial_id", "changed", "person_id"])
    op.create_table(
        "trial_day",
        sa.Column("trial_id", KEY, autoincrement=False, nullable=False),
        sa.Column("person_id", KEY, autoincrement=False, nullable=False),
        sa.Column("work_date", DAY, autoincrement=False, nullable=False),
        sa.Column("zone", sa.Text(), nullable=False),
        sa.Column("names", sa.Text(), nullable=False),
        sa.Column("figures", sa.LargeBinary(), nullable=False),
        sa.Column("before", sa.LargeBinary(), nullable=True),
        sa.Column("after", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(["trial_id"], ["trial.id"], name=op.f("fk_trial_day_trial_id_trial"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_trial_day_person_id_person")),
        sa.PrimaryKeyConstraint("trial_id", "person_id", "work_date", name=op.f("pk_trial_day")),
    )
