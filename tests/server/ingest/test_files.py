"""Logs from USB sticks, handed in at the server: looked at, taken in once, never in an edge's chain."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from server.access.model import Permission, Role
from server.attendance.tables import punch
from server.audit.store import newest
from server.errors import InvalidInputError, RefusedError
from server.fleet import actions as fleet
from server.fleet.actions import add_terminal
from server.fleet.model import EdgeState
from server.ingest import pages
from server.ingest.actions import list_rows, map_user, read_edge
from server.ingest.actions.listing import QuarantineFilter
from server.ingest.files import actions, jobs, store
from server.ingest.files.model import FileState
from server.ingest.sift import Limits
from tests.support.company import FIRST_DAY, NOW, TESTER
from tests.support.jobs import do_all
from tests.support.pages import browse
from tests.support.sending import SendingEdge, row

GOOD = b"1\t2026-11-23 08:58:00\t1\t0\t1\t0\r\n2\t2026-11-23 08:59:00\t1\t0\t1\t0\r\n"
ODD = b"9\t2026-11-23 09:00:00\t1\t0\t1\t0\r\nrubbish\r\n2\t2026-02-30 08:00:00\t1\t0\t1\t0\r\n"


def work(database):
    do_all(database, jobs.kinds(Limits()))


def hand_in(database, data, name="1_attlog.dat", serial="T1"):
    with database.writing() as uow:
        key = actions.hand_in(uow, serial, name, data, TESTER, NOW)
    work(database)
    return see(database, key)


def see(database, key):
    with database.reading() as uow:
        return actions.find_file(uow, key)


def take(database, key):
    with database.writing() as uow:
        actions.ask_to_take(uow, key, TESTER, NOW)
    work(database)
    return see(database, key)


def punches(database):
    with database.reading() as uow:
        columns = (punch.c.terminal_user, punch.c.wall, punch.c.source, punch.c.edge_id)
        return [tuple(one) for one in uow.fetch_all(select(*columns).order_by(punch.c.wall))]


def test_given_a_file_when_looked_at_then_everything_is_told_and_nothing_is_taken(database, company):
    one = hand_in(database, GOOD + ODD)

    assert (one.state, one.survey.punches, one.survey.doubtful) == (FileState.LOOKED, 4, 1)
    assert (one.new, one.known, one.quarantined) == (2, 0, 3)
    assert one.reasons == {"unknown-user": 1, "file-foreign": 1, "impossible-time": 1}
    assert punches(database) == []


def test_given_a_dead_edge_when_its_file_is_taken_then_punches_and_quarantine_are_its_own_but_not_its_chain(database, company):
    edge = SendingEdge(database)
    edge.send(row("1", "2026-11-23 08:58:00", number=1))
    with database.writing() as uow:
        fleet.change_edge_state(uow, "edge-hq", EdgeState.REVOKED, TESTER, NOW)
    one = hand_in(database, GOOD + ODD)
    assert (one.new, one.known) == (1, 1)

    taken = take(database, one.id)

    assert (taken.state, taken.new, taken.known, taken.quarantined) == (FileState.TAKEN, 1, 1, 3)
    assert punches(database) == [
        ("1", 20261123085800, "zk-live", company.edge),
        ("2", 20261123085900, "attlog-file", company.edge),
    ]
    with database.reading() as uow:
        rows = list_rows(uow, QuarantineFilter())
        lives = read_edge(uow, "edge-hq").lives
        trail = newest(uow, subject=("terminal", "T1"))[0]
        assert store.content_of(uow, one.id) == b""
    assert sorted(found.reason for found in rows) == ["file-foreign", "impossible-time", "unknown-user"]
    assert {life.epoch: life.condition for life in lives}[store.OWN_EPOCH] == "closed"
    assert (trail.action, trail.after["sha256"]) == ("punch.file", one.sha256)


def test_given_a_file_that_was_taken_when_it_comes_again_or_its_edge_sends_it_then_nothing_doubles(database, company):
    take(database, hand_in(database, GOOD).id)
    SendingEdge(database).send(row("1", "2026-11-23 08:58:00", number=1))

    again = take(database, hand_in(database, GOOD, name="2_attlog.dat").id)

    assert (again.new, again.known, len(punches(database))) == (0, 2, 2)


def test_given_a_row_of_an_unknown_user_when_they_are_enrolled_then_it_becomes_a_punch(database, company):
    take(database, hand_in(database, ODD + GOOD).id)

    with database.writing() as uow:
        map_user(uow, "T1", "9", company.people["A3"], FIRST_DAY, Limits(), TESTER, NOW)

    assert ("9", 20261123090000, "attlog-file", company.edge) in punches(database)


def test_given_many_lines_when_taken_then_in_pieces_and_each_once(database, company, monkeypatch):
    monkeypatch.setattr(jobs, "SHARD_LINES", 7)
    data = b"".join(f"{1 + n % 3}\t2026-11-22 08:{n:02}:00\t1\t0\t1\t0\n".encode() for n in range(40))

    taken = take(database, hand_in(database, data).id)

    assert (taken.new, len(punches(database))) == (40, 40)


def test_given_several_devices_when_one_is_chosen_then_its_lines_only(database, company):
    one = hand_in(database, GOOD + b"3\t2026-11-23 09:00:00\t2\t0\t1\t0\n")
    assert (one.state, one.refusal) == (FileState.REFUSED, "several-devices")
    with database.writing() as uow:
        actions.look_again(uow, one.id, ["2"], any_device=False, by=TESTER, now=NOW + timedelta(seconds=1))
    work(database)

    taken = take(database, one.id)

    assert (taken.new, punches(database)[0][0]) == (1, "3")


def test_given_what_cannot_be_then_it_is_said_why(database, company):
    with database.writing() as uow:
        add_terminal(uow, "T9", "新门", "hq", TESTER, NOW)
        with pytest.raises(InvalidInputError):
            actions.hand_in(uow, "T0", "x", GOOD, TESTER, NOW)
        with pytest.raises(RefusedError, match="no edge"):
            actions.hand_in(uow, "T9", "x", GOOD, TESTER, NOW)
    one = hand_in(database, GOOD, name="CKJF202260001_attlog.dat")
    assert (one.refusal, one.shown) == ("other-terminal", "CKJF202260001")
    with database.writing() as uow:
        with pytest.raises(RefusedError):
            actions.ask_to_take(uow, one.id, TESTER, NOW)
        actions.tidy(uow, NOW + timedelta(days=8))
        assert store.content_of(uow, one.id) == b""
        actions.tidy(uow, NOW + timedelta(days=100))
        assert store.newest(uow, 5) == []


def test_given_somebody_in_it_at_the_page_when_they_hand_a_file_in_then_they_see_each_line_and_take_it_in(database, company):
    it = browse(database, (pages.router,), Role.ADMINISTRATOR)
    assert "还没有提交过文件" in it.get("/terminals/files", "zh").text

    answer = it.post("/terminals/files", {"terminal": "T1"}, files={"file": ("1_attlog.dat", GOOD + ODD, "application/octet-stream")})
    place = answer.headers["location"]
    work(database)
    looked = it.get(place, "zh").text
    took = it.post(f"{place}/take")
    work(database)

    for text in ("导入 2 条打卡", "日历上没有这个日期或时间", "rubbish", "文件：不是打卡记录"):
        assert text in looked
    assert took.status_code == 303
    assert "taken in" in it.get(place, "en").text
    assert it.post(f"{place}/take").status_code == 409
    assert "no calendar has its date" in it.get(f"{place}.csv", "en").text
    assert it.post("/terminals/files", {"terminal": "T0"}, files={"file": ("x.dat", GOOD, "text/plain")}).status_code == 422
    assert browse(database, (pages.router,), {Permission.SEE_FLEET}).get("/terminals/files").status_code == 403
