"""Assessed days. They are derived: all of it but settlements and locks can be worked out again from punches, grants, rosters and rules."""

from sqlalchemy import BigInteger, CheckConstraint, Column, ForeignKey, Index, Integer, LargeBinary, String, Table, Text, UniqueConstraint

from server.storage import BigKey, PackedDate, UtcInstant, metadata

attendance_day = Table(
    "attendance_day",
    metadata,
    Column("person_id", ForeignKey("person.id"), primary_key=True, autoincrement=False),
    Column("work_date", PackedDate, primary_key=True, autoincrement=False),
    # what lists and signs show, so that none of them opens a body
    Column("state", String(16), nullable=False),
    Column("status", String(16), nullable=False),
    Column("kind", String(24), nullable=False),
    Column("scheduled_minutes", Integer, nullable=False),
    Column("worked_minutes", Integer, nullable=False),
    Column("late_minutes", Integer, nullable=False),
    Column("early_minutes", Integer, nullable=False),
    Column("overtime_minutes", Integer, nullable=False),
    Column("absent_halves", Integer, nullable=False),
    Column("leave_minutes", Integer, nullable=False),
    Column("leave_halves", Integer, nullable=False),
    # the kind that covers most of the day, empty where none does
    Column("leave_kind", String(16), nullable=False),
    # bits of model.stored: kinds of exceptions, and other signs
    Column("exceptions", BigInteger, nullable=False),
    Column("open_exceptions", Integer, nullable=False),
    Column("flags", Integer, nullable=False),
    Column("arrived_at", BigInteger),
    Column("left_at", BigInteger),
    Column("rules_version_id", ForeignKey("rule_set_version.id"), nullable=False),
    Column("inputs_hash", LargeBinary(16), nullable=False),
    Column("assessed_at", UtcInstant, nullable=False),
    # when to look at it again: pending, when the clock passes this; provisional, when every terminal has reported up to it. Empty once
    # it is final, and where it waits for something else
    Column("settles_at", BigInteger),
    # JSON: AttendanceDay without its steps, the steps, and the inputs that it is the value of (model.stored.DayInputs)
    Column("body", LargeBinary, nullable=False),
    Column("steps", LargeBinary, nullable=False),
    Column("inputs", LargeBinary, nullable=False),
    Index("ix_attendance_day_work_date", "work_date"),
    Index("ix_attendance_day_settles_at", "settles_at"),
)

day_exception = Table(
    "day_exception",
    metadata,
    Column("id", BigKey, primary_key=True),
    Column("person_id", ForeignKey("person.id"), nullable=False),
    Column("work_date", PackedDate, nullable=False),
    Column("kind", String(32), nullable=False),
    Column("part", Integer),
    Column("minutes", Integer, nullable=False),
    Column("at", BigInteger),
    Column("punch_id", BigInteger),
    # what makes two of them the same one: a settlement holds while an exception means the same
    Column("meaning", String(80), nullable=False),
    Column("state", String(16), nullable=False),
    Column("settled_by", Text),
    Column("settled_at", UtcInstant),
    Column("reason", Text, nullable=False),
    UniqueConstraint("person_id", "work_date", "meaning"),
    # gone: was settled, and the day no longer shows it; it is settled again if it comes back
    CheckConstraint("state IN ('open', 'settled', 'gone')", name="state"),
    Index("ix_day_exception_state_work_date", "state", "work_date", "id"),
)

locked_span = Table(
    "locked_span",
    metadata,
    Column("id", BigKey, primary_key=True),
    # days of a closed period: what is found out later goes beside them, never over them
    Column("person_id", ForeignKey("person.id"), nullable=False),
    Column("first_day", PackedDate, nullable=False),
    Column("last_day", PackedDate, nullable=False),
    Column("period_id", BigInteger, nullable=False, index=True),
    CheckConstraint("last_day >= first_day", name="span"),
    Index("ix_locked_span_person_id_first_day", "person_id", "first_day"),
)

day_erasure = Table(
    "day_erasure",
    metadata,
    # somebody's days are erased up to this one: they are never worked out again
    Column("person_id", ForeignKey("person.id"), primary_key=True, autoincrement=False),
    Column("until_day", PackedDate, nullable=False),
)

day_difference = Table(
    "day_difference",
    metadata,
    Column("id", BigKey, primary_key=True),
    # what a locked day would be now. One open row for a day; accepted ones stay as what the day counts as since
    Column("person_id", ForeignKey("person.id"), nullable=False),
    Column("work_date", PackedDate, nullable=False),
    Column("period_id", BigInteger, nullable=False),
    Column("state", String(16), nullable=False),
    Column("found_at", UtcInstant, nullable=False),
    Column("decided_at", UtcInstant),
    Column("decided_by", Text),
    Column("reason", Text, nullable=False),
    Column("rules_version_id", ForeignKey("rule_set_version.id"), nullable=False),
    Column("inputs_hash", LargeBinary(16), nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("steps", LargeBinary, nullable=False),
    Column("inputs", LargeBinary, nullable=False),
    CheckConstraint("state IN ('open', 'accepted', 'refused')", name="state"),
    Index("ix_day_difference_person_id_work_date", "person_id", "work_date"),
    Index("ix_day_difference_period_id_state", "period_id", "state"),
)
