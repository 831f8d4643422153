"""Tables of staff records. What says something of a person lies sealed (storage.vault); dates that only say when somebody has to act
stand open, because lists go by them."""

from sqlalchemy import CheckConstraint, Column, ForeignKey, Index, Integer, LargeBinary, SmallInteger, String, Table, Text

from server.storage import BigKey, PackedDate, UtcInstant, metadata

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

staff_settings = Table(
    "staff_settings",
    metadata,
    # one row, or none while nothing was changed
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("most_document_mb", SmallInteger, nullable=False),
    CheckConstraint("id = 1", name="single_row"),
)
