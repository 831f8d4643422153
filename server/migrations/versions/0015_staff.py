"""Staff records: personal facts, documents, service before us (server.hr.staff)."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.Integer().with_variant(sa.DateTime(timezone=True), "postgresql")
DAY = sa.Integer()


def upgrade() -> None:
    op.create_table(
        "personal_fact",
        sa.Column("person_id", KEY, autoincrement=False, nullable=False),
        sa.Column("field", sa.String(32), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("search", sa.LargeBinary(32), nullable=True),
        sa.Column("changed_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_personal_fact_person_id_person")),
        sa.PrimaryKeyConstraint("person_id", "field", name=op.f("pk_personal_fact")),
    )
    op.create_index("ix_personal_fact_field_search", "personal_fact", ["field", "search"])
    op.create_table(
        "document",
        sa.Column("id", KEY, nullable=False),
        sa.Column("person_id", KEY, nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("sealed_name", sa.LargeBinary(), nullable=False),
        sa.Column("file_type", sa.String(8), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("parts", sa.SmallInteger(), nullable=False),
        sa.Column("access", sa.String(16), nullable=False),
        sa.Column("expires_on", DAY, nullable=True),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("added_at", INSTANT, nullable=False),
        sa.Column("removed_at", INSTANT, nullable=True),
        sa.CheckConstraint("access IN ('self', 'hr', 'pay', 'restricted')", name=op.f("ck_document_access")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_document_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_document")),
    )
    op.create_index(op.f("ix_document_person_id"), "document", ["person_id"])
    op.create_index(op.f("ix_document_expires_on"), "document", ["expires_on"])
    op.create_table(
        "document_part",
        sa.Column("document_id", KEY, autoincrement=False, nullable=False),
        sa.Column("number", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["document_id"], ["document.id"], name=op.f("fk_document_part_document_id_document")),
        sa.PrimaryKeyConstraint("document_id", "number", name=op.f("pk_document_part")),
    )
    op.create_table(
        "prior_service",
        sa.Column("id", KEY, nullable=False),
        sa.Column("person_id", KEY, nullable=False),
        sa.Column("employer", sa.Text(), nullable=False),
        sa.Column("first_day", DAY, nullable=False),
        sa.Column("last_day", DAY, nullable=False),
        sa.Column("document_id", KEY, nullable=True),
        sa.CheckConstraint("last_day >= first_day", name=op.f("ck_prior_service_span")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_prior_service_person_id_person")),
        sa.ForeignKeyConstraint(["document_id"], ["document.id"], name=op.f("fk_prior_service_document_id_document")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_prior_service")),
    )
    op.create_index(op.f("ix_prior_service_person_id"), "prior_service", ["person_id"])
    op.create_table(
        "staff_settings",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("most_document_mb", sa.SmallInteger(), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_staff_settings_single_row")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff_settings")),
    )
