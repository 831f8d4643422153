"""What an edge counted against what is here: punches, quarantine, what was erased; and what is asked for again."""

import csv
import io
from dataclasses import replace
from datetime import date, timedelta

import msgspec
import pytest

from protocol.counting import count_days
from protocol.identifiers import EdgeId
from protocol.instants import pack_wall
from protocol.messages import Counted, CountedDay
from server.access.model import Role
from server.attendance.actions.erasing import erase_punches
from server.dispatch.orders import actions as orders
from server.dispatch.orders.model import OrderFilter
from server.fleet import actions as fleet
from server.ingest import pages, reconciliation_routes
from server.ingest.actions import read_fleet
from server.ingest.actions.personal import HOLDINGS as QUARANTINED
from server.ingest.admit import Admission
from server.ingest.alarms import AlarmKind, alarms
from server.ingest.leases import heartbeat
from server.ingest.provisioned import Provisioned
from server.ingest.reconciliation import actions, store
from server.ingest.reconciliation.courier import ReconciliationCourier
from server.ingest.reconciliation.engine import ASK_AGAIN, compared, to_ask
from server.ingest.reconciliation.jobs import ReconciliationWorker
from server.ingest.reconciliation.model import DayState, Gap, ReconciledDay
from server.ingest.sift import Limits
from server.storage import DatabaseBusyError, DataSubject
from server.wiring import hand_over_again, take_other
from tests.support.company import NOW, TESTER, found_company
from tests.support.pages import browse, said
from tests.support.paper_edge import PaperEdge

HQ = EdgeId("edge-hq")
DAY, NEXT, FIRST_OF_ALL = date(2026, 11, 20), date(2026, 11, 21), date(1, 1, 1)
TEN, ELEVEN, NOON = "2026-11-20 10:00:00", "2026-11-20 11:00:00", "2026-11-20 12:00:00"


def counted(*punches, terminal="T1", first=DAY, last=NEXT):
    """The edge took these (wall, user) of its terminal."""
    days = count_days(sorted((pack_wall(wall), user) for wall, user in punches))
    return Counted(edge=HQ, terminal=terminal, at=NOW, first=first, last=last, days=days)


class Server:
    """One that admits what a paper edge says, and remembers what it asked for again."""

    def __init__(self, database):
        self.database, self.company, self.edge = database, found_company(database), PaperEdge(HQ, 1)
        self.asked, self.answer, self.now = [], 7, NOW
        with database.writing() as uow:
            fleet.replace_edge_key(uow, HQ, self.edge.signer.verifier, TESTER, NOW)
        couriers = [ReconciliationCourier()]
        self.admission = Admission(database, "worker", Provisioned(database), Limits(), take_other, couriers)
        self.worker = ReconciliationWorker(database, self.ask, lambda: self.now)
        self.take(self.edge.hello())

    def ask(self, uow, terminal_id, days, at):
        self.asked.append((terminal_id, list(days)))
        return self.answer

    def take(self, *arrivals):
        return self.admission.take(arrivals, heartbeat(self.database, "worker", self.now), self.now)

    def has(self, *punches):
        """It gets these (wall, user) from the edge."""
        first = self.edge.high + 1
        for wall, user in punches:
            self.edge.punch(wall, user)
        self.take(self.edge.batch(first))

    def compare(self, said):
        """By what the edge says; gives what is known then."""
        self.take(self.edge.send(said))
        assert self.worker.round()
        return self.found()

    def found(self):
        with self.database.reading() as uow:
            return actions.last_reconciliation(uow, self.company.terminals["T1"])

    def alarms(self):
        with self.database.reading() as uow:
            return [one.facts for one in alarms(read_fleet(uow), self.now) if one.kind is AlarmKind.RECONCILIATION_GAP]

    def gaps(self):
        with self.database.reading() as uow:
            return actions.open_gaps(uow)


@pytest.fixture
def server(database):
    return Server(database)


