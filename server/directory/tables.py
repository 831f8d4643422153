"""Tables of people and employments. A person is never deleted: leaving is a state. When all keep times are over, name and number go."""

from sqlalchemy import Boolean, CheckConstraint, Column, ForeignKey, Index, SmallInteger, String, Table, Text

from server.storage import BigKey, JsonData, PackedDate, UtcInstant, metadata

department = Table(
    "department",
    metadata,
    Column("id", BigKey, primary_key=True),
    Column("code", String(64), nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column("parent_id", ForeignKey("department.id"), index=True),
    # the last day on which somebody may belong to it
    Column("closed_on", PackedDate),
)

department_head = Table(
    "department_head",
    metadata,
    Column("department_id", ForeignKey("department.id"), primary_key=True),
    Column("first_day", PackedDate, primary_key=True),
    # 9999-12-31 while it goes on; the spans of a department share no day
    Column("last_day", PackedDate, nullable=False),
    Column("person_id", ForeignKey("person.id"), nullable=False, index=True),
    CheckConstraint("last_day >= first_day", name="span"),
)

person = Table(
    "person",
    metadata,
    Column("id", BigKey, primary_key=True),
    Column("employee_number", String(64), nullable=False, unique=True),
    Column("name", Text, nullable=False),
    # the name in pinyin (model.sort_key): databases sort Chinese by code point, people by sound
    Column("name_sort", Text, nullable=False),
    Column("department_id", ForeignKey("department.id"), index=True),
    Column("site_id", ForeignKey("site.id"), index=True),
    Column("active", Boolean, nullable=False),
    # when name and number went: nothing is written to the person after that
    Column("erased_at", UtcInstant),
    Index("ix_person_name_sort_id", "name_sort", "id"),
)

enrolment = Table(
    "enrolment",
    metadata,
    Column("id", BigKey, primary_key=True),
    Column("person_id", ForeignKey("person.id"), nullable=False, index=True),
    Column("zone_id", ForeignKey("zone.id"), nullable=False),
    Column("terminal_user", String(64), nullable=False),
    Column("valid_from", PackedDate, nullable=False),
    # the last day it holds; empty while it goes on
    Column("valid_until", PackedDate),
    # the number of a card as the reader shows it; empty for none
    Column("card", String(32)),
    # kinds of templates that terminals hold, a list; empty where nobody said. Never a template itself
    Column("templates", JsonData),
    CheckConstraint("valid_until IS NULL OR valid_until >= valid_from", name="span"),
    # no two rows of one zone and user share a day: actions check it inside the writing transaction
    Index("ix_enrolment_zone_id_terminal_user_valid_from", "zone_id", "terminal_user", "valid_from", unique=True),
)

# lists of users as terminals hold them, while nobody is that user here
terminal_user = Table(
    "terminal_user",
    metadata,
    Column("zone_id", ForeignKey("zone.id"), primary_key=True, autoincrement=False),
    Column("terminal_user", String(64), primary_key=True),
    Column("name", Text, nullable=False),
    Column("card", String(32)),
    Column("templates", JsonData),
    Column("told_at", UtcInstant, nullable=False),
)

position = Table(
    "position",
    metadata,
    Column("id", BigKey, primary_key=True),
    Column("code", String(64), nullable=False, unique=True),
    Column("name", Text, nullable=False),
)

pay_group = Table(
    "pay_group",
    metadata,
    Column("id", BigKey, primary_key=True),
    Column("code", String(64), nullable=False, unique=True),
    Column("name", Text, nullable=False),
)

pay_group_start = Table(
    "pay_group_start",
    metadata,
    Column("pay_group_id", ForeignKey("pay_group.id"), primary_key=True),
    # the first day of the month that names the first period it holds for
    Column("from_month", PackedDate, primary_key=True),
    Column("day", SmallInteger, nullable=False),
    CheckConstraint("day BETWEEN 1 AND 28", name="day"),
)

employment = Table(
    "employment",
    metadata,
    Column("id", BigKey, primary_key=True),
    Column("person_id", ForeignKey("person.id"), nullable=False, index=True),
    Column("hired_on_known", Boolean, nullable=False),
    # its days as the spans have them, written with these: empty where the hire was cancelled, 9999-12-31 while it goes on
    Column("first_day", PackedDate),
    Column("last_day", PackedDate),
    Index("ix_employment_first_day_person_id", "first_day", "person_id"),
)

employment_event = Table(
    "employment_event",
    metadata,
    Column("id", BigKey, primary_key=True),
    Column("employment_id", ForeignKey("employment.id"), nullable=False, index=True),
    Column("kind", String(16), nullable=False),
    # the first day it holds; of a leaving the last day of work
    Column("effective_on", PackedDate, nullable=False),
    Column("until", PackedDate),
    Column("sets", JsonData, nullable=False),
    Column("author", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("recorded_at", UtcInstant, nullable=False),
    Column("cancelled_at", UtcInstant),
    Column("cancelled_by", Text, nullable=False),
    Column("cancel_reason", Text, nullable=False),
    CheckConstraint("kind IN ('hire', 'transfer', 'kind', 'hours', 'protection', 'probation', 'confirmation', 'leaving')", name="kind"),
    CheckConstraint("until IS NULL OR until >= effective_on", name="span"),
)

employment_span = Table(
    "employment_span",
    metadata,
    # what the events in force add up to (engine.terms.spans_of), written again with each of them; nobody else writes here
    Column("person_id", ForeignKey("person.id"), primary_key=True),
    Column("first_day", PackedDate, primary_key=True),
    # 9999-12-31 while it goes on
    Column("last_day", PackedDate, nullable=False),
    Column("employment_id", ForeignKey("employment.id"), nullable=False),
    Column("department_id", ForeignKey("department.id"), index=True),
    Column("position_id", ForeignKey("position.id"), index=True),
    Column("manager_id", ForeignKey("person.id"), index=True),
    Column("site_id", ForeignKey("site.id"), index=True),
    Column("kind", String(16), nullable=False),
    Column("hours_system", String(16), nullable=False),
    Column("pay_group_id", ForeignKey("pay_group.id"), index=True),
    Column("protected", Boolean, nullable=False),
    Column("legal_entity_id", ForeignKey("legal_entity.id"), index=True),
    Column("probation_until", PackedDate),
)
