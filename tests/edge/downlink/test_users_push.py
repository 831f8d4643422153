"""Users and fingers brought to simulated terminals that push, in both dialects, and read from them."""

import asyncio
import threading
from base64 import b64encode

import pytest

from edge.devices.iclock.simulator.options import PushOptions
from edge.devices.iclock.simulator.runner import PushSimulator
from edge.downlink.users.book import WantedBook
from edge.settings import PushTerminal
from protocol.messages import Captured, OrderKind, OrderOutcome, UserState
from protocol.wanted import Biometrics, Kind, Template, Templates, WantedUser, unwrap
from tests.edge.collect.conftest import until
from tests.edge.conftest import EDGE
from tests.edge.downlink.conftest import SERVER, edge_setup, order, running_site
from tests.edge.downlink.test_users_pull import states, told, want

SN = "CBPUSH001"


def finger(place, data):
    return Template(Kind.FINGER, place, "zk-10", data)


@pytest.fixture
def push_site(tmp_path, outbox, certificate):
    """Run `live(site, terminal)` with one terminal that pushes."""

    def run(live, dialect="attendance", faults=(), faces="none"):
        async def work():
            push = {"host": "127.0.0.1", "port": 0, "terminals": [PushTerminal(serial=SN)]}
            async with running_site(tmp_path, outbox, push=push, certificate=certificate) as site:
                await until(lambda: site.crew.desk.port)
                await site.in_force(1, edge_setup())
                options = PushOptions(port=site.crew.desk.port, users=2, poll_seconds=0.05, dialect=dialect, faults=faults, faces=faces)
                async with PushSimulator(options) as terminal:
                    await until(lambda: site.crew.desk.is_here(SN))
                    await live(site, terminal)

        asyncio.run(work())

    return run


@pytest.mark.parametrize(
    ("dialect", "faults"), [("attendance", ()), ("security", ()), ("attendance", ("batched-results", "gbk-names", "crlf"))]
)
def test_given_people_who_join_change_and_leave_when_wanted_then_a_pushing_terminal_holds_them_and_the_server_is_told(
    push_site, tmp_path, dialect, faults
):
    async def live(site, terminal):
        users = terminal.memory.users
        want(site, WantedUser("0101", 1, name="王伟", card="1234567", password="47110815"), WantedUser("bad pin", 1), serial=SN)
        await until(lambda: states(site, SN).get("0101") is UserState.THERE)
        assert (users["0101"]["name"], users["0101"]["card"]) == ("王伟", "1234567")
        assert told(site, SN)["bad pin"].state is UserState.REFUSED
        assert b"47110815" not in (tmp_path / "data" / "push.db").read_bytes() + (tmp_path / "data" / "push.db-wal").read_bytes()
        terminal.memory.capacity = 3
        want(site, WantedUser("0101", 2, name="王小伟"), WantedUser("0102", 1), serial=SN)
        await until(lambda: states(site, SN).get("0102") is UserState.FAILED)
        assert told(site, SN)["0102"].reason == "the terminal is full"
        await until(lambda: users["0101"]["name"] == "王小伟")
        want(site, WantedUser("0101", 3, present=False), serial=SN)
        await until(lambda: states(site, SN)["0101"] is UserState.GONE and states(site, SN)["0102"] is UserState.THERE)
        assert "0101" not in users
        await site.obey(order(OrderKind.READ_USERS, terminal=SN))
        await until(lambda: states(site, SN).get("1001") is UserState.STRANGER)

    push_site(live, dialect, faults)


