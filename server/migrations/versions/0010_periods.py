"""Attendance periods: asked for, answered, closed with frozen results, and the arrears of late facts."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True).with_variant(sa.Integer(), "sqlite")
DAY = sa.Integer()
JSON = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")


def upgrade() -> None:
    _create_periods()
    _create_closings()


def _create_periods() -> None:
    op.create_table(
        "attendance_period",
        sa.Column("id", KEY, nullable=False),
        sa.Column("pay_group_id", KEY, nullable=False),
        sa.Column("month", DAY, nullable=False),
        sa.Column("first_day", DAY, nullable=False),
        sa.Column("last_day", DAY, nullable=False),
        sa.Column("asked_at", INSTANT, nullable=True),
        sa.Column("confirm_until", DAY, nullable=True),
        sa.CheckConstraint("last_day >= first_day", name=op.f("ck_attendance_period_span")),
        sa.ForeignKeyConstraint(["pay_group_id"], ["pay_group.id"], name=op.f("fk_attendance_period_pay_group_id_pay_group")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attendance_period")),
        sa.UniqueConstraint("pay_group_id", "month", name=op.f("uq_attendance_period_pay_group_id_month")),
    )
    op.create_table(
        "period_answer",
        sa.Column("period_id", KEY, autoincrement=False, nullable=False),
        sa.Column("person_id", KEY, autoincrement=False, nullable=False),
        sa.Column("answer", sa.String(16), nullable=False),
        sa.Column("comment", sa.Text(), nullable=False),
        sa.Column("answered_at", INSTANT, nullable=False),
        sa.Column("figures", sa.LargeBinary(16), nullable=False),
        sa.CheckConstraint("answer IN ('confirmed', 'objected')", name=op.f("ck_period_answer_answer")),
        sa.ForeignKeyConstraint(["period_id"], ["attendance_period.id"], name=op.f("fk_period_answer_period_id_attendance_period")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_period_answer_person_id_person")),
        sa.PrimaryKeyConstraint("period_id", "person_id", name=op.f("pk_period_answer")),
    )
    op.create_table(
        "period_closing",
        sa.Column("id", KEY, nullable=False),
        sa.Column("period_id", KEY, nullable=False),
        sa.Column("closed_at", INSTANT, nullable=False),
        sa.Column("closed_by", sa.Text(), nullable=False),
        sa.Column("accepted", JSON, nullable=False),
        sa.Column("reopened_at", INSTANT, nullable=True),
        sa.Column("reopened_by", sa.Text(), nullable=True),
        sa.Column("reopen_reason", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["period_id"], ["attendance_period.id"], name=op.f("fk_period_closing_period_id_attendance_period")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_period_closing")),
    )
    op.create_index(op.f("ix_period_closing_period_id"), "period_closing", ["period_id"])


def _create_closings() -> None:
    op.create_table(
        "period_result",
        sa.Column("closing_id", KEY, autoincrement=False, nullable=False),
        sa.Column("person_id", KEY, autoincrement=False, nullable=False),
        sa.Column("answer", sa.String(16), nullable=False),
        sa.Column("rules_version_id", KEY, nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint("answer IN ('confirmed', 'objected', 'not-confirmed')", name=op.f("ck_period_result_answer")),
        sa.ForeignKeyConstraint(["closing_id"], ["period_closing.id"], name=op.f("fk_period_result_closing_id_period_closing")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_period_result_person_id_person")),
        sa.ForeignKeyConstraint(
            ["rules_version_id"], ["rule_set_version.id"], name=op.f("fk_period_result_rules_version_id_rule_set_version")
        ),
        sa.PrimaryKeyConstraint("closing_id", "person_id", name=op.f("pk_period_result")),
    )
    op.create_index("ix_period_result_person_id", "period_result", ["person_id"])
    op.create_table(
        "period_arrear",
        sa.Column("id", KEY, nullable=False),
        sa.Column("closing_id", KEY, nullable=False),
        sa.Column("person_id", KEY, nullable=False),
        sa.Column("items", sa.LargeBinary(), nullable=False),
        sa.Column("decided_at", INSTANT, nullable=False),
        sa.Column("decided_by", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["closing_id"], ["period_closing.id"], name=op.f("fk_period_arrear_closing_id_period_closing")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_period_arrear_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_period_arrear")),
    )
    op.create_index("ix_period_arrear_closing_id_person_id", "period_arrear", ["closing_id", "person_id"])
