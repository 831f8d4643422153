"""Tables of long work."""

from sqlalchemy import BigInteger, CheckConstraint, Column, ForeignKey, Index, Integer, String, Table, Text, UniqueConstraint

from server.storage import BigKey, JsonData, UtcInstant, metadata

job = Table(
    "job",
    metadata,
    Column("id", BigKey, primary_key=True),
    Column("token", String(32), nullable=False),
    Column("name", String(64), nullable=False),
    Column("key", String(200), nullable=False),
    Column("title", Text, nullable=False),
    Column("facts", JsonData, nullable=False),
    Column("arguments", JsonData, nullable=False),
    Column("permission", String(32), nullable=False),
    Column("place", Text, nullable=False),
    Column("state", String(16), nullable=False),
    Column("fault", JsonData),
    Column("asked_by", Text, nullable=False),
    Column("asked_at", UtcInstant, nullable=False),
    Column("started_at", UtcInstant),
    Column("ended_at", UtcInstant),
    Column("cancelled_by", Text),
    UniqueConstraint("key"),
    Index("ix_job_state_id", "state", "id"),
    CheckConstraint("state IN ('waiting', 'running', 'done', 'failed', 'cancelled')", name="state"),
)

job_shard = Table(
    "job_shard",
    metadata,
    Column("job_id", BigInteger, ForeignKey("job.id", ondelete="CASCADE"), primary_key=True, autoincrement=False),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("size", Integer, nullable=False),
    Column("done", Integer, nullable=False),
    # what it is at, a text of ours
    Column("step", Text),
    # null until it is done for good: then what it saved is there, too
    Column("finished_at", UtcInstant),
    Column("arguments", JsonData, nullable=False),
)

job_runner = Table(
    "job_runner",
    metadata,
    Column("name", String(64), primary_key=True),
    Column("seen_at", UtcInstant, nullable=False),
)
