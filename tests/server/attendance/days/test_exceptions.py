"""Exceptions are settled with a reason, and stay settled while they mean the same."""

from datetime import date

import pytest

from server.attendance import actions
from server.attendance.model import ExceptionFilter, ExceptionKey, ExceptionState, RuleSubject
from server.attendance.model.days import ExceptionKind
from server.attendance.model.rules import DayRules, Direction, Rules
from server.errors import InvalidInputError, NotFoundError
from tests.server.attendance.days.conftest import FIRST, at
from tests.support.company import NOW, TESTER


@pytest.fixture
def late(days):
    """A1 came 20 minutes late on the 18th and is absent on the other days."""
    days.punch("A1", at(18, "09:20"), at(18, "18:00"))
    days.report(at(23, "10:00"))
    days.settle()
    return days


def shown(days, **wanted):
    with days.database.reading() as uow:
        found = actions.list_exceptions(uow, ExceptionFilter(**wanted))
    return [(line.employee_number, line.stored.work_date.day, line.stored.exception.kind, line.stored.exception.minutes) for line in found]


def ids(days, **wanted):
    with days.database.reading() as uow:
        return [line.stored.id for line in actions.list_exceptions(uow, ExceptionFilter(**wanted))]


def settle(days, *chosen, reason="bus strike"):
    with days.database.writing() as uow:
        return actions.settle_exceptions(uow, chosen, TESTER, NOW, reason)


def test_given_lateness_then_it_is_listed_with_its_minutes(late):
    assert shown(late, kinds=frozenset({ExceptionKind.LATE})) == [("A1", 18, ExceptionKind.LATE, 20)]


def test_given_many_then_pages_follow_each_other_without_a_gap(late):
    whole, found, key = ids(late), [], None
    with late.database.reading() as uow:
        while page := actions.list_exceptions(uow, ExceptionFilter(), behind=key, limit=4):
            found += [line.stored.id for line in page]
            key = ExceptionKey(page[-1].stored.work_date, page[-1].stored.id)

    assert found == whole
    assert len(whole) > 8


def test_given_filters_then_only_what_fits_is_listed(late):
    people = late.company.people
    assert {line[0] for line in shown(late, department_id=late.company.departments["PROD"])} == {"A2"}
    assert {line[0] for line in shown(late, person_id=people["A3"])} == {"A3"}
    assert {line[1] for line in shown(late, since=date(2026, 11, 17), until=date(2026, 11, 18))} == {17, 18}
    assert {line[0] for line in shown(late, text="李娜")} == {"A2"}
    with late.database.reading() as uow:
        assert actions.count_exceptions(uow, ExceptionFilter())[ExceptionKind.LATE] == 1


def test_given_an_exception_when_settled_then_it_leaves_the_list_and_the_day_counts_it_no_more(late):
    (one,) = ids(late, kinds=frozenset({ExceptionKind.LATE}))

    assert settle(late, one) == 1

    assert ids(late, kinds=frozenset({ExceptionKind.LATE})) == []
    (stored,) = late.day("A1", 18).exceptions
    assert (stored.state, stored.settled_by, stored.reason) == (ExceptionState.SETTLED, "tester", "bus strike")
    with late.database.reading() as uow:
        (signs,) = actions.month_rows(uow, [late.company.people["A1"]], date(2026, 11, 18), date(2026, 11, 18))[late.company.people["A1"]]
    assert (signs.open, signs.late_minutes) == (0, 20)


def test_given_a_settled_one_when_the_day_is_assessed_again_and_means_the_same_then_it_stays_settled(late):
    settle(late, *ids(late, kinds=frozenset({ExceptionKind.LATE})))

    late.punch("A1", at(18, "17:30"))
    late.settle()

    assert [one.state for one in late.day("A1", 18).exceptions if one.exception.kind is ExceptionKind.LATE] == [ExceptionState.SETTLED]


