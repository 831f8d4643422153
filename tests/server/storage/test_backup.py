"""A copy is whole or not there, and putting one back is done wholly or not at all. On both dialects, with real files and servers."""

import os
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import text

from server.migrations import head_revision, require_current, require_known
from server.storage import BackupError, Database, DatabaseBrokenError, DatabaseTooNewError, DatabaseUnreachableError
from server.storage.backup import back_up, put_back


@pytest.fixture
def copy(database, tmp_path) -> Path:
    """A copy of a database that holds the site `early`."""
    add_site(database, "early")
    back_up(database, tmp_path / "copy")
    return tmp_path / "copy"


def add_site(database: Database, code: str) -> None:
    with database.writing() as uow:
        uow.execute(text("INSERT INTO site (code, name, time_zone) VALUES (:code, 'a site', 'Asia/Shanghai')"), {"code": code})


def sites(database: Database) -> list[str]:
    with database.reading() as uow:
        return [row.code for row in uow.fetch_all(text("SELECT code FROM site ORDER BY code"))]


def restore(database: Database, file: Path) -> None:
    put_back(database, file, require_known)


def test_given_a_copy_when_put_back_then_the_database_is_as_it_was_then(database, copy):
    add_site(database, "late")

    restore(database, copy)

    assert sites(database) == ["early"]
    require_current(database)


def test_given_a_backup_when_made_then_only_its_owner_reads_it_and_nothing_else_is_left(database, copy):
    assert copy.stat().st_mode & 0o777 == 0o600
    assert not list(copy.parent.glob("*.partial"))


def test_given_a_file_of_that_name_when_backing_up_then_it_is_not_touched(database, tmp_path):
    (tmp_path / "copy").write_text("mine")

    with pytest.raises(BackupError, match="never overwrites"):
        back_up(database, tmp_path / "copy")

    assert (tmp_path / "copy").read_text() == "mine"


def test_given_a_folder_that_cannot_be_when_backing_up_then_it_says_so(database, tmp_path):
    (tmp_path / "file").touch()

    with pytest.raises(BackupError, match="Choose another folder"):
        back_up(database, tmp_path / "file" / "copy")


@pytest.mark.parametrize("data", [b"", b"no database", os.urandom(9000)], ids=["empty", "text", "noise"])
def test_given_a_file_that_is_no_backup_when_put_back_then_refused_and_nothing_is_touched(database, tmp_path, data):
    add_site(database, "here")
    (tmp_path / "strange").write_bytes(data)

    with pytest.raises(BackupError, match="no backup of Clockbridge"):
        restore(database, tmp_path / "strange")

    assert sites(database) == ["here"]
    assert not list(tmp_path.glob("*before-restore*"))


def test_given_half_a_copy_when_put_back_then_refused_and_nothing_is_touched(database, copy):
    add_site(database, "here")
    half = copy.with_name("half")
    half.write_bytes(copy.read_bytes()[: copy.stat().st_size // 2])

    with pytest.raises((BackupError, DatabaseUnreachableError)):
        restore(database, half)

    assert sites(database) == ["early", "here"]


def test_given_a_copy_of_the_other_dialect_when_put_back_then_refused(dialect, new_database_url, tmp_path):
    one, other = (Database(new_database_url(kind)) for kind in ("sqlite", "postgresql"))
    ours, theirs = (one, other) if dialect == "sqlite" else (other, one)
    back_up(theirs, tmp_path / "theirs")

    with pytest.raises(BackupError, match="for this kind of database"):
        restore(ours, tmp_path / "theirs")
    one.close()
    other.close()


def test_given_a_copy_of_a_newer_release_when_put_back_then_refused_and_nothing_is_touched(database, tmp_path):
    with database.writing() as uow:
        uow.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    back_up(database, tmp_path / "newer")
    with database.writing() as uow:
        uow.execute(text("UPDATE alembic_version SET version_num = :head"), {"head": head_revision()})
    add_site(database, "here")

    with pytest.raises(DatabaseTooNewError, match="9999"):
        restore(database, tmp_path / "newer")

    assert sites(database) == ["here"]


def test_given_a_table_that_the_copy_does_not_know_when_put_back_then_it_is_gone(dialect, database, copy):
    """A table of a newer release would be in the way of the migration that makes it."""
    with database.writing() as uow:
        uow.execute(text("CREATE TABLE of_tomorrow (id INTEGER)"))

    restore(database, copy)

    tables = {"sqlite": "SELECT name FROM sqlite_master", "postgresql": "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"}
    with database.reading() as uow:
        assert "of_tomorrow" not in {row[0] for row in uow.fetch_all(text(tables[dialect]))}


def test_given_queues_of_long_work_when_backed_up_and_put_back_then_they_are_left_out_and_left_alone(database, tmp_path):
    if database.dialect == "sqlite":
        return  # there they are a file of their own
    with database.writing() as uow:
        uow.execute(text("CREATE SCHEMA clockbridge_jobs"))
        uow.execute(text("CREATE TABLE clockbridge_jobs.queue AS SELECT 1 AS one"))
    back_up(database, tmp_path / "copy")

    restore(database, tmp_path / "copy")

    with database.reading() as uow:
        assert uow.scalar(text("SELECT one FROM clockbridge_jobs.queue")) == 1


def test_given_restored_evidence_when_somebody_changes_it_then_the_database_refuses_still(dialect, database, copy):
    restore(database, copy)

    names = {
        "sqlite": "SELECT count(*) FROM sqlite_master WHERE type = 'trigger'",
        "postgresql": "SELECT count(DISTINCT tgname) FROM pg_trigger WHERE NOT tgisinternal",
    }
    with database.reading() as uow:
        assert uow.scalar(text(names[dialect])) > 5


class TestSqlite:
    """What only files have."""

    @pytest.fixture
    def dialect(self) -> str:
        return "sqlite"

    def test_each_restore_keeps_the_file_before_it_with_its_log(self, database, copy, tmp_path):
        for number in (1, 2):
            add_site(database, f"late-{number}")  # in the log beside the file: nobody has closed it
            kept = Database(f"sqlite:///{database.url.database}.before-restore-{number}")
            restore(database, copy)

            assert sites(kept) == ["early", f"late-{number}"]
            assert sites(database) == ["early"]
            kept.close()

    def test_a_full_disk_leaves_the_database_and_no_half_copy(self, database, copy, monkeypatch):
        def full(*_):
            raise OSError(28, "No space left on device")

        monkeypatch.setattr("server.storage.backup.shutil.copyfile", full)
        with pytest.raises(BackupError, match="No space left"):
            restore(database, copy)

        assert sites(database) == ["early"]

    def test_a_damaged_database_is_not_backed_up_as_if_it_were_well(self, database, tmp_path):
        file = Path(database.url.database)
        database.close()
        data = bytearray(file.read_bytes())
        data[4096:40960] = os.urandom(36864)
        file.write_bytes(data)

        with pytest.raises(DatabaseBrokenError, match="server restore"):
            back_up(database, tmp_path / "copy")

        assert not (tmp_path / "copy").exists()

    def test_a_backup_while_somebody_writes_is_one_moment_of_it(self, database, tmp_path):
        with database.writing() as uow:
            uow.execute(text("INSERT INTO site (code, name, time_zone) VALUES ('open', 'open', 'Asia/Shanghai')"))
            back_up(database, tmp_path / "copy")

        with closing(sqlite3.connect(tmp_path / "copy")) as copy:
            assert copy.execute("SELECT count(*) FROM site").fetchone() == (0,)
