"""Areas, wanted users of terminals and what was reported of them, and people to be worked out again (server.dispatch.areas)."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0039"
down_revision = "0038"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True).with_variant(sa.Integer(), "sqlite")
JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def upgrade() -> None:
    op.create_table(
        "changed_user",
        sa.Column("id", KEY, nullable=False),
        sa.Column("subject", sa.String(16), nullable=False),
        sa.Column("subject_id", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_changed_user")),
    )
    op.create_table(
        "area",
        sa.Column("id", KEY, nullable=False),
        sa.Column("code", sa.String(64), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("verify", sa.String(16), nullable=False),
        sa.Column("access_group", sa.String(16), nullable=False),
        sa.Column("carries_faces", sa.Boolean(), nullable=False),
        sa.Column("removed_at", INSTANT, nullable=True),
        sa.Column("before", JSON, nullable=True),
        sa.Column("changed_at", INSTANT, nullable=False),
        sa.Column("changed_by", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_area")),
        sa.UniqueConstraint("code", name=op.f("uq_area_code")),
    )
    op.create_table(
        "area_rule",
        sa.Column("id", KEY, nullable=False),
        sa.Column("area_id", KEY, nullable=False),
        sa.Column("site_id", KEY, nullable=True),
        sa.Column("department_id", KEY, nullable=True),
        sa.Column("position_id", KEY, nullable=True),
        sa.Column("legal_entity_id", KEY, nullable=True),
        sa.Column("person_id", KEY, nullable=True),
        sa.CheckConstraint(
            "COALESCE(site_id, department_id, position_id, legal_entity_id, person_id) IS NOT NULL",
            name=op.f("ck_area_rule_says_something"),
        ),
        sa.ForeignKeyConstraint(["area_id"], ["area.id"], name=op.f("fk_area_rule_area_id_area")),
        sa.ForeignKeyConstraint(["department_id"], ["department.id"], name=op.f("fk_area_rule_department_id_department")),
        sa.ForeignKeyConstraint(["legal_entity_id"], ["legal_entity.id"], name=op.f("fk_area_rule_legal_entity_id_legal_entity")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_area_rule_person_id_person")),
        sa.ForeignKeyConstraint(["position_id"], ["position.id"], name=op.f("fk_area_rule_position_id_position")),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_area_rule_site_id_site")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_area_rule")),
    )
    op.create_index("ix_area_rule_area_id", "area_rule", ["area_id"])
    op.create_index("ix_area_rule_person_id", "area_rule", ["person_id"])
    op.create_table(
        "area_terminal",
        sa.Column("area_id", KEY, nullable=False, autoincrement=False),
        sa.Column("terminal_id", KEY, nullable=False, autoincrement=False),
        sa.ForeignKeyConstraint(["area_id"], ["area.id"], name=op.f("fk_area_terminal_area_id_area")),
        sa.ForeignKeyConstraint(["terminal_id"], ["terminal.id"], name=op.f("fk_area_terminal_terminal_id_terminal")),
        sa.PrimaryKeyConstraint("area_id", "terminal_id", name=op.f("pk_area_terminal")),
    )
    op.create_index("ix_area_terminal_terminal_id", "area_terminal", ["terminal_id"])
    op.create_table(
        "terminal_right",
        sa.Column("person_id", KEY, nullable=False, autoincrement=False),
        sa.Column("privilege", sa.SmallInteger(), nullable=False),
        sa.Column("password", sa.LargeBinary(), nullable=True),
        sa.Column("password_version", sa.Integer(), nullable=False),
        sa.Column("verify", sa.String(16), nullable=False),
        sa.Column("access_group", sa.String(16), nullable=False),
        sa.CheckConstraint("privilege IN (0, 14)", name=op.f("ck_terminal_right_privilege")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_terminal_right_person_id_person")),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_terminal_right")),
    )
    op.create_table(
        "wanted_mark",
        sa.Column("person_id", sa.BigInteger(), nullable=False, autoincrement=False),
        sa.Column("due_at", INSTANT, nullable=False),
        sa.Column("failures", sa.SmallInteger(), nullable=False),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_wanted_mark")),
    )
    op.create_index("ix_wanted_mark_due_at", "wanted_mark", ["due_at"])
    op.create_table(
        "wanted_day",
        sa.Column("time_zone", sa.String(64), nullable=False),
        sa.Column("day", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("time_zone", name=op.f("pk_wanted_day")),
    )
    op.create_table(
        "wanted_user",
        sa.Column("terminal_id", KEY, nullable=False, autoincrement=False),
        sa.Column("terminal_user", sa.String(64), nullable=False),
        sa.Column("person_id", KEY, nullable=True),
        sa.Column("present", sa.Boolean(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("card", sa.String(32), nullable=False),
        sa.Column("privilege", sa.SmallInteger(), nullable=False),
        sa.Column("password_version", sa.Integer(), nullable=False),
        sa.Column("access_group", sa.String(16), nullable=False),
        sa.Column("verify", sa.String(16), nullable=False),
        sa.Column("biometrics", sa.String(8), nullable=False),
        sa.Column("templates", JSON, nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("taken", sa.BigInteger(), nullable=False),
        sa.Column("reported", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("there", JSON, nullable=False),
        sa.Column("reported_at", INSTANT, nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_wanted_user_person_id_person")),
        sa.ForeignKeyConstraint(["terminal_id"], ["terminal.id"], name=op.f("fk_wanted_user_terminal_id_terminal")),
        sa.PrimaryKeyConstraint("terminal_id", "terminal_user", name=op.f("pk_wanted_user")),
    )
    op.create_index("ix_wanted_user_person_id", "wanted_user", ["person_id"])
    op.create_index(
        "ix_wanted_user_waiting",
        "wanted_user",
        ["terminal_id"],
        postgresql_where=sa.text("taken < revision"),
        sqlite_where=sa.text("taken < revision"),
    )
    op.create_table(
        "user_book",
        sa.Column("terminal_id", KEY, nullable=False, autoincrement=False),
        sa.Column("wanted", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(16), nullable=False),
        sa.Column("resent", sa.Integer(), nullable=False),
        sa.Column("resent_at", INSTANT, nullable=True),
        sa.Column("finger_algorithm", sa.String(64), nullable=False),
        sa.Column("face_algorithm", sa.String(64), nullable=False),
        sa.ForeignKeyConstraint(["terminal_id"], ["terminal.id"], name=op.f("fk_user_book_terminal_id_terminal")),
        sa.PrimaryKeyConstraint("terminal_id", name=op.f("pk_user_book")),
    )
    op.create_table(
        "user_template",
        sa.Column("id", KEY, nullable=False),
        sa.Column("person_id", KEY, nullable=False),
        sa.Column("kind", sa.String(8), nullable=False),
        sa.Column("place", sa.SmallInteger(), nullable=False),
        sa.Column("algorithm", sa.String(64), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("fingerprint", sa.String(64), nullable=False),
        sa.Column("terminal_id", KEY, nullable=False),
        sa.Column("taken_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_user_template_person_id_person")),
        sa.ForeignKeyConstraint(["terminal_id"], ["terminal.id"], name=op.f("fk_user_template_terminal_id_terminal")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_user_template")),
        sa.UniqueConstraint("fingerprint", name=op.f("uq_user_template_fingerprint")),
        sa.UniqueConstraint("person_id", "kind", "place", "algorithm", name=op.f("uq_user_template_person_id_kind_place_algorithm")),
    )
    op.create_table(
        "terminal_stranger",
        sa.Column("terminal_id", KEY, nullable=False, autoincrement=False),
        sa.Column("terminal_user", sa.String(64), nullable=False),
        sa.Column("templates", JSON, nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("reported_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(["terminal_id"], ["terminal.id"], name=op.f("fk_terminal_stranger_terminal_id_terminal")),
        sa.PrimaryKeyConstraint("terminal_id", "terminal_user", name=op.f("pk_terminal_stranger")),
    )