def test_given_a_settled_one_when_it_becomes_another_then_it_is_open(late):
    settle(late, *ids(late, kinds=frozenset({ExceptionKind.LATE})))

    late.punch("A1", at(18, "09:10"))
    late.settle()

    assert shown(late, kinds=frozenset({ExceptionKind.LATE})) == [("A1", 18, ExceptionKind.LATE, 10)]


def test_given_a_settled_one_when_reopened_then_it_is_listed_again(late):
    chosen = ids(late, kinds=frozenset({ExceptionKind.LATE}))
    settle(late, *chosen)

    with late.database.writing() as uow:
        assert actions.reopen_exceptions(uow, chosen, TESTER, NOW, "too soon") == 1

    assert ids(late, kinds=frozenset({ExceptionKind.LATE})) == chosen


def test_given_no_reason_or_nothing_chosen_or_one_that_is_not_there_then_it_is_said_and_nothing_changes(late):
    chosen = ids(late)
    with pytest.raises(InvalidInputError, match="reason"):
        settle(late, chosen[0], reason=" ")
    with pytest.raises(InvalidInputError, match="exceptions"):
        settle(late)
    with pytest.raises(NotFoundError):
        settle(late, chosen[0], 999_999)

    assert ids(late) == chosen


class TestAnOddPunchBesideTheMissingOne:
    """A1 punches IN at 9:00 and IN again at 13:30, and never OUT: one thing to a person, two exceptions to the engine."""

    @pytest.fixture
    def two_ins(self, days):
        with days.database.writing() as uow:
            made = actions.add_rule_set(uow, "labels", Rules(day=DayRules(direction=Direction.LABEL)), FIRST, TESTER, NOW)
            actions.assign_rules(uow, made.id, RuleSubject.PERSON, days.company.people["A1"], FIRST, None, TESTER, NOW)
        days.punch("A1", at(18, "09:00"), at(18, "13:30"), state=0)
        days.report(at(23, "10:00"))
        days.settle()
        return days

    def kinds(self, days, **wanted):
        return {kind for number, day, kind, _ in shown(days, **wanted) if (number, day) == ("A1", 18)}

    def test_given_the_joined_list_then_the_missing_punch_tells_of_the_odd_one_and_stands_alone(self, two_ins):
        assert self.kinds(two_ins) == {ExceptionKind.DOUBLE_IN, ExceptionKind.MISSING_OUT}
        assert self.kinds(two_ins, joined=True) == {ExceptionKind.MISSING_OUT}
        with two_ins.database.reading() as uow:
            lines = actions.list_exceptions(uow, ExceptionFilter(joined=True, kinds=frozenset({ExceptionKind.MISSING_OUT})))
        assert [[odd.exception.kind for odd in line.odd] for line in lines] == [[ExceptionKind.DOUBLE_IN]]

    def test_given_the_missing_punch_when_settled_then_both_are_and_reopening_takes_both_back(self, two_ins):
        missing = ids(two_ins, kinds=frozenset({ExceptionKind.MISSING_OUT}))

        assert settle(two_ins, *missing) == 2
        assert self.kinds(two_ins) == set()

        with two_ins.database.writing() as uow:
            assert actions.reopen_exceptions(uow, missing, TESTER, NOW, "by mistake") == 2
        assert self.kinds(two_ins) == {ExceptionKind.DOUBLE_IN, ExceptionKind.MISSING_OUT}

    def test_given_the_odd_one_was_settled_alone_then_the_missing_punch_stays_open_and_tells_of_nothing(self, two_ins):
        settle(two_ins, *ids(two_ins, kinds=frozenset({ExceptionKind.DOUBLE_IN})))

        assert self.kinds(two_ins, joined=True) == {ExceptionKind.MISSING_OUT}
        assert self.kinds(two_ins, joined=True, state=ExceptionState.SETTLED) == {ExceptionKind.DOUBLE_IN}
        with two_ins.database.reading() as uow:
            assert all(not line.odd for line in actions.list_exceptions(uow, ExceptionFilter(joined=True)))
