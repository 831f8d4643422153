"""Attendance: grants, rule sets, assessed days with their exceptions, marks, locks and differences, silent terminals."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True).with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "day_opening",
        sa.Column("work_date", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("opened_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("work_date", name=op.f("pk_day_opening")),
    )
    op.create_table(
        "punch_cursor",
        sa.Column("name", sa.String(length=32), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_punch_cursor")),
    )
    op.create_table(
        "rule_set",
        sa.Column("id", KEY, nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("ready_made", sa.String(length=32), nullable=False),
        sa.Column("made_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rule_set")),
        sa.UniqueConstraint("name", name=op.f("uq_rule_set_name")),
    )
    op.create_table(
        "rule_assignment",
        sa.Column("id", KEY, nullable=False),
        sa.Column("rule_set_id", KEY, nullable=False),
        sa.Column("subject", sa.String(length=16), nullable=False),
        sa.Column("subject_id", sa.BigInteger(), nullable=False),
        sa.Column("first_day", sa.Integer(), nullable=False),
        sa.Column("last_day", sa.Integer(), nullable=True),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("recorded_at", INSTANT, nullable=False),
        sa.Column("withdrawn_at", INSTANT, nullable=True),
        sa.CheckConstraint("subject IN ('company', 'department', 'position', 'site', 'person')", name=op.f("ck_rule_assignment_subject")),
        sa.CheckConstraint("last_day IS NULL OR last_day >= first_day", name=op.f("ck_rule_assignment_span")),
        sa.ForeignKeyConstraint(["rule_set_id"], ["rule_set.id"], name=op.f("fk_rule_assignment_rule_set_id_rule_set")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rule_assignment")),
    )
    op.create_index(op.f("ix_rule_assignment_rule_set_id"), "rule_assignment", ["rule_set_id"], unique=False)
    op.create_index("ix_rule_assignment_subject_subject_id", "rule_assignment", ["subject", "subject_id"], unique=False)
    op.create_table(
        "rule_set_version",
        sa.Column("id", KEY, nullable=False),
        sa.Column("rule_set_id", KEY, nullable=False),
        sa.Column("valid_from", sa.Integer(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("recorded_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(["rule_set_id"], ["rule_set.id"], name=op.f("fk_rule_set_version_rule_set_id_rule_set")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rule_set_version")),
    )
    op.create_index("ix_rule_set_version_rule_set_id_valid_from", "rule_set_version", ["rule_set_id", "valid_from"], unique=False)
    op.create_table(
        "attendance_day",
        sa.Column("person_id", KEY, autoincrement=False, nullable=False),
        sa.Column("work_date", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("scheduled_minutes", sa.Integer(), nullable=False),
        sa.Column("worked_minutes", sa.Integer(), nullable=False),
        sa.Column("late_minutes", sa.Integer(), nullable=False),
        sa.Column("early_minutes", sa.Integer(), nullable=False),
        sa.Column("overtime_minutes", sa.Integer(), nullable=False),
        sa.Column("absent_halves", sa.Integer(), nullable=False),
        sa.Column("leave_minutes", sa.Integer(), nullable=False),
        sa.Column("leave_halves", sa.Integer(), nullable=False),
        sa.Column("leave_kind", sa.String(length=16), nullable=False),
        sa.Column("exceptions", sa.BigInteger(), nullable=False),
        sa.Column("open_exceptions", sa.Integer(), nullable=False),
        sa.Column("flags", sa.Integer(), nullable=False),
        sa.Column("arrived_at", sa.BigInteger(), nullable=True),
        sa.Column("left_at", sa.BigInteger(), nullable=True),
        sa.Column("rules_version_id", KEY, nullable=False),
        sa.Column("inputs_hash", sa.LargeBinary(length=16), nullable=False),
        sa.Column("assessed_at", INSTANT, nullable=False),
        sa.Column("settles_at", sa.BigInteger(), nullable=True),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("steps", sa.LargeBinary(), nullable=False),
        sa.Column("inputs", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_attendance_day_person_id_person")),
        sa.ForeignKeyConstraint(
            ["rules_version_id"], ["rule_set_version.id"], name=op.f("fk_attendance_day_rules_version_id_rule_set_version")
        ),
        sa.PrimaryKeyConstraint("person_id", "work_date", name=op.f("pk_attendance_day")),
    )
    op.create_index("ix_attendance_day_settles_at", "attendance_day", ["settles_at"], unique=False)
    op.create_index("ix_attendance_day_work_date", "attendance_day", ["work_date"], unique=False)
    op.create_table(
        "attendance_grant",
        sa.Column("id", KEY, nullable=False),
        sa.Column("person_id", KEY, nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("first_day", sa.Integer(), nullable=True),
        sa.Column("last_day", sa.Integer(), nullable=True),
        sa.Column("part", sa.String(length=16), nullable=False),
        sa.Column("starts_at", sa.BigInteger(), nullable=True),
        sa.Column("ends_at", sa.BigInteger(), nullable=True),
        sa.Column("leave", sa.String(length=16), nullable=True),
        sa.Column("heading", sa.String(length=8), nullable=True),
        sa.Column("minutes", sa.Integer(), nullable=True),
        sa.Column("settled_by", sa.String(length=16), nullable=True),
        sa.Column("from_day", sa.Integer(), nullable=False),
        sa.Column("until_day", sa.Integer(), nullable=False),
        sa.Column("origin", sa.String(length=16), nullable=False),
        sa.Column("origin_reference", sa.String(length=80), nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("recorded_at", INSTANT, nullable=False),
        sa.Column("withdrawn_at", INSTANT, nullable=True),
        sa.Column("withdrawn_by", sa.Text(), nullable=True),
        sa.Column("withdrawn_reason", sa.Text(), nullable=False),
        sa.CheckConstraint("origin IN ('by-hand', 'bulk', 'request', 'import')", name=op.f("ck_attendance_grant_origin")),
        sa.CheckConstraint("(first_day IS NULL) <> (starts_at IS NULL)", name=op.f("ck_attendance_grant_days_or_times")),
        sa.CheckConstraint("until_day >= from_day", name=op.f("ck_attendance_grant_span")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_attendance_grant_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attendance_grant")),
    )
    op.create_index("ix_attendance_grant_origin_reference", "attendance_grant", ["origin", "origin_reference"], unique=False)
    op.create_index("ix_attendance_grant_person_id_until_day", "attendance_grant", ["person_id", "until_day"], unique=False)
    op.create_table(
        "day_difference",
        sa.Column("id", KEY, nullable=False),
        sa.Column("person_id", KEY, nullable=False),
        sa.Column("work_date", sa.Integer(), nullable=False),
        sa.Column("period_id", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("found_at", INSTANT, nullable=False),
        sa.Column("decided_at", INSTANT, nullable=True),
        sa.Column("decided_by", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("rules_version_id", KEY, nullable=False),
        sa.Column("inputs_hash", sa.LargeBinary(length=16), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("steps", sa.LargeBinary(), nullable=False),
        sa.Column("inputs", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint("state IN ('open', 'accepted', 'refused')", name=op.f("ck_day_difference_state")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_day_difference_person_id_person")),
        sa.ForeignKeyConstraint(
            ["rules_version_id"], ["rule_set_version.id"], name=op.f("fk_day_difference_rules_version_id_rule_set_version")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_day_difference")),
    )
    op.create_index("ix_day_difference_period_id_state", "day_difference", ["period_id", "state"], unique=False)
    op.create_index("ix_day_difference_person_id_work_date", "day_difference", ["person_id", "work_date"], unique=False)
    op.create_table(
        "day_exception",
        sa.Column("id", KEY, nullable=False),
        sa.Column("person_id", KEY, nullable=False),
        sa.Column("work_date", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("part", sa.Integer(), nullable=True),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=True),
        sa.Column("punch_id", sa.BigInteger(), nullable=True),
        sa.Column("meaning", sa.String(length=80), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("settled_by", sa.Text(), nullable=True),
        sa.Column("settled_at", INSTANT, nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.CheckConstraint("state IN ('open', 'settled', 'gone')", name=op.f("ck_day_exception_state")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_day_exception_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_day_exception")),
        sa.UniqueConstraint("person_id", "work_date", "meaning", name=op.f("uq_day_exception_person_id_work_date_meaning")),
    )
    op.create_index("ix_day_exception_state_work_date", "day_exception", ["state", "work_date", "id"], unique=False)
    op.create_table(
        "day_mark",
        sa.Column("person_id", KEY, autoincrement=False, nullable=False),
        sa.Column("work_date", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("why", sa.String(length=32), nullable=False),
        sa.Column("marked_at", INSTANT, nullable=False),
        sa.Column("due_at", INSTANT, nullable=False),
        sa.Column("times", sa.BigInteger(), nullable=False),
        sa.Column("failures", sa.BigInteger(), nullable=False),
        sa.Column("leased_until", INSTANT, nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_day_mark_person_id_person")),
        sa.PrimaryKeyConstraint("person_id", "work_date", name=op.f("pk_day_mark")),
    )
    op.create_index("ix_day_mark_due_at", "day_mark", ["due_at"], unique=False)
    op.create_table(
        "locked_span",
        sa.Column("id", KEY, nullable=False),
        sa.Column("person_id", KEY, nullable=False),
        sa.Column("first_day", sa.Integer(), nullable=False),
        sa.Column("last_day", sa.Integer(), nullable=False),
        sa.Column("period_id", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("last_day >= first_day", name=op.f("ck_locked_span_span")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_locked_span_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_locked_span")),
    )
    op.create_index(op.f("ix_locked_span_period_id"), "locked_span", ["period_id"], unique=False)
    op.create_index("ix_locked_span_person_id_first_day", "locked_span", ["person_id", "first_day"], unique=False)
    op.create_table(
        "silence",
        sa.Column("id", KEY, nullable=False),
        sa.Column("terminal_id", KEY, nullable=False),
        sa.Column("starts_at", sa.BigInteger(), nullable=False),
        sa.Column("ends_at", sa.BigInteger(), nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("accepted_at", INSTANT, nullable=False),
        sa.Column("withdrawn_at", INSTANT, nullable=True),
        sa.Column("withdrawn_by", sa.Text(), nullable=True),
        sa.CheckConstraint("ends_at > starts_at", name=op.f("ck_silence_span")),
        sa.ForeignKeyConstraint(["terminal_id"], ["terminal.id"], name=op.f("fk_silence_terminal_id_terminal")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_silence")),
    )
    op.create_index(op.f("ix_silence_terminal_id"), "silence", ["terminal_id"], unique=False)
