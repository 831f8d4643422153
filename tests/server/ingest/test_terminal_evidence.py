"""A terminal's read receipts and raw evidence, on its page and on pages of their own."""

import csv
import io
from datetime import UTC, date, datetime, timedelta

import msgspec
import pytest

from protocol.messages import LastRead, Pushed, Source, TerminalHealth
from server.access.model import Permission, Role
from server.audit import actions as audit
from server.audit.model import TrailFilter
from server.fleet import actions as fleet
from server.ingest import pages, routes
from server.ingest.actions import readable
from tests.support.pages import browse, said
from tests.support.sending import SendingEdge, row

PUSHED = b"2\t2026-11-23 08:59:00\t0\t15"


@pytest.fixture
def edge(database, company):
    edge = SendingEdge(database, now=datetime.now(UTC))
    edge.send(row("1", number=1), row("2", "2026-11-23 08:59:00", number=2, raw=PUSHED, source=Source.PUSH), row("99", number=3))
    return edge


@pytest.fixture
def visit(database):
    return lambda who=Role.ADMINISTRATOR: browse(database, (pages.router, routes.router), who)


def tell_reads(edge, *decoded):
    for minute, count in enumerate(decoded):
        at = edge.now + timedelta(minutes=minute)
        last = LastRead(
            started_at=at, finished_at=at, declared_bytes=count, received_bytes=count, decoded=count, held=count, complete=count != 3,
            declared=5, appended=1,
        )  # fmt: skip
        edge.now = at
        edge.tell_health(TerminalHealth(serial="T1", name="T1", address="a", state="listening", last_read=last))


def test_a_terminals_page_says_what_was_read_of_it_and_its_own_page_says_all(edge, visit):
    assert "No read is told yet" in visit().get("/terminals/1").text
    tell_reads(edge, 3, 4, 5)

    page, everything = said(visit().get("/terminals/1").text), said(visit().get("/terminals/1/readings").text)
    lines = list(csv.reader(io.StringIO(visit().get("/terminals/1/readings.csv").content.decode("utf-8-sig"))))

    assert all(words in page for words in ("not whole", "1 fewer than the terminal counts", "All read receipts"))
    assert "not whole" in everything
    assert [line[7] for line in lines] == ["Decoded", "5", "4", "3"]
    assert "读取回执" in visit().get("/terminals/1/readings", "zh").text
    assert visit().get("/terminals/1/readings?after=x").status_code == 422


def told_pushes(edge, *receipts):
    edge.tell_health(
        TerminalHealth(serial="T1", name="T1", address="a", state="listening", facts={"driver": "push"}), pushed=list(receipts)
    )


def test_a_terminals_page_says_what_it_pushed_by_day_and_table_and_its_own_page_says_all(edge, visit):
    at = edge.now
    first = Pushed("T1", "2026-11-26", "attlog", at, at, bodies=2, rows=3, punches=3, appended=2, stamp="9999")
    told_pushes(edge, first, Pushed("T1", "2026-11-26", "verify-sum-attlog", at, at, bodies=1, rows=5, punches=3, missing=2))
    told_pushes(
        edge,
        msgspec.structs.replace(first, bodies=4, rows=1234),
        Pushed("T1", "2026-11-26", "verify-sum-attlog", at, at, bodies=2, rows=5, punches=5, missing=0),
        Pushed("T1", "2026-11-27", "others", at, at, refused=7),
        Pushed("T1", "2026-02-30", "attlog", at, at),
        Pushed("unknown", "2026-11-27", "attlog", at, at),
    )

    page, everything = said(visit().get("/terminals/1").text), said(visit().get("/terminals/1/readings").text)
    heading, *lines = csv.reader(io.StringIO(visit().get("/terminals/1/pushed.csv").content.decode("utf-8-sig")))

    for text in (page, everything):
        assert all(words in text for words in ("VERIFY SUM ATTLOG", "whole", "9999", "1,234", "7 not taken", "unknown tables"))
        assert "2 missing at the edge" not in text, "the latest word counts"
    assert [(line[0], line[1], line[heading.index("Rows")]) for line in lines] == [
        ("2026-11-27", "others", "0"),
        ("2026-11-26", "attlog", "1234"),
        ("2026-11-26", "verify-sum-attlog", "5"),
    ]
    assert "考勤机自身计数" in visit().get("/terminals/1/readings", "zh").text
    assert "Nothing earlier is kept." in visit().get("/terminals/1/readings?before=2026-11-26").text
    assert visit().get("/terminals/1/readings?before=x").status_code == 422


