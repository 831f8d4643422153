"""Legal entities, heads and closing days of departments, probation and confirmation (server.fleet, server.directory)."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
DAY = sa.Integer()
EVENTS = "kind IN ('hire', 'transfer', 'kind', 'hours', 'protection', 'probation', 'confirmation', 'leaving')"


def upgrade() -> None:
    op.create_table(
        "legal_entity",
        sa.Column("id", KEY, nullable=False),
        sa.Column("code", sa.String(64), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("unified_code", sa.String(18), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_legal_entity")),
        sa.UniqueConstraint("code", name=op.f("uq_legal_entity_code")),
        sa.UniqueConstraint("unified_code", name=op.f("uq_legal_entity_unified_code")),
    )
    op.add_column("department", sa.Column("closed_on", DAY, nullable=True))
    op.create_table(
        "department_head",
        sa.Column("department_id", KEY, nullable=False),
        sa.Column("first_day", DAY, nullable=False),
        sa.Column("last_day", DAY, nullable=False),
        sa.Column("person_id", KEY, nullable=False),
        sa.CheckConstraint("last_day >= first_day", name=op.f("ck_department_head_span")),
        sa.ForeignKeyConstraint(["department_id"], ["department.id"], name=op.f("fk_department_head_department_id_department")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_department_head_person_id_person")),
        sa.PrimaryKeyConstraint("department_id", "first_day", name=op.f("pk_department_head")),
    )
    op.create_index(op.f("ix_department_head_person_id"), "department_head", ["person_id"])
    with op.batch_alter_table("employment_event") as event:
        event.drop_constraint(op.f("ck_employment_event_kind"), type_="check")
        event.create_check_constraint(op.f("ck_employment_event_kind"), EVENTS)
    with op.batch_alter_table("employment_span") as span:
        span.add_column(sa.Column("legal_entity_id", KEY, nullable=True))
        span.add_column(sa.Column("probation_until", DAY, nullable=True))
        span.create_foreign_key(op.f("fk_employment_span_legal_entity_id_legal_entity"), "legal_entity", ["legal_entity_id"], ["id"])
    op.create_index(op.f("ix_employment_span_legal_entity_id"), "employment_span", ["legal_entity_id"])
