"""Requests, what happened to them, what they made, and the rules of asking (server.hr.requests)."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True).with_variant(sa.Integer(), "sqlite")
JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
DAY = sa.Integer()


def upgrade() -> None:
    op.create_table(
        "hr_request",
        sa.Column("id", KEY, nullable=False),
        sa.Column("number", sa.String(16), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("purpose", sa.String(8), nullable=False),
        sa.Column("target_id", KEY, nullable=True),
        sa.Column("person_id", KEY, nullable=False),
        sa.Column("partner_id", KEY, nullable=True),
        sa.Column("partner_agreed_at", INSTANT, nullable=True),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("content", JSON, nullable=False),
        sa.Column("detail", sa.String(40), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("late", sa.Boolean(), nullable=False),
        sa.Column("first_day", DAY, nullable=False),
        sa.Column("last_day", DAY, nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=True),
        sa.Column("asked_by", sa.Text(), nullable=False),
        sa.Column("in_name", sa.Boolean(), nullable=False),
        sa.Column("findings", JSON, nullable=False),
        sa.Column("idempotency_key", sa.String(64), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("submitted_at", INSTANT, nullable=True),
        sa.Column("ended_at", INSTANT, nullable=True),
        sa.CheckConstraint("last_day >= first_day", name=op.f("ck_hr_request_span")),
        sa.CheckConstraint("(target_id IS NULL) = (purpose = 'new')", name=op.f("ck_hr_request_target")),
        sa.ForeignKeyConstraint(["target_id"], ["hr_request.id"], name=op.f("fk_hr_request_target_id_hr_request")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_hr_request_person_id_person")),
        sa.ForeignKeyConstraint(["partner_id"], ["person.id"], name=op.f("fk_hr_request_partner_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hr_request")),
        sa.UniqueConstraint("number", name=op.f("uq_hr_request_number")),
        sa.UniqueConstraint("person_id", "idempotency_key", name=op.f("uq_hr_request_person_id_idempotency_key")),
    )
    op.create_index("ix_hr_request_person_id_last_day", "hr_request", ["person_id", "last_day"])
    op.create_index("ix_hr_request_partner_id_last_day", "hr_request", ["partner_id", "last_day"])
    op.create_index("ix_hr_request_state_kind", "hr_request", ["state", "kind"])
    op.create_index("ix_hr_request_target_id", "hr_request", ["target_id"])
    op.create_table(
        "request_event",
        sa.Column("id", KEY, nullable=False),
        sa.Column("request_id", KEY, nullable=False),
        sa.Column("event", sa.String(12), nullable=False),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("comment", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["request_id"], ["hr_request.id"], name=op.f("fk_request_event_request_id_hr_request")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_request_event")),
    )
    op.create_index("ix_request_event_request_id", "request_event", ["request_id"])
    op.create_table(
        "request_effect",
        sa.Column("id", KEY, nullable=False),
        sa.Column("request_id", KEY, nullable=False),
        sa.Column("kind", sa.String(12), nullable=False),
        sa.Column("reference", sa.BigInteger(), nullable=False),
        sa.Column("undone_at", INSTANT, nullable=True),
        sa.ForeignKeyConstraint(["request_id"], ["hr_request.id"], name=op.f("fk_request_effect_request_id_hr_request")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_request_effect")),
    )
    op.create_index("ix_request_effect_request_id", "request_effect", ["request_id"])
    op.create_table(
        "request_number",
        sa.Column("prefix", sa.String(4), nullable=False),
        sa.Column("year", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("prefix", "year", name=op.f("pk_request_number")),
    )
    op.create_table(
        "request_rules",
        sa.Column("id", KEY, nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("first_day", DAY, nullable=False),
        sa.Column("body", JSON, nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_request_rules")),
    )
    op.create_index("ix_request_rules_kind_first_day", "request_rules", ["kind", "first_day"])
    op.create_table(
        "request_document",
        sa.Column("request_id", KEY, nullable=False),
        sa.Column("document_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["request_id"], ["hr_request.id"], name=op.f("fk_request_document_request_id_hr_request")),
        sa.PrimaryKeyConstraint("request_id", "document_id", name=op.f("pk_request_document")),
    )
