"""Which rules hold for whom and when."""

from datetime import date

import pytest

from server.attendance import actions
from server.attendance.model import RuleSubject
from server.attendance.model.rules import DayRules, Rules
from server.errors import InvalidInputError, RefusedError
from server.storage import Subject, waiting_changes
from tests.support.company import NOW, TESTER

FIRST, LAST = date(2026, 11, 1), date(2026, 11, 30)


def rules(grace: int) -> Rules:
    return Rules(day=DayRules(grace_in_minutes=grace))


@pytest.fixture
def make(database):
    def made(name: str, grace: int, valid_from=date(2026, 1, 1)):
        with database.writing() as uow:
            return actions.add_rule_set(uow, name, rules(grace), valid_from, TESTER, NOW).id

    return made


@pytest.fixture
def assign(database):
    def assigned(rule_set, subject=RuleSubject.COMPANY, subject_id=0, first=date(2026, 1, 1), last=None):
        with database.writing() as uow:
            return actions.assign_rules(uow, rule_set, subject, subject_id, first, last, TESTER, NOW).id

    return assigned


def graces(database, person_id):
    """(first day, last day, grace) of November."""
    with database.reading() as uow:
        spans = actions.rules_of(uow, [person_id], FIRST, LAST)[person_id]
    return [(span.first_day.day, span.last_day.day, span.rules.day.grace_in_minutes) for span in spans]


def test_given_no_rules_then_nobody_has_any(database, company):
    assert graces(database, company.people["A1"]) == []


def test_given_company_rules_then_everybody_has_them(database, company, make, assign):
    assign(make("office", 5))

    assert [graces(database, person) for person in company.people.values()] == [[(1, 30, 5)]] * 3


def test_given_a_more_particular_set_then_it_counts(database, company, make, assign):
    assign(make("office", 5))
    assign(make("site", 6), RuleSubject.SITE, company.site)
    assign(make("factory", 7), RuleSubject.DEPARTMENT, company.departments["PROD"])
    assign(make("own", 8), RuleSubject.PERSON, company.people["A3"])

    assert [graces(database, company.people[name]) for name in ("A1", "A2", "A3")] == [[(1, 30, 6)], [(1, 30, 7)], [(1, 30, 8)]]


def test_given_a_span_inside_another_then_it_counts_while_it_lasts(database, company, make, assign):
    assign(make("office", 5))
    assign(make("summer", 9), first=date(2026, 11, 10), last=date(2026, 11, 12))

    assert graces(database, company.people["A1"]) == [(1, 9, 5), (10, 12, 9), (13, 30, 5)]


def test_given_a_new_version_then_the_past_keeps_the_old_one(database, company, make, assign):
    office = make("office", 5)
    assign(office)

    with database.writing() as uow:
        actions.add_rule_version(uow, office, date(2026, 11, 16), rules(10), TESTER, NOW, reason="new agreement")

    assert graces(database, company.people["A1"]) == [(1, 15, 5), (16, 30, 10)]


def test_given_two_versions_from_one_day_then_the_later_recorded_one_holds(database, company, make, assign):
    office = make("office", 5)
    assign(office)

    with database.writing() as uow:
        actions.add_rule_version(uow, office, date(2026, 1, 1), rules(10), TESTER, NOW, reason="was mistyped")

    assert graces(database, company.people["A1"]) == [(1, 30, 10)]


def test_given_rules_that_begin_later_then_the_days_before_have_none(database, company, make, assign):
    assign(make("office", 5), first=date(2026, 11, 20))

    assert graces(database, company.people["A1"]) == [(20, 30, 5)]


def test_given_an_assignment_when_withdrawn_then_the_next_one_counts(database, company, make, assign):
    assign(make("office", 5))
    wrong = assign(make("factory", 7), RuleSubject.PERSON, company.people["A1"])

    with database.writing() as uow:
        actions.withdraw_assignment(uow, wrong, TESTER, NOW, reason="wrong person")

    assert graces(database, company.people["A1"]) == [(1, 30, 5)]


def test_given_a_version_between_two_then_only_its_days_are_left_as_changed(database, make):
    office = make("office", 5)
    with database.writing() as uow:
        actions.add_rule_version(uow, office, date(2026, 12, 1), rules(10), TESTER, NOW, reason="new agreement")
        actions.add_rule_version(uow, office, date(2026, 11, 1), rules(7), TESTER, NOW, reason="for november")

    with database.reading() as uow:
        changes = waiting_changes(uow, 10)
    assert [(one.subject, one.subject_id, one.first_day, one.last_day) for one in changes] == [
        (Subject.RULE_SET, office, date(2026, 12, 1), None),
        (Subject.RULE_SET, office, date(2026, 11, 1), date(2026, 11, 30)),
    ]


def test_given_a_name_that_is_taken_then_it_is_refused(make):
    make("office", 5)

    with pytest.raises(RefusedError, match="office"):
        make("office", 5)


def test_given_no_reason_then_a_version_is_refused(database, make):
    office = make("office", 5)

    with pytest.raises(InvalidInputError, match="reason"), database.writing() as uow:
        actions.add_rule_version(uow, office, date(2026, 11, 1), rules(7), TESTER, NOW, reason=" ")
