"""Contracts, fields of HR's own, emergency contacts, and when things wait in lists (server.hr.staff)."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.Integer().with_variant(sa.DateTime(timezone=True), "postgresql")
JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
DAY = sa.Integer()
DAYS_AHEAD = {"contract_days": "60", "probation_days": "15", "document_days": "30", "birthday_days": "14", "retirement_days": "180"}


def upgrade() -> None:
    op.create_table(
        "contract",
        sa.Column("id", KEY, nullable=False),
        sa.Column("person_id", KEY, nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("first_day", DAY, nullable=False),
        sa.Column("last_day", DAY, nullable=True),
        sa.Column("probation_until", DAY, nullable=True),
        sa.Column("signed_on", DAY, nullable=True),
        sa.Column("signing_order", sa.SmallInteger(), nullable=False),
        sa.Column("asked_fixed", sa.Boolean(), nullable=False),
        sa.Column("task", sa.Text(), nullable=False),
        sa.Column("document_id", KEY, nullable=True),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("recorded_at", INSTANT, nullable=False),
        sa.Column("withdrawn_at", INSTANT, nullable=True),
        sa.Column("withdrawn_by", sa.Text(), nullable=False),
        sa.Column("withdraw_reason", sa.Text(), nullable=False),
        sa.CheckConstraint("kind IN ('fixed', 'open-ended', 'task')", name=op.f("ck_contract_kind")),
        sa.CheckConstraint("(kind = 'fixed') = (last_day IS NOT NULL)", name=op.f("ck_contract_term")),
        sa.CheckConstraint("last_day IS NULL OR last_day >= first_day", name=op.f("ck_contract_span")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_contract_person_id_person")),
        sa.ForeignKeyConstraint(["document_id"], ["document.id"], name=op.f("fk_contract_document_id_document")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contract")),
    )
    op.create_index(op.f("ix_contract_person_id"), "contract", ["person_id"])
    op.create_index(op.f("ix_contract_last_day"), "contract", ["last_day"])
    op.create_table(
        "own_field",
        sa.Column("id", KEY, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("choices", JSON, nullable=False),
        sa.Column("needed", sa.Boolean(), nullable=False),
        sa.Column("access", sa.String(16), nullable=False),
        sa.Column("place", sa.SmallInteger(), nullable=False),
        sa.Column("archived", sa.Boolean(), nullable=False),
        sa.CheckConstraint("kind IN ('text', 'number', 'date', 'choice', 'yes-no', 'person')", name=op.f("ck_own_field_kind")),
        sa.CheckConstraint("access IN ('self', 'hr', 'pay', 'restricted')", name=op.f("ck_own_field_access")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_own_field")),
        sa.UniqueConstraint("name", name=op.f("uq_own_field_name")),
    )
    op.create_table(
        "own_field_value",
        sa.Column("person_id", KEY, autoincrement=False, nullable=False),
        sa.Column("field_id", KEY, autoincrement=False, nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("changed_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_own_field_value_person_id_person")),
        sa.ForeignKeyConstraint(["field_id"], ["own_field.id"], name=op.f("fk_own_field_value_field_id_own_field")),
        sa.PrimaryKeyConstraint("person_id", "field_id", name=op.f("pk_own_field_value")),
    )
    op.create_table(
        "emergency_contact",
        sa.Column("id", KEY, nullable=False),
        sa.Column("person_id", KEY, nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_emergency_contact_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_emergency_contact")),
    )
    op.create_index(op.f("ix_emergency_contact_person_id"), "emergency_contact", ["person_id"])
    for name, days in DAYS_AHEAD.items():
        op.add_column("staff_settings", sa.Column(name, sa.SmallInteger(), nullable=False, server_default=days))
