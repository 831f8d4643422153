"""Tables of approvals. Versions and entries are evidence: triggers of the migrations refuse UPDATE and DELETE on their rows."""

from sqlalchemy import BigInteger, Boolean, CheckConstraint, Column, ForeignKey, Index, SmallInteger, String, Table, Text

from server.storage import BigKey, JsonData, PackedDate, UtcInstant, metadata

approval_flow_version = Table(
    "approval_flow_version",
    metadata,
    Column("id", BigKey, primary_key=True),
    # the pattern of kinds it is for; empty for any kind
    Column("kind", String(64), nullable=False),
    Column("number", SmallInteger, nullable=False),
    # model.Flow; NULL where the kind has none of its own from then on
    Column("flow", JsonData),
    Column("author", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("published_at", UtcInstant, nullable=False),
    Index("ix_approval_flow_version_kind_number", "kind", "number", unique=True),
)

approval_course = Table(
    "approval_course",
    metadata,
    Column("id", BigKey, primary_key=True),
    Column("subject_kind", String(32), nullable=False),
    # no foreign key: the subject is in an area above
    Column("subject_id", BigInteger, nullable=False),
    Column("kind", String(64), nullable=False),
    Column("requester_id", ForeignKey("person.id"), nullable=False, index=True),
    Column("facts", JsonData, nullable=False),
    Column("version_id", ForeignKey("approval_flow_version.id"), nullable=False),
    Column("branch", SmallInteger, nullable=False),
    Column("state", String(16), nullable=False),
    Column("round", SmallInteger, nullable=False),
    Column("first_round", SmallInteger, nullable=False),
    Column("step", SmallInteger, nullable=False),
    Column("all_must", Boolean, nullable=False),
    Column("submitted_at", UtcInstant, nullable=False),
    Column("step_since", UtcInstant, nullable=False),
    # when the time of its step is up; NULL where there is no limit, or nothing waits
    Column("due_at", UtcInstant, index=True),
    Column("reminded_at", UtcInstant),
    Column("ended_at", UtcInstant),
    CheckConstraint("state IN ('open', 'sent-back', 'approved', 'refused', 'withdrawn')", name="state"),
    Index("ix_approval_course_subject_kind_subject_id", "subject_kind", "subject_id"),
    Index("ix_approval_course_state_id", "state", "id"),
)

approval_seat = Table(
    "approval_seat",
    metadata,
    Column("id", BigKey, primary_key=True),
    Column("course_id", ForeignKey("approval_course.id"), nullable=False, index=True),
    Column("round", SmallInteger, nullable=False),
    Column("step", SmallInteger, nullable=False),
    Column("person_id", ForeignKey("person.id"), nullable=False),
    Column("why", String(16), nullable=False),
    Column("state", String(16), nullable=False),
    Column("decided_by", ForeignKey("person.id")),
    Column("decided_at", UtcInstant),
    CheckConstraint(
        "state IN ('open', 'approved', 'refused', 'sent-back', 'spared', 'passed-over', 'copied', 'handed-over')", name="state"
    ),
    Index("ix_approval_seat_person_id_state_course_id", "person_id", "state", "course_id"),
    Index("ix_approval_seat_decided_by_course_id", "decided_by", "course_id"),
)

approval_entry = Table(
    "approval_entry",
    metadata,
    Column("id", BigKey, primary_key=True),
    Column("course_id", ForeignKey("approval_course.id"), nullable=False, index=True),
    Column("kind", String(16), nullable=False),
    Column("at", UtcInstant, nullable=False),
    Column("round", SmallInteger, nullable=False),
    Column("step", SmallInteger, nullable=False),
    # NULL where the server did it by itself, or an account that is nobody's
    Column("person_id", ForeignKey("person.id")),
    Column("actor", Text, nullable=False),
    Column("comment", Text, nullable=False),
    Column("facts", JsonData, nullable=False),
)

approval_delegation = Table(
    "approval_delegation",
    metadata,
    Column("id", BigKey, primary_key=True),
    Column("person_id", ForeignKey("person.id"), nullable=False, index=True),
    Column("delegate_id", ForeignKey("person.id"), nullable=False, index=True),
    Column("kinds", JsonData, nullable=False),
    Column("first_day", PackedDate, nullable=False),
    Column("last_day", PackedDate),
    Column("only_away", Boolean, nullable=False),
    Column("author", Text, nullable=False),
    Column("recorded_at", UtcInstant, nullable=False),
    Column("ended_at", UtcInstant),
    CheckConstraint("last_day IS NULL OR last_day >= first_day", name="span"),
    CheckConstraint("delegate_id <> person_id", name="other"),
)

approval_bulk = Table(
    "approval_bulk",
    metadata,
    Column("id", BigKey, primary_key=True),
    Column("person_id", ForeignKey("person.id"), nullable=False),
    Column("verdict", String(16), nullable=False),
    Column("comment", Text, nullable=False),
    Column("author", Text, nullable=False),
    Column("asked_at", UtcInstant, nullable=False),
    CheckConstraint("verdict IN ('approve', 'refuse')", name="verdict"),
)

approval_bulk_item = Table(
    "approval_bulk_item",
    metadata,
    Column("bulk_id", ForeignKey("approval_bulk.id"), primary_key=True, autoincrement=False),
    Column("course_id", ForeignKey("approval_course.id"), primary_key=True, autoincrement=False),
    # NULL while it waits
    Column("done", Boolean),
    # why it could not be done: a text of ours and its facts
    Column("fault", JsonData),
)
