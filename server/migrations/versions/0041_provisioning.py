"""The identity of edges: tokens, certificates, who was refused, where an edge runs; and edges in quarantine (server.provisioning)."""

import sqlalchemy as sa
from alembic import op

revision = "0041"
down_revision = "0040"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True).with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    with op.batch_alter_table("edge") as edge:
        edge.drop_constraint(op.f("ck_edge_state"), type_="check")
        edge.create_check_constraint(op.f("ck_edge_state"), "state IN ('active', 'quarantined', 'revoked', 'replaced')")
    op.create_table(
        "edge_certificate",
        sa.Column("id", KEY, nullable=False),
        sa.Column("edge_id", KEY, nullable=False),
        sa.Column("serial", sa.String(40), nullable=False),
        sa.Column("issuer", sa.String(64), nullable=False),
        sa.Column("how", sa.String(16), nullable=False),
        sa.Column("issued_at", INSTANT, nullable=False),
        sa.Column("ends_at", INSTANT, nullable=False),
        sa.Column("withdrawn_at", INSTANT, nullable=True),
        sa.Column("clock_off_ms", KEY, nullable=True),
        sa.Column("pem", sa.Text(), nullable=False),
        sa.CheckConstraint("how IN ('token', 'renewal', 'kit')", name=op.f("ck_edge_certificate_how")),
        sa.ForeignKeyConstraint(["edge_id"], ["edge.id"], name=op.f("fk_edge_certificate_edge_id_edge")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_edge_certificate")),
        sa.UniqueConstraint("serial", name=op.f("uq_edge_certificate_serial")),
    )
    op.create_index(op.f("ix_edge_certificate_edge_id"), "edge_certificate", ["edge_id"])
    op.create_table(
        "edge_token",
        sa.Column("id", KEY, nullable=False),
        sa.Column("edge_id", KEY, nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("created_by", sa.String(200), nullable=False),
        sa.Column("expires_at", INSTANT, nullable=False),
        sa.Column("withdrawn_at", INSTANT, nullable=True),
        sa.Column("used_at", INSTANT, nullable=True),
        sa.Column("used_key", sa.LargeBinary(), nullable=True),
        sa.Column("certificate_id", KEY, nullable=True),
        sa.ForeignKeyConstraint(["edge_id"], ["edge.id"], name=op.f("fk_edge_token_edge_id_edge")),
        sa.ForeignKeyConstraint(["certificate_id"], ["edge_certificate.id"], name=op.f("fk_edge_token_certificate_id_edge_certificate")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_edge_token")),
        sa.UniqueConstraint("digest", name=op.f("uq_edge_token_digest")),
    )
    op.create_index(op.f("ix_edge_token_edge_id"), "edge_token", ["edge_id"])
    op.create_table(
        "edge_finding",
        sa.Column("id", KEY, nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("edge", sa.String(63), nullable=False),
        sa.Column("source", sa.String(64), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("first_at", INSTANT, nullable=False),
        sa.Column("last_at", INSTANT, nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("settled_at", INSTANT, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_edge_finding")),
        sa.UniqueConstraint("kind", "edge", "source", name=op.f("uq_edge_finding_kind_edge_source")),
    )
    op.create_table(
        "edge_run",
        sa.Column("edge_id", KEY, nullable=False),
        sa.Column("run", sa.String(32), nullable=False),
        sa.Column("place", sa.String(200), nullable=False),
        sa.Column("nonce", sa.String(32), nullable=False),
        sa.Column("first_at", INSTANT, nullable=False),
        sa.Column("last_at", INSTANT, nullable=False),
        sa.Column("returns", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["edge_id"], ["edge.id"], name=op.f("fk_edge_run_edge_id_edge")),
        sa.PrimaryKeyConstraint("edge_id", "run", name=op.f("pk_edge_run")),
    )
