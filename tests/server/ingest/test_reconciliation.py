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
from protocol.messages import Counted, CountedDay, Source
from server.access.model import Role
from server.attendance import actions as attendance
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
from server.ingest.reconciliation.engine import ASK_AGAIN, followed, judge, name, to_ask, verdict_of
from server.ingest.reconciliation.jobs import ReconciliationWorker
from server.ingest.reconciliation.model import DayState, Gap, Held, Origin, ReconciledDay, Verdict
from server.ingest.sift import Limits
from server.storage import DatabaseBusyError, DataSubject
from server.wiring import hand_over_again, take_other
from tests.support.company import NOW, TESTER, found_company, new_punch
from tests.support.pages import browse, said
from tests.support.paper_edge import PaperEdge

HQ = EdgeId("edge-hq")
DAY, NEXT, FIRST_OF_ALL = date(2026, 11, 20), date(2026, 11, 21), date(1, 1, 1)
TEN, ELEVEN, NOON = "2026-11-20 10:00:00", "2026-11-20 11:00:00", "2026-11-20 12:00:00"


def counted(*punches, terminal="T1", first=DAY, last=NEXT, listed=(), lists=True):
    """The edge took these (wall, user) of its terminal; lists: False for one of an older release."""
    days = count_days(sorted((pack_wall(wall), user) for wall, user in punches), listed)
    return Counted(edge=HQ, terminal=terminal, at=NOW, first=first, last=last, days=days, lists=lists)


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


def test_given_a_listed_day_then_the_page_the_file_and_the_api_name_what_is_missing_and_what_is_here_only(both):
    browser = browse(both.database, (pages.router, reconciliation_routes.router), Role.ADMINISTRATOR)
    took = ((TEN, "1"), (ELEVEN, "2"))
    both.compare(counted(*took))
    assert "not certain of 1 day" in said(browser.get("/terminals/1").text)
    both.compare(counted(*took, listed=[DAY]))

    page, chinese = browser.get("/terminals/1").text, said(browser.get("/terminals/1", "zh").text)
    (day,) = browser.get("/api/v1/terminals/1/reconciliation").json()["days"]
    _, line = csv.reader(io.StringIO(browser.get("/terminals/1/reconciliation.csv").content.decode("utf-8-sig")))

    assert all(words in said(page) for words in ("missing here: 11:00:00", "1 from a file", "does not know it any more", "2 here only"))
    assert 'href="/punches/' in page
    assert all(words in chinese for words in ("服务器缺少： 11:00:00", "1 条来自文件", "2 条仅服务器有"))
    assert (day["certain"], day["missing_at"], day["extra_at"]) == (True, ["11:00:00"], ["07:00:00", "20:00:00"])
    assert day["extra_from"] == {"forgotten": 1, "file": 1}
    assert line[9:] == ["11:00:00", "2", "1 from a file; 1 from this edge, which does not know it any more"]


@pytest.fixture
def both(server):
    """Of a day one punch that edge and server share; and two that the edge never took: from a file, and from before its memory was lost."""
    server.has((TEN, "1"), ("2026-11-20 07:00:00", "2"))
    punch = new_punch(server.company, pack_wall("2026-11-20 20:00:00"), "2", 1)
    with server.database.writing() as uow:
        attendance.record_punches(uow, [punch._replace(source=Source.ATTLOG_FILE)], NOW)
    return server


def test_given_more_here_and_some_missing_when_the_edge_has_listed_the_day_then_each_is_named_and_what_was_missing_comes_back(both):
    took = ((TEN, "1"), (ELEVEN, "2"))

    by_counts = both.compare(counted(*took))
    assert [(one.state, one.missing, one.extra) for one in by_counts.days] == [(DayState.MORE, 0, 1)]
    assert (both.asked, by_counts.uncertain) == ([(both.company.terminals["T1"], [DAY])], by_counts.days)

    (day,) = both.compare(counted(*took, listed=[DAY])).gaps
    assert (day.missing, day.extra, day.named.missing_times) == (1, 2, ("11:00:00",))
    assert [(one.time, one.origin) for one in day.named.extra_punches] == [("07:00:00", Origin.FORGOTTEN), ("20:00:00", Origin.FILE)]
    assert all(one.punch for one in day.named.extra_punches)
    assert len(both.asked) == 1, "the order that had it listed hands it over, too"

    both.has((ELEVEN, "2"))
    (day,) = both.compare(counted(*took, listed=[DAY])).days
    assert (day.state, day.missing, day.extra, day.most_missing, day.filled_at) == (DayState.MORE, 0, 2, 1, NOW)
    both.now += timedelta(days=1)
    (day,) = both.compare(counted(*took)).days
    assert (day.state, day.is_sure, day.named.extra) == (DayState.MORE, True, {Origin.FILE: 1, Origin.FORGOTTEN: 1})
    assert len(both.asked) == 1, "what was listed stays known as long as both sides are what they were"


