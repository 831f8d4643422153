"""The audit trail: evidence. Triggers of the migrations refuse DELETE on its rows, and every UPDATE but erasing what names somebody."""

from sqlalchemy import CheckConstraint, Column, ForeignKey, Index, Integer, LargeBinary, String, Table, Text

from server.storage import BigKey, JsonData, UtcInstant, metadata

audit_row = Table(
    "audit_row",
    metadata,
    # counts from 1 without a gap; not drawn from a sequence, which would leave gaps after a rollback
    Column("id", BigKey, primary_key=True, autoincrement=False),
    Column("at", UtcInstant, nullable=False),
    Column("actor", Text, nullable=False),
    Column("action", String(64), nullable=False),
    Column("subject_kind", String(64), nullable=False),
    Column("subject", Text, nullable=False),
    Column("before", JsonData),
    Column("after", JsonData),
    Column("reason", Text, nullable=False),
    Column("request_id", String(64), nullable=False),
    Column("previous_hash", LargeBinary(32), nullable=False),
    Column("hash", LargeBinary(32), nullable=False),
    # the chain runs over salted digests of what may name somebody, so that this can be erased and the chain still holds. A salt is 16
    # bytes, empty once what it was for is erased. All four are NULL in rows of earlier versions, whose content is in the chain itself
    Column("actor_salt", LargeBinary(16)),
    Column("actor_digest", LargeBinary(32)),
    Column("content_salt", LargeBinary(16)),
    Column("content_digest", LargeBinary(32)),
    Index("ix_audit_row_subject_kind_subject_id", "subject_kind", "subject", "id"),
    # the trail is searched by each of these, the latest first
    Index("ix_audit_row_at_id", "at", "id"),
    Index("ix_audit_row_actor_at_id", "actor", "at", "id"),
    Index("ix_audit_row_action_at_id", "action", "at", "id"),
    Index("ix_audit_row_subject_kind_at_id", "subject_kind", "at", "id"),
    Index("ix_audit_row_subject_at_id", "subject", "at", "id"),
    Index("ix_audit_row_request_id", "request_id"),
)

audit_person = Table(
    "audit_person",
    metadata,
    # whom a row concerns, so that it is found by them and shown to nobody who may not see them. Not part of the chain; person_id: the
    # directory stands above this area
    Column("person_id", BigKey, primary_key=True, autoincrement=False),
    Column("row_id", BigKey, ForeignKey("audit_row.id"), primary_key=True, autoincrement=False),
    Index("ix_audit_person_row_id", "row_id"),
)

audit_check = Table(
    "audit_check",
    metadata,
    # the chain as it was followed at some time, to its end or to the first row that did not fit
    Column("id", BigKey, primary_key=True),
    Column("checked_at", UtcInstant, nullable=False),
    Column("asked_by", Text, nullable=False),
    Column("rows", BigKey, nullable=False),
    Column("first_at", UtcInstant),
    Column("last_at", UtcInstant),
    Column("last_id", BigKey, nullable=False),
    Column("hash", LargeBinary(32), nullable=False),
    Column("broken_row", BigKey),
    Column("broken_kind", String(16)),
    Column("broken_reason", Text),
    CheckConstraint("broken_kind IN ('changed', 'missing', 'out-of-order', 'added')", name="broken_kind"),
)

audit_head = Table(
    "audit_head",
    metadata,
    # one row: the end of the chain. Writers lock it, so the chain has one order; it also shows rows cut off at the end
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("last_id", BigKey, nullable=False),
    Column("hash", LargeBinary(32), nullable=False),
    CheckConstraint("id = 1", name="single_row"),
)
