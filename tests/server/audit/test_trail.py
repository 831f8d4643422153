"""The trail holds, and whatever somebody changes in it is found and named. On both dialects, past the triggers that guard it."""

import threading
from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from sqlalchemy import text

from server.audit.actions import record, verify
from server.audit.model import COMMAND_LINE, Actor, BrokenLink

AT = datetime(2026, 11, 24, 8, 0, 0, 123456, tzinfo=timezone(timedelta(hours=8)))


@pytest.fixture
def trail(database):
    """Five rows of different shapes; triggers are out of the way, as for somebody with the database's password."""
    with database.writing() as uow:
        record(uow, COMMAND_LINE, "site.add", "site", "hq", at=AT, after={"名称": "上海总部", "days": [date(2026, 1, 1), None, True]})
        record(
            uow,
            Actor("王伟", "request-7"),
            "person.add",
            "person",
            "A1",
            at=AT,
            before={"b": 1, "a": b"\x01"},
            after=None,
            reason="新员工 ✓",
        )
        for number in range(3):
            record(uow, COMMAND_LINE, "edge.state", "edge", f"edge-{number}", at=AT, before="active", after="revoked")
        _without_triggers(uow)
    return database


def _without_triggers(uow):
    if uow.dialect == "postgresql":
        uow.execute(text("ALTER TABLE audit_row DISABLE TRIGGER USER"))
        return
    for row in uow.fetch_all(text("SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'audit_row'")):
        uow.execute(text(f"DROP TRIGGER {row.name}"))


def change(database, statement: str) -> BrokenLink | None:
    with database.writing() as uow:
        uow.execute(text(statement))
    with database.reading() as uow:
        return verify(uow)


def test_given_rows_of_every_shape_when_verified_then_the_trail_holds(trail):
    with trail.reading() as uow:
        assert verify(uow) is None


def test_given_nothing_when_verified_then_it_holds(database):
    with database.reading() as uow:
        assert verify(uow) is None


@pytest.mark.parametrize(
    ("statement", "row", "reason"),
    [
        ("UPDATE audit_row SET actor = 'nobody' WHERE id = 2", 2, "content"),
        ("UPDATE audit_row SET reason = '' WHERE id = 2", 2, "content"),
        ("UPDATE audit_row SET request_id = '' WHERE id = 2", 2, "content"),
        ("UPDATE audit_row SET subject = 'edge-9' WHERE id = 4", 4, "content"),
        ("DELETE FROM audit_row WHERE id = 3", 3, "a row is missing"),
        ("DELETE FROM audit_row WHERE id = 1", 1, "a row is missing"),
        ("DELETE FROM audit_row WHERE id = 5", 5, "missing at the end"),
        ("DELETE FROM audit_row", 1, "missing at the end"),
        ("UPDATE audit_row SET hash = (SELECT hash FROM audit_row WHERE id = 1) WHERE id = 4", 4, "content"),
        ("UPDATE audit_row SET previous_hash = hash WHERE id = 3", 3, "does not continue"),
    ],
)
def test_given_a_change_when_verified_then_it_is_found_and_named(trail, statement, row, reason):
    broken = change(trail, statement)

    assert broken is not None
    assert broken.row == row
    assert reason in broken.reason


def test_given_a_unit_of_work_that_fails_when_verified_then_neither_deed_nor_row_is_there(database):
    with pytest.raises(RuntimeError), database.writing() as uow:
        record(uow, COMMAND_LINE, "site.add", "site", "hq", at=AT)
        raise RuntimeError

    with database.writing() as uow:
        assert record(uow, COMMAND_LINE, "site.add", "site", "hq", at=AT) == 1


def test_given_many_who_write_at_once_when_verified_then_the_chain_has_all_of_them_in_one_line(database):
    def write(name: str) -> None:
        for number in range(10):
            with database.writing() as uow:
                record(uow, Actor(name), "site.add", "site", f"{name}-{number}", at=datetime.now(UTC))

    writers = [threading.Thread(target=write, args=(f"writer-{number}",)) for number in range(4)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join(60)

    with database.reading() as uow:
        assert verify(uow) is None
        assert uow.scalar(text("SELECT count(*) FROM audit_row")) == 40


@pytest.mark.parametrize("value", [1.5, object(), {"amount": 0.1}])
def test_given_a_value_that_databases_write_in_ways_of_their_own_when_recorded_then_it_is_refused(database, value):
    with pytest.raises(TypeError, match="the trail holds no"), database.writing() as uow:
        record(uow, COMMAND_LINE, "site.add", "site", "hq", at=AT, after=value)
