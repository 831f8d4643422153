"""The trail holds, and whatever somebody changes in it is found and named. On both dialects, past the triggers that guard it."""

import threading
from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from sqlalchemy import text

from server.audit.actions import record, verify
from server.audit.engine import NoHeadError, read_head
from server.audit.model import COMMAND_LINE, Actor, Break, BrokenLink, Head

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


def change(database, *statements: str) -> BrokenLink | None:
    with database.writing() as uow:
        for statement in statements:
            uow.execute(text(statement))
    with database.reading() as uow:
        return verify(uow).broken


def test_given_rows_of_every_shape_when_verified_then_the_trail_holds(trail):
    with trail.reading() as uow:
        assert verify(uow).broken is None


def test_given_nothing_when_verified_then_it_holds(database):
    with database.reading() as uow:
        assert verify(uow).broken is None


INSERTED = (
    "INSERT INTO audit_row (id, at, actor, action, subject_kind, subject, reason, request_id, previous_hash, hash) "
    "SELECT {id}, at, 'nobody', action, subject_kind, subject, reason, request_id, previous_hash, hash FROM audit_row WHERE id = {of}"
)
SWAPPED = (
    "UPDATE audit_row SET id = 99 WHERE id = 3",
    "UPDATE audit_row SET id = 3 WHERE id = 4",
    "UPDATE audit_row SET id = 4 WHERE id = 99",
)
PUT_BETWEEN = (
    "UPDATE audit_row SET id = id + 100 WHERE id > 2",
    INSERTED.format(id=3, of=2),
    "UPDATE audit_row SET id = id - 99 WHERE id > 100",
)


@pytest.mark.parametrize(
    ("statements", "row", "kind", "reason"),
    [
        (["UPDATE audit_row SET actor = 'nobody' WHERE id = 2"], 2, Break.CHANGED, "content"),
        (["UPDATE audit_row SET reason = '' WHERE id = 2"], 2, Break.CHANGED, "content"),
        (["UPDATE audit_row SET request_id = '' WHERE id = 2"], 2, Break.CHANGED, "content"),
        (["UPDATE audit_row SET subject = 'edge-9' WHERE id = 4"], 4, Break.CHANGED, "content"),
        (["UPDATE audit_row SET hash = (SELECT hash FROM audit_row WHERE id = 1) WHERE id = 4"], 4, Break.CHANGED, "content"),
        (["DELETE FROM audit_row WHERE id = 3"], 3, Break.MISSING, "a row is missing"),
        (["DELETE FROM audit_row WHERE id = 1"], 1, Break.MISSING, "a row is missing"),
        (["DELETE FROM audit_row WHERE id = 5"], 5, Break.MISSING, "missing at the end"),
        (["DELETE FROM audit_row"], 1, Break.MISSING, "missing at the end"),
        (["UPDATE audit_row SET previous_hash = hash WHERE id = 3"], 3, Break.OUT_OF_ORDER, "does not continue"),
        (
            ["DELETE FROM audit_row WHERE id = 3", "UPDATE audit_row SET id = id - 1 WHERE id > 3"],
            3,
            Break.OUT_OF_ORDER,
            "does not continue",
        ),
        (SWAPPED, 3, Break.OUT_OF_ORDER, "does not continue"),
        (PUT_BETWEEN, 3, Break.OUT_OF_ORDER, "does not continue"),
        ([INSERTED.format(id=0, of=1)], 0, Break.ADDED, "before the first"),
        (["UPDATE audit_head SET last_id = 4, hash = (SELECT hash FROM audit_row WHERE id = 4)"], 5, Break.ADDED, "behind the end"),
        (["UPDATE audit_head SET hash = (SELECT hash FROM audit_row WHERE id = 4)"], 5, Break.CHANGED, "stored end"),
    ],
)
def test_given_a_change_when_verified_then_it_is_found_and_named(trail, statements, row, kind, reason):
    broken = change(trail, *statements)

    assert broken is not None
    assert (broken.row, broken.kind) == (row, kind)
    assert reason in broken.reason


@pytest.mark.parametrize("dialect", ["sqlite"])
@pytest.mark.parametrize(("earlier", "row"), [((), 4), (("DELETE FROM audit_row WHERE id = 2",), 2)])
def test_given_content_that_is_no_json_when_verified_then_the_first_break_is_named(trail, earlier, row):
    broken = change(trail, *earlier, "UPDATE audit_row SET after = '{' WHERE id = 4")

    assert broken is not None
    assert broken.row == row


CUT = ("DELETE FROM audit_row WHERE id > 3", "UPDATE audit_head SET last_id = 3, hash = (SELECT hash FROM audit_row WHERE id = 3)")


def test_given_a_tail_cut_with_the_stored_end_when_verified_with_a_noted_end_then_it_is_missing(trail):
    with trail.reading() as uow:
        whole = verify(uow)
    assert (whole.rows, whole.first_at, whole.last_at) == (5, AT, AT)
    noted = read_head(str(whole.head))

    assert change(trail, *CUT) is None  # the chain itself is sound

    with trail.reading() as uow:
        broken = verify(uow, noted).broken
    assert (broken.row, broken.kind) == (4, Break.MISSING)


def test_given_a_tail_written_anew_when_verified_with_a_noted_end_then_it_is_changed(trail):
    with trail.reading() as uow:
        noted = verify(uow).head
    assert change(trail, *CUT) is None

    with trail.writing() as uow:
        for number in range(4):
            record(uow, COMMAND_LINE, "edge.state", "edge", f"another-{number}", at=AT)

    with trail.reading() as uow:
        assert verify(uow).broken is None
        broken = verify(uow, noted).broken
    assert (broken.row, broken.kind) == (5, Break.CHANGED)
    assert "written anew" in broken.reason


@pytest.mark.parametrize("text", ["", "7", "7:", "x:" + "0" * 64, "-1:" + "0" * 64, "7:" + "0" * 63, "7:" + "0" * 66])
def test_given_a_text_that_is_no_end_when_read_then_it_is_refused(text):
    with pytest.raises(NoHeadError):
        read_head(text)
    assert read_head(f" 7:{'0' * 64}\n") == Head(7, bytes(32))


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
        writer.join()

    with database.reading() as uow:
        assert verify(uow).broken is None
        assert uow.scalar(text("SELECT count(*) FROM audit_row")) == 40


@pytest.mark.parametrize("value", [1.5, object(), {"amount": 0.1}])
def test_given_a_value_that_databases_write_in_ways_of_their_own_when_recorded_then_it_is_refused(database, value):
    with pytest.raises(TypeError, match="the trail holds no"), database.writing() as uow:
        record(uow, COMMAND_LINE, "site.add", "site", "hq", at=AT, after=value)