def test_given_an_edge_of_an_older_release_or_a_wrong_listing_when_more_is_here_then_the_counts_decide(both):
    (day,) = both.compare(counted((TEN, "1"), lists=False)).days
    assert (day.state, day.extra, day.is_sure, both.asked) == (DayState.MORE, 2, False, [])

    said = counted((TEN, "1"), (ELEVEN, "2"), listed=[DAY])
    other = [msgspec.structs.replace(one, listing=one.listing[:-1] + b"x") for one in said.days]
    (day,) = both.compare(msgspec.structs.replace(said, days=other)).days
    assert (day.state, day.extra, day.is_sure) == (DayState.MORE, 1, False)


def test_given_days_of_which_the_edge_knows_nothing_when_compared_then_it_is_told_where_the_punches_here_come_from(both):
    with both.database.writing() as uow:
        other = fleet.add_edge(uow, "edge-old", "hq", None, TESTER, NOW).id
        older = new_punch(both.company, pack_wall("2026-11-21 07:00:00"), "2", 2)
        attendance.record_punches(uow, [older._replace(edge_id=other)], NOW)

    found = both.compare(counted((NOON, "stranger")))

    assert [(one.day, one.at_edge, one.here, one.state, one.is_sure) for one in found.days] == [
        (NEXT, 0, 1, DayState.MORE, True),
        (DAY, 1, 3, DayState.MORE, False),
    ]
    assert found.days[0].named.extra == {Origin.OTHER_EDGE: 1}
    both.has((NOON, "stranger"))
    (_, day) = both.compare(counted(listed=[DAY])).days
    assert (day.at_edge, day.named.extra) == (0, {Origin.FILE: 1, Origin.FORGOTTEN: 3}), "what was kept back is here as well"


def test_given_a_listed_day_with_erased_punches_when_compared_then_one_that_is_missing_beside_them_is_seen(server):
    took = [(TEN, "1"), (ELEVEN, "1"), (ELEVEN, "2"), (NOON, "3")]
    server.has(*took[:3], ("2026-11-20 18:00:00", "2"))
    with server.database.writing() as uow:
        erase_punches(uow, DataSubject(server.company.people["A1"], "A1", "王伟"), NOW)

    (day,) = server.compare(counted(*took)).days
    assert (day.state, day.is_sure, server.asked) == (DayState.ERASED, False, [(server.company.terminals["T1"], [DAY])])

    (day,) = server.compare(counted(*took, listed=[DAY])).days
    assert (day.state, day.missing, day.named.missing_times, day.extra) == (DayState.GAP, 1, ("12:00:00",), 1)


def test_given_punches_that_come_behind_a_count_when_it_is_compared_then_they_are_no_part_of_it(server):
    server.has((TEN, "1"), (TEN, "stranger"))
    said = counted((TEN, "1"), (TEN, "stranger"))
    server.take(server.edge.send(said))
    server.has((ELEVEN, "2"), (ELEVEN, "stranger"))

    assert server.worker.round()

    assert [(one.at_edge, one.here, one.state) for one in server.found().days] == [(2, 2, DayState.EQUAL)]


def test_given_an_edge_whose_clock_is_weeks_off_when_it_counts_then_what_is_known_of_the_present_days_stays(server):
    server.compare(counted((TEN, "1")))

    for days in (30, -30, 4000):
        apart = timedelta(days=days)
        server.take(server.edge.send(counted(first=DAY + apart, last=NEXT + apart)))

    assert not server.worker.round()
    assert [gap.missing for gap in server.gaps().values()] == [1]


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
        broken.setattr("server.ingest.reconciliation.actions.judge", lambda *_, **__: 1 / 0)
        assert server.worker.round()

    assert server.worker.round()
    assert [day.missing for day in server.found().days] == [2]
    assert not server.worker.round()


