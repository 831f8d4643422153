"""Attendance periods: that employees were asked and what they said, what was frozen at closing, what late facts came to since."""

from sqlalchemy import BigInteger, CheckConstraint, Column, ForeignKey, Index, LargeBinary, String, Table, Text, UniqueConstraint

from server.storage import BigKey, JsonData, PackedDate, UtcInstant, metadata

attendance_period = Table(
    "attendance_period",
    metadata,
    Column("id", BigKey, primary_key=True),
    Column("pay_group_id", ForeignKey("pay_group.id"), nullable=False),
    # the first day of the month that names it
    Column("month", PackedDate, nullable=False),
    Column("first_day", PackedDate, nullable=False),
    Column("last_day", PackedDate, nullable=False),
    Column("asked_at", UtcInstant),
    Column("confirm_until", PackedDate),
    # of server.jobs: the last work that was to close it
    Column("job_id", BigInteger),
    UniqueConstraint("pay_group_id", "month"),
    CheckConstraint("last_day >= first_day", name="span"),
)

period_answer = Table(
    "period_answer",
    metadata,
    Column("period_id", ForeignKey("attendance_period.id"), primary_key=True, autoincrement=False),
    Column("person_id", ForeignKey("person.id"), primary_key=True, autoincrement=False),
    Column("answer", String(16), nullable=False),
    Column("comment", Text, nullable=False),
    Column("answered_at", UtcInstant, nullable=False),
    # of what the person saw
    Column("figures", LargeBinary(16), nullable=False),
    CheckConstraint("answer IN ('confirmed', 'objected')", name="answer"),
)

period_closing = Table(
    "period_closing",
    metadata,
    # one for each time a period was closed; reopening ends it and keeps it
    Column("id", BigKey, primary_key=True),
    Column("period_id", ForeignKey("attendance_period.id"), nullable=False, index=True),
    Column("closed_at", UtcInstant, nullable=False),
    Column("closed_by", Text, nullable=False),
    # reasons for what was in the way, by the kind of issue
    Column("accepted", JsonData, nullable=False),
    Column("reopened_at", UtcInstant),
    Column("reopened_by", Text),
    Column("reopen_reason", Text, nullable=False),
)

period_result = Table(
    "period_result",
    metadata,
    Column("closing_id", ForeignKey("period_closing.id"), primary_key=True, autoincrement=False),
    Column("person_id", ForeignKey("person.id"), primary_key=True, autoincrement=False),
    Column("answer", String(16), nullable=False),
    Column("rules_version_id", ForeignKey("rule_set_version.id"), nullable=False),
    # JSON: AttendancePeriod, with its steps
    Column("body", LargeBinary, nullable=False),
    Index("ix_period_result_person_id", "person_id"),
    CheckConstraint("answer IN ('confirmed', 'objected', 'not-confirmed')", name="answer"),
)

period_arrear = Table(
    "period_arrear",
    metadata,
    Column("id", BigKey, primary_key=True),
    Column("closing_id", ForeignKey("period_closing.id"), nullable=False),
    Column("person_id", ForeignKey("person.id"), nullable=False),
    # JSON: a list of model.closing.Arrear
    Column("items", LargeBinary, nullable=False),
    # the first day of the month of the group's period that they are paid with
    Column("due_month", PackedDate),
    Column("decided_at", UtcInstant, nullable=False),
    Column("decided_by", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Index("ix_period_arrear_closing_id_person_id", "closing_id", "person_id"),
)
