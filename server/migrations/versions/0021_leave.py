"""Leave: its kinds with versions, the ledger of movements, grounds and waivers (server.hr.leave), and the kinds that China's law knows."""

import json
from datetime import UTC, datetime
from pathlib import Path

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True).with_variant(sa.Integer(), "sqlite")
DAY = sa.Integer()
JSON = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")
CHINA = Path(__file__).parents[2] / "hr" / "leave" / "data" / "china-2026-11.json"
SEEDED_AT = datetime(2026, 11, 26, tzinfo=UTC)
KINDS = "'granted', 'carried', 'expired', 'paid-out', 'forgiven', 'reserved', 'released', 'taken', 'given-back', 'adjusted'"


def upgrade() -> None:
    _create_types()
    _create_ledger()
    _create_grounds()
    _guard("leave_movement")
    _seed()


def _create_types() -> None:
    op.create_table(
        "leave_type",
        sa.Column("id", KEY, nullable=False),
        sa.Column("code", sa.String(32), nullable=False),
        sa.Column("archived", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_leave_type")),
        sa.UniqueConstraint("code", name=op.f("uq_leave_type_code")),
    )
    op.create_table(
        "leave_type_version",
        sa.Column("id", KEY, nullable=False),
        sa.Column("type_id", KEY, nullable=False),
        sa.Column("first_day", DAY, nullable=False),
        sa.Column("terms", JSON, nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("withdrawn", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["type_id"], ["leave_type.id"], name=op.f("fk_leave_type_version_type_id_leave_type")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_leave_type_version")),
    )
    op.create_index(op.f("ix_leave_type_version_type_id"), "leave_type_version", ["type_id"])


def _create_ledger() -> None:
    op.create_table(
        "leave_movement",
        sa.Column("id", KEY, nullable=False),
        sa.Column("person_id", KEY, nullable=False),
        sa.Column("type_id", KEY, nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("day", DAY, nullable=False),
        sa.Column("cause", sa.String(64), nullable=False),
        sa.Column("lot", sa.String(16), nullable=False),
        sa.Column("last_day", DAY, nullable=True),
        sa.Column("reference", sa.String(80), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("facts", JSON, nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("recorded_at", INSTANT, nullable=False),
        sa.CheckConstraint(f"kind IN ({KINDS})", name=op.f("ck_leave_movement_kind")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_leave_movement_person_id_person")),
        sa.ForeignKeyConstraint(["type_id"], ["leave_type.id"], name=op.f("fk_leave_movement_type_id_leave_type")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_leave_movement")),
    )
    op.create_index("ix_leave_movement_person_id_type_id_day", "leave_movement", ["person_id", "type_id", "day"])
    op.create_index("ix_leave_movement_reference", "leave_movement", ["reference"])


def _create_grounds() -> None:
    op.create_table(
        "leave_ground",
        sa.Column("id", KEY, nullable=False),
        sa.Column("person_id", KEY, nullable=False),
        sa.Column("type_id", KEY, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("first_day", DAY, nullable=False),
        sa.Column("last_day", DAY, nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("ended_at", INSTANT, nullable=True),
        sa.Column("ended_by", sa.Text(), nullable=False),
        sa.Column("end_reason", sa.Text(), nullable=False),
        sa.CheckConstraint("last_day >= first_day", name=op.f("ck_leave_ground_span")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_leave_ground_person_id_person")),
        sa.ForeignKeyConstraint(["type_id"], ["leave_type.id"], name=op.f("fk_leave_ground_type_id_leave_type")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_leave_ground")),
    )
    op.create_index(op.f("ix_leave_ground_person_id"), "leave_ground", ["person_id"])
    op.create_table(
        "leave_waiver",
        sa.Column("id", KEY, nullable=False),
        sa.Column("person_id", KEY, nullable=False),
        sa.Column("type_id", KEY, nullable=False),
        sa.Column("lot", sa.String(16), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("withdrawn_at", INSTANT, nullable=True),
        sa.Column("withdrawn_by", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_leave_waiver_person_id_person")),
        sa.ForeignKeyConstraint(["type_id"], ["leave_type.id"], name=op.f("fk_leave_waiver_type_id_leave_type")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_leave_waiver")),
    )
    op.create_index(op.f("ix_leave_waiver_person_id"), "leave_waiver", ["person_id"])
    op.create_table(
        "leave_settings",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("begins_on", DAY, nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_leave_settings_single_row")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_leave_settings")),
    )


def _guard(table: str) -> None:
    """The ledger is evidence, as the trail is; `refuse_change` is of 0001."""
    if op.get_bind().dialect.name == "sqlite":
        for change in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER {table}_refuses_{change.lower()} BEFORE {change} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, '{table} is evidence: its rows are never changed'); END"
            )
        return
    op.execute(f"CREATE TRIGGER {table}_refuses_change BEFORE UPDATE OR DELETE ON {table} FOR EACH ROW EXECUTE FUNCTION refuse_change()")
    op.execute(f"CREATE TRIGGER {table}_refuses_truncate BEFORE TRUNCATE ON {table} FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()")


def _seed() -> None:
    types = json.loads(CHINA.read_text(encoding="utf-8"))["types"]
    kinds = sa.table("leave_type", sa.column("code"), sa.column("archived"))
    op.bulk_insert(kinds, [{"code": one["code"], "archived": False} for one in types])
    numbers = {row.code: row.id for row in op.get_bind().execute(sa.text("SELECT id, code FROM leave_type"))}
    versions = sa.table(
        "leave_type_version",
        *(sa.column(name) for name in ("type_id", "first_day", "author", "reason", "withdrawn")),
        sa.column("terms", JSON),
        sa.column("at", sa.DateTime(timezone=True) if op.get_bind().dialect.name == "postgresql" else sa.Integer()),
    )
    postgres = op.get_bind().dialect.name == "postgresql"
    at = SEEDED_AT if postgres else int(SEEDED_AT.timestamp()) * 1_000_000
    op.bulk_insert(
        versions,
        [
            {
                "type_id": numbers[one["code"]],
                "first_day": int(one["first_day"].replace("-", "")),
                "terms": one["terms"],
                "author": "server",
                "reason": "",
                "at": at,
                "withdrawn": False,
            }
            for one in types
        ],
    )
