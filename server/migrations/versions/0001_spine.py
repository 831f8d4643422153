"""The spine: fleet, directory, punches, ingest, access, audit.

Frozen with the first release: later ones add revisions, and this one still opens the oldest database (tests/databases).
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True).with_variant(sa.Integer(), "sqlite")
DAY = sa.Integer()
JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")

EVIDENCE = ("punch", "batch", "audit_row")
"""Tables whose rows are never changed and never removed."""


def upgrade() -> None:
    _create_tables()
    _create_single_rows()
    if op.get_bind().dialect.name == "sqlite":
        _guard_on_sqlite()
    else:
        _guard_on_postgresql()


def _create_single_rows() -> None:
    op.execute("INSERT INTO provisioning (id, version) VALUES (1, 1)")
    genesis = sa.table("audit_head", sa.column("id"), sa.column("last_id"), sa.column("hash"))
    op.bulk_insert(genesis, [{"id": 1, "last_id": 0, "hash": bytes(32)}])


def _guard_on_sqlite() -> None:
    for table in EVIDENCE:
        for change in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER {table}_refuses_{change.lower()} BEFORE {change} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, '{table} is evidence: its rows are never changed'); END"
            )


def _guard_on_postgresql() -> None:
    op.execute(
        "CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$ "
        "BEGIN RAISE EXCEPTION '% is evidence: its rows are never changed', TG_TABLE_NAME USING ERRCODE = 'restrict_violation'; END $$"
    )
    for table in EVIDENCE:
        op.execute(
            f"CREATE TRIGGER {table}_refuses_change BEFORE UPDATE OR DELETE ON {table} FOR EACH ROW EXECUTE FUNCTION refuse_change()"
        )
        op.execute(
            f"CREATE TRIGGER {table}_refuses_truncate BEFORE TRUNCATE ON {table} FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
        )


def _create_tables() -> None:  # noqa: PLR0915 - one statement for each table
    op.create_table(
        "account",
        sa.Column("id", KEY, nullable=False),
        sa.Column("login", sa.String(length=64), nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=False),
        sa.Column("display_name", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("must_change", sa.Boolean(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.CheckConstraint("state IN ('active', 'disabled')", name=op.f("ck_account_state")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account")),
        sa.UniqueConstraint("login", name=op.f("uq_account_login")),
    )
    op.create_table(
        "audit_head",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("last_id", KEY, nullable=False),
        sa.Column("hash", sa.LargeBinary(length=32), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_audit_head_single_row")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_head")),
    )
    op.create_table(
        "audit_row",
        sa.Column("id", KEY, autoincrement=False, nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("action", sa.String(length=64), nullable=False),
        sa.Column("subject_kind", sa.String(length=64), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("before", JSON, nullable=True),
        sa.Column("after", JSON, nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("request_id", sa.String(length=64), nullable=False),
        sa.Column("previous_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("hash", sa.LargeBinary(length=32), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_row")),
    )
    op.create_index("ix_audit_row_subject_kind_subject_id", "audit_row", ["subject_kind", "subject", "id"], unique=False)
    op.create_table(
        "department",
        sa.Column("id", KEY, nullable=False),
        sa.Column("code", sa.String(length=64), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("parent_id", KEY, nullable=True),
        sa.ForeignKeyConstraint(["parent_id"], ["department.id"], name=op.f("fk_department_parent_id_department")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_department")),
        sa.UniqueConstraint("code", name=op.f("uq_department_code")),
    )
    op.create_index(op.f("ix_department_parent_id"), "department", ["parent_id"], unique=False)
    op.create_table(
        "provisioning",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("version", KEY, nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_provisioning_single_row")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_provisioning")),
    )
    op.create_table(
        "refused_message",
        sa.Column("id", KEY, nullable=False),
        sa.Column("edge", sa.String(length=200), nullable=False),
        sa.Column("reason", sa.String(length=64), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("content_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("topic", sa.Text(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("last_at", INSTANT, nullable=False),
        sa.Column("count", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_refused_message")),
        sa.UniqueConstraint("content_hash", name=op.f("uq_refused_message_content_hash")),
    )
    op.create_index(op.f("ix_refused_message_at"), "refused_message", ["at"], unique=False)
    op.create_table(
        "shard_lease",
        sa.Column("shard", sa.String(length=8), nullable=False),
        sa.Column("owner", sa.String(length=64), nullable=False),
        sa.Column("generation", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("shard", name=op.f("pk_shard_lease")),
    )
    op.create_table(
        "sign_in_attempt",
        sa.Column("id", KEY, nullable=False),
        sa.Column("login", sa.String(length=64), nullable=False),
        sa.Column("address", sa.String(length=64), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("succeeded", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sign_in_attempt")),
    )
    op.create_index("ix_sign_in_attempt_address_at", "sign_in_attempt", ["address", "at"], unique=False)
    op.create_index("ix_sign_in_attempt_at", "sign_in_attempt", ["at"], unique=False)
    op.create_index("ix_sign_in_attempt_login_at", "sign_in_attempt", ["login", "at"], unique=False)
    op.create_table(
        "site",
        sa.Column("id", KEY, nullable=False),
        sa.Column("code", sa.String(length=64), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("time_zone", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_site")),
        sa.UniqueConstraint("code", name=op.f("uq_site_code")),
    )
    op.create_table(
        "worker",
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("seen_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_worker")),
    )
    op.create_table(
        "account_role",
        sa.Column("account_id", KEY, autoincrement=False, nullable=False),
        sa.Column("role", sa.String(length=32), nullable=False),
        sa.CheckConstraint("role IN ('administrator', 'hr', 'it')", name=op.f("ck_account_role_role")),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_account_role_account_id_account")),
        sa.PrimaryKeyConstraint("account_id", "role", name=op.f("pk_account_role")),
    )
    op.create_table(
        "edge",
        sa.Column("id", KEY, nullable=False),
        sa.Column("name", sa.String(length=63), nullable=False),
        sa.Column("site_id", KEY, nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.CheckConstraint("state IN ('active', 'revoked', 'replaced')", name=op.f("ck_edge_state")),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_edge_site_id_site")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_edge")),
        sa.UniqueConstraint("name", name=op.f("uq_edge_name")),
    )
    op.create_index(op.f("ix_edge_site_id"), "edge", ["site_id"], unique=False)
    op.create_table(
        "person",
        sa.Column("id", KEY, nullable=False),
        sa.Column("employee_number", sa.String(length=64), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("name_sort", sa.Text(), nullable=False),
        sa.Column("department_id", KEY, nullable=True),
        sa.Column("site_id", KEY, nullable=True),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["department_id"], ["department.id"], name=op.f("fk_person_department_id_department")),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_person_site_id_site")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person")),
        sa.UniqueConstraint("employee_number", name=op.f("uq_person_employee_number")),
    )
    op.create_index(op.f("ix_person_department_id"), "person", ["department_id"], unique=False)
    op.create_index("ix_person_name_sort_id", "person", ["name_sort", "id"], unique=False)
    op.create_index(op.f("ix_person_site_id"), "person", ["site_id"], unique=False)
    op.create_table(
        "session",
        sa.Column("token_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("account_id", KEY, nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("last_seen_at", INSTANT, nullable=False),
        sa.Column("expires_at", INSTANT, nullable=False),
        sa.Column("address", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_session_account_id_account")),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_session")),
    )
    op.create_index(op.f("ix_session_account_id"), "session", ["account_id"], unique=False)
    op.create_index(op.f("ix_session_expires_at"), "session", ["expires_at"], unique=False)
    op.create_table(
        "zone",
        sa.Column("id", KEY, nullable=False),
        sa.Column("code", sa.String(length=64), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("site_id", KEY, nullable=True),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_zone_site_id_site")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_zone")),
        sa.UniqueConstraint("code", name=op.f("uq_zone_code")),
    )
    op.create_index(op.f("ix_zone_site_id"), "zone", ["site_id"], unique=False)
    op.create_table(
        "edge_health",
        sa.Column("edge_id", KEY, autoincrement=False, nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("received_at", INSTANT, nullable=False),
        sa.Column("cut_at", INSTANT, nullable=True),
        sa.Column("body", JSON, nullable=False),
        sa.ForeignKeyConstraint(["edge_id"], ["edge.id"], name=op.f("fk_edge_health_edge_id_edge")),
        sa.PrimaryKeyConstraint("edge_id", name=op.f("pk_edge_health")),
    )
    op.create_table(
        "edge_key",
        sa.Column("id", KEY, nullable=False),
        sa.Column("edge_id", KEY, nullable=False),
        sa.Column("key_id", sa.String(length=16), nullable=False),
        sa.Column("public_key", sa.LargeBinary(), nullable=False),
        sa.Column("valid_from", INSTANT, nullable=False),
        sa.Column("valid_until", INSTANT, nullable=True),
        sa.ForeignKeyConstraint(["edge_id"], ["edge.id"], name=op.f("fk_edge_key_edge_id_edge")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_edge_key")),
        sa.UniqueConstraint("key_id", name=op.f("uq_edge_key_key_id")),
    )
    op.create_index(op.f("ix_edge_key_edge_id"), "edge_key", ["edge_id"], unique=False)
    op.create_table(
        "enrolment",
        sa.Column("id", KEY, nullable=False),
        sa.Column("person_id", KEY, nullable=False),
        sa.Column("zone_id", KEY, nullable=False),
        sa.Column("terminal_user", sa.String(length=64), nullable=False),
        sa.Column("valid_from", DAY, nullable=False),
        sa.Column("valid_until", DAY, nullable=True),
        sa.CheckConstraint("valid_until IS NULL OR valid_until >= valid_from", name=op.f("ck_enrolment_span")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_enrolment_person_id_person")),
        sa.ForeignKeyConstraint(["zone_id"], ["zone.id"], name=op.f("fk_enrolment_zone_id_zone")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_enrolment")),
    )
    op.create_index(op.f("ix_enrolment_person_id"), "enrolment", ["person_id"], unique=False)
    op.create_index("ix_enrolment_zone_id_terminal_user_valid_from", "enrolment", ["zone_id", "terminal_user", "valid_from"], unique=True)
    op.create_table(
        "epoch",
        sa.Column("id", KEY, nullable=False),
        sa.Column("edge_id", KEY, nullable=False),
        sa.Column("epoch", sa.String(length=32), nullable=False),
        sa.Column("mark", sa.BigInteger(), nullable=False),
        sa.Column("head", sa.LargeBinary(length=32), nullable=False),
        sa.Column("session", sa.String(length=32), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("opened_at", INSTANT, nullable=False),
        sa.Column("moved_at", INSTANT, nullable=False),
        sa.CheckConstraint("state IN ('open', 'refused', 'closed')", name=op.f("ck_epoch_state")),
        sa.CheckConstraint("mark >= 0", name=op.f("ck_epoch_mark")),
        sa.ForeignKeyConstraint(["edge_id"], ["edge.id"], name=op.f("fk_epoch_edge_id_edge")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_epoch")),
        sa.UniqueConstraint("edge_id", "epoch", name=op.f("uq_epoch_edge_id_epoch")),
    )
    op.create_table(
        "terminal",
        sa.Column("id", KEY, nullable=False),
        sa.Column("serial", sa.String(length=64), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("site_id", KEY, nullable=False),
        sa.Column("zone_id", KEY, nullable=False),
        sa.Column("edge_id", KEY, nullable=True),
        sa.Column("out_of_service_from", INSTANT, nullable=True),
        sa.Column("out_of_service_until", INSTANT, nullable=True),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(["edge_id"], ["edge.id"], name=op.f("fk_terminal_edge_id_edge")),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_terminal_site_id_site")),
        sa.ForeignKeyConstraint(["zone_id"], ["zone.id"], name=op.f("fk_terminal_zone_id_zone")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_terminal")),
        sa.UniqueConstraint("serial", name=op.f("uq_terminal_serial")),
    )
    op.create_index(op.f("ix_terminal_edge_id"), "terminal", ["edge_id"], unique=False)
    op.create_index(op.f("ix_terminal_site_id"), "terminal", ["site_id"], unique=False)
    op.create_index(op.f("ix_terminal_zone_id"), "terminal", ["zone_id"], unique=False)
    op.create_table(
        "batch",
        sa.Column("id", KEY, nullable=False),
        sa.Column("epoch_id", KEY, nullable=False),
        sa.Column("first", sa.BigInteger(), nullable=False),
        sa.Column("last", sa.BigInteger(), nullable=False),
        sa.Column("previous_head", sa.LargeBinary(length=32), nullable=False),
        sa.Column("head", sa.LargeBinary(length=32), nullable=False),
        sa.Column("signature", sa.LargeBinary(length=64), nullable=False),
        sa.Column("key_id", sa.String(length=16), nullable=False),
        sa.Column("digests", sa.LargeBinary(), nullable=False),
        sa.Column("outcomes", sa.LargeBinary(), nullable=False),
        sa.Column("admitted_at", INSTANT, nullable=False),
        sa.Column("worker", sa.String(length=64), nullable=False),
        sa.Column("new", sa.Integer(), nullable=False),
        sa.Column("duplicate", sa.Integer(), nullable=False),
        sa.Column("quarantined", sa.Integer(), nullable=False),
        sa.CheckConstraint("first <= last", name=op.f("ck_batch_span")),
        sa.ForeignKeyConstraint(["epoch_id"], ["epoch.id"], name=op.f("fk_batch_epoch_id_epoch")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_batch")),
        sa.UniqueConstraint("epoch_id", "last", name=op.f("uq_batch_epoch_id_last")),
    )
    op.create_table(
        "hole",
        sa.Column("id", KEY, nullable=False),
        sa.Column("epoch_id", KEY, nullable=False),
        sa.Column("first", sa.BigInteger(), nullable=False),
        sa.Column("last", sa.BigInteger(), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["epoch_id"], ["epoch.id"], name=op.f("fk_hole_epoch_id_epoch")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hole")),
    )
    op.create_index(op.f("ix_hole_epoch_id"), "hole", ["epoch_id"], unique=False)
    op.create_table(
        "punch",
        sa.Column("id", KEY, nullable=False),
        sa.Column("wall", sa.BigInteger(), nullable=False),
        sa.Column("terminal_id", KEY, nullable=False),
        sa.Column("terminal_user", sa.String(length=64), nullable=False),
        sa.Column("received_at", INSTANT, nullable=False),
        sa.Column("admitted_at", INSTANT, nullable=False),
        sa.Column("drift_ms", sa.BigInteger(), nullable=True),
        sa.Column("verify", sa.Integer(), nullable=True),
        sa.Column("state", sa.Integer(), nullable=True),
        sa.Column("source", sa.String(length=16), nullable=False),
        sa.Column("edge_id", KEY, nullable=False),
        sa.Column("epoch_id", sa.BigInteger(), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("live", sa.Boolean(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["edge_id"], ["edge.id"], name=op.f("fk_punch_edge_id_edge")),
        sa.ForeignKeyConstraint(["terminal_id"], ["terminal.id"], name=op.f("fk_punch_terminal_id_terminal")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_punch")),
        sa.UniqueConstraint("wall", "terminal_id", "terminal_user", name=op.f("uq_punch_wall_terminal_id_terminal_user")),
    )
    op.create_index("ix_punch_terminal_id_wall", "punch", ["terminal_id", "wall"], unique=False)
    op.create_index("ix_punch_terminal_user_terminal_id_wall", "punch", ["terminal_user", "terminal_id", "wall"], unique=False)
    op.create_table(
        "quarantine",
        sa.Column("id", KEY, nullable=False),
        sa.Column("reason", sa.String(length=64), nullable=False),
        sa.Column("edge_id", KEY, nullable=False),
        sa.Column("epoch_id", KEY, nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("terminal_serial", sa.String(length=64), nullable=False),
        sa.Column("terminal_user", sa.String(length=64), nullable=False),
        sa.Column("wall_text", sa.String(length=19), nullable=False),
        sa.Column("received_at", INSTANT, nullable=True),
        sa.Column("arrived_at", INSTANT, nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("content_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("resolved_at", INSTANT, nullable=True),
        sa.Column("resolved_by", sa.Text(), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.CheckConstraint("state IN ('open', 'replayed', 'dismissed')", name=op.f("ck_quarantine_state")),
        sa.ForeignKeyConstraint(["edge_id"], ["edge.id"], name=op.f("fk_quarantine_edge_id_edge")),
        sa.ForeignKeyConstraint(["epoch_id"], ["epoch.id"], name=op.f("fk_quarantine_epoch_id_epoch")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_quarantine")),
        sa.UniqueConstraint("content_hash", name=op.f("uq_quarantine_content_hash")),
    )
    op.create_index(op.f("ix_quarantine_edge_id"), "quarantine", ["edge_id"], unique=False)
    op.create_index("ix_quarantine_state_id", "quarantine", ["state", "id"], unique=False)
    op.create_index("ix_quarantine_terminal_serial_terminal_user", "quarantine", ["terminal_serial", "terminal_user"], unique=False)
    op.create_table(
        "terminal_tally",
        sa.Column("terminal_id", KEY, autoincrement=False, nullable=False),
        sa.Column("admitted", sa.BigInteger(), nullable=False),
        sa.Column("latest_wall", sa.BigInteger(), nullable=False),
        sa.Column("latest_admitted_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(["terminal_id"], ["terminal.id"], name=op.f("fk_terminal_tally_terminal_id_terminal")),
        sa.PrimaryKeyConstraint("terminal_id", name=op.f("pk_terminal_tally")),
    )
    op.create_table(
        "terminal_health",
        sa.Column("terminal_id", KEY, autoincrement=False, nullable=False),
        sa.Column("edge_id", KEY, nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("last_read_at", INSTANT, nullable=True),
        sa.Column("last_event_at", INSTANT, nullable=True),
        sa.Column("complete_at", INSTANT, nullable=True),
        sa.Column("complete_sequence", KEY, nullable=False),
        sa.Column("drift_ms", KEY, nullable=True),
        sa.Column("held", KEY, nullable=True),
        sa.Column("appended", KEY, nullable=False),
        sa.Column("cleared", KEY, nullable=True),
        sa.Column("doubtful", KEY, nullable=False),
        sa.Column("last_error", sa.Text(), nullable=False),
        sa.Column("stages", JSON, nullable=False),
        sa.Column("reported_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(["edge_id"], ["edge.id"], name=op.f("fk_terminal_health_edge_id_edge")),
        sa.ForeignKeyConstraint(["terminal_id"], ["terminal.id"], name=op.f("fk_terminal_health_terminal_id_terminal")),
        sa.PrimaryKeyConstraint("terminal_id", name=op.f("pk_terminal_health")),
    )
