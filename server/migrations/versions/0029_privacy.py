"""Consents, exports about somebody, keep times, what is due to be erased, and receipts (server.hr.privacy)."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True).with_variant(sa.Integer(), "sqlite")
JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def upgrade() -> None:
    op.create_table(
        "consent_text",
        sa.Column("id", KEY, nullable=False),
        sa.Column("purpose", sa.String(16), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("terms", JSON, nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("published_at", INSTANT, nullable=False),
        sa.CheckConstraint(
            "purpose IN ('biometrics', 'photo-proof', 'location', 'health', 'third-party')", name=op.f("ck_consent_text_purpose")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consent_text")),
        sa.UniqueConstraint("purpose", "version", name=op.f("uq_consent_text_purpose_version")),
    )
    op.create_table(
        "consent",
        sa.Column("id", KEY, nullable=False),
        sa.Column("person_id", KEY, nullable=False),
        sa.Column("text_id", KEY, nullable=False),
        sa.Column("way", sa.String(16), nullable=False),
        sa.Column("agreed_at", INSTANT, nullable=False),
        sa.Column("recorded_by", sa.Text(), nullable=False),
        sa.Column("withdrawn_at", INSTANT, nullable=True),
        sa.Column("withdrawn_by", sa.Text(), nullable=False),
        sa.Column("carried_out_at", INSTANT, nullable=True),
        sa.Column("carried_out_by", sa.Text(), nullable=False),
        sa.CheckConstraint("way IN ('signed-in', 'paper')", name=op.f("ck_consent_way")),
        sa.CheckConstraint("carried_out_at IS NULL OR withdrawn_at IS NOT NULL", name=op.f("ck_consent_carried_out")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_consent_person_id_person")),
        sa.ForeignKeyConstraint(["text_id"], ["consent_text.id"], name=op.f("fk_consent_text_id_consent_text")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consent")),
    )
    op.create_index("ix_consent_person_id_text_id", "consent", ["person_id", "text_id"])
    op.create_index("ix_consent_text_id", "consent", ["text_id"])
    op.create_table(
        "keep_time",
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("months", sa.SmallInteger(), nullable=False),
        sa.PrimaryKeyConstraint("kind", name=op.f("pk_keep_time")),
    )
    op.create_table(
        "erasure_due",
        sa.Column("person_id", KEY, autoincrement=False, nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("left_on", sa.Integer(), nullable=False),
        sa.Column("listed_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_erasure_due_person_id_person")),
        sa.PrimaryKeyConstraint("person_id", "kind", name=op.f("pk_erasure_due")),
    )
    op.create_table(
        "erasure_receipt",
        sa.Column("id", KEY, nullable=False),
        sa.Column("person_id", KEY, nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("left_on", sa.Integer(), nullable=False),
        sa.Column("keep_months", sa.SmallInteger(), nullable=False),
        sa.Column("counts", JSON, nullable=False),
        sa.Column("erased_by", sa.Text(), nullable=False),
        sa.Column("erased_at", INSTANT, nullable=False),
        sa.Column("digest", sa.LargeBinary(32), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_erasure_receipt_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_erasure_receipt")),
    )
    op.create_index("ix_erasure_receipt_person_id", "erasure_receipt", ["person_id"])
    op.create_table(
        "personal_export",
        sa.Column("id", KEY, nullable=False),
        sa.Column("person_id", KEY, nullable=False),
        sa.Column("asked_by", sa.Text(), nullable=False),
        sa.Column("language", sa.String(8), nullable=False),
        sa.Column("asked_at", INSTANT, nullable=False),
        sa.Column("made_at", INSTANT, nullable=True),
        sa.Column("size", sa.Integer(), nullable=True),
        sa.Column("parts", sa.SmallInteger(), nullable=False),
        sa.Column("until", INSTANT, nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_personal_export_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_personal_export")),
    )
    op.create_index("ix_personal_export_person_id", "personal_export", ["person_id"])
    op.create_table(
        "personal_export_part",
        sa.Column("export_id", KEY, autoincrement=False, nullable=False),
        sa.Column("number", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["export_id"], ["personal_export.id"], name=op.f("fk_personal_export_part_export_id_personal_export")),
        sa.PrimaryKeyConstraint("export_id", "number", name=op.f("pk_personal_export_part")),
    )


def downgrade() -> None:
    for table in ("personal_export_part", "personal_export", "erasure_receipt", "erasure_due", "keep_time", "consent", "consent_text"):
        op.drop_table(table)
