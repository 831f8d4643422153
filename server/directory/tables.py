"""Tables of people. A person is never deleted here: the past would lose its names; leaving is a state."""

from sqlalchemy import Boolean, CheckConstraint, Column, ForeignKey, Index, String, Table, Text

from server.storage import BigKey, PackedDate, metadata

department = Table(
    "department",
    metadata,
    Column("id", BigKey, primary_key=True),
    Column("code", String(64), nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column("parent_id", ForeignKey("department.id"), index=True),
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
    CheckConstraint("valid_until IS NULL OR valid_until >= valid_from", name="span"),
    # no two rows of one zone and user share a day: actions check it inside the writing transaction
    Index("ix_enrolment_zone_id_terminal_user_valid_from", "zone_id", "terminal_user", "valid_from", unique=True),
)