def test_given_all_of_it_is_here_as_punches_or_in_quarantine_when_compared_then_nothing_is_missing_and_nobody_is_asked(server):
    server.has((TEN, "1"), (ELEVEN, "stranger"), (ELEVEN, "1"), ("2026-11-21 08:00:00", "2"))

    found = server.compare(counted((TEN, "1"), (ELEVEN, "stranger"), (ELEVEN, "1"), ("2026-11-21 08:00:00", "2")))

    assert (found.edge, found.first, found.last, found.at) == ("edge-hq", DAY, NEXT, NOW)
    assert [(one.day, one.at_edge, one.here, one.state) for one in found.days] == [
        (NEXT, 1, 1, DayState.EQUAL),
        (DAY, 3, 3, DayState.EQUAL),
    ]
    assert (server.asked, server.gaps()) == ([], {})


def test_given_punches_that_are_not_here_when_compared_then_they_are_asked_for_once_until_they_are_back(server):
    terminal_id = server.company.terminals["T1"]
    server.has((TEN, "1"))
    said = counted((TEN, "1"), (ELEVEN, "2"), (NOON, "3"), ("2026-11-21 08:00:00", "2"))

    first = server.compare(said)

    assert [(one.day, one.missing) for one in first.gaps] == [(NEXT, 1), (DAY, 2)]
    assert server.gaps() == {terminal_id: Gap(2, 3, DAY, NOW)}
    assert server.alarms() == [{"terminal": "门 T1", "n": 3, "days": 2, "day": "2026-11-20"}]
    assert {(one.asked_at, one.order_id) for one in first.gaps} == {(NOW, 7)}
    server.now += timedelta(hours=1)
    server.has((ELEVEN, "2"), ("2026-11-21 08:00:00", "2"))
    second = server.compare(said)
    assert [(one.day, one.missing, one.most_missing, one.gap_since) for one in second.gaps] == [(DAY, 1, 2, NOW)]
    assert server.asked == [(terminal_id, [DAY, NEXT])], "what was asked for lately is not asked for again"
    server.now += timedelta(days=1)
    server.compare(said)
    assert server.asked[1:] == [(terminal_id, [DAY])]
    server.has((NOON, "3"))
    done = server.compare(said)
    assert (done.gaps, server.gaps(), server.alarms()) == ((), {}, [])
    assert [(one.day, one.most_missing, one.filled_at) for one in done.notable] == [
        (NEXT, 1, NOW + timedelta(hours=1)),
        (DAY, 2, server.now),
    ]


def test_given_nobody_to_ask_or_a_terminal_of_another_edge_when_compared_then_the_gap_is_told_all_the_same_or_nothing_believed(server):
    server.answer = None
    found = server.compare(counted((TEN, "1")))
    assert [(one.asked_at, one.order_id) for one in found.gaps] == [(None, None)]

    assert server.compare(counted(terminal="T1")).days == (), "days that the edge does not have any more are forgotten"
    assert server.gaps() == {}
    with server.database.writing() as uow:
        fleet.change_terminal(uow, "T1", "门", "hq", TESTER, NOW)
    server.take(server.edge.send(counted((TEN, "1"))), server.edge.send(counted((TEN, "1"), terminal="nobody's")))
    assert not server.worker.round()
    assert server.found().days == ()
    twice = counted((TEN, "1"), terminal="T2")
    server.compare(msgspec.structs.replace(twice, days=[*twice.days, *twice.days, CountedDay(FIRST_OF_ALL, 2**53, "f" * 16)]))
    assert [gap.missing for gap in server.gaps().values()] == [1], "a day that is said twice, and one that was not asked about, do no harm"


def test_given_punches_whose_people_were_erased_when_compared_then_only_their_number_counts(server):
    first = [(TEN, "1"), (ELEVEN, "1"), (ELEVEN, "2")]
    server.has(*first)
    said = counted(*first)
    with server.database.writing() as uow:
        erase_punches(uow, DataSubject(server.company.people["A1"], "A1", "王伟"), NOW)

    (day,) = server.compare(said).days
    assert (day.here, day.state) == (3, DayState.ERASED)

    (day,) = server.compare(counted(*first, (NOON, "3"))).days
    assert (day.state, day.missing) == (DayState.GAP, 1)


