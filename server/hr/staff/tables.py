"""Tables of staff records. What says something of a person lies sealed (storage.vault); dates that only say when somebody has to act
stand open, because lists go by them."""

from sqlalchemy import Boolean, CheckConstraint, Column, ForeignKey, Index, Integer, LargeBinary, SmallInteger, String, Table, Text

from server.storage import BigKey, JsonData, PackedDate, UtcInstant, metadata

personal_fact = Table(
    "personal_fact",
    metadata,
    Column("person_id", ForeignKey("person.id"), primary_key=True),
    # model.Fact, and what is worked out from facts for lists (store.facts.WORKED_OUT)
    Column("field", String(32), primary_key=True),
    Column("sealed", LargeBinary, nullable=False),
    # the blind index, of facts that people are found by
    Column("search", LargeBinary(32)),
    Column("changed_at", UtcInstant, nullable=False),
    Index("ix_personal_fact_field_search", "field", "search"),
)

document = Table(
    "document",
    metadata,
    Column("id", BigKey, primary_key=True),
    Column("person_id", ForeignKey("person.id"), nullable=False, index=True),
    Column("kind", String(16), nullable=False),
    Column("sealed_name", LargeBinary, nullable=False),
    Column("file_type", String(8), nullable=False),
    Column("size", Integer, nullable=False),
    Column("parts", SmallInteger, nullable=False),
    Column("access", String(16), nullable=False),
    Column("expires_on", PackedDate, index=True),
    Column("author", Text, nullable=False),
    Column("added_at", UtcInstant, nullable=False),
    # its content is gone then; the row stays, so that the trail has something to speak of
    Column("removed_at", UtcInstant),
    CheckConstraint("access IN ('self', 'hr', 'pay', 'restricted')", name="access"),
)

document_part = Table(
    "document_part",
    metadata,
    Column("document_id", ForeignKey("document.id"), primary_key=True),
    Column("number", SmallInteger, primary_key=True),
    Column("sealed", LargeBinary, nullable=False),
)

prior_service = Table(
    "prior_service",
    metadata,
    Column("id", BigKey, primary_key=True),
    Column("person_id", ForeignKey("person.id"), nullable=False, index=True),
    Column("employer", Text, nullable=False),
    Column("first_day", PackedDate, nullable=False),
    Column("last_day", PackedDate, nullable=False),
    Column("document_id", ForeignKey("document.id")),
    CheckConstraint("last_day >= first_day", name="span"),
)

contract = Table(
    "contract",
    metadata,
    Column("id", BigKey, primary_key=True),
    Column("person_id", ForeignKey("person.id"), nullable=False, index=True),
    Column("kind", String(16), nullable=False),
    Column("first_day", PackedDate, nullable=False),
    Column("last_day", PackedDate, index=True),
    Column("probation_until", PackedDate),
    Column("signed_on", PackedDate),
    Column("signing_order", SmallInteger, nullable=False),
    Column("asked_fixed", Boolean, nullable=False),
    Column("task", Text, nullable=False),
    Column("document_id", ForeignKey("document.id")),
    Column("author", Text, nullable=False),
    Column("recorded_at", UtcInstant, nullable=False),
    Column("withdrawn_at", UtcInstant),
    Column("withdrawn_by", Text, nullable=False),
    Column("withdraw_reason", Text, nullable=False),
    CheckConstraint("kind IN ('fixed', 'open-ended', 'task')", name="kind"),
    CheckConstraint("(kind = 'fixed') = (last_day IS NOT NULL)", name="term"),
    CheckConstraint("last_day IS NULL OR last_day >= first_day", name="span"),
)

own_field = Table(
    "own_field",
    metadata,
    Column("id", BigKey, primary_key=True),
    Column("name", Text, nullable=False, unique=True),
    Column("kind", String(16), nullable=False),
    Column("choices", JsonData, nullable=False),
    Column("needed", Boolean, nullable=False),
    Column("access", String(16), nullable=False),
    Column("place", SmallInteger, nullable=False),
    Column("archived", Boolean, nullable=False),
    CheckConstraint("kind IN ('text', 'number', 'date', 'choice', 'yes-no', 'person')", name="kind"),
    CheckConstraint("access IN ('self', 'hr', 'pay', 'restricted')", name="access"),
)

own_field_value = Table(
    "own_field_value",
    metadata,
    Column("person_id", ForeignKey("person.id"), primary_key=True),
    Column("field_id", ForeignKey("own_field.id"), primary_key=True),
    # HR may ask for anything, a blood group or a court order: all of it is sealed
    Column("sealed", LargeBinary, nullable=False),
    Column("changed_at", UtcInstant, nullable=False),
)

emergency_contact = Table(
    "emergency_contact",
    metadata,
    Column("id", BigKey, primary_key=True),
    Column("person_id", ForeignKey("person.id"), nullable=False, index=True),
    # name, relation and number in one: nobody looks for them one by one
    Column("sealed", LargeBinary, nullable=False),
)

staff_settings = Table(
    "staff_settings",
    metadata,
    # one row, or none while nothing was changed; figures are those of model.StaffSettings
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("most_document_mb", SmallInteger, nullable=False),
    Column("contract_days", SmallInteger, nullable=False, server_default="60"),
    Column("probation_days", SmallInteger, nullable=False, server_default="15"),
    Column("document_days", SmallInteger, nullable=False, server_default="30"),
    Column("birthday_days", SmallInteger, nullable=False, server_default="14"),
    Column("retirement_days", SmallInteger, nullable=False, server_default="180"),
    CheckConstraint("id = 1", name="single_row"),
)

own_change = Table(
    "own_change",
    metadata,
    Column("id", BigKey, primary_key=True),
    Column("person_id", ForeignKey("person.id"), nullable=False, index=True),
    # the facts that are asked for, by name
    Column("sealed", LargeBinary, nullable=False),
    Column("reason", Text, nullable=False),
    Column("state", String(16), nullable=False),
    Column("asked_at", UtcInstant, nullable=False),
    Column("ended_at", UtcInstant),
    CheckConstraint("state IN ('waiting', 'sent-back', 'approved', 'refused', 'withdrawn')", name="state"),
)

contract_reminder = Table(
    "contract_reminder",
    metadata,
    # of which end HR was told, so that each reminder comes once, and comes later where nothing ran on its day
    Column("contract_id", ForeignKey("contract.id"), primary_key=True),
    Column("stage", String(16), primary_key=True),
    Column("told_at", UtcInstant, nullable=False),
)
