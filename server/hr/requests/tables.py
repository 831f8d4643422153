"""Requests, what happened to them, what they made, and the rules of asking. Requests are never deleted."""

from sqlalchemy import BigInteger, Boolean, CheckConstraint, Column, ForeignKey, Index, Integer, String, Table, Text, UniqueConstraint

from server.storage import BigKey, JsonData, PackedDate, UtcInstant, metadata

hr_request = Table(
    "hr_request",
    metadata,
    Column("id", BigKey, primary_key=True),
    Column("number", String(16), nullable=False, unique=True),
    Column("kind", String(16), nullable=False),
    Column("purpose", String(8), nullable=False),
    Column("target_id", ForeignKey("hr_request.id")),
    Column("person_id", ForeignKey("person.id"), nullable=False),
    Column("partner_id", ForeignKey("person.id")),
    Column("partner_agreed_at", UtcInstant),
    Column("state", String(12), nullable=False),
    Column("content", JsonData, nullable=False),
    # the type of leave, or the cause of a correction
    Column("detail", String(40), nullable=False),
    Column("reason", Text, nullable=False),
    Column("late", Boolean, nullable=False),
    Column("first_day", PackedDate, nullable=False),
    Column("last_day", PackedDate, nullable=False),
    Column("minutes", Integer),
    Column("asked_by", Text, nullable=False),
    Column("in_name", Boolean, nullable=False),
    Column("findings", JsonData, nullable=False),
    Column("idempotency_key", String(64), nullable=False),
    Column("created_at", UtcInstant, nullable=False),
    Column("submitted_at", UtcInstant),
    Column("ended_at", UtcInstant),
    CheckConstraint("last_day >= first_day", name="span"),
    CheckConstraint("(target_id IS NULL) = (purpose = 'new')", name="target"),
    UniqueConstraint("person_id", "idempotency_key"),
    Index("ix_hr_request_person_id_last_day", "person_id", "last_day"),
    Index("ix_hr_request_partner_id_last_day", "partner_id", "last_day"),
    Index("ix_hr_request_state_kind", "state", "kind"),
    Index("ix_hr_request_target_id", "target_id"),
)

request_event = Table(
    "request_event",
    metadata,
    Column("id", BigKey, primary_key=True),
    Column("request_id", ForeignKey("hr_request.id"), nullable=False, index=True),
    Column("event", String(12), nullable=False),
    Column("state", String(12), nullable=False),
    Column("at", UtcInstant, nullable=False),
    Column("actor", Text, nullable=False),
    Column("comment", Text, nullable=False),
)

request_effect = Table(
    "request_effect",
    metadata,
    Column("id", BigKey, primary_key=True),
    Column("request_id", ForeignKey("hr_request.id"), nullable=False, index=True),
    Column("kind", String(12), nullable=False),
    # the grant, the publication of the roster, or the minutes that were booked
    Column("reference", BigInteger, nullable=False),
    Column("undone_at", UtcInstant),
)

request_number = Table(
    "request_number",
    metadata,
    Column("prefix", String(4), primary_key=True),
    Column("year", Integer, primary_key=True, autoincrement=False),
    Column("last", Integer, nullable=False),
)

request_rules = Table(
    "request_rules",
    metadata,
    Column("id", BigKey, primary_key=True),
    Column("kind", String(16), nullable=False),
    Column("first_day", PackedDate, nullable=False),
    Column("body", JsonData, nullable=False),
    Column("author", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("at", UtcInstant, nullable=False),
    Index("ix_request_rules_kind_first_day", "kind", "first_day"),
)

request_document = Table(
    "request_document",
    metadata,
    Column("request_id", ForeignKey("hr_request.id"), primary_key=True),
    # a document of server.hr.staff
    Column("document_id", BigInteger, primary_key=True, autoincrement=False),
    Column("name", Text, nullable=False),
)

request_reminder = Table(
    "request_reminder",
    metadata,
    # of which missing certificate people were told, so that each reminder comes once
    Column("request_id", ForeignKey("hr_request.id"), primary_key=True),
    Column("stage", String(16), primary_key=True),
    Column("told_at", UtcInstant, nullable=False),
)
