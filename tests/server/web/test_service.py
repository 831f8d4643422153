"""What programs ask, and what everybody is told while the database is away, on both databases."""

import re
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from protocol.identifiers import EdgeId
from server.access.actions import create_account, hash_password
from server.access.model import Role
from server.attendance.actions import mark_days
from server.ingest.leases import LEASE, heartbeat
from server.ingest.store import add_refused
from server.settings import ServerSettings
from server.wiring import build_pages
from tests.server.access.conftest import PASSWORD, Person
from tests.support.company import NOW, TESTER, found_company

HASHED = hash_password(PASSWORD)


@pytest.fixture
def app(database, tmp_path):
    made = build_pages(ServerSettings(data_dir=tmp_path, database_url=database.url.render_as_string(hide_password=False)))
    yield made
    made.state.database.close()


@pytest.fixture
def program(app) -> Person:
    """Something on this machine that asks."""
    return Person(app, address="127.0.0.1")


@pytest.fixture
def person(app, database) -> Person:
    """Somebody who is signed in."""
    with database.writing() as uow:
        create_account(uow, "hr", "HR", HASHED, frozenset({Role.HR}), TESTER, NOW, must_change=False)
    browser = Person(app)
    browser.sign_in("hr")
    return browser


@pytest.fixture
def take_away(request, app, database, dialect):
    """Calling it takes the database away."""

    def gone() -> None:
        app.state.database.close()
        database.close()
        if dialect == "sqlite":
            with Path(database.url.database).open("r+b") as damaged:
                damaged.write(b"no database" * 400)
        else:
            name = database.url.database
            request.getfixturevalue("postgres").run(f"ALTER DATABASE {name} WITH ALLOW_CONNECTIONS false")

    return gone


class TestReadiness:
    def test_needs_an_owner_for_every_shard(self, database, program):
        def said():
            answer = program.get("/readyz")
            return answer.status_code, answer.json().get("reason")

        assert said() == (503, "no-ingest-worker")
        heartbeat(database, "ingest-1", datetime.now(UTC) + 5 * LEASE)  # good for a minute
        assert said() == (200, None)

    def test_needs_all_shards_and_not_only_some(self, database, program):
        heartbeat(database, "ingest-1", datetime.now(UTC) - 3 * LEASE)
        heartbeat(database, "ingest-2", datetime.now(UTC) - 2.5 * LEASE)
        assert program.get("/readyz").status_code == 503

        heartbeat(database, "ingest-2", datetime.now(UTC) + 5 * LEASE)
        assert program.get("/readyz").status_code == 200

    def test_is_lost_with_the_database_while_the_process_lives(self, database, program, take_away, dialect):
        heartbeat(database, "ingest-1", datetime.now(UTC))
        take_away()

        answer = program.get("/readyz")
        assert answer.status_code == 503
        assert answer.json()["reason"] == ("database-broken" if dialect == "sqlite" else "database-unreachable")
        assert program.get("/healthz").json() == {"status": "ok"}


class TestWithoutTheDatabase:
    @pytest.mark.parametrize(
        ("path", "says"), [("/punches", "The database"), ("/board", "The database"), ("/api/v1/punches", '"code":"database-')]
    )
    def test_whoever_is_signed_in_is_told_so_and_is_not_sent_to_sign_in(self, person, take_away, path, says):
        assert person.get(path).status_code == 200
        take_away()

        answer = person.get(path)
        assert answer.status_code == 503
        assert says in answer.text

    def test_signing_in_says_so_too_and_programs_still_get_their_answer(self, person, take_away):
        take_away()

        assert person.get("/healthz").status_code == 200
        assert person.get("/sign-in").status_code == 200
        answer = person.sign_in("hr")
        assert answer.status_code == 503
        assert "The database" in answer.text


class TestMetrics:
    def test_count_what_there_is(self, database, program):
        found_company(database)
        with database.writing() as uow:
            add_refused(uow, EdgeId("edge-hq"), "bad-signature", "", "up/1/edge-hq/batch", b"x", NOW)
            mark_days(uow, [(1, date(2026, 11, 20)), (1, date(2026, 11, 21))], "punch", datetime.now(UTC))
        heartbeat(database, "ingest-1", datetime.now(UTC))

        answer = program.get("/metrics")

        assert answer.headers["content-type"].startswith("text/plain")
        found = dict(re.findall(r"^(clockbridge_[a-z_]+(?:{[^}]*})?) ([0-9.e+-]+)$", answer.text, re.MULTILINE))
        assert found["clockbridge_refused_messages"] == "1.0"
        assert (found["clockbridge_days_marked"], found["clockbridge_days_failing"]) == ("2.0", "0.0")
        assert 0 <= float(found["clockbridge_days_marked_seconds"]) < 3600
        assert found['clockbridge_ingest_shards{worker="ingest-1"}'] == "16.0"
        assert all(re.search(rf"^# HELP {name.split('{')[0]} \S", answer.text, re.MULTILINE) for name in found)

    def test_name_nobody(self, database, program):
        found_company(database)

        assert not re.search("王伟|李娜|A1", program.get("/metrics").text)
