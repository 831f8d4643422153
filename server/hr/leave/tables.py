"""Tables of leave. The ledger is evidence: triggers of the migrations refuse UPDATE and DELETE on its rows."""

from sqlalchemy import Boolean, CheckConstraint, Column, ForeignKey, Index, Integer, String, Table, Text

from server.storage import BigKey, JsonData, PackedDate, UtcInstant, metadata

leave_type = Table(
    "leave_type",
    metadata,
    Column("id", BigKey, primary_key=True),
    Column("code", String(32), nullable=False, unique=True),
    Column("archived", Boolean, nullable=False),
)

leave_type_version = Table(
    "leave_type_version",
    metadata,
    Column("id", BigKey, primary_key=True),
    Column("type_id", ForeignKey("leave_type.id"), nullable=False, index=True),
    Column("first_day", PackedDate, nullable=False),
    # LeaveTerms
    Column("terms", JsonData, nullable=False),
    Column("author", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("at", UtcInstant, nullable=False),
    Column("withdrawn", Boolean, nullable=False),
)

leave_movement = Table(
    "leave_movement",
    metadata,
    Column("id", BigKey, primary_key=True),
    Column("person_id", ForeignKey("person.id"), nullable=False),
    Column("type_id", ForeignKey("leave_type.id"), nullable=False),
    Column("kind", String(16), nullable=False),
    # signed
    Column("minutes", Integer, nullable=False),
    # from which it counts
    Column("day", PackedDate, nullable=False),
    # what made a derived one: a second row of one cause corrects the first
    Column("cause", String(64), nullable=False),
    # the first day of the year, or the month, whose grants it belongs to
    Column("lot", String(16), nullable=False),
    Column("last_day", PackedDate),
    # of the request
    Column("reference", String(80), nullable=False),
    Column("reason", Text, nullable=False),
    # the code and the numbers of the sentence that explains it
    Column("facts", JsonData, nullable=False),
    Column("author", Text, nullable=False),
    Column("recorded_at", UtcInstant, nullable=False),
    CheckConstraint(
        "kind IN ('granted', 'carried', 'expired', 'paid-out', 'forgiven', 'reserved', 'released', 'taken', 'given-back', 'adjusted')",
        name="kind",
    ),
    Index("ix_leave_movement_person_id_type_id_day", "person_id", "type_id", "day"),
    Index("ix_leave_movement_reference", "reference"),
)

leave_ground = Table(
    "leave_ground",
    metadata,
    Column("id", BigKey, primary_key=True),
    Column("person_id", ForeignKey("person.id"), nullable=False, index=True),
    Column("type_id", ForeignKey("leave_type.id"), nullable=False),
    Column("name", Text, nullable=False),
    Column("first_day", PackedDate, nullable=False),
    Column("last_day", PackedDate, nullable=False),
    Column("author", Text, nullable=False),
    Column("at", UtcInstant, nullable=False),
    Column("ended_at", UtcInstant),
    Column("ended_by", Text, nullable=False),
    Column("end_reason", Text, nullable=False),
    CheckConstraint("last_day >= first_day", name="span"),
)

leave_waiver = Table(
    "leave_waiver",
    metadata,
    Column("id", BigKey, primary_key=True),
    Column("person_id", ForeignKey("person.id"), nullable=False, index=True),
    Column("type_id", ForeignKey("leave_type.id"), nullable=False),
    Column("lot", String(16), nullable=False),
    Column("reason", Text, nullable=False),
    Column("author", Text, nullable=False),
    Column("at", UtcInstant, nullable=False),
    Column("withdrawn_at", UtcInstant),
    Column("withdrawn_by", Text, nullable=False),
)

leave_settings = Table(
    "leave_settings",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    # nothing is granted, taken or ends before this day; what was then is in opening balances
    Column("begins_on", PackedDate, nullable=False),
    CheckConstraint("id = 1", name="single_row"),
)
