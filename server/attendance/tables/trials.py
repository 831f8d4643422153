"""Trials and what they found. All of it may be forgotten: nothing here counts."""

from sqlalchemy import BigInteger, CheckConstraint, Column, ForeignKey, Index, Integer, LargeBinary, String, Table, Text

from server.storage import BigKey, JsonData, PackedDate, UtcInstant, metadata

trial = Table(
    "trial",
    metadata,
    Column("id", BigKey, primary_key=True),
    Column("kind", String(16), nullable=False),
    Column("who_kind", String(16), nullable=False),
    Column("who_id", BigInteger, nullable=False),
    Column("who_name", Text, nullable=False),
    Column("first_day", PackedDate, nullable=False),
    Column("last_day", PackedDate, nullable=False),
    # of a trial of rules: their body as JSON, what people call them, and the stored version (0: edited and not stored)
    Column("rules", LargeBinary),
    Column("rules_name", Text, nullable=False),
    Column("rules_version_id", BigInteger, nullable=False),
    Column("job_id", BigInteger, nullable=False),
    Column("decision", String(16), nullable=False),
    Column("decided_by", Text),
    Column("decided_at", UtcInstant),
    Column("asked_by", Text, nullable=False),
    Column("asked_at", UtcInstant, nullable=False),
    Column("totals", JsonData),
    Column("changed_days", Integer, nullable=False),
    Column("changed_people", Integer, nullable=False),
    CheckConstraint("kind IN ('recalculation', 'rules', 'sweep')", name="kind"),
    CheckConstraint("decision IN ('open', 'applied', 'dropped')", name="decision"),
    CheckConstraint("last_day >= first_day", name="span"),
)

trial_person = Table(
    "trial_person",
    metadata,
    Column("trial_id", ForeignKey("trial.id", ondelete="CASCADE"), primary_key=True, autoincrement=False),
    Column("person_id", ForeignKey("person.id"), primary_key=True, autoincrement=False),
    Column("days", Integer, nullable=False),
    # all figures of the range, by name; also of people for whom nothing changed, because totals are of everybody
    Column("before", JsonData, nullable=False),
    Column("after", JsonData, nullable=False),
    Column("changed", Integer, nullable=False),
    Index("ix_trial_person_trial_id_changed", "trial_id", "changed", "person_id"),
)

trial_day = Table(
    "trial_day",
    metadata,
    Column("trial_id", ForeignKey("trial.id", ondelete="CASCADE"), primary_key=True, autoincrement=False),
    Column("person_id", ForeignKey("person.id"), primary_key=True, autoincrement=False),
    Column("work_date", PackedDate, primary_key=True, autoincrement=False),
    Column("zone", Text, nullable=False),
    # names of the figures that changed, each between commas, for filters; the changes themselves as JSON
    Column("names", Text, nullable=False),
    Column("figures", LargeBinary, nullable=False),
    # JSON of AttendanceDay with its steps; null where there is no such day
    Column("before", LargeBinary),
    Column("after", LargeBinary),
)
