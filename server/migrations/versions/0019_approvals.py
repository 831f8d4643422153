"""Approvals (server.hr.approvals): versions of flows, courses with their seats and history, delegations, many answers at once."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True).with_variant(sa.Integer(), "sqlite")
DAY = sa.Integer()
JSON = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")
EVIDENCE = ("approval_flow_version", "approval_entry")


def upgrade() -> None:
    _create_flows_and_courses()
    _create_seats_and_entries()
    _create_delegations()
    _create_bulk()
    if op.get_bind().dialect.name == "sqlite":
        _guard_on_sqlite()
    else:
        _guard_on_postgresql()


def _create_flows_and_courses() -> None:
    op.create_table(
        "approval_flow_version",
        sa.Column("id", KEY, nullable=False),
        sa.Column("kind", sa.String(64), nullable=False),
        sa.Column("number", sa.SmallInteger(), nullable=False),
        sa.Column("flow", JSON, nullable=True),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("published_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_approval_flow_version")),
    )
    op.create_index("ix_approval_flow_version_kind_number", "approval_flow_version", ["kind", "number"], unique=True)
    op.create_table(
        "approval_course",
        sa.Column("id", KEY, nullable=False),
        sa.Column("subject_kind", sa.String(32), nullable=False),
        sa.Column("subject_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(64), nullable=False),
        sa.Column("requester_id", KEY, nullable=False),
        sa.Column("facts", JSON, nullable=False),
        sa.Column("version_id", KEY, nullable=False),
        sa.Column("branch", sa.SmallInteger(), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("round", sa.SmallInteger(), nullable=False),
        sa.Column("first_round", sa.SmallInteger(), nullable=False),
        sa.Column("step", sa.SmallInteger(), nullable=False),
        sa.Column("all_must", sa.Boolean(), nullable=False),
        sa.Column("submitted_at", INSTANT, nullable=False),
        sa.Column("step_since", INSTANT, nullable=False),
        sa.Column("due_at", INSTANT, nullable=True),
        sa.Column("reminded_at", INSTANT, nullable=True),
        sa.Column("ended_at", INSTANT, nullable=True),
        sa.CheckConstraint("state IN ('open', 'sent-back', 'approved', 'refused', 'withdrawn')", name=op.f("ck_approval_course_state")),
        sa.ForeignKeyConstraint(["requester_id"], ["person.id"], name=op.f("fk_approval_course_requester_id_person")),
        sa.ForeignKeyConstraint(
            ["version_id"], ["approval_flow_version.id"], name=op.f("fk_approval_course_version_id_approval_flow_version")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_approval_course")),
    )
    op.create_index("ix_approval_course_requester_id", "approval_course", ["requester_id"])
    op.create_index("ix_approval_course_due_at", "approval_course", ["due_at"])
    op.create_index("ix_approval_course_subject_kind_subject_id", "approval_course", ["subject_kind", "subject_id"])
    op.create_index("ix_approval_course_state_id", "approval_course", ["state", "id"])


def _create_seats_and_entries() -> None:
    op.create_table(
        "approval_seat",
        sa.Column("id", KEY, nullable=False),
        sa.Column("course_id", KEY, nullable=False),
        sa.Column("round", sa.SmallInteger(), nullable=False),
        sa.Column("step", sa.SmallInteger(), nullable=False),
        sa.Column("person_id", KEY, nullable=False),
        sa.Column("why", sa.String(16), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("decided_by", KEY, nullable=True),
        sa.Column("decided_at", INSTANT, nullable=True),
        sa.CheckConstraint(
            "state IN ('open', 'approved', 'refused', 'sent-back', 'spared', 'passed-over', 'copied', 'handed-over')",
            name=op.f("ck_approval_seat_state"),
        ),
        sa.ForeignKeyConstraint(["course_id"], ["approval_course.id"], name=op.f("fk_approval_seat_course_id_approval_course")),
        sa.ForeignKeyConstraint(["decided_by"], ["person.id"], name=op.f("fk_approval_seat_decided_by_person")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_approval_seat_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_approval_seat")),
    )
    op.create_index("ix_approval_seat_course_id", "approval_seat", ["course_id"])
    op.create_index("ix_approval_seat_person_id_state_course_id", "approval_seat", ["person_id", "state", "course_id"])
    op.create_index("ix_approval_seat_decided_by_course_id", "approval_seat", ["decided_by", "course_id"])
    op.create_table(
        "approval_entry",
        sa.Column("id", KEY, nullable=False),
        sa.Column("course_id", KEY, nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("round", sa.SmallInteger(), nullable=False),
        sa.Column("step", sa.SmallInteger(), nullable=False),
        sa.Column("person_id", KEY, nullable=True),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("comment", sa.Text(), nullable=False),
        sa.Column("facts", JSON, nullable=False),
        sa.ForeignKeyConstraint(["course_id"], ["approval_course.id"], name=op.f("fk_approval_entry_course_id_approval_course")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_approval_entry_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_approval_entry")),
    )
    op.create_index("ix_approval_entry_course_id", "approval_entry", ["course_id"])


def _create_delegations() -> None:
    op.create_table(
        "approval_delegation",
        sa.Column("id", KEY, nullable=False),
        sa.Column("person_id", KEY, nullable=False),
        sa.Column("delegate_id", KEY, nullable=False),
        sa.Column("kinds", JSON, nullable=False),
        sa.Column("first_day", DAY, nullable=False),
        sa.Column("last_day", DAY, nullable=True),
        sa.Column("only_away", sa.Boolean(), nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("recorded_at", INSTANT, nullable=False),
        sa.Column("ended_at", INSTANT, nullable=True),
        sa.CheckConstraint("last_day IS NULL OR last_day >= first_day", name=op.f("ck_approval_delegation_span")),
        sa.CheckConstraint("delegate_id <> person_id", name=op.f("ck_approval_delegation_other")),
        sa.ForeignKeyConstraint(["delegate_id"], ["person.id"], name=op.f("fk_approval_delegation_delegate_id_person")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_approval_delegation_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_approval_delegation")),
    )
    op.create_index("ix_approval_delegation_delegate_id", "approval_delegation", ["delegate_id"])
    op.create_index("ix_approval_delegation_person_id", "approval_delegation", ["person_id"])


def _create_bulk() -> None:
    op.create_table(
        "approval_bulk",
        sa.Column("id", KEY, nullable=False),
        sa.Column("person_id", KEY, nullable=False),
        sa.Column("verdict", sa.String(16), nullable=False),
        sa.Column("comment", sa.Text(), nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("asked_at", INSTANT, nullable=False),
        sa.CheckConstraint("verdict IN ('approve', 'refuse')", name=op.f("ck_approval_bulk_verdict")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_approval_bulk_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_approval_bulk")),
    )
    op.create_table(
        "approval_bulk_item",
        sa.Column("bulk_id", KEY, autoincrement=False, nullable=False),
        sa.Column("course_id", KEY, autoincrement=False, nullable=False),
        sa.Column("done", sa.Boolean(), nullable=True),
        sa.Column("fault", JSON, nullable=True),
        sa.ForeignKeyConstraint(["bulk_id"], ["approval_bulk.id"], name=op.f("fk_approval_bulk_item_bulk_id_approval_bulk")),
        sa.ForeignKeyConstraint(["course_id"], ["approval_course.id"], name=op.f("fk_approval_bulk_item_course_id_approval_course")),
        sa.PrimaryKeyConstraint("bulk_id", "course_id", name=op.f("pk_approval_bulk_item")),
    )


def _guard_on_sqlite() -> None:
    for table in EVIDENCE:
        for change in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER {table}_refuses_{change.lower()} BEFORE {change} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, '{table} is evidence: its rows are never changed'); END"
            )


def _guard_on_postgresql() -> None:
    for table in EVIDENCE:
        op.execute(
            f"CREATE TRIGGER {table}_refuses_change BEFORE UPDATE OR DELETE ON {table} FOR EACH ROW EXECUTE FUNCTION refuse_change()"
        )
        op.execute(
            f"CREATE TRIGGER {table}_refuses_truncate BEFORE TRUNCATE ON {table} FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
        )