def test_given_rows_in_quarantine_that_were_erased_when_compared_then_each_counts_also_two_of_one_second(server):
    kept_back = [(TEN, "1"), (TEN, "3")]
    with server.database.writing() as uow:
        fleet.put_out_of_service(uow, "T1", NOW - timedelta(days=9), None, TESTER, NOW)
    server.now += timedelta(minutes=1)
    server.has(*kept_back)
    (day,) = server.compare(counted(*kept_back)).days
    assert day.state is DayState.EQUAL

    (holding,) = QUARANTINED
    with server.database.writing() as uow:
        for number, name in (("A1", "王伟"), ("A3", "张敏")):
            holding.erased(uow, DataSubject(server.company.people[number], number, name), NOW)

    (day,) = server.compare(counted(*kept_back)).days
    assert (day.here, day.state) == (2, DayState.ERASED)


def test_given_a_real_gap_when_compared_then_an_order_for_its_days_is_given_and_a_second_one_refused_quietly(server):
    terminal_id = server.company.terminals["T1"]
    with server.database.writing() as uow:
        order_id = hand_over_again(uow, terminal_id, [DAY, NEXT], NOW)
        assert hand_over_again(uow, terminal_id, [DAY], NOW) is None, "the same waits already"

    with server.database.reading() as uow:
        (line,) = orders.list_orders(uow, OrderFilter(terminal_id=terminal_id), NOW)
    assert (line.order.id, line.order.kind.value, line.order.parameters) == (order_id, "re-read", {"dates": "2026-11-20,2026-11-21"})
    assert line.order.asked_by == "server"


def test_given_a_comparison_then_the_terminals_page_its_file_and_the_api_say_what_is_missing_and_what_was_done(server):
    browser = browse(server.database, (pages.router, reconciliation_routes.router), Role.ADMINISTRATOR)
    assert "Nothing was compared yet" in said(browser.get("/terminals/1").text)
    assert browser.get("/api/v1/terminals/1/reconciliation").json()["days"] == []
    server.has((TEN, "1"), (ELEVEN, "2"))
    server.compare(counted((TEN, "1"), (ELEVEN, "2"), (NOON, "3"), ("2026-11-21 08:00:00", "1")))

    page, chinese = said(browser.get("/terminals/1").text), said(browser.get("/terminals/1", "zh").text)
    told = browser.get("/api/v1/terminals/1/reconciliation").json()
    lines = list(csv.reader(io.StringIO(browser.get("/terminals/1/reconciliation.csv").content.decode("utf-8-sig"))))

    assert all(words in page for words in ("2 missing", "at the edge 3, here 2", "Asked for again", "2 days with punches"))
    assert all(words in chinese for words in ("与网关核对", "缺 2 条", "已要求补传"))
    assert (told["edge"], told["missing"], [day["order"] for day in told["days"]]) == ("edge-hq", 2, [7, 7])
    assert [line[:4] for line in lines[1:]] == [["2026-11-21", "1", "0", "punches missing"], ["2026-11-20", "3", "2", "punches missing"]]
    assert browser.get("/api/v1/terminals/9/reconciliation").status_code == 404


def test_given_punches_that_come_behind_a_count_when_it_is_compared_then_they_are_no_part_of_it(server):
    server.has((TEN, "1"), (TEN, "stranger"))
    said = counted((TEN, "1"), (TEN, "stranger"))
    server.take(server.edge.send(said))
    server.has((ELEVEN, "2"), (ELEVEN, "stranger"))

    assert server.worker.round()

    assert [(one.at_edge, one.here, one.state) for one in server.found().days] == [(2, 2, DayState.EQUAL)]


