"""Tables of shifts, patterns, rosters and calendars.

Versions are rows that stay as they were made: a planned day names the one it came from, and the past keeps what it had. A version that was
a mistake is withdrawn. Dates are work dates; a last day is included, empty: until further notice.
"""

from sqlalchemy import BigInteger, Boolean, CheckConstraint, Column, ForeignKey, Index, Integer, String, Table, Text

from server.storage import BigKey, JsonData, PackedDate, UtcInstant, metadata

shift = Table(
    "shift",
    metadata,
    Column("id", BigKey, primary_key=True),
    Column("name", String(64), nullable=False, unique=True),
    Column("sign", String(4), nullable=False),
    Column("archived", Boolean, nullable=False),
)

shift_version = Table(
    "shift_version",
    metadata,
    Column("id", BigKey, primary_key=True),
    Column("shift_id", ForeignKey("shift.id"), nullable=False, index=True),
    Column("first_day", PackedDate, nullable=False),
    # ShiftTerms
    Column("terms", JsonData, nullable=False),
    Column("author", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("at", UtcInstant, nullable=False),
    Column("withdrawn", Boolean, nullable=False),
)

pattern = Table(
    "pattern",
    metadata,
    Column("id", BigKey, primary_key=True),
    Column("name", String(64), nullable=False, unique=True),
    Column("archived", Boolean, nullable=False),
)

pattern_version = Table(
    "pattern_version",
    metadata,
    Column("id", BigKey, primary_key=True),
    Column("pattern_id", ForeignKey("pattern.id"), nullable=False, index=True),
    Column("first_day", PackedDate, nullable=False),
    # PatternTerms
    Column("terms", JsonData, nullable=False),
    Column("author", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("at", UtcInstant, nullable=False),
    Column("withdrawn", Boolean, nullable=False),
)

pattern_assignment = Table(
    "pattern_assignment",
    metadata,
    Column("id", BigKey, primary_key=True),
    Column("pattern_id", ForeignKey("pattern.id"), nullable=False, index=True),
    Column("scope", String(16), nullable=False),
    # of the person, position, department or site; 0 for the company
    Column("scope_id", BigInteger, nullable=False),
    Column("offset_days", Integer, nullable=False),
    Column("first_day", PackedDate, nullable=False),
    Column("last_day", PackedDate),
    Column("author", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("at", UtcInstant, nullable=False),
    CheckConstraint("last_day IS NULL OR last_day >= first_day", name="span"),
    CheckConstraint("scope IN ('person', 'position', 'department', 'site', 'company')", name="scope"),
    # of one scope and number no two rows share a day: actions check it inside the writing transaction
    Index("ix_pattern_assignment_scope_scope_id_first_day", "scope", "scope_id", "first_day", unique=True),
)

roster_entry = Table(
    "roster_entry",
    metadata,
    Column("id", BigKey, primary_key=True),
    Column("person_id", ForeignKey("person.id"), nullable=False),
    Column("day", PackedDate, nullable=False),
    Column("draft", Boolean, nullable=False),
    Column("kind", String(16), nullable=False),
    Column("shift_id", ForeignKey("shift.id"), index=True),
    Column("author", Text, nullable=False),
    Column("at", UtcInstant, nullable=False),
    CheckConstraint("kind IN ('shift', 'rest', 'pattern')", name="kind"),
    CheckConstraint("(kind = 'shift') = (shift_id IS NOT NULL)", name="shift"),
    # one roster for one day of one person, and one draft beside it
    Index("ix_roster_entry_person_id_day_draft", "person_id", "day", "draft", unique=True),
)

punch_exemption = Table(
    "punch_exemption",
    metadata,
    Column("id", BigKey, primary_key=True),
    Column("person_id", ForeignKey("person.id"), nullable=False, index=True),
    Column("first_day", PackedDate, nullable=False),
    Column("last_day", PackedDate),
    Column("reason", Text, nullable=False),
    Column("author", Text, nullable=False),
    Column("at", UtcInstant, nullable=False),
    CheckConstraint("last_day IS NULL OR last_day >= first_day", name="span"),
)

calendar = Table(
    "calendar",
    metadata,
    Column("id", BigKey, primary_key=True),
    Column("name", String(64), nullable=False, unique=True),
    Column("law", String(16), nullable=False),
    CheckConstraint("law IN ('china', 'other')", name="law"),
)

calendar_year = Table(
    "calendar_year",
    metadata,
    Column("calendar_id", ForeignKey("calendar.id"), primary_key=True, autoincrement=False),
    Column("year", Integer, primary_key=True, autoincrement=False),
    Column("state", String(16), nullable=False),
    Column("source", Text, nullable=False),
    CheckConstraint("state IN ('announced', 'statutory-only')", name="state"),
)

calendar_day = Table(
    "calendar_day",
    metadata,
    # one kind for a date, by the key itself
    Column("calendar_id", ForeignKey("calendar.id"), primary_key=True, autoincrement=False),
    Column("day", PackedDate, primary_key=True, autoincrement=False),
    Column("kind", String(16), nullable=False),
    Column("name", Text, nullable=False),
    Column("stands_for", PackedDate),
    CheckConstraint("kind IN ('statutory', 'moved', 'swapped-rest', 'weekend', 'make-up', 'company')", name="kind"),
)

site_calendar = Table(
    "site_calendar",
    metadata,
    Column("site_id", ForeignKey("site.id"), primary_key=True, autoincrement=False),
    Column("first_day", PackedDate, primary_key=True, autoincrement=False),
    Column("calendar_id", ForeignKey("calendar.id"), nullable=False),
)

roster_settings = Table(
    "roster_settings",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("calendar_id", ForeignKey("calendar.id"), nullable=False),
    Column("minimum_rest_minutes", Integer),
    Column("most_days_in_row", Integer),
    CheckConstraint("id = 1", name="single_row"),
)

roster_edit = Table(
    "roster_edit",
    metadata,
    Column("id", BigKey, primary_key=True),
    Column("author", Text, nullable=False),
    # of the sender, so that an edit that is sent again is taken once
    Column("edit_key", String(64), nullable=False, unique=True),
    Column("at", UtcInstant, nullable=False),
    Column("undone", Boolean, nullable=False),
    # [[person, "2026-11-23", mark after, mark before], ...]
    Column("cells", JsonData, nullable=False),
    Index("ix_roster_edit_author_id", "author", "id"),
)

roster_publication = Table(
    "roster_publication",
    metadata,
    Column("id", BigKey, primary_key=True),
    Column("author", Text, nullable=False),
    Column("at", UtcInstant, nullable=False),
    Column("first_day", PackedDate, nullable=False),
    Column("last_day", PackedDate, nullable=False),
    # [[person, "2026-11-23", mark published, mark before], ...]
    Column("cells", JsonData, nullable=False),
    Column("withdrawn_at", UtcInstant),
)
