import sqlite3
from contextlib import closing

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from server import migrations
from server.migrations import current_revision, head_revision, known_revisions, migrate, require_current
from server.migrations.schema import target_metadata
from server.storage import Database, DatabaseBrokenError, DatabaseOutdatedError, DatabaseTooNewError


def test_the_files_of_the_revisions_are_named_as_alembic_knows_and_orders_them():
    script = ScriptDirectory(str(migrations.FOLDERS[0].parent))

    assert [one.revision for one in reversed(list(script.walk_revisions()))] == known_revisions()


def test_given_an_empty_database_when_migrated_then_it_is_at_this_programs_revision(empty_database):
    before, after = migrate(empty_database)

    assert before is None
    assert after == head_revision() == current_revision(empty_database)
    require_current(empty_database)


def test_given_a_current_database_when_migrated_again_then_nothing_changes(database):
    assert migrate(database) == (head_revision(), head_revision())


def test_given_the_migrated_schema_when_compared_with_the_tables_then_there_is_no_difference(database):
    with database.reading() as uow:
        context = MigrationContext.configure(uow.connection, opts={"compare_type": True})
        differences = compare_metadata(context, target_metadata)

    assert differences == []


def test_given_an_empty_database_when_asked_for_then_it_is_outdated_and_says_what_to_do(empty_database):
    with pytest.raises(DatabaseOutdatedError, match="server migrate"):
        require_current(empty_database)


def test_given_a_database_of_a_newer_release_when_opened_then_it_is_refused_and_untouched(database):
    with database.writing() as uow:
        uow.execute(text("UPDATE alembic_version SET version_num = '9999'"))

    with pytest.raises(DatabaseTooNewError, match="9999"):
        migrate(database)
    with pytest.raises(DatabaseTooNewError):
        require_current(database)
    assert current_revision(database) == "9999"


def test_given_sqlite_when_migrated_then_foreign_keys_are_on_again(new_database_url):
    database = Database(new_database_url("sqlite", migrated=False))
    migrate(database)

    with pytest.raises(DBAPIError, match="FOREIGN KEY"), database.writing() as uow:
        uow.execute(text("INSERT INTO zone (code, name, site_id) VALUES ('z', 'z', 77)"))
    database.close()


EVIDENCE = {
    "batch": (
        "INSERT INTO batch (epoch_id, first, last, previous_head, head, signature, key_id, digests, outcomes, admitted_at, worker,"
        " new, duplicate, quarantined) SELECT id, 1, 1, head, head, head, 'k', head, head, moved_at, 'w', 1, 0, 0 FROM epoch"
    ),
    "punch": (
        "INSERT INTO punch (wall, terminal_id, terminal_user, received_at, admitted_at, source, edge_id, epoch_id, sequence, live, body)"
        " SELECT 20261123080000, terminal.id, '1', created_at, created_at, 'zk-pull', edge_id, 1, 1, false, public_key"
        " FROM terminal JOIN edge_key USING (edge_id)"
    ),
    "audit_row": (
        "INSERT INTO audit_row (id, at, actor, action, subject_kind, subject, reason, request_id, previous_hash, hash)"
        " SELECT 1, created_at, 'a', 'b', 'c', 'd', '', '', public_key, public_key FROM terminal JOIN edge_key USING (edge_id)"
    ),
}


@pytest.mark.parametrize("table", EVIDENCE)
@pytest.mark.parametrize("change", ["UPDATE {0} SET id = id + 1", "DELETE FROM {0}", "TRUNCATE {0} CASCADE"])
def test_given_evidence_when_somebody_changes_it_then_the_database_refuses(database, dialect, table, change):
    if dialect == "sqlite" and change.startswith("TRUNCATE"):
        return  # SQLite has no such statement
    with database.writing() as uow:
        _stand(uow)
        uow.execute(text(EVIDENCE[table]))

    with pytest.raises(DBAPIError, match=f"{table} is evidence"), database.writing() as uow:
        uow.execute(text(change.format(table)))

    with database.reading() as uow:
        assert uow.scalar(text(f"SELECT count(*) FROM {table}")) == 1


def test_given_evidence_on_sqlite_when_replaced_then_the_database_refuses(new_database_url):
    database = Database(new_database_url("sqlite"))
    with database.writing() as uow:
        _stand(uow)
        uow.execute(text(EVIDENCE["punch"]))

    with pytest.raises(DBAPIError, match="punch is evidence"), database.writing() as uow:
        uow.execute(text(EVIDENCE["punch"].replace("INSERT", "INSERT OR REPLACE")))
    database.close()