def test_given_a_worker_that_dies_or_a_second_one_when_counts_wait_then_each_is_compared_once_in_the_order_they_came(server, monkeypatch):
    server.take(server.edge.send(counted((TEN, "1"))), server.edge.send(counted((TEN, "1"), (ELEVEN, "2"))))

    def die(*_):
        raise DatabaseBusyError(detail="the lights went out")

    with monkeypatch.context() as broken:
        broken.setattr("server.ingest.reconciliation.store.keep", die)
        with pytest.raises(DatabaseBusyError):
            server.worker.round()
    assert (server.found(), len(server.asked)) == (None, 1), "nothing was kept, and the order went with the rest"

    counted_here = store.counted_here

    def overtaken(*asked):
        """Another worker does the same meanwhile."""
        with monkeypatch.context() as other:
            other.setattr("server.ingest.reconciliation.store.counted_here", counted_here)
            assert server.worker.round()
        return counted_here(*asked)

    with monkeypatch.context() as slow:
        slow.setattr("server.ingest.reconciliation.store.counted_here", overtaken)
        server.worker.round()
    assert ([day.missing for day in server.found().days], len(server.asked)) == ([1], 2), "the second saves nothing"
    assert server.worker.round()
    assert [day.missing for day in server.found().days] == [2]
    assert not server.worker.round()


def test_given_a_count_that_cannot_be_compared_when_its_turn_comes_then_it_keeps_nobody_back(server, monkeypatch):
    server.take(server.edge.send(counted((TEN, "1"))), server.edge.send(counted((TEN, "1"), (ELEVEN, "2"))))

    with monkeypatch.context() as broken:
        broken.setattr("server.ingest.reconciliation.actions.compared", lambda *_: 1 / 0)
        assert server.worker.round()

    assert server.worker.round()
    assert [day.missing for day in server.found().days] == [2]
    assert not server.worker.round()


# Without a database --------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("here", "digest", "erased", "state", "missing"),
    [
        (3, "a", None, DayState.EQUAL, 0),
        (3, "b", None, DayState.GAP, 1),
        (3, "b", DAY, DayState.ERASED, 0),
        (3, "b", DAY - timedelta(days=1), DayState.GAP, 1),
        (2, "b", None, DayState.GAP, 1),
        (1, "b", DAY, DayState.GAP, 2),
        (4, "b", None, DayState.MORE, 0),
    ],
)
def test_given_two_counts_of_a_day_then_the_verdict_is(here, digest, erased, state, missing):
    (found,) = compared([CountedDay(DAY, 3, "a" * 16)], {DAY: CountedDay(DAY, here, digest * 16)}, {}, erased, NOW)

    assert (found.state, found.missing, found.most_missing) == (state, missing, missing)


def test_given_a_gap_that_comes_again_when_compared_then_it_is_a_new_one_that_nobody_was_asked_about():
    old = ReconciledDay(DAY, 3, 3, DayState.EQUAL, 0, 2, NOW, NOW, 5, NOW + timedelta(hours=1))

    (found,) = compared([CountedDay(DAY, 3, "a" * 16)], {}, {DAY: old}, None, NOW + timedelta(days=3))

    assert (found.missing, found.gap_since, found.asked_at, found.order_id, found.filled_at) == (
        3,
        NOW + timedelta(days=3),
        None,
        None,
        None,
    )


def test_given_days_with_gaps_when_one_was_not_asked_for_lately_then_all_are_asked_for():
    asked = ReconciledDay(DAY, 3, 2, DayState.GAP, 1, 1, NOW, NOW, 5)

    assert to_ask([asked, replace(asked, day=NEXT, state=DayState.EQUAL)], NOW + ASK_AGAIN) == []
    assert to_ask([asked], NOW + ASK_AGAIN + timedelta(seconds=1)) == [DAY]
    assert to_ask([asked, replace(asked, day=NEXT, asked_at=None)], NOW) == [DAY, NEXT]
