"""Grants. A row is never deleted and nothing but its withdrawal is ever written to it: it says who approved what."""

from sqlalchemy import BigInteger, CheckConstraint, Column, ForeignKey, Index, Integer, String, Table, Text

from server.storage import BigKey, PackedDate, UtcInstant, metadata

attendance_grant = Table(
    "attendance_grant",
    metadata,
    Column("id", BigKey, primary_key=True),
    Column("person_id", ForeignKey("person.id"), nullable=False),
    Column("kind", String(16), nullable=False),
    Column("first_day", PackedDate),
    Column("last_day", PackedDate),
    Column("part", String(16), nullable=False),
    # whole seconds since 1970
    Column("starts_at", BigInteger),
    Column("ends_at", BigInteger),
    Column("leave", String(16)),
    Column("heading", String(8)),
    Column("minutes", Integer),
    Column("settled_by", String(16)),
    # the work dates it can matter to
    Column("from_day", PackedDate, nullable=False),
    Column("until_day", PackedDate, nullable=False),
    Column("origin", String(16), nullable=False),
    Column("origin_reference", String(80), nullable=False),
    Column("author", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("recorded_at", UtcInstant, nullable=False),
    Column("withdrawn_at", UtcInstant),
    Column("withdrawn_by", Text),
    Column("withdrawn_reason", Text, nullable=False),
    CheckConstraint("until_day >= from_day", name="span"),
    CheckConstraint("(first_day IS NULL) <> (starts_at IS NULL)", name="days_or_times"),
    CheckConstraint("origin IN ('by-hand', 'bulk', 'request', 'import')", name="origin"),
    Index("ix_attendance_grant_person_id_until_day", "person_id", "until_day"),
    Index("ix_attendance_grant_origin_reference", "origin", "origin_reference"),
)
