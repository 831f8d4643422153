"""Tables of consents, of exports about somebody, of keep times and erasing. Consents and receipts are never deleted."""

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from server.storage import BigKey, JsonData, PackedDate, UtcInstant, metadata

consent_text = Table(
    "consent_text",
    metadata,
    Column("id", BigKey, primary_key=True),
    Column("purpose", String(16), nullable=False),
    Column("version", Integer, nullable=False),
    # model.TextTerms
    Column("terms", JsonData, nullable=False),
    Column("author", Text, nullable=False),
    Column("published_at", UtcInstant, nullable=False),
    UniqueConstraint("purpose", "version"),
    CheckConstraint("purpose IN ('biometrics', 'photo-proof', 'location', 'health', 'third-party')", name="purpose"),
)

consent = Table(
    "consent",
    metadata,
    Column("id", BigKey, primary_key=True),
    Column("person_id", ForeignKey("person.id"), nullable=False),
    Column("text_id", ForeignKey("consent_text.id"), nullable=False),
    Column("way", String(16), nullable=False),
    Column("agreed_at", UtcInstant, nullable=False),
    Column("recorded_by", Text, nullable=False),
    Column("withdrawn_at", UtcInstant),
    Column("withdrawn_by", Text, nullable=False),
    # when what must follow a withdrawal was done
    Column("carried_out_at", UtcInstant),
    Column("carried_out_by", Text, nullable=False),
    CheckConstraint("way IN ('signed-in', 'paper')", name="way"),
    CheckConstraint("carried_out_at IS NULL OR withdrawn_at IS NOT NULL", name="carried_out"),
    Index("ix_consent_person_id_text_id", "person_id", "text_id"),
    Index("ix_consent_text_id", "text_id"),
)

withdrawal_task = Table(
    "withdrawal_task",
    metadata,
    # what has to be done after a consent ended, one by one
    Column("id", BigKey, primary_key=True),
    Column("consent_id", ForeignKey("consent.id"), nullable=False, index=True),
    Column("kind", String(16), nullable=False),
    # where a template is to be erased, and of which user number
    Column("terminal_id", ForeignKey("terminal.id")),
    Column("terminal_user", String(64), nullable=False),
    Column("at", UtcInstant, nullable=False),
    Column("done_at", UtcInstant, index=True),
    Column("done_by", Text, nullable=False),
    CheckConstraint("kind IN ('template', 'other-way', 'health', 'told')", name="kind"),
    CheckConstraint("(kind = 'template') = (terminal_id IS NOT NULL)", name="terminal"),
)

keep_time = Table(
    "keep_time",
    metadata,
    # storage.Keep; kinds that nobody changed are not here
    Column("kind", String(16), primary_key=True),
    Column("months", SmallInteger, nullable=False),
)

erasure_due = Table(
    "erasure_due",
    metadata,
    # written anew each night: whose data of which kind is kept for longer than it may be
    Column("person_id", ForeignKey("person.id"), primary_key=True, autoincrement=False),
    Column("kind", String(16), primary_key=True),
    Column("left_on", PackedDate, nullable=False),
    Column("listed_at", UtcInstant, nullable=False),
)

erasure_hold = Table(
    "erasure_hold",
    metadata,
    Column("id", BigKey, primary_key=True),
    # while it is not lifted, nothing of this person is erased: a dispute needs it
    Column("person_id", ForeignKey("person.id"), nullable=False, index=True),
    Column("reason", Text, nullable=False),
    Column("author", Text, nullable=False),
    Column("at", UtcInstant, nullable=False),
    Column("lifted_at", UtcInstant),
    Column("lifted_by", Text, nullable=False),
)

erasure_order = Table(
    "erasure_order",
    metadata,
    # asked for by one, where the company wants a second person to confirm
    Column("id", BigKey, primary_key=True),
    Column("kind", String(16), nullable=False),
    Column("people", JsonData, nullable=False),
    Column("asked_by", Text, nullable=False),
    Column("asked_at", UtcInstant, nullable=False),
    Column("ended_at", UtcInstant),
    Column("ended_by", Text, nullable=False),
    # ended by a yes; otherwise by a no
    Column("confirmed", Boolean, nullable=False),
)

privacy_settings = Table(
    "privacy_settings",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    # another account than the one that asks must confirm an erasure
    Column("second_person", Boolean, nullable=False),
    CheckConstraint("id = 1", name="single_row"),
)

erasure_receipt = Table(
    "erasure_receipt",
    metadata,
    Column("id", BigKey, primary_key=True),
    Column("person_id", ForeignKey("person.id"), nullable=False, index=True),
    Column("kind", String(16), nullable=False),
    Column("left_on", PackedDate, nullable=False),
    Column("keep_months", SmallInteger, nullable=False),
    # rows by table
    Column("counts", JsonData, nullable=False),
    Column("erased_by", Text, nullable=False),
    Column("erased_at", UtcInstant, nullable=False),
    # engine.digest_of; the trail has it, too
    Column("digest", LargeBinary(32), nullable=False),
)

personal_export = Table(
    "personal_export",
    metadata,
    Column("id", BigKey, primary_key=True),
    Column("person_id", ForeignKey("person.id"), nullable=False, index=True),
    Column("asked_by", Text, nullable=False),
    Column("language", String(8), nullable=False),
    Column("asked_at", UtcInstant, nullable=False),
    Column("made_at", UtcInstant),
    Column("size", Integer),
    Column("parts", SmallInteger, nullable=False),
    # its content is deleted then
    Column("until", UtcInstant),
)

personal_export_part = Table(
    "personal_export_part",
    metadata,
    Column("export_id", ForeignKey("personal_export.id"), primary_key=True, autoincrement=False),
    Column("number", SmallInteger, primary_key=True, autoincrement=False),
    Column("sealed", LargeBinary, nullable=False),
)
