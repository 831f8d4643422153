"""Employments: dated events of people, the spans they add up to, positions, pay groups. Everybody who is there gets an employment.

Nobody knows when the people of an older database were hired: the first day that they were enrolled stands for it (without an enrolment,
the day before this migration), marked as not known. Of those who had left, the last enrolled day stands for the last day of work, at
the latest the day before this migration.
"""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True).with_variant(sa.Integer(), "sqlite")
DAY = sa.Integer()
JSON = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")
GOES_ON = 99991231


def upgrade() -> None:
    _create_lists()
    _create_events()
    _create_spans()
    _employ_everybody()


def _create_lists() -> None:
    for table in ("position", "pay_group"):
        op.create_table(
            table,
            sa.Column("id", KEY, nullable=False),
            sa.Column("code", sa.String(64), nullable=False),
            sa.Column("name", sa.Text(), nullable=False),
            sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
            sa.UniqueConstraint("code", name=op.f(f"uq_{table}_code")),
        )
    op.create_table(
        "pay_group_start",
        sa.Column("pay_group_id", KEY, nullable=False),
        sa.Column("from_month", DAY, nullable=False),
        sa.Column("day", sa.SmallInteger(), nullable=False),
        sa.CheckConstraint("day BETWEEN 1 AND 28", name=op.f("ck_pay_group_start_day")),
        sa.ForeignKeyConstraint(["pay_group_id"], ["pay_group.id"], name=op.f("fk_pay_group_start_pay_group_id_pay_group")),
        sa.PrimaryKeyConstraint("pay_group_id", "from_month", name=op.f("pk_pay_group_start")),
    )


def _create_events() -> None:
    op.create_table(
        "employment",
        sa.Column("id", KEY, nullable=False),
        sa.Column("person_id", KEY, nullable=False),
        sa.Column("hired_on_known", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_employment_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_employment")),
    )
    op.create_index(op.f("ix_employment_person_id"), "employment", ["person_id"])
    op.create_table(
        "employment_event",
        sa.Column("id", KEY, nullable=False),
        sa.Column("employment_id", KEY, nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("effective_on", DAY, nullable=False),
        sa.Column("until", DAY, nullable=True),
        sa.Column("sets", JSON, nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("recorded_at", INSTANT, nullable=False),
        sa.Column("cancelled_at", INSTANT, nullable=True),
        sa.Column("cancelled_by", sa.Text(), nullable=False),
        sa.Column("cancel_reason", sa.Text(), nullable=False),
        sa.CheckConstraint("kind IN ('hire', 'transfer', 'kind', 'hours', 'protection', 'leaving')", name=op.f("ck_employment_event_kind")),
        sa.CheckConstraint("until IS NULL OR until >= effective_on", name=op.f("ck_employment_event_span")),
        sa.ForeignKeyConstraint(["employment_id"], ["employment.id"], name=op.f("fk_employment_event_employment_id_employment")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_employment_event")),
    )
    op.create_index(op.f("ix_employment_event_employment_id"), "employment_event", ["employment_id"])


def _create_spans() -> None:
    owners = {
        "department_id": "department",
        "position_id": "position",
        "manager_id": "person",
        "site_id": "site",
        "pay_group_id": "pay_group",
    }
    op.create_table(
        "employment_span",
        sa.Column("person_id", KEY, nullable=False),
        sa.Column("first_day", DAY, nullable=False),
        sa.Column("last_day", DAY, nullable=False),
        sa.Column("employment_id", KEY, nullable=False),
        sa.Column("department_id", KEY, nullable=True),
        sa.Column("position_id", KEY, nullable=True),
        sa.Column("manager_id", KEY, nullable=True),
        sa.Column("site_id", KEY, nullable=True),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("hours_system", sa.String(16), nullable=False),
        sa.Column("pay_group_id", KEY, nullable=True),
        sa.Column("protected", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_employment_span_person_id_person")),
        sa.ForeignKeyConstraint(["employment_id"], ["employment.id"], name=op.f("fk_employment_span_employment_id_employment")),
        *(
            sa.ForeignKeyConstraint([column], [f"{table}.id"], name=op.f(f"fk_employment_span_{column}_{table}"))
            for column, table in owners.items()
        ),
        sa.PrimaryKeyConstraint("person_id", "first_day", name=op.f("pk_employment_span")),
    )
    for column in owners:
        op.create_index(op.f(f"ix_employment_span_{column}"), "employment_span", [column])


def _employ_everybody() -> None:
    """One employment for each person, with the person's own id: it is the first of all."""
    connection = op.get_bind()
    enrolled: dict[int, tuple[int, int]] = {}
    for person_id, first, last in connection.execute(
        sa.text("SELECT person_id, min(valid_from), max(coalesce(valid_until, 99991231)) FROM enrolment GROUP BY person_id")
    ):
        enrolled[person_id] = (first, last)
    moment = datetime.now(UTC)
    yesterday = _packed(moment.date() - timedelta(days=1))
    people = connection.execute(sa.text("SELECT id, department_id, site_id, active FROM person ORDER BY id")).all()
    if not people:
        return
    employments, events, spans = [], [], []
    for one in people:
        first, end = enrolled.get(one.id, (yesterday, yesterday))
        last = GOES_ON if one.active else max(first, min(end, yesterday))
        employments.append({"id": one.id, "person_id": one.id, "hired_on_known": False})
        events.append(_event(one.id, "hire", first, {"department_id": one.department_id, "site_id": one.site_id}, moment))
        if not one.active:
            events.append(_event(one.id, "leaving", last, {}, moment))
        span = {"person_id": one.id, "first_day": first, "last_day": last, "employment_id": one.id}
        span |= {"department_id": one.department_id, "site_id": one.site_id, "kind": "regular", "hours_system": "standard"}
        spans.append(span | {"protected": False})
    _insert("employment", employments)
    _insert("employment_event", events)
    _insert("employment_span", spans)
    if connection.dialect.name == "postgresql":
        connection.execute(sa.text("SELECT setval(pg_get_serial_sequence('employment', 'id'), (SELECT max(id) FROM employment))"))


def _event(employment_id: int, kind: str, day: int, sets: dict[str, Any], moment: datetime) -> dict[str, Any]:
    at: Any = moment
    if op.get_bind().dialect.name == "sqlite":
        at = (moment - datetime(1970, 1, 1, tzinfo=UTC)) // (datetime.resolution)
    words = {"author": "server", "reason": "carried over", "cancelled_by": "", "cancel_reason": ""}
    return {"employment_id": employment_id, "kind": kind, "effective_on": day, "sets": sets, "recorded_at": at, **words}


def _insert(table: str, rows: list[dict[str, Any]]) -> None:
    types: dict[str, Any] = {"sets": JSON, "recorded_at": sa.Integer() if op.get_bind().dialect.name == "sqlite" else INSTANT}
    op.bulk_insert(sa.table(table, *(sa.column(name, types.get(name)) for name in rows[0])), rows)


def _packed(day: date) -> int:
    return day.year * 10_000 + day.month * 100 + day.day
