"""Tables of accounts and sessions. Secrets are stored as hashes only."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    LargeBinary,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from server.storage import BigKey, UtcInstant, metadata

account = Table(
    "account",
    metadata,
    Column("id", BigKey, primary_key=True),
    Column("login", String(64), nullable=False, unique=True),
    Column("password_hash", Text, nullable=False),
    Column("display_name", Text, nullable=False),
    Column("state", String(16), nullable=False),
    Column("must_change", Boolean, nullable=False),
    Column("created_at", UtcInstant, nullable=False),
    # whose account it is, for what is their own. No foreign key upwards to the directory, which stands above access
    Column("person_id", BigInteger),
    CheckConstraint("state IN ('active', 'disabled')", name="state"),
)

account_role = Table(
    "account_role",
    metadata,
    Column("account_id", ForeignKey("account.id"), primary_key=True, autoincrement=False),
    Column("role", String(32), primary_key=True),
    CheckConstraint("role IN ('administrator', 'hr', 'hr-pay', 'supervisor', 'it', 'auditor', 'employee')", name="role"),
)

account_role_entity = Table(
    "account_role_entity",
    metadata,
    # the legal entities that a role is limited to; none: all of them. No foreign key upwards to the fleet, as of the person above
    Column("account_id", BigKey, primary_key=True, autoincrement=False),
    Column("role", String(32), primary_key=True),
    Column("legal_entity_id", BigInteger, primary_key=True, autoincrement=False),
    ForeignKeyConstraint(["account_id", "role"], ["account_role.account_id", "account_role.role"], ondelete="CASCADE"),
)

session = Table(
    "session",
    metadata,
    # SHA-256 of the token; the token itself is with the browser only
    Column("token_hash", LargeBinary(32), primary_key=True),
    Column("account_id", ForeignKey("account.id"), nullable=False, index=True),
    Column("created_at", UtcInstant, nullable=False),
    Column("last_seen_at", UtcInstant, nullable=False),
    Column("expires_at", UtcInstant, nullable=False, index=True),
    Column("address", String(64), nullable=False),
    # "password", "code", or the provider that vouched
    Column("way", String(16), nullable=False, server_default="password"),
)

session_duty = Table(
    "session_duty",
    metadata,
    # what a session is good for first, and for nothing else until it is done
    Column("token_hash", ForeignKey("session.token_hash", ondelete="CASCADE"), primary_key=True),
    Column("duty", String(16), primary_key=True),
    CheckConstraint("duty IN ('password', 'second-factor')", name="duty"),
)

one_time_code = Table(
    "one_time_code",
    metadata,
    Column("account_id", ForeignKey("account.id"), primary_key=True, autoincrement=False),
    # the vault's index of the code: without the key, which lies beside the database, nothing can be tried against it
    Column("code_index", LargeBinary(32), nullable=False),
    Column("issued_at", UtcInstant, nullable=False),
    Column("expires_at", UtcInstant, nullable=False),
)

known_device = Table(
    "known_device",
    metadata,
    # SHA-256 of what the browser keeps since it has signed in to the account
    Column("token_hash", LargeBinary(32), primary_key=True),
    Column("account_id", ForeignKey("account.id"), nullable=False, index=True),
    Column("seen_at", UtcInstant, nullable=False),
)

second_factor = Table(
    "second_factor",
    metadata,
    Column("account_id", ForeignKey("account.id"), primary_key=True, autoincrement=False),
    # sealed by the vault; what the app on the phone holds
    Column("secret", LargeBinary, nullable=False),
    # empty until a first code from it was right
    Column("confirmed_at", UtcInstant),
    # the step of the code that was used last: none is good twice
    Column("last_step", BigInteger, nullable=False),
)

recovery_code = Table(
    "recovery_code",
    metadata,
    Column("account_id", ForeignKey("account.id"), primary_key=True, autoincrement=False),
    Column("code_index", LargeBinary(32), primary_key=True),
)

outside_link = Table(
    "outside_link",
    metadata,
    # who vouches, and the vault's index of whom they vouch for
    Column("provider", String(16), primary_key=True),
    Column("subject_index", LargeBinary(32), primary_key=True),
    Column("account_id", ForeignKey("account.id"), nullable=False),
    # what the provider called them, for people to read
    Column("sealed_name", LargeBinary, nullable=False),
    Column("by_claim", Boolean, nullable=False),
    Column("linked_at", UtcInstant, nullable=False),
    Column("used_at", UtcInstant),
    CheckConstraint("provider IN ('oidc', 'wecom', 'dingtalk', 'feishu')", name="provider"),
    UniqueConstraint("account_id", "provider"),
)

spent_return = Table(
    "spent_return",
    metadata,
    # SHA-256 of the secret that went with a browser to a provider and came back: it is good once
    Column("secret_hash", LargeBinary(32), primary_key=True),
    Column("at", UtcInstant, nullable=False, index=True),
)

sign_in_attempt = Table(
    "sign_in_attempt",
    metadata,
    Column("id", BigKey, primary_key=True),
    # the account's; of a name that is nobody's a digest, because it may be somebody's number
    Column("login", String(64), nullable=False),
    # the client's, or the known device it came from
    Column("address", String(64), nullable=False),
    Column("at", UtcInstant, nullable=False),
    # counted as failed from the start, so that many at once cannot slip past the count
    Column("succeeded", Boolean, nullable=False),
    Index("ix_sign_in_attempt_login_at", "login", "at"),
    Index("ix_sign_in_attempt_address_at", "address", "at"),
    Index("ix_sign_in_attempt_at", "at"),
)