@pytest.mark.parametrize("dialect", ["attendance", "security"])
def test_given_templates_that_are_carried_or_erased_when_wanted_then_fingers_come_are_told_and_go(push_site, dialect, monkeypatch):
    monkeypatch.setattr("edge.collect.push.desk.PushDesk.algorithm_of", lambda *_: "zk-10")  # one of the dialects does not tell it here
    enrolled_here = b"enrolled at the terminal"

    async def live(site, terminal):
        fingers = terminal.memory.fingers
        fingers["1001"] = {"3": b64encode(enrolled_here).decode()}
        fingers["1002"] = {"1": b64encode(b"nobody's business").decode()}
        wanted = WantedUser("1001", 1, biometrics=Biometrics.CARRY, templates=[finger(6, b"brought"), finger(3, b"older")])
        want(site, wanted, WantedUser("1002", 1), serial=SN)
        await until(lambda: states(site, SN).get("1001") is UserState.THERE and states(site, SN).get("1002") is UserState.THERE)
        assert fingers["1001"] == {"3": b64encode(enrolled_here).decode(), "6": b64encode(b"brought").decode()}
        assert told(site, SN)["1001"].templates == ["finger-3", "finger-6"]
        (captured,) = site.line.of(Captured)
        found = unwrap(Templates, captured.sealed, SERVER, "captured", EDGE, SN)
        assert [(one.user, one.templates) for one in found.users] == [("1001", [finger(3, enrolled_here)])]
        want(site, WantedUser("1001", 2, biometrics=Biometrics.ERASE), serial=SN)
        await until(lambda: told(site, SN)["1001"].revision == 2 and states(site, SN)["1001"] is UserState.THERE)
        assert "1001" not in fingers
        assert told(site, SN)["1001"].templates == []
        assert "1002" in fingers, "of whoever is left alone nothing is touched"

    push_site(live, dialect)


def test_given_users_who_are_being_brought_when_a_look_is_ordered_then_it_waits_its_turn_and_both_end_well(push_site, monkeypatch):
    settling, go_on, settle = threading.Event(), threading.Event(), WantedBook.settle

    def held_back(*outcomes):
        settling.set()
        assert go_on.wait(60)
        settle(*outcomes)

    monkeypatch.setattr(WantedBook, "settle", held_back)
    monkeypatch.setattr("edge.downlink.orders.desk.QUICK_SECONDS", 0.05)

    async def live(site, _):
        want(site, WantedUser("0101", 1, name="王伟"), serial=SN)
        await until(settling.is_set)
        look = order(OrderKind.READ_USERS, terminal=SN)
        site.say(look)
        await until(lambda: site.results(look.order))
        go_on.set()
        await until(lambda: site.results(look.order)[-1].outcome is OrderOutcome.DONE)
        assert site.results(look.order)[-1].detail == "users: 3"
        want(site, WantedUser("0102", 1), serial=SN)
        await until(lambda: states(site, SN).get("0102") is UserState.THERE)

    push_site(live)


@pytest.mark.parametrize("dialect", ["attendance", "security"])
def test_given_users_changed_at_the_terminal_when_a_day_has_passed_then_they_are_as_wanted_again_and_strangers_are_told(
    push_site, dialect, monkeypatch
):
    async def live(site, terminal):
        users = terminal.memory.users
        want(site, WantedUser("0101", 1, name="王伟"), WantedUser("0102", 1, name="李娜"), serial=SN)
        await until(lambda: states(site, SN).get("0101") is states(site, SN).get("0102") is UserState.THERE)
        await until(lambda: states(site, SN).get("1001") is UserState.STRANGER)
        del users["0101"]
        users["0102"] = users["0102"] | {"pri": "14"}
        users["2001"] = {"name": "new", "pri": "0", "passwd": "", "card": "", "grp": "1"}
        monkeypatch.setattr("edge.downlink.users.carriers.DAY", 0.0)
        await until(lambda: users.get("0101", {}).get("name") == "王伟" and users["0102"]["pri"] == "0")
        await until(lambda: states(site, SN)["0101"] is states(site, SN)["0102"] is UserState.THERE)
        await until(lambda: states(site, SN).get("2001") is UserState.STRANGER)

    push_site(live, dialect)


def test_given_a_terminal_that_lists_nobody_when_looked_at_then_nothing_is_concluded(push_site):
    async def live(site, terminal):
        want(site, WantedUser("0101", 1, name="王伟"), serial=SN)
        await until(lambda: states(site, SN).get("0101") is UserState.THERE)
        await until(lambda: site.downlink._carriers._looked.get(SN))
        written = [text for _, text in terminal.unit.seen if text.startswith("DATA UPDATE")]
        result = await site.obey(order(OrderKind.READ_USERS, terminal=SN))
        assert (result.outcome, result.detail) == (OrderOutcome.FAILED, "the terminal does not list its users")
        assert states(site, SN) == {"0101": UserState.THERE}
        assert [text for _, text in terminal.unit.seen if text.startswith("DATA UPDATE")] == written

    push_site(live, faults=("lists-nobody",))
