"""Erasing reaches evidence: triggers let content go and nothing else be changed; the trail's chain runs over salted digests from now on.

A guarded row may only lose what names somebody. Punches and the trail keep their rows for ever; rows of approvals and of the ledger of
leave may go once they are blank.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True).with_variant(sa.Integer(), "sqlite")
JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")

PUNCH = (
    "id", "wall", "terminal_id", "received_at", "admitted_at", "source", "edge_id", "epoch_id", "sequence", "live",
)  # fmt: skip
TRAIL = ("id", "at", "action", "subject_kind", "request_id", "previous_hash", "hash", "actor_digest", "content_digest")
ENTRY = ("id", "course_id", "kind", "at", "round", "step")
MOVEMENT = ("id", "person_id", "type_id", "kind", "minutes", "day", "cause", "lot", "last_day", "reference", "recorded_at")


def upgrade() -> None:
    _add_columns()
    _add_tables()
    _guard(
        "punch", f"{_same(*PUNCH)} AND NEW.terminal_user LIKE '~%' AND length(NEW.body) = 0 AND NEW.verify IS NULL AND NEW.state IS NULL"
    )
    blank = "NEW.subject = '' AND NEW.before IS NULL AND NEW.after IS NULL AND NEW.reason = '' AND length(NEW.content_salt) = 0"
    kept = _same("subject", "before", "after", "reason", "content_salt")
    actor = f"(({_same('actor', 'actor_salt')}) OR (NEW.actor = '' AND length(NEW.actor_salt) = 0))"
    _guard("audit_row", f"{_same(*TRAIL)} AND OLD.content_digest IS NOT NULL AND {actor} AND (({kept}) OR ({blank}))")
    for table, columns, text in (("approval_entry", ENTRY, "comment"), ("leave_movement", MOVEMENT, "reason")):
        who = "actor" if table == "approval_entry" else "author"
        _guard(table, f"{_same(*columns)} AND {_blank('NEW', text, who)}", deleted=_blank("OLD", text, who))


def _add_columns() -> None:
    op.add_column("audit_row", sa.Column("actor_salt", sa.LargeBinary(16), nullable=True))
    op.add_column("audit_row", sa.Column("actor_digest", sa.LargeBinary(32), nullable=True))
    op.add_column("audit_row", sa.Column("content_salt", sa.LargeBinary(16), nullable=True))
    op.add_column("audit_row", sa.Column("content_digest", sa.LargeBinary(32), nullable=True))
    op.add_column("terminal_tally", sa.Column("erased_wall", sa.BigInteger(), nullable=True))
    op.add_column("person", sa.Column("erased_at", INSTANT, nullable=True))


def _add_tables() -> None:
    op.create_table(
        "day_erasure",
        sa.Column("person_id", KEY, autoincrement=False, nullable=False),
        sa.Column("until_day", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_day_erasure_person_id_person")),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_day_erasure")),
    )
    op.create_table(
        "erasure_hold",
        sa.Column("id", KEY, nullable=False),
        sa.Column("person_id", KEY, nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("lifted_at", INSTANT, nullable=True),
        sa.Column("lifted_by", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_erasure_hold_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_erasure_hold")),
    )
    op.create_index("ix_erasure_hold_person_id", "erasure_hold", ["person_id"])
    op.create_table(
        "erasure_order",
        sa.Column("id", KEY, nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("people", JSON, nullable=False),
        sa.Column("asked_by", sa.Text(), nullable=False),
        sa.Column("asked_at", INSTANT, nullable=False),
        sa.Column("ended_at", INSTANT, nullable=True),
        sa.Column("ended_by", sa.Text(), nullable=False),
        sa.Column("confirmed", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_erasure_order")),
    )
    op.create_table(
        "privacy_settings",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("second_person", sa.Boolean(), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_privacy_settings_single_row")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_privacy_settings")),
    )


def _is_sqlite() -> bool:
    return op.get_bind().dialect.name == "sqlite"


def _same(*columns: str) -> str:
    same = "IS" if _is_sqlite() else "IS NOT DISTINCT FROM"
    return " AND ".join(f"NEW.{one} {same} OLD.{one}" for one in columns)


def _blank(row: str, text: str, who: str) -> str:
    empty = "'{}'" if _is_sqlite() else "'{}'::jsonb"
    return f"{row}.{text} = '' AND {row}.{who} = '' AND {row}.facts = {empty}"


def _guard(table: str, erases: str, deleted: str = "") -> None:
    """Put other triggers in the place of those that refuse everything: an update that `erases`, and deleting what is `deleted`, may be."""
    told = f"{table} is evidence: its rows are never changed"
    if _is_sqlite():
        op.execute(f"DROP TRIGGER {table}_refuses_update")
        act = f"BEGIN SELECT RAISE(ABORT, '{told}'); END"
        op.execute(f"CREATE TRIGGER {table}_refuses_update BEFORE UPDATE ON {table} WHEN NOT coalesce({erases}, 0) {act}")
        if deleted:
            op.execute(f"DROP TRIGGER {table}_refuses_delete")
            op.execute(f"CREATE TRIGGER {table}_refuses_delete BEFORE DELETE ON {table} WHEN NOT coalesce({deleted}, 0) {act}")
        return
    op.execute(f"DROP TRIGGER {table}_refuses_change ON {table}")
    act = "EXECUTE FUNCTION refuse_change()"
    op.execute(f"CREATE TRIGGER {table}_refuses_update BEFORE UPDATE ON {table} FOR EACH ROW WHEN (NOT coalesce({erases}, FALSE)) {act}")
    when = f"WHEN (NOT coalesce({deleted}, FALSE)) " if deleted else ""
    op.execute(f"CREATE TRIGGER {table}_refuses_delete BEFORE DELETE ON {table} FOR EACH ROW {when}{act}")
