"""What ingest remembers: epochs and their marks, sealed batches, quarantine, refused messages, who owns which shard.

`batch` is evidence: triggers of the migrations refuse UPDATE and DELETE on it.
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from server.storage import BigKey, JsonData, UtcInstant, metadata

epoch = Table(
    "epoch",
    metadata,
    Column("id", BigKey, primary_key=True),
    Column("edge_id", ForeignKey("edge.id"), nullable=False),
    Column("epoch", String(32), nullable=False),
    # rows up to `mark` are committed; `head` is the chain's head there
    Column("mark", BigInteger, nullable=False),
    Column("head", LargeBinary(32), nullable=False),
    # nonce of the hello that opened the present conversation
    Column("session", String(32), nullable=False),
    Column("state", String(16), nullable=False),
    Column("opened_at", UtcInstant, nullable=False),
    Column("moved_at", UtcInstant, nullable=False),
    UniqueConstraint("edge_id", "epoch"),
    CheckConstraint("state IN ('open', 'refused', 'closed')", name="state"),
    CheckConstraint("mark >= 0", name="mark"),
)

batch = Table(
    "batch",
    metadata,
    Column("id", BigKey, primary_key=True),
    Column("epoch_id", ForeignKey("epoch.id"), nullable=False),
    Column("first", BigInteger, nullable=False),
    Column("last", BigInteger, nullable=False),
    Column("previous_head", LargeBinary(32), nullable=False),
    Column("head", LargeBinary(32), nullable=False),
    Column("signature", LargeBinary(64), nullable=False),
    Column("key_id", String(16), nullable=False),
    # 32 bytes for each row `first` to `last`
    Column("digests", LargeBinary, nullable=False),
    # one byte for each row: N new, D duplicate, Q quarantined
    Column("outcomes", LargeBinary, nullable=False),
    Column("admitted_at", UtcInstant, nullable=False),
    Column("worker", String(64), nullable=False),
    Column("new", Integer, nullable=False),
    Column("duplicate", Integer, nullable=False),
    Column("quarantined", Integer, nullable=False),
    # two batches may begin alike (the longer one was sent when a receipt was lost), none ends alike: the mark moves on with each
    UniqueConstraint("epoch_id", "last"),
    CheckConstraint("first <= last", name="span"),
)

hole = Table(
    "hole",
    metadata,
    Column("id", BigKey, primary_key=True),
    Column("epoch_id", ForeignKey("epoch.id"), nullable=False, index=True),
    Column("first", BigInteger, nullable=False),
    Column("last", BigInteger, nullable=False),
    Column("at", UtcInstant, nullable=False),
    Column("reason", Text, nullable=False),
)

quarantine = Table(
    "quarantine",
    metadata,
    Column("id", BigKey, primary_key=True),
    Column("reason", String(64), nullable=False),
    Column("edge_id", ForeignKey("edge.id"), nullable=False, index=True),
    Column("epoch_id", ForeignKey("epoch.id"), nullable=False),
    Column("sequence", BigInteger, nullable=False),
    Column("terminal_serial", String(64), nullable=False),
    Column("terminal_user", String(64), nullable=False),
    Column("wall_text", String(19), nullable=False),
    Column("received_at", UtcInstant),
    Column("arrived_at", UtcInstant, nullable=False),
    Column("body", LargeBinary, nullable=False),
    # of what the row says, without salt and times of the way: the same thing is kept once
    Column("content_hash", LargeBinary(32), nullable=False, unique=True),
    Column("state", String(16), nullable=False),
    Column("resolved_at", UtcInstant),
    Column("resolved_by", Text),
    Column("note", Text, nullable=False),
    CheckConstraint("state IN ('open', 'replayed', 'dismissed')", name="state"),
    Index("ix_quarantine_state_id", "state", "id"),
    Index("ix_quarantine_terminal_serial_terminal_user", "terminal_serial", "terminal_user"),
)

refused_message = Table(
    "refused_message",
    metadata,
    Column("id", BigKey, primary_key=True),
    # as the topic names it; may be no edge of ours
    Column("edge", String(200), nullable=False),
    Column("reason", String(64), nullable=False),
    Column("detail", Text, nullable=False),
    Column("content_hash", LargeBinary(32), nullable=False, unique=True),
    Column("topic", Text, nullable=False),
    # at most 64 KB of it
    Column("body", LargeBinary, nullable=False),
    Column("at", UtcInstant, nullable=False, index=True),
    Column("last_at", UtcInstant, nullable=False),
    Column("count", BigInteger, nullable=False),
)

shard_lease = Table(
    "shard_lease",
    metadata,
    Column("shard", String(8), primary_key=True),
    Column("owner", String(64), nullable=False),
    # rises with every new owner; checked in each transaction that admits, so a frozen worker commits nothing
    Column("generation", BigInteger, nullable=False),
    Column("expires_at", UtcInstant, nullable=False),
)

worker = Table(
    "worker",
    metadata,
    Column("name", String(64), primary_key=True),
    Column("seen_at", UtcInstant, nullable=False),
)

punch_file = Table(
    "punch_file",
    metadata,
    Column("id", BigKey, primary_key=True),
    Column("terminal_id", ForeignKey("terminal.id"), nullable=False, index=True),
    Column("name", Text, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("sha256", String(64), nullable=False),
    # packed; let go once it was taken in, or a week later
    Column("content", LargeBinary),
    Column("devices", JsonData, nullable=False),
    Column("any_device", Boolean, nullable=False),
    Column("state", String(16), nullable=False),
    Column("job_key", Text, nullable=False),
    Column("survey", JsonData),
    Column("reasons", JsonData, nullable=False),
    Column("new", BigInteger, nullable=False),
    Column("known", BigInteger, nullable=False),
    Column("quarantined", BigInteger, nullable=False),
    Column("refusal", String(32), nullable=False),
    Column("shown", Text, nullable=False),
    Column("author", Text, nullable=False),
    Column("at", UtcInstant, nullable=False),
    Column("taken_by", Text, nullable=False),
    Column("taken_at", UtcInstant),
    CheckConstraint("state IN ('looking', 'looked', 'taking', 'taken', 'refused', 'dropped')", name="state"),
)
