"""What lower areas leave for attendance (server.storage.changes); employees sign in, each as one person."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "changed_input",
        sa.Column("id", KEY, nullable=False),
        sa.Column("subject", sa.String(16), nullable=False),
        sa.Column("subject_id", sa.BigInteger(), nullable=False),
        sa.Column("first_day", sa.Integer(), nullable=False),
        sa.Column("last_day", sa.Integer(), nullable=True),
        sa.Column("what", sa.String(32), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_changed_input")),
    )
    with op.batch_alter_table("account") as account:
        account.add_column(sa.Column("person_id", sa.BigInteger(), nullable=True))
    with op.batch_alter_table("account_role") as role:
        role.drop_constraint(op.f("ck_account_role_role"), type_="check")
        role.create_check_constraint(op.f("ck_account_role_role"), "role IN ('administrator', 'hr', 'it', 'employee')")
