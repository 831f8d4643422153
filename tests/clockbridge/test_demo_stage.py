"""The demo's company as it is made: what a real one of its size has, all of it invented, on any day of the year."""

import secrets
from datetime import UTC, date, datetime, timedelta

import pytest

from clockbridge.demo import company
from clockbridge.demo.asked import AWAY_HEAD
from clockbridge.demo.careers import ENDING, ON_PROBATION, PENSIONER, careers_of
from clockbridge.demo.hiring import UNENROLLED
from clockbridge.demo.signins import SIGN_INS, SUPERVISOR, WORKER
from clockbridge.demo.stage import free_port, set_the_stage
from server.access.actions import sign_in
from server.access.model import Scope, SignedIn
from server.directory import actions as directory
from server.directory.model import EmploymentKind, EventKind
from server.hr.approvals import actions as approvals
from server.hr.imports import actions as imports
from server.hr.leave import actions as leave
from server.hr.requests import actions as requests
from server.hr.requests.model import RequestFilter, RequestState
from server.hr.staff import actions as staff
from server.hr.staff.model import DocumentAccess, Fact, WaitingKind
from server.notify import actions as notify
from server.wiring import build_database

NOW = datetime(2026, 12, 31, 15, 30, tzinfo=UTC)
"""Half an hour before a new year in Shanghai, with holidays ahead."""
TODAY = date(2026, 12, 31)
EVERYBODY = Scope(everybody=True)


@pytest.fixture(scope="module")
def stage(tmp_path_factory):
    return set_the_stage(tmp_path_factory.mktemp("stage"), 8765, {site.code: 1 for site in company.SITES}, 8766, NOW)


@pytest.fixture(scope="module")
def database(stage):
    made = build_database(stage.settings)
    yield made
    made.close()


@pytest.fixture
def uow(database):
    with database.reading() as found:
        yield found


@pytest.fixture
def keys(uow):
    return {number: person.id for number, person in directory.people_by_number(uow).items()}


def test_given_the_same_day_then_the_same_careers_and_everybody_has_a_manager_but_one():
    people = company.hire()

    assert careers_of(people, TODAY) == careers_of(people, TODAY)
    assert [number for number, career in careers_of(people, TODAY).items() if not career.manager] == ["CB1200"]


def test_given_the_company_then_probations_a_transfer_to_come_a_leaving_and_somebody_re_hired(uow, keys):
    terms = {number: directory.terms_of(uow, [key], TODAY, TODAY)[key][0].terms for number, key in keys.items()}

    assert {number for number, held in terms.items() if held.probation_until} == set(ON_PROBATION)
    assert {number for number, held in terms.items() if held.kind is EmploymentKind.PENSIONER} == {PENSIONER}
    assert len(directory.employments_of(uow, keys[PENSIONER])) == 2
    ahead = [event for one in directory.employments_of(uow, keys["CB1070"]) for event in one.events if event.effective_on > TODAY]
    assert [event.kind for event in ahead] == [EventKind.TRANSFER]
    assert directory.employments_of(uow, keys["CB1039"])[0].left_on == TODAY + timedelta(days=12)
    assert len(directory.heads_on(uow, TODAY)) == len(company.DEPARTMENTS) + 1


def test_given_the_records_then_they_are_invented_well_formed_and_something_waits_in_each_list(uow, keys):
    facts = staff.own_facts(uow, keys["CB1050"])

    assert facts[Fact.ID_NUMBER][:6] == "310000", "a province alone is on no real ID"
    assert facts[Fact.MOBILE].startswith("1990000")
    assert facts[Fact.MAIL].endswith(".example")
    counts = staff.count_waiting(uow, EVERYBODY, tuple(DocumentAccess), TODAY)
    assert all(counts[kind] for kind in WaitingKind), counts
    assert len(ENDING) <= counts[WaitingKind.CONTRACTS] < 20
    assert counts[WaitingKind.MISSING] < 10


def test_given_the_requests_then_there_is_one_in_every_state_and_some_wait_for_the_supervisor(uow, keys):
    _, counts = requests.list_requests(uow, RequestFilter(), EVERYBODY, TODAY)

    assert set(counts) >= set(RequestState) - {RequestState.DRAFT, RequestState.CANCELLED}
    assert [one.state for one in requests.requests_of(uow, keys[WORKER])].count(RequestState.DRAFT) == 1
    waiting = approvals.waiting_for(uow, keys[SUPERVISOR], NOW)
    assert {one.for_person for one in waiting} == {None, keys[AWAY_HEAD]}
    assert notify.unread(uow, keys[SUPERVISOR])


def test_given_today_then_the_worker_has_leave_left_and_others_are_away(uow, keys):
    assert leave.balance_on(uow, keys[WORKER], "annual", TODAY + timedelta(days=30)).available > 0
    away = {one.person_id for one in leave.who_is_away(uow, EVERYBODY, TODAY, TODAY + timedelta(days=1))}
    assert len(away) >= 3


def test_given_a_number_that_nobody_claims_and_a_list_with_mistakes_then_both_wait(uow, keys):
    assert directory.see_person(uow, keys[UNENROLLED])[1] == []
    assert [one.name for one in imports.list_imports(uow, 10)] == ["新员工名单.xlsx"]


def test_given_the_accounts_then_one_for_each_role_signs_in_with_the_password_that_was_made_for_this_demo(stage, database):
    assert len(stage.given.replace("-", "")) == 16

    for one in SIGN_INS[:2]:
        assert isinstance(sign_in(database, one.login, stage.given, "127.0.0.1", "test", NOW), SignedIn)


def test_given_a_port_that_somebody_was_given_and_does_not_use_yet_then_nobody_else_is_given_it(monkeypatch):
    given, choose = free_port(), secrets.choice
    drawn = iter([given, given])
    monkeypatch.setattr("clockbridge.demo.stage.secrets.choice", lambda ports: next(drawn, None) or choose(ports))

    assert free_port() != given
    assert list(drawn) == []
