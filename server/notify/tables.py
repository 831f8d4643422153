"""Tables of notices, of wishes for mail, and of what is on its way outside. Persons are numbers: the directory stands above."""

from sqlalchemy import BigInteger, Boolean, CheckConstraint, Column, ForeignKey, Index, LargeBinary, SmallInteger, String, Table, Text

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
    CheckConstraint("kind IN ('approval', 'request', 'attendance', 'leave', 'staff', 'account', 'alarm')", name="kind"),
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

webhook = Table(
    "webhook",
    metadata,
    Column("id", BigKey, primary_key=True),
    Column("name", String(100), nullable=False, unique=True),
    Column("url", Text, nullable=False),
    Column("form", String(16), nullable=False),
    # what it is signed with
    Column("sealed_secret", LargeBinary),
    Column("is_on", Boolean, nullable=False),
    CheckConstraint("form IN ('signed', 'wecom', 'dingtalk', 'feishu')", name="form"),
)

# what goes outside: written in the transaction in which it happens, kept for a while after it went
sending = Table(
    "sending",
    metadata,
    Column("id", BigKey, primary_key=True),
    Column("way", String(16), nullable=False),
    # mail: the sealed address; webhook: none
    Column("sealed_address", LargeBinary),
    Column("webhook_id", ForeignKey("webhook.id", ondelete="CASCADE"), index=True),
    Column("about", String(64), nullable=False),
    Column("message", JsonData, nullable=False),
    Column("made_at", UtcInstant, nullable=False),
    # when it is tried next; empty when it was sent, or given up
    Column("due_at", UtcInstant),
    Column("attempts", SmallInteger, nullable=False),
    Column("sent_at", UtcInstant),
    Column("fault", Text, nullable=False),
    Column("code", String(100), nullable=False),
    CheckConstraint("way IN ('mail', 'webhook')", name="way"),
    Index("ix_sending_due_at", "due_at"),
    Index("ix_sending_about", "about"),
)
