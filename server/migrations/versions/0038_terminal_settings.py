"""How edges reach terminals, which set-up they have, when clocks are set and how they went; facts of terminals (server.fleet)."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0038"
down_revision = "0037"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True).with_variant(sa.Integer(), "sqlite")
JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def upgrade() -> None:
    op.add_column("terminal_health", sa.Column("facts", JSON, nullable=False, server_default="{}"))
    with op.batch_alter_table("terminal_health") as batch:
        batch.alter_column("facts", server_default=None)
    op.create_table(
        "terminal_setting",
        sa.Column("terminal_id", KEY, autoincrement=False, nullable=False),
        sa.Column("driver", sa.String(16), nullable=False),
        sa.Column("host", sa.Text(), nullable=False),
        sa.Column("port", sa.Integer(), nullable=False),
        sa.Column("transport", sa.String(8), nullable=False),
        sa.Column("sealed_key", sa.LargeBinary(), nullable=True),
        sa.Column("poll_seconds", sa.Integer(), nullable=False),
        sa.Column("layout", sa.String(8), nullable=False),
        sa.Column("source", sa.String(64), nullable=False),
        sa.Column("dialect", sa.String(16), nullable=False),
        sa.CheckConstraint("driver IN ('zkteco', 'pyzk', 'push')", name=op.f("ck_terminal_setting_driver")),
        sa.ForeignKeyConstraint(["terminal_id"], ["terminal.id"], name=op.f("fk_terminal_setting_terminal_id_terminal")),
        sa.PrimaryKeyConstraint("terminal_id", name=op.f("pk_terminal_setting")),
    )
    op.create_table(
        "edge_setup",
        sa.Column("edge_id", KEY, autoincrement=False, nullable=False),
        sa.Column("version", KEY, nullable=False),
        sa.Column("held", KEY, nullable=False),
        sa.Column("changed_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(["edge_id"], ["edge.id"], name=op.f("fk_edge_setup_edge_id_edge")),
        sa.PrimaryKeyConstraint("edge_id", name=op.f("pk_edge_setup")),
    )
    op.create_table(
        "clock_rule",
        sa.Column("site_id", KEY, autoincrement=False, nullable=False),
        sa.Column("corrects", sa.Boolean(), nullable=False),
        sa.Column("tolerance_ms", KEY, nullable=False),
        sa.Column("most_ms", KEY, nullable=False),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_clock_rule_site_id_site")),
        sa.PrimaryKeyConstraint("site_id", name=op.f("pk_clock_rule")),
    )
    op.create_table(
        "terminal_drift",
        sa.Column("terminal_id", KEY, autoincrement=False, nullable=False),
        sa.Column("at", INSTANT, autoincrement=False, nullable=False),
        sa.Column("drift_ms", KEY, nullable=False),
        sa.Column("corrected", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["terminal_id"], ["terminal.id"], name=op.f("fk_terminal_drift_terminal_id_terminal")),
        sa.PrimaryKeyConstraint("terminal_id", "at", name=op.f("pk_terminal_drift")),
    )