def test_pages_of_what_a_terminal_pushed_follow_each_other_and_what_is_old_is_forgotten(edge, visit, database):
    days = [date(2026, 11, 1) + timedelta(days=back) for back in range(16)]
    told_pushes(edge, *(Pushed("T1", str(day), "attlog", edge.now, edge.now, bodies=1) for day in days))

    first = visit().get("/terminals/1/readings").text
    rest = visit().get("/terminals/1/readings?before=2026-11-03").text

    assert "before=2026-11-03" in first
    assert ("2026-11-16" in first, "2026-11-02" in first) == (True, False)
    assert (">2026-11-02<" in rest, ">2026-11-03<" in rest) == (True, False)
    with database.writing() as uow:
        assert fleet.tidy_pushes(uow, edge.now + timedelta(days=399)) == 0
        assert fleet.tidy_pushes(uow, edge.now + timedelta(days=401)) == 16


@pytest.mark.parametrize(("measured", "only_set"), [(None, True), (-1, True), (1, False)])
def test_a_clock_that_was_set_and_not_measured_since_is_called_so(edge, visit, measured, only_set):
    stages = {"clock-set": edge.now} | ({"clock": edge.now + timedelta(minutes=measured)} if measured else {})
    edge.tell_health(TerminalHealth(serial="T1", name="T1", address="a", state="listening", stages=stages))

    assert ("set, and not measured since" in said(visit().get("/terminals/1").text)) is only_set
    assert ("已校准，此后未再测量" in visit().get("/terminals/1", "zh").text) is only_set


def test_raw_evidence_shows_bytes_of_punches_and_of_what_was_kept_back_with_links(edge, visit):
    page = visit().get("/terminals/1/raw").text

    assert "01 02 fe" in page
    assert "2 → 2026-11-23 08:59:00 → 0 → 15" in page
    assert 'href="/punches/1"' in page
    assert 'href="/quarantine/1"' in page
    assert "/terminals/1/raw" in visit().get("/punches/1").text
    of_one = visit().get("/terminals/1/raw?text=2").text
    assert 'href="/punches/2"' in of_one
    assert 'href="/punches/1"' not in of_one


def test_raw_evidence_names_nobody_and_is_for_those_who_may_see_punches(edge, visit):
    page = visit().get("/terminals/1/raw").text
    assert "王伟" not in page

    assert visit({Permission.SEE_FLEET}).get("/terminals/1/raw").status_code == 403
    narrow = visit({Permission.SEE_FLEET, Permission.SEE_PUNCHES}).get("/terminals/1/raw").text
    assert "/quarantine/1" not in narrow


def test_a_file_of_raw_evidence_stands_on_the_trail(database, edge, visit):
    answer = visit().post("/terminals/1/raw.csv", {"text": "2"})

    lines = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert [line[1] for line in lines] == ["Terminal user", "2"]
    assert bytes.fromhex(lines[1][4]) == PUSHED
    with database.reading() as uow:
        trail = audit.search(uow, TrailFilter(action="evidence.export"), None, below=None, limit=5, see_pay=False)
    assert [(one.subject_kind, one.subject, one.after) for one in trail.rows] == [("terminal", "T1", {"text": "2"})]


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        (PUSHED, "2 → 2026-11-23 08:59:00 → 0 → 15"),
        ("张 1".encode(), "张 1"),
        (b"1001" + bytes(20), "1001"),
        (b"\x01\x02\xfe\x00\x91\xa0", ""),
        (b"", ""),
    ],
)
def test_bytes_are_shown_as_text_only_where_they_are_text(raw, text):
    assert readable(raw) == text
