"""Tables of areas, and of the users that terminals should hold with what was reported of them."""

from sqlalchemy import (
    BigInteger,
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
    text,
)

from server.storage import BigKey, JsonData, PackedDate, UtcInstant, metadata

area = Table(
    "area",
    metadata,
    Column("id", BigKey, primary_key=True),
    Column("code", String(64), nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column("verify", String(16), nullable=False),
    Column("access_group", String(16), nullable=False),
    Column("carries_faces", Boolean, nullable=False),
    Column("removed_at", UtcInstant),
    # its content before the last change, for taking that back (store.areas)
    Column("before", JsonData),
    Column("changed_at", UtcInstant, nullable=False),
    Column("changed_by", Text, nullable=False),
)

# who belongs: everybody of whom all that a row gives is true
area_rule = Table(
    "area_rule",
    metadata,
    Column("id", BigKey, primary_key=True),
    Column("area_id", ForeignKey("area.id"), nullable=False, index=True),
    Column("site_id", ForeignKey("site.id")),
    Column("department_id", ForeignKey("department.id")),
    Column("position_id", ForeignKey("position.id")),
    Column("legal_entity_id", ForeignKey("legal_entity.id")),
    Column("person_id", ForeignKey("person.id"), index=True),
    CheckConstraint("COALESCE(site_id, department_id, position_id, legal_entity_id, person_id) IS NOT NULL", name="says_something"),
)

area_terminal = Table(
    "area_terminal",
    metadata,
    Column("area_id", ForeignKey("area.id"), primary_key=True, autoincrement=False),
    Column("terminal_id", ForeignKey("terminal.id"), primary_key=True, autoincrement=False, index=True),
)

# what somebody may at every terminal; nobody is here who is as everybody
terminal_right = Table(
    "terminal_right",
    metadata,
    Column("person_id", ForeignKey("person.id"), primary_key=True, autoincrement=False),
    Column("privilege", SmallInteger, nullable=False),
    Column("password", LargeBinary),
    # rises with each new password, so that it is brought again
    Column("password_version", Integer, nullable=False),
    Column("verify", String(16), nullable=False),
    Column("access_group", String(16), nullable=False),
    CheckConstraint("privilege IN (0, 14)", name="privilege"),
)

# people whose users are to be worked out again; no foreign key, because it stands here for seconds and must hinder nobody
wanted_mark = Table(
    "wanted_mark",
    metadata,
    Column("person_id", BigInteger, primary_key=True, autoincrement=False),
    Column("due_at", UtcInstant, nullable=False, index=True),
    Column("failures", SmallInteger, nullable=False),
)

# the date up to which what begins and ends by itself was followed, by time zone
wanted_day = Table(
    "wanted_day",
    metadata,
    Column("time_zone", String(64), primary_key=True),
    Column("day", PackedDate, nullable=False),
)

wanted_user = Table(
    "wanted_user",
    metadata,
    Column("terminal_id", ForeignKey("terminal.id"), primary_key=True, autoincrement=False),
    Column("terminal_user", String(64), primary_key=True),
    # whose number it is or was; empty once that person is erased
    Column("person_id", ForeignKey("person.id"), index=True),
    Column("present", Boolean, nullable=False),
    Column("name", Text, nullable=False),
    Column("card", String(32), nullable=False),
    Column("privilege", SmallInteger, nullable=False),
    Column("password_version", Integer, nullable=False),
    Column("access_group", String(16), nullable=False),
    Column("verify", String(16), nullable=False),
    Column("biometrics", String(8), nullable=False),
    Column("faces", Boolean, nullable=False),
    # fingerprints of the templates to bring
    Column("templates", JsonData, nullable=False),
    Column("revision", BigInteger, nullable=False),
    # the revision that the edge is known to have, 0 for none
    Column("taken", BigInteger, nullable=False),
    # the revision that what follows is about, 0 for none
    Column("reported", BigInteger, nullable=False),
    Column("state", String(16), nullable=False),
    Column("reason", Text, nullable=False),
    Column("there", JsonData, nullable=False),
    Column("reported_at", UtcInstant),
    Index("ix_wanted_user_waiting", "terminal_id", postgresql_where=text("taken < revision"), sqlite_where=text("taken < revision")),
)

# what is known of a terminal's users as a whole
user_book = Table(
    "user_book",
    metadata,
    Column("terminal_id", ForeignKey("terminal.id"), primary_key=True, autoincrement=False),
    Column("wanted", Integer, nullable=False),
    # protocol.wanted.digest of what is wanted, kept up with each row; 16 hex digits
    Column("digest", String(16), nullable=False),
    # how often all was sent again since the edge told the same, and when last
    Column("resent", Integer, nullable=False),
    Column("resent_at", UtcInstant),
    Column("finger_algorithm", String(64), nullable=False),
    Column("face_algorithm", String(64), nullable=False),
)

user_template = Table(
    "user_template",
    metadata,
    Column("id", BigKey, primary_key=True),
    Column("person_id", ForeignKey("person.id"), nullable=False),
    Column("kind", String(8), nullable=False),
    Column("place", SmallInteger, nullable=False),
    Column("algorithm", String(64), nullable=False),
    # sealed by the vault, whose key is not in the database
    Column("sealed", LargeBinary, nullable=False),
    # which one it is, and nothing else of it (Vault.index), in hex: wanted users name it by this
    Column("fingerprint", String(64), nullable=False, unique=True),
    Column("terminal_id", ForeignKey("terminal.id"), nullable=False),
    Column("taken_at", UtcInstant, nullable=False),
    UniqueConstraint("person_id", "kind", "place", "algorithm"),
)

# users on terminals who are nobody here
terminal_stranger = Table(
    "terminal_stranger",
    metadata,
    Column("terminal_id", ForeignKey("terminal.id"), primary_key=True, autoincrement=False),
    Column("terminal_user", String(64), primary_key=True),
    Column("templates", JsonData, nullable=False),
    Column("reason", Text, nullable=False),
    Column("reported_at", UtcInstant, nullable=False),
)
