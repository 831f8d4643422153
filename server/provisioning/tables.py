"""Tables of the identity of edges. Rows are never deleted: they say who was let in by whom."""

from sqlalchemy import CheckConstraint, Column, ForeignKey, Integer, LargeBinary, String, Table, Text, UniqueConstraint

from server.storage import BigKey, UtcInstant, metadata

edge_certificate = Table(
    "edge_certificate",
    metadata,
    Column("id", BigKey, primary_key=True),
    Column("edge_id", ForeignKey("edge.id"), nullable=False, index=True),
    # lower-case hex, as certificates are shown
    Column("serial", String(40), nullable=False, unique=True),
    # fingerprint of the authority that signed it; empty where a release that did not note it gave it out
    Column("issuer", String(64), nullable=False),
    Column("how", String(16), nullable=False),
    Column("issued_at", UtcInstant, nullable=False),
    Column("ends_at", UtcInstant, nullable=False),
    Column("withdrawn_at", UtcInstant),
    Column("clock_off_ms", BigKey),
    Column("pem", Text, nullable=False),
    CheckConstraint("how IN ('token', 'renewal', 'kit')", name="how"),
)

edge_token = Table(
    "edge_token",
    metadata,
    Column("id", BigKey, primary_key=True),
    Column("edge_id", ForeignKey("edge.id"), nullable=False, index=True),
    # of the secret, which is kept nowhere
    Column("digest", LargeBinary, nullable=False, unique=True),
    Column("created_at", UtcInstant, nullable=False),
    Column("created_by", String(200), nullable=False),
    Column("expires_at", UtcInstant, nullable=False),
    Column("withdrawn_at", UtcInstant),
    Column("used_at", UtcInstant),
    # of the two keys that it was used with: only their owner gets the same answer again
    Column("used_key", LargeBinary),
    Column("certificate_id", ForeignKey("edge_certificate.id")),
)

# what was refused or seen, once for each kind, edge and source
edge_finding = Table(
    "edge_finding",
    metadata,
    Column("id", BigKey, primary_key=True),
    Column("kind", String(32), nullable=False),
    Column("edge", String(63), nullable=False),
    Column("source", String(64), nullable=False),
    Column("detail", Text, nullable=False),
    Column("first_at", UtcInstant, nullable=False),
    Column("last_at", UtcInstant, nullable=False),
    Column("count", Integer, nullable=False),
    Column("settled_at", UtcInstant),
    UniqueConstraint("kind", "edge", "source"),
)

# each start of an edge's program that said hello: one that comes again after another has begun runs at a second place
edge_run = Table(
    "edge_run",
    metadata,
    Column("edge_id", ForeignKey("edge.id"), primary_key=True, autoincrement=False),
    Column("run", String(32), primary_key=True),
    Column("place", String(200), nullable=False),
    Column("nonce", String(32), nullable=False),
    Column("first_at", UtcInstant, nullable=False),
    Column("last_at", UtcInstant, nullable=False),
    # how often it said hello after another one had
    Column("returns", Integer, nullable=False),
)

# the certificates of our authority that are trusted, as the folder of keys has them; pages of other machines have no such folder
trusted_authority = Table(
    "trusted_authority",
    metadata,
    # SHA-256 of the certificate, lower-case hex
    Column("fingerprint", String(64), primary_key=True),
    Column("name", String(64), nullable=False),
    Column("begins_at", UtcInstant, nullable=False),
    Column("ends_at", UtcInstant, nullable=False),
)
