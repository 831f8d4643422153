"""New terminals: met by a scan or knocking, added in a few steps, turned away; how terminals are reached, and the rule of clocks."""

import msgspec
import pytest

from protocol.identifiers import TerminalSerial
from protocol.messages import Health, Knocking, OrderKind, OrderOutcome, Scanned, TerminalHealth
from server.access.model import Role
from server.dispatch.orders import actions as orders, pages
from server.dispatch.orders.model import Targets
from server.errors import RefusedError
from server.fleet import actions as fleet
from server.fleet.model import TerminalDriver, TerminalSettings
from server.web.asking import now
from tests.server.dispatch.test_orders import HQ, TWO, House
from tests.support.company import TESTER
from tests.support.pages import browse, said


@pytest.fixture
def house(database):
    return House(database)


@pytest.fixture
def it(house):
    made = browse(house.database, [pages.router], Role.IT)
    made.language = "en"
    return made


def knock(house, serial="CJDE231", edge=HQ, address="10.0.0.77", **said):
    at = now()
    knocking = [Knocking(serial, address, at, at, {"model": "SpeedFace"})]
    with house.database.writing() as uow:
        fleet.record_health(uow, house.edges[edge], Health(edge=edge, at=at, version="1", queue_depth=0, knocking=knocking, **said), at)


def scan(house, edge=HQ, **found):
    at = now()
    with house.database.writing() as uow:
        order = orders.give_order(uow, OrderKind.SCAN, Targets(edge, edges=(edge,)), {"subnet": "10.0.0.0/24"}, TESTER, at)
    (part,) = house.parts(order, at)
    told = {address.replace("_", "."): msgspec.json.encode(one).decode() for address, one in found.items()}
    house.answer(part, OrderOutcome.DONE, edge, at, found=told)


def new(house):
    with house.database.reading() as uow:
        return {(one.edge, one.key): one for one in orders.newcomers(uow, now())}


def test_given_a_terminal_that_knocks_when_added_then_it_is_approved_and_pinned_to_its_address_in_three_clicks(house, it):
    knock(house)
    assert "CJDE231" in it.get("/discovery").text
    form = said(it.get("/discovery/add?edge=edge-hq&key=CJDE231").text)
    assert ('value="SpeedFace"' in form, "from the address 10.0.0.77 only" in form, "Communication key" in form) == (True, True, False)

    made = it.post("/discovery/add", {"edge": HQ, "key": "CJDE231", "name": "仓库", "zone": ""})

    with house.database.reading() as uow:
        terminal = next(one for one in fleet.list_terminals(uow) if one.terminal.serial == "CJDE231")
        settings = fleet.terminal_settings(uow)[terminal.terminal.id]
        setup = fleet.setup_of(uow, house.edges[HQ], b"")
    assert made.headers["location"] == f"/terminals/{terminal.terminal.id}"
    assert (terminal.terminal.name, terminal.site.code, terminal.edge_name) == ("仓库", "hq", HQ)
    assert settings == TerminalSettings(TerminalDriver.PUSH, source="10.0.0.77")
    assert [(one.serial, one.driver, one.source) for one in setup.terminals] == [("CJDE231", "push", "10.0.0.77")]
    assert new(house) == {}


def test_given_terminals_that_a_scan_met_when_one_is_added_with_its_key_then_its_edge_reads_it(house, it):
    scan(house, **{"10_0_0_8": Scanned("NEW8", facts={"firmware": "6.60"}), "10_0_0_9": Scanned(trouble="wrong-key")})
    assert set(new(house)) == {(HQ, "NEW8"), (HQ, "10.0.0.9")}

    answer = it.post("/discovery/add", {"edge": HQ, "key": "10.0.0.9", "serial": "NEW9", "name": "东门", "secret": "12ab"})
    assert (answer.status_code, "12ab" in answer.text, "communication key" in answer.text) == (422, False, True)
    it.post("/discovery/add", {"edge": HQ, "key": "10.0.0.9", "serial": "NEW9", "name": "东门", "secret": "4711"})

    with house.database.reading() as uow:
        (told,) = fleet.setup_of(uow, house.edges[HQ], b"").terminals
    assert (told.serial, told.host, told.port, told.key) == ("NEW9", "10.0.0.9", 4370, 4711)


def test_given_a_terminal_that_is_known_elsewhere_when_met_then_it_is_told_and_moves_with_its_punches(house, it):
    scan(house, TWO, **{"10_0_0_8": Scanned("T1")})
    one = new(house)[TWO, "T1"]
    assert (one.known.edge_name, one.known.terminal.name) == (HQ, "门 T1")
    assert "Read it here" in it.get("/discovery").text

    it.post("/discovery/add", {"edge": TWO, "key": "T1", "name": "门 T1"})

    with house.database.reading() as uow:
        moved = next(one for one in fleet.list_terminals(uow) if one.terminal.serial == "T1")
    assert (moved.terminal.id, moved.edge_name) == (house.terminals[TerminalSerial("T1")], TWO)


