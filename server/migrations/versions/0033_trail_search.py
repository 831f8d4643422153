"""The trail is found by who, what, which object, when and whom it concerns (server.audit).

Rows from before concern the person they name, or the person behind the account or the request that they name.
"""

import sqlalchemy as sa
from alembic import op

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True).with_variant(sa.Integer(), "sqlite")
BY_TIME = ("actor", "action", "subject_kind", "subject")
CONCERNED = (
    ("person", "person.id", "person.employee_number = audit_row.subject AND audit_row.subject_kind = 'person'"),
    # delegations named the person by id instead of by number
    ("person", "person.id", "CAST(person.id AS VARCHAR(20)) = audit_row.subject AND audit_row.action LIKE 'delegation.%'"),
    ("account", "account.person_id", "account.login = audit_row.subject AND audit_row.subject_kind = 'account' AND account.person_id > 0"),
    ("hr_request", "hr_request.person_id", "hr_request.number = audit_row.subject AND audit_row.subject_kind = 'request'"),
)


def upgrade() -> None:
    op.create_index("ix_audit_row_at_id", "audit_row", ["at", "id"])
    for column in BY_TIME:
        op.create_index(f"ix_audit_row_{column}_at_id", "audit_row", [column, "at", "id"])
    op.create_index("ix_audit_row_request_id", "audit_row", ["request_id"])
    op.create_table(
        "audit_person",
        sa.Column("person_id", KEY, autoincrement=False, nullable=False),
        sa.Column("row_id", KEY, autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(["row_id"], ["audit_row.id"], name=op.f("fk_audit_person_row_id_audit_row")),
        sa.PrimaryKeyConstraint("person_id", "row_id", name=op.f("pk_audit_person")),
    )
    op.create_index("ix_audit_person_row_id", "audit_person", ["row_id"])
    op.create_table(
        "audit_check",
        sa.Column("id", KEY, nullable=False),
        sa.Column("checked_at", INSTANT, nullable=False),
        sa.Column("asked_by", sa.Text(), nullable=False),
        sa.Column("rows", KEY, nullable=False),
        sa.Column("first_at", INSTANT, nullable=True),
        sa.Column("last_at", INSTANT, nullable=True),
        sa.Column("last_id", KEY, nullable=False),
        sa.Column("hash", sa.LargeBinary(32), nullable=False),
        sa.Column("broken_row", KEY, nullable=True),
        sa.Column("broken_kind", sa.String(16), nullable=True),
        sa.Column("broken_reason", sa.Text(), nullable=True),
        sa.CheckConstraint("broken_kind IN ('changed', 'missing', 'out-of-order', 'added')", name=op.f("ck_audit_check_broken_kind")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_check")),
    )
    for table, person, join in CONCERNED:
        op.execute(
            f"INSERT INTO audit_person (person_id, row_id) SELECT {person}, audit_row.id FROM audit_row JOIN {table} ON {join} "  # noqa: S608 - the words above
            "ON CONFLICT DO NOTHING"
        )
