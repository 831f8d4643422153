"""Rule sets, their versions by date, and whom they are for. Versions and assignments are added and withdrawn, never changed."""

from sqlalchemy import BigInteger, CheckConstraint, Column, ForeignKey, Index, LargeBinary, String, Table, Text

from server.storage import BigKey, PackedDate, UtcInstant, metadata

rule_set = Table(
    "rule_set",
    metadata,
    Column("id", BigKey, primary_key=True),
    Column("name", String(80), nullable=False, unique=True),
    # the ready-made set that it began as; empty for one made from nothing
    Column("ready_made", String(32), nullable=False),
    Column("made_at", UtcInstant, nullable=False),
)

rule_set_version = Table(
    "rule_set_version",
    metadata,
    Column("id", BigKey, primary_key=True),
    Column("rule_set_id", ForeignKey("rule_set.id"), nullable=False),
    # holds from this day until the next version's; of two for one day the later recorded one
    Column("valid_from", PackedDate, nullable=False),
    # JSON of model.rules.Rules
    Column("body", LargeBinary, nullable=False),
    Column("author", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("recorded_at", UtcInstant, nullable=False),
    # holds for no day any more; the row stays, because days that were assessed by it say so
    Column("withdrawn_at", UtcInstant),
    Index("ix_rule_set_version_rule_set_id_valid_from", "rule_set_id", "valid_from"),
)

rule_assignment = Table(
    "rule_assignment",
    metadata,
    Column("id", BigKey, primary_key=True),
    Column("rule_set_id", ForeignKey("rule_set.id"), nullable=False, index=True),
    Column("subject", String(16), nullable=False),
    # of the department, position, site or person; 0 for the company
    Column("subject_id", BigInteger, nullable=False),
    Column("first_day", PackedDate, nullable=False),
    Column("last_day", PackedDate),
    Column("author", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("recorded_at", UtcInstant, nullable=False),
    Column("withdrawn_at", UtcInstant),
    CheckConstraint("last_day IS NULL OR last_day >= first_day", name="span"),
    CheckConstraint("subject IN ('company', 'department', 'position', 'site', 'person')", name="subject"),
    Index("ix_rule_assignment_subject_subject_id", "subject", "subject_id"),
)
