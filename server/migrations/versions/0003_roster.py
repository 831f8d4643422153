"""Shifts, patterns, rosters and calendars; China's calendar as it was known when this release was made.

The days come from a file of this revision's own (server/roster/data/china-2026-11.json), which is never edited: what is announced later is
imported, or comes with a later revision.
"""

import json
from datetime import date
from pathlib import Path

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

import server.roster

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True).with_variant(sa.Integer(), "sqlite")
DAY = sa.Integer()
JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
CHINA = Path(server.roster.__path__[0]) / "data" / "china-2026-11.json"


def upgrade() -> None:
    _create_versioned("shift", sa.Column("sign", sa.String(4), nullable=False))
    _create_versioned("pattern")
    _create_rosters()
    _create_calendars()
    _seed()


def _create_versioned(name: str, *more: sa.Column[str]) -> None:
    """A thing by its name, and its versions by their dates."""
    op.create_table(
        name,
        sa.Column("id", KEY, nullable=False),
        sa.Column("name", sa.String(64), nullable=False),
        *more,
        sa.Column("archived", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{name}")),
        sa.UniqueConstraint("name", name=op.f(f"uq_{name}_name")),
    )
    op.create_table(
        f"{name}_version",
        sa.Column("id", KEY, nullable=False),
        sa.Column(f"{name}_id", KEY, nullable=False),
        sa.Column("first_day", DAY, nullable=False),
        sa.Column("terms", JSON, nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("withdrawn", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint([f"{name}_id"], [f"{name}.id"], name=op.f(f"fk_{name}_version_{name}_id_{name}")),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{name}_version")),
    )
    op.create_index(op.f(f"ix_{name}_version_{name}_id"), f"{name}_version", [f"{name}_id"])


def _create_rosters() -> None:
    op.create_table(
        "pattern_assignment",
        sa.Column("id", KEY, nullable=False),
        sa.Column("pattern_id", KEY, nullable=False),
        sa.Column("scope", sa.String(16), nullable=False),
        sa.Column("scope_id", sa.BigInteger(), nullable=False),
        sa.Column("offset_days", sa.Integer(), nullable=False),
        sa.Column("first_day", DAY, nullable=False),
        sa.Column("last_day", DAY, nullable=True),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.CheckConstraint("last_day IS NULL OR last_day >= first_day", name=op.f("ck_pattern_assignment_span")),
        sa.CheckConstraint("scope IN ('person', 'position', 'department', 'site', 'company')", name=op.f("ck_pattern_assignment_scope")),
        sa.ForeignKeyConstraint(["pattern_id"], ["pattern.id"], name=op.f("fk_pattern_assignment_pattern_id_pattern")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pattern_assignment")),
    )
    op.create_index(op.f("ix_pattern_assignment_pattern_id"), "pattern_assignment", ["pattern_id"])
    op.create_index("ix_pattern_assignment_scope_scope_id_first_day", "pattern_assignment", ["scope", "scope_id", "first_day"], unique=True)
    op.create_table(
        "roster_entry",
        sa.Column("id", KEY, nullable=False),
        sa.Column("person_id", KEY, nullable=False),
        sa.Column("day", DAY, nullable=False),
        sa.Column("draft", sa.Boolean(), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("shift_id", KEY, nullable=True),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.CheckConstraint("kind IN ('shift', 'rest', 'pattern')", name=op.f("ck_roster_entry_kind")),
        sa.CheckConstraint("(kind = 'shift') = (shift_id IS NOT NULL)", name=op.f("ck_roster_entry_shift")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_roster_entry_person_id_person")),
        sa.ForeignKeyConstraint(["shift_id"], ["shift.id"], name=op.f("fk_roster_entry_shift_id_shift")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_roster_entry")),
    )
    op.create_index("ix_roster_entry_person_id_day_draft", "roster_entry", ["person_id", "day", "draft"], unique=True)
    op.create_index(op.f("ix_roster_entry_shift_id"), "roster_entry", ["shift_id"])
    op.create_table(
        "punch_exemption",
        sa.Column("id", KEY, nullable=False),
        sa.Column("person_id", KEY, nullable=False),
        sa.Column("first_day", DAY, nullable=False),
        sa.Column("last_day", DAY, nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.CheckConstraint("last_day IS NULL OR last_day >= first_day", name=op.f("ck_punch_exemption_span")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_punch_exemption_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_punch_exemption")),
    )
    op.create_index(op.f("ix_punch_exemption_person_id"), "punch_exemption", ["person_id"])


def _create_calendars() -> None:
    op.create_table(
        "calendar",
        sa.Column("id", KEY, nullable=False),
        sa.Column("name", sa.String(64), nullable=False),
        sa.Column("law", sa.String(16), nullable=False),
        sa.CheckConstraint("law IN ('china', 'other')", name=op.f("ck_calendar_law")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_calendar")),
        sa.UniqueConstraint("name", name=op.f("uq_calendar_name")),
    )
    op.create_table(
        "calendar_year",
        sa.Column("calendar_id", KEY, autoincrement=False, nullable=False),
        sa.Column("year", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.CheckConstraint("state IN ('announced', 'statutory-only')", name=op.f("ck_calendar_year_state")),
        sa.ForeignKeyConstraint(["calendar_id"], ["calendar.id"], name=op.f("fk_calendar_year_calendar_id_calendar")),
        sa.PrimaryKeyConstraint("calendar_id", "year", name=op.f("pk_calendar_year")),
    )
    op.create_table(
        "calendar_day",
        sa.Column("calendar_id", KEY, autoincrement=False, nullable=False),
        sa.Column("day", DAY, autoincrement=False, nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("stands_for", DAY, nullable=True),
        sa.CheckConstraint(
            "kind IN ('statutory', 'moved', 'swapped-rest', 'weekend', 'make-up', 'company')", name=op.f("ck_calendar_day_kind")
        ),
        sa.ForeignKeyConstraint(["calendar_id"], ["calendar.id"], name=op.f("fk_calendar_day_calendar_id_calendar")),
        sa.PrimaryKeyConstraint("calendar_id", "day", name=op.f("pk_calendar_day")),
    )
    op.create_table(
        "site_calendar",
        sa.Column("site_id", KEY, autoincrement=False, nullable=False),
        sa.Column("first_day", DAY, autoincrement=False, nullable=False),
        sa.Column("calendar_id", KEY, nullable=False),
        sa.ForeignKeyConstraint(["calendar_id"], ["calendar.id"], name=op.f("fk_site_calendar_calendar_id_calendar")),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_site_calendar_site_id_site")),
        sa.PrimaryKeyConstraint("site_id", "first_day", name=op.f("pk_site_calendar")),
    )
    op.create_table(
        "roster_settings",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("calendar_id", KEY, nullable=False),
        sa.Column("minimum_rest_minutes", sa.Integer(), nullable=True),
        sa.Column("most_days_in_row", sa.Integer(), nullable=True),
        sa.CheckConstraint("id = 1", name=op.f("ck_roster_settings_single_row")),
        sa.ForeignKeyConstraint(["calendar_id"], ["calendar.id"], name=op.f("fk_roster_settings_calendar_id_calendar")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_roster_settings")),
    )


def _seed() -> None:
    op.execute("INSERT INTO calendar (name, law) VALUES ('中国大陆', 'china')")
    number = op.get_bind().execute(sa.text("SELECT id FROM calendar")).scalar_one()
    years = json.loads(CHINA.read_text(encoding="utf-8"))["years"]
    op.bulk_insert(
        _table("calendar_year", "calendar_id", "year", "state", "source"),
        [{"calendar_id": number, "year": int(year), "state": one["state"], "source": one["source"]} for year, one in years.items()],
    )
    op.bulk_insert(
        _table("calendar_day", "calendar_id", "day", "kind", "name", "stands_for"),
        [
            {
                "calendar_id": number,
                "day": _packed(one["day"]),
                "kind": one["kind"],
                "name": one["name"],
                "stands_for": _packed(one["stands_for"]) if "stands_for" in one else None,
            }
            for year in years.values()
            for one in year["days"]
        ],
    )
    settings = _table("roster_settings", "id", "calendar_id", "minimum_rest_minutes", "most_days_in_row")
    op.bulk_insert(settings, [{"id": 1, "calendar_id": number, "minimum_rest_minutes": 11 * 60, "most_days_in_row": 6}])


def _table(name: str, *columns: str) -> sa.TableClause:
    return sa.table(name, *(sa.column(column) for column in columns))


def _packed(day: str) -> int:
    """YYYYMMDD as a number."""
    return int(date.fromisoformat(day).strftime("%Y%m%d"))