def test_given_a_terminal_that_its_edge_reads_by_its_own_file_when_met_then_it_is_not_new(house):
    told = TerminalHealth(serial="T1", name="x", address="10.0.0.8", state="ok")
    knock(house, terminals=[told])

    scan(house, **{"10_0_0_8": Scanned("T1")})

    assert set(new(house)) == {(HQ, "CJDE231")}


def test_given_a_stranger_when_turned_away_then_it_is_not_offered_until_somebody_wants_it(house, it):
    knock(house)

    it.post("/discovery/turn-away", {"edge": HQ, "serial": "CJDE231"})
    assert "turned away by tester" in it.get("/discovery/found").text
    it.post("/discovery/offer-again", {"edge": HQ, "serial": "CJDE231"})

    assert new(house)[HQ, "CJDE231"].turned_away is None
    assert it.post("/discovery/turn-away", {"edge": HQ, "serial": ""}).status_code == 409


def test_given_a_network_when_an_edge_shall_look_then_it_is_asked_and_a_wrong_one_is_refused(house, it):
    assert it.post("/discovery/scan", {"edge": HQ, "subnet": "8.8.8.0/24"}).status_code == 422
    assert it.post("/discovery/scan", {"edge": HQ, "subnet": "192.168.7.0/24"}).status_code == 303
    assert "Edge edge-hq looks for terminals" in it.get("/discovery").text
    house.open_line()
    (sent,) = house.waiting(now())
    assert sent.parameters == {"subnet": "192.168.7.0/24"}
    assert browse(house.database, [pages.router], Role.HR).get("/discovery").status_code == 403


def test_given_settings_on_the_page_when_saved_then_the_key_is_kept_and_never_shown_and_addresses_do_not_clash(house, it):
    one = house.terminals[TerminalSerial("T1")]
    assert "own settings file" in it.get(f"/terminals/{one}/settings").text
    saved = it.post(f"/terminals/{one}/settings", {"driver": "zkteco", "host": "10.0.0.5", "secret": "998877"})
    assert saved.status_code == 303

    page = it.get(f"/terminals/{one}/settings").text
    assert ("998877" in page, "One is kept" in page, "10.0.0.5" in page) == (False, True, True)
    assert "its edge is told when it can be reached" in it.get(f"/terminals/{one}/orders").text
    other = house.terminals[TerminalSerial("T2")]
    clash = it.post(f"/terminals/{other}/settings", {"driver": "zkteco", "host": "10.0.0.5"})
    assert (clash.status_code, "already" in clash.text) == (409, True)
    it.post(f"/terminals/{one}/settings", {"driver": "zkteco", "host": "10.0.0.5", "no_key": "on"})
    it.post(f"/terminals/{one}/settings/drop")
    with house.database.reading() as uow:
        assert fleet.terminal_settings(uow) == {}


def test_given_two_terminals_at_one_address_when_one_moves_to_the_other_s_edge_then_it_is_refused(house):
    with house.database.writing() as uow:
        fleet.set_terminal_settings(uow, TerminalSerial("T1"), TerminalSettings(host="10.0.0.5"), None, TESTER, now())
        fleet.set_terminal_settings(uow, TerminalSerial("T3"), TerminalSettings(host="10.0.0.5"), None, TESTER, now())

    with pytest.raises(RefusedError), house.database.writing() as uow:
        fleet.change_terminal(uow, TerminalSerial("T3"), "门", "hq", TESTER, now(), edge=HQ)


def test_given_a_rule_on_the_page_when_saved_then_it_stands_there_and_clocks_are_told(house, it):
    told = TerminalHealth(serial="T1", name="x", address="a", state="ok", drift_ms=95_000)
    knock(house, terminals=[told])
    assert it.post("/clocks", {"site": "hq", "corrects": "on", "tolerance": "3", "most": "0.01"}).status_code == 422
    assert it.post("/clocks", {"site": "hq", "corrects": "on", "tolerance": "x", "most": "5"}).status_code == 422

    it.post("/clocks", {"site": "hq", "corrects": "on", "tolerance": "2.5", "most": "5"})

    page = it.get("/clocks").text
    assert ('value="2.5"' in page, "selected" in page, "1 min 35 s fast" in page) == (True, True, True)
    with house.database.reading() as uow:
        rule = fleet.setup_of(uow, house.edges[HQ], b"").clock
    assert (rule.corrects, rule.tolerance_ms, rule.most_ms) == (True, 2500, 300_000)
