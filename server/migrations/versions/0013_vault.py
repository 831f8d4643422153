"""The key that personal data is sealed with (server.storage.keyed); roles of supervisors, HR pay and auditors."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "vault_key",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("fingerprint", sa.String(16), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_vault_key_single_row")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_vault_key")),
    )
    with op.batch_alter_table("account_role") as role:
        role.drop_constraint(op.f("ck_account_role_role"), type_="check")
        allowed = "role IN ('administrator', 'hr', 'hr-pay', 'supervisor', 'it', 'auditor', 'employee')"
        role.create_check_constraint(op.f("ck_account_role_role"), allowed)
