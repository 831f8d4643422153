"""Tables of notices and of what people want by mail. Persons are numbers here: the directory stands above."""

from sqlalchemy import BigInteger, CheckConstraint, Column, Index, SmallInteger, String, Table, Text

from server.storage import BigKey, JsonData, PackedDate, UtcInstant, metadata

notice = Table(
    "notice",
    metadata,
    Column("id", BigKey, primary_key=True),
    Column("person_id", BigInteger, nullable=False),
    Column("kind", String(16), nullable=False),
    Column("text", Text, nullable=False),
    Column("facts", JsonData, nullable=False),
    Column("address", Text, nullable=False),
    Column("at", UtcInstant, nullable=False),
    Column("read_at", UtcInstant),
    # when it is to be tried by mail next; empty when it was sent, is not wanted, or was given up
    Column("mail_at", UtcInstant),
    Column("mail_attempts", SmallInteger, nullable=False),
    CheckConstraint("kind IN ('approval', 'request', 'attendance', 'leave', 'staff', 'account')", name="kind"),
    Index("ix_notice_person_id_read_at", "person_id", "read_at"),
    Index("ix_notice_mail_at", "mail_at"),
    Index("ix_notice_at", "at"),
)

mail_wish = Table(
    "mail_wish",
    metadata,
    Column("person_id", BigInteger, primary_key=True, autoincrement=False),
    Column("wish", String(16), nullable=False),
    # the day of the last letter with what waits
    Column("digest_on", PackedDate),
    CheckConstraint("wish IN ('each', 'digest', 'none')", name="wish"),
)