# Without a database --------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("here", "digest", "erased", "state", "missing", "extra"),
    [
        (3, "a", False, DayState.EQUAL, 0, 0),
        (3, "b", False, DayState.GAP, 1, 0),
        (3, "b", True, DayState.ERASED, 0, 0),
        (2, "b", False, DayState.GAP, 1, 0),
        (1, "b", True, DayState.GAP, 2, 0),
        (5, "b", False, DayState.MORE, 0, 2),
    ],
)
def test_given_two_counts_of_a_day_then_the_verdict_is(here, digest, erased, state, missing, extra):
    assert judge(CountedDay(DAY, 3, "a" * 16), CountedDay(DAY, here, digest * 16), erased=erased) == Verdict(state, missing, extra)


def held(time, digest, origin=Origin.FORGOTTEN, punch=None):
    return Held(time, digest, origin, punch)


@pytest.mark.parametrize(
    ("here", "verdict", "missing", "extra"),
    [
        ([held(100000, 1), held(110000, 2)], Verdict(DayState.EQUAL), (), ()),
        ([held(100000, 1), held(110001, 9, Origin.FILE, 5)], Verdict(DayState.GAP, 1, 1), ("11:00:00",), (("11:00:01", "file", 5),)),
        ([held(100000, 1), held(110000, 2), held(235959, 3)], Verdict(DayState.MORE, 0, 1), (), (("23:59:59", "forgotten", None),)),
        ([held(100000, 1), held(110000, None)], Verdict(DayState.ERASED), (), ()),
        ([held(100000, 1), held(110001, None)], Verdict(DayState.GAP, 1, 1), ("11:00:00",), (("11:00:01", "forgotten", None),)),
        ([held(100000, 1), held(110000, None), held(110000, None)], Verdict(DayState.MORE, 0, 1), (), (("11:00:00", "forgotten", None),)),
        ([], Verdict(DayState.GAP, 2), ("10:00:00", "11:00:00"), ()),
    ],
)
def test_given_a_listed_day_then_what_the_sides_do_not_share_is_named(here, verdict, missing, extra):
    named = name({1: 100000, 2: 110000}, here)

    assert (verdict_of(named), named.missing_times) == (verdict, missing)
    assert tuple((one.time, one.origin.value, one.punch) for one in named.extra_punches) == extra


def test_given_a_gap_that_comes_again_when_followed_then_it_is_a_new_one_that_nobody_was_asked_about():
    old = ReconciledDay(DAY, 3, 3, DayState.EQUAL, 0, 0, 2, NOW, NOW, 5, NOW + timedelta(hours=1))

    found = followed(old, Verdict(DayState.GAP, 3), NOW + timedelta(days=3))

    assert (found.missing, found.gap_since, found.asked_at, found.order_id, found.filled_at) == (
        3,
        NOW + timedelta(days=3),
        None,
        None,
        None,
    )


def test_given_days_with_gaps_when_one_was_not_asked_for_lately_then_all_are_asked_for():
    asked = ReconciledDay(DAY, 3, 2, DayState.GAP, 1, 0, 1, NOW, NOW, 5)

    assert to_ask([asked, replace(asked, day=NEXT, state=DayState.EQUAL)], NOW + ASK_AGAIN, lists=True) == []
    assert to_ask([asked], NOW + ASK_AGAIN + timedelta(seconds=1), lists=False) == [DAY]
    assert to_ask([asked], NOW - timedelta(days=300), lists=False) == [DAY], "this server's clock was ahead when it asked"
    assert to_ask([asked, replace(asked, day=NEXT, asked_at=None)], NOW, lists=False) == [DAY, NEXT]


def test_given_days_of_which_more_is_here_when_the_edge_lists_days_then_those_that_it_did_not_list_yet_are_asked_for():
    more = ReconciledDay(DAY, 3, 4, DayState.MORE, extra=1)
    listed = replace(more, day=NEXT, named=name({}, [held(100000, 1)]), named_of="a" * 32)

    assert to_ask([more, listed], NOW, lists=True) == [DAY]
    assert to_ask([more, listed], NOW, lists=False) == []
