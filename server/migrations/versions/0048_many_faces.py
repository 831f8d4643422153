"""Legal entities with more stored faces than may go unnoticed (server.fleet)."""

import sqlalchemy as sa
from alembic import op

revision = "0048"
down_revision = "0047"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True).with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "many_faces",
        sa.Column("id", KEY, nullable=False),
        sa.Column("legal_entity_id", KEY, nullable=True),
        sa.Column("people", sa.Integer(), nullable=False),
        sa.Column("since", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(["legal_entity_id"], ["legal_entity.id"], name=op.f("fk_many_faces_legal_entity_id_legal_entity")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_many_faces")),
    )
    op.create_index(op.f("ix_many_faces_legal_entity_id"), "many_faces", ["legal_entity_id"])
