"""What this server tells edges of terminals: checked, sealed, with a version that rises with each change and is sent until it is held."""

from datetime import timedelta

import pytest

from protocol.identifiers import EdgeId, TerminalSerial
from protocol.messages import Health, Hello
from protocol.wanted import ClockRule, TerminalSetup
from server.audit.model import TrailFilter
from server.audit.store import page
from server.errors import InvalidInputError
from server.fleet import actions as fleet
from server.fleet.engine import checked_key, checked_settings
from server.fleet.model import TerminalDriver, TerminalSettings
from server.fleet.tables import terminal_setting
from tests.support.company import NOW, TESTER

HQ, SERIAL = EdgeId("edge-hq"), TerminalSerial("T1")
PULL = TerminalSettings(TerminalDriver.ZKTECO, host="192.168.1.201")
SEALING = bytes(range(32))


def hello(uow, company, sealing_key=SEALING):
    heads = {"low_head": bytes(32), "high_head": bytes(32)}
    said = Hello(
        edge=HQ, epoch="a" * 32, low=0, high=0, acknowledged=0, version="1", clock=NOW, nonce="1" * 32, sealing_key=sealing_key, **heads
    )
    fleet.record_line(uow, company.edge, said, NOW)


def health(uow, company, held):
    fleet.record_health(uow, company.edge, Health(edge=HQ, at=NOW, version="1", queue_depth=0, setup_version=held), NOW)


def waiting(uow):
    from protocol.identifiers import ALL_SHARDS

    return [(line.edge, version) for line, version in fleet.setups_waiting(uow, ALL_SHARDS, NOW + timedelta(seconds=3))]


def test_given_settings_with_a_key_when_set_then_the_edge_is_told_the_key_and_nobody_else_can_read_it(database, company):
    with database.writing() as uow:
        fleet.set_terminal_settings(uow, SERIAL, PULL, 123456, TESTER, NOW, "new unit")

    with database.reading() as uow:
        setup = fleet.setup_of(uow, company.edge, b"s" * 32)
        stored = uow.fetch_one(terminal_setting.select())
        trail = page(uow, TrailFilter(action="terminal.settings"), None, below=None, limit=10)
        shown = fleet.terminal_settings(uow)[company.terminals["T1"]]
    assert setup.terminals == [TerminalSetup(serial="T1", name="门 T1", host="192.168.1.201", key=123456)]
    assert (setup.time_zone, setup.clock, setup.sealing_key) == ("Asia/Shanghai", ClockRule(), b"s" * 32)
    assert b"123456" not in stored.sealed_key
    assert (shown.has_key, trail[0].after["key"], "123456" in str(trail)) == (True, "changed", False)


def test_given_a_kept_key_when_settings_change_without_one_then_it_stays_and_zero_takes_it_away(database, company):
    def key():
        return fleet.setup_of(uow, company.edge, b"").terminals[0].key

    with database.writing() as uow:
        fleet.set_terminal_settings(uow, SERIAL, PULL, 7, TESTER, NOW)
        fleet.set_terminal_settings(uow, SERIAL, PULL, None, TESTER, NOW)
        assert key() == 7
        fleet.set_terminal_settings(uow, SERIAL, PULL, 0, TESTER, NOW)
        assert key() == 0
        fleet.drop_terminal_settings(uow, SERIAL, TESTER, NOW)
        assert fleet.setup_of(uow, company.edge, b"").terminals == []
        assert fleet.setup_states(uow)[company.edge].version == 4


def test_given_a_set_up_when_the_edge_has_it_then_it_waits_no_longer_until_something_changes(database, company):
    with database.writing() as uow:
        hello(uow, company)
        health(uow, company, 0)
        assert (waiting(uow), fleet.setup_states(uow)) == ([], {}), "an edge that IT set up by hand is told nothing"
        fleet.set_terminal_settings(uow, SERIAL, PULL, None, TESTER, NOW)
        assert waiting(uow) == [(HQ, 1)]
        health(uow, company, 1)
        assert waiting(uow) == []

        fleet.change_terminal(uow, SERIAL, "东门", "hq", TESTER, NOW, edge=HQ)
        fleet.set_clock_rule(uow, "hq", ClockRule(corrects=True), TESTER, NOW)
        assert waiting(uow) == [(HQ, 3)]
        health(uow, company, 0)
        assert waiting(uow) == [(HQ, 3)], "a new disk: it has none"
        setup = fleet.setup_of(uow, company.edge, b"")
    assert (setup.terminals[0].name, setup.clock.corrects) == ("东门", True)


def test_given_an_edge_of_an_older_release_when_a_set_up_waits_then_it_is_not_sent_in_the_clear(database, company):
    with database.writing() as uow:
        hello(uow, company, b"")
        fleet.set_terminal_settings(uow, SERIAL, PULL, None, TESTER, NOW)

        assert waiting(uow) == []


def test_given_a_server_that_was_restored_when_its_edge_is_ahead_then_it_gets_a_higher_version_again(database, company):
    with database.writing() as uow:
        hello(uow, company)
        fleet.set_terminal_settings(uow, SERIAL, PULL, None, TESTER, NOW)

        health(uow, company, 9)

        assert waiting(uow) == [(HQ, 10)]


def test_given_a_terminal_that_moves_to_another_edge_when_changed_then_both_edges_are_told(database, company):
    from protocol.signing import Verifier

    with database.writing() as uow:
        other = fleet.add_edge(uow, "edge-two", "hq", Verifier(bytes(31) + b"\1"), TESTER, NOW)
        fleet.set_terminal_settings(uow, SERIAL, PULL, 5, TESTER, NOW)
        fleet.change_terminal(uow, TerminalSerial("T2"), "门 T2", "hq", TESTER, NOW, edge=EdgeId("edge-two"))
        assert other.id not in fleet.setup_states(uow), "T2 stands in an edge's own file"

        fleet.change_terminal(uow, SERIAL, "门 T1", "hq", TESTER, NOW, edge=EdgeId("edge-two"))

        assert {key: one.version for key, one in fleet.setup_states(uow).items()} == {company.edge: 2, other.id: 1}
        assert fleet.setup_of(uow, company.edge, b"").terminals == []
        assert [one.key for one in fleet.setup_of(uow, other.id, b"").terminals] == [5]


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"driver": "zkteco", "host": " "}, "address"),
        ({"driver": "zkteco", "host": "10.0.0 .1"}, "address"),
        ({"driver": "telnet", "host": "a"}, "driver"),
        ({"host": "a", "port": "70000"}, "port"),
        ({"host": "a", "poll_seconds": "0"}, "poll_seconds"),
        ({"host": "a", "transport": "serial"}, "transport"),
    ],
)
def test_given_settings_that_cannot_be_when_typed_then_the_field_is_named(typed, field):
    with pytest.raises(InvalidInputError) as wrong:
        checked_settings(typed)

    assert wrong.value.facts["field"] == field


def test_given_a_key_that_is_none_when_typed_then_it_is_refused_without_being_shown():
    assert (checked_key(" "), checked_key("0"), checked_key("4294967295")) == (None, 0, 4294967295)
    for typed in ("geheim", "4294967296", "-1"):
        with pytest.raises(InvalidInputError) as wrong:
            checked_key(typed)
        assert typed not in str(wrong.value)
