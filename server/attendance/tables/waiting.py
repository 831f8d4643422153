"""What is waiting to be assessed, and how far punches, days and terminals have been followed."""

from sqlalchemy import BigInteger, CheckConstraint, Column, ForeignKey, Index, LargeBinary, String, Table, Text

from server.storage import BigKey, PackedDate, UtcInstant, metadata

day_mark = Table(
    "day_mark",
    metadata,
    Column("person_id", ForeignKey("person.id"), primary_key=True, autoincrement=False),
    Column("work_date", PackedDate, primary_key=True, autoincrement=False),
    # the kind of input that changed last
    Column("why", String(32), nullable=False),
    Column("marked_at", UtcInstant, nullable=False),
    # not before this moment: a failing day is tried again later
    Column("due_at", UtcInstant, nullable=False),
    # rises with every mark: a worker takes away only what it has seen
    Column("times", BigInteger, nullable=False),
    Column("failures", BigInteger, nullable=False),
    # a worker that took the mark has it until then; empty while nobody has
    Column("leased_until", UtcInstant),
    Index("ix_day_mark_due_at", "due_at"),
)

punch_cursor = Table(
    "punch_cursor",
    metadata,
    # who follows: the mechanism of model.BoardCursor, as JSON
    Column("name", String(32), primary_key=True),
    Column("body", LargeBinary, nullable=False),
)

day_opening = Table(
    "day_opening",
    metadata,
    # dates on which everybody has been given a day
    Column("work_date", PackedDate, primary_key=True, autoincrement=False),
    Column("opened_at", UtcInstant, nullable=False),
)

terminal_report = Table(
    "terminal_report",
    metadata,
    # everything that a terminal recorded up to then is here; whole seconds since 1970
    Column("terminal_id", ForeignKey("terminal.id"), primary_key=True, autoincrement=False),
    Column("reported_until", BigInteger, nullable=False),
)

silence = Table(
    "silence",
    metadata,
    Column("id", BigKey, primary_key=True),
    # what a terminal has not reported from..until is not waited for; whole seconds since 1970
    Column("terminal_id", ForeignKey("terminal.id"), nullable=False, index=True),
    Column("starts_at", BigInteger, nullable=False),
    Column("ends_at", BigInteger, nullable=False),
    Column("author", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("accepted_at", UtcInstant, nullable=False),
    Column("withdrawn_at", UtcInstant),
    Column("withdrawn_by", Text),
    CheckConstraint("ends_at > starts_at", name="span"),
)
