"""Units of work, and failures of the world in our words, on a real SQLite and PostgreSQL."""

from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import quote

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from server.errors import NoSuchValueError
from server.fleet.tables import site
from server.migrations import migrate
from server.storage import Database, DatabaseBrokenError, DatabaseBusyError, DatabaseUnreachableError, StorageError

ADD = text("INSERT INTO site (code, name, time_zone) VALUES (:code, 'a site', 'Asia/Shanghai')")
COUNT = text("SELECT count(*) FROM site")


def test_given_an_exception_when_a_unit_of_work_ends_then_nothing_of_it_is_there(database):
    with pytest.raises(RuntimeError), database.writing() as uow:
        uow.execute(ADD, {"code": "a"})
        raise RuntimeError

    with database.reading() as uow:
        assert uow.scalar(COUNT) == 0


@pytest.mark.parametrize("value", [2**63, -(2**63) - 1, "a\ud800"])
def test_given_a_value_that_no_row_can_have_when_asked_for_then_it_is_the_askers_mistake(database, value):
    column = site.c.id if isinstance(value, int) else site.c.code

    with pytest.raises(NoSuchValueError), database.reading() as uow:
        uow.fetch_all(select(site).where(column == value))


def test_given_a_reading_unit_of_work_when_it_writes_then_it_fails(database):
    with pytest.raises((DBAPIError, StorageError)), database.reading() as uow:
        uow.execute(ADD, {"code": "a"})


def test_given_a_reader_when_somebody_commits_then_it_sees_one_moment(database):
    with database.reading() as reader:
        before = reader.scalar(COUNT)
        with database.writing() as writer:
            writer.execute(ADD, {"code": "a"})

        assert reader.scalar(COUNT) == before == 0


def test_given_a_commit_when_asked_then_it_survives_a_power_cut(database, dialect):
    with database.writing() as uow:
        said = uow.scalar(text("PRAGMA synchronous" if dialect == "sqlite" else "SHOW synchronous_commit"))

    assert said in (2, "on")


@pytest.mark.parametrize(
    "url", ["mysql://x", "nonsense", "sqlite://", "sqlite:///:memory:", "", "postgresql://postgres@127.0.0.1:1/x", "sqlite:////dev/null/x"]
)
def test_given_an_address_where_no_database_is_when_used_then_the_sentence_says_what_to_check(url):
    with pytest.raises(DatabaseUnreachableError, match="Check database_url"):
        migrate(Database(url))


class TestSqlite:
    def test_a_missing_file_is_said_and_never_made_by_looking(self, tmp_path):
        database = Database(f"sqlite:///{tmp_path / 'gone.db'}")

        for unit in (database.reading, database.writing):
            with pytest.raises(DatabaseUnreachableError), unit():
                pass

        assert list(tmp_path.iterdir()) == []

    def test_a_new_file_is_its_owners_alone(self, tmp_path):
        name = "总部 #1?%41.db"
        database = Database(f"sqlite:///{quote(str(tmp_path / name))}")
        migrate(database)
        with database.writing() as uow:
            uow.execute(ADD, {"code": "a"})

        assert {file.stat().st_mode & 0o777 for file in tmp_path.iterdir()} == {0o600}
        assert name in {file.name for file in tmp_path.iterdir()}
        database.close()

    def test_a_damaged_file_is_said_with_the_next_step(self, new_database_url):
        url = new_database_url("sqlite")
        Path(url.removeprefix("sqlite:///")).write_bytes(b"no database " * 1000)

        with pytest.raises(DatabaseBrokenError, match="server restore"), Database(url).reading():
            pass

    def test_a_writer_that_waits_too_long_is_told_so(self, new_database_url, monkeypatch):
        monkeypatch.setattr("server.storage.database.SQLITE_BUSY_MS", 50)
        database = Database(new_database_url("sqlite"))

        with database.writing():
            with pytest.raises(DatabaseBusyError, match="Try again"), database.writing():
                pass
        database.close()


def test_given_an_instant_and_chinese_when_stored_then_both_come_back_as_they_were(database):
    from server.audit.actions import record
    from server.audit.model import COMMAND_LINE
    from server.audit.tables import audit_row

    at = datetime(2026, 11, 24, 8, 30, 0, 123456, tzinfo=UTC)
    with database.writing() as uow:
        record(uow, COMMAND_LINE, "test", "person", "王小明", at=at, after={"姓名": "王小明"})

    with database.reading() as uow:
        row = uow.fetch_one(audit_row.select())
    assert row.at == at
    assert row.subject == "王小明"