def _stand(uow):
    """A site with an edge, a key, a terminal and an epoch, by the columns' names of the first release."""
    at = "0" if uow.dialect == "sqlite" else "now()"
    blob = "x'00'" if uow.dialect == "sqlite" else "'\\x00'::bytea"
    for statement in (
        "INSERT INTO site (id, code, name, time_zone) VALUES (1, 's', 's', 'Asia/Shanghai')",
        "INSERT INTO zone (id, code, name, site_id) VALUES (1, 's', 's', 1)",
        f"INSERT INTO edge (id, name, site_id, state, created_at) VALUES (1, 'e', 1, 'active', {at})",
        f"INSERT INTO edge_key (edge_id, key_id, public_key, valid_from) VALUES (1, 'k', {blob}, {at})",
        f"INSERT INTO terminal (id, serial, name, site_id, zone_id, edge_id, created_at) VALUES (1, 't', 't', 1, 1, 1, {at})",
        (
            f"INSERT INTO epoch (id, edge_id, epoch, mark, head, session, state, opened_at, moved_at)"
            f" VALUES (1, 1, 'e', 0, {blob}, '', 'open', {at}, {at})"
        ),
    ):
        uow.connection.exec_driver_sql(statement)


LATER = """\
import sqlalchemy as sa
from alembic import op

revision = "{revision}"
down_revision = "{before}"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("site") as table:
        table.add_column(sa.Column("city", sa.Text(), nullable=False, server_default="上海"))
    {then}
"""


@pytest.fixture
def next_release(tmp_path, monkeypatch):
    """Let this program be a later release: `next_release(then)` adds a revision that copies `site` on SQLite, and does `then`."""

    def add(then: str = "") -> None:
        (tmp_path / "later").mkdir()
        text = LATER.format(revision="0999", before=head_revision(), then=then)
        (tmp_path / "later" / "0999_later.py").write_text(text, encoding="utf-8")
        monkeypatch.setattr(migrations, "FOLDERS", (*migrations.FOLDERS, tmp_path / "later"))

    return add


def test_given_a_database_of_an_earlier_release_when_migrated_then_all_that_was_in_it_is_there_still(database, next_release):
    with database.writing() as uow:
        _stand(uow)
        for statement in EVIDENCE.values():
            uow.execute(text(statement))
    before = head_revision()
    next_release()
    with pytest.raises(DatabaseOutdatedError, match=f"at revision {before}, this program needs 0999"):
        require_current(database)

    assert migrate(database) == (before, "0999")

    require_current(database)
    with database.reading() as uow:
        assert uow.scalar(text("SELECT city FROM site")) == "上海"
        for table in (*EVIDENCE, "zone", "edge", "terminal", "epoch"):
            assert uow.scalar(text(f"SELECT count(*) FROM {table}")) == 1, f"{table} lost a row when its parent was copied"
    with pytest.raises(DBAPIError, match="punch is evidence"), database.writing() as uow:
        uow.execute(text("DELETE FROM punch"))


def test_given_a_migration_that_fails_when_run_then_the_database_is_as_it_was(database, next_release):
    before = head_revision()
    with database.writing() as uow:
        _stand(uow)
    next_release("op.execute('SELECT nonsense FROM nowhere')")

    with pytest.raises(DBAPIError):
        migrate(database)

    assert current_revision(database) == before
    with database.reading() as uow:
        assert uow.scalar(text("SELECT count(*) FROM zone")) == 1
    with pytest.raises(DBAPIError), database.reading() as uow:
        uow.scalar(text("SELECT city FROM site"))


def test_given_rows_that_point_nowhere_when_migrated_then_it_is_said_and_nothing_is_changed(new_database_url, next_release):
    database = Database(new_database_url("sqlite"))
    before = head_revision()
    with database.writing() as uow:
        _stand(uow)
    database.close()
    with closing(sqlite3.connect(database.url.database)) as file:
        file.execute("DELETE FROM site")  # a connection of its own has foreign keys off
        file.commit()
    next_release()

    with pytest.raises(DatabaseBrokenError, match="point at rows that are not there"):
        migrate(database)

    assert current_revision(database) == before
    database.close()
