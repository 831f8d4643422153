"""Clocks: what is kept of their measurements, and the rule by which edges set them."""

from datetime import timedelta

import pytest

from protocol.messages import Health, TerminalHealth
from protocol.wanted import ClockRule
from server.errors import InvalidInputError, NotFoundError
from server.fleet import actions as fleet
from tests.support.company import NOW, TESTER

MINUTE = timedelta(minutes=1)


def measure(database, company, minute, drift_ms, serial="T1", **said):
    told = TerminalHealth(serial=serial, name="x", address="a", state="ok", drift_ms=drift_ms, **said)
    at = NOW + minute * MINUTE
    with database.writing() as uow:
        fleet.record_health(uow, company.edge, Health(edge="edge-hq", at=at, version="1", queue_depth=0, terminals=[told]), at)


def history(database, company, serial="T1"):
    with database.reading() as uow:
        points = fleet.drift_history(uow, company.terminals[serial], NOW, NOW + timedelta(days=1))
    return [(int((one.at - NOW) / MINUTE), one.drift_ms, one.corrected) for one in points]


def test_given_measurements_every_minute_when_told_then_changes_and_one_an_hour_are_kept(database, company):
    for minute, drift in [(0, -200), (1, 250), (2, 290), (30, 300), (61, 310), (62, 900), (63, None), (64, 901)]:
        measure(database, company, minute, drift)
    measure(database, company, 70, 0, "T2")

    assert history(database, company) == [(0, -200, False), (61, 310, False), (62, 900, False)]
    assert history(database, company, "T2") == [(70, 0, False)]
    with database.writing() as uow:
        assert fleet.tidy_drifts(uow, NOW + timedelta(days=801)) == 4


def test_given_a_clock_that_was_far_off_when_it_is_right_then_it_was_set_in_between(database, company):
    for minute, drift in [(0, 61_000), (1, 61_400), (2, 120), (3, 1_500), (4, 200)]:
        measure(database, company, minute, drift)

    assert history(database, company) == [(0, 61_000, False), (2, 120, True), (3, 1_500, False), (4, 200, False)]


def test_given_facts_that_a_terminal_tells_when_told_then_they_are_kept_with_its_health(database, company):
    measure(database, company, 0, 0, facts={"firmware": "Ver 6.60", "users": "12", "users_capacity": "3000"})

    with database.reading() as uow:
        health = fleet.list_terminals(uow, [company.terminals["T1"]])[0].health
    assert health.facts == {"firmware": "Ver 6.60", "users": "12", "users_capacity": "3000"}


def test_given_a_rule_when_set_then_it_holds_for_the_site_and_one_that_cannot_be_is_refused(database, company):
    rule = ClockRule(corrects=True, tolerance_ms=3000, most_ms=60_000)
    with database.writing() as uow:
        assert fleet.clock_rules(uow) == {}, "nobody's clock is set before somebody says so"
        fleet.set_clock_rule(uow, "hq", rule, TESTER, NOW)
        assert fleet.clock_rules(uow) == {company.site: rule}
        fleet.set_clock_rule(uow, "hq", rule, TESTER, NOW)
        assert fleet.setup_states(uow)[company.edge].version == 1, "the same rule is no change"
        for wrong in (ClockRule(True, 60_000, 60_000), ClockRule(True, 0, 1000), ClockRule(True, 2000, 2 * 86_400_000)):
            with pytest.raises(InvalidInputError):
                fleet.set_clock_rule(uow, "hq", wrong, TESTER, NOW)
        with pytest.raises(NotFoundError):
            fleet.set_clock_rule(uow, "nowhere", rule, TESTER, NOW)


def test_given_two_measurements_of_one_moment_when_the_second_is_older_then_the_history_stays_in_order(database, company):
    measure(database, company, 10, 100)
    measure(database, company, 9, 5_000)

    assert history(database, company) == [(10, 100, False)]
