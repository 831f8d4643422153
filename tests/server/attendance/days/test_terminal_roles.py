"""Rules that go by what terminals are for: an entrance's punch is IN, an exit's OUT, each as the terminal was for on that day."""

from datetime import date

import pytest

from server.attendance import actions
from server.attendance.model import RuleSubject
from server.attendance.model.grants import Heading
from server.attendance.model.rules import DayRules, Direction, Rules
from server.fleet import actions as fleet
from server.fleet.model import RoleChange, TerminalRole
from server.roster import actions as roster
from server.roster.model import Anchor, HolidayChoice, PatternTerms, Scope
from tests.server.attendance.days.conftest import FIRST, at, office_terms
from tests.support.company import NOW, TESTER

IN, OUT = Heading.IN, Heading.OUT
ENTRANCE, EXIT = TerminalRole.ENTRANCE, TerminalRole.EXIT


@pytest.fixture
def by_role(days):
    """Everybody's rules go by the terminal; T1 is the entrance and T2 the exit, since ever."""
    with days.database.writing() as uow:
        made = actions.add_rule_set(uow, "by terminal", Rules(day=DayRules(direction=Direction.ROLE)), FIRST, TESTER, NOW)
        for person_id in days.company.people.values():
            actions.assign_rules(uow, made.id, RuleSubject.PERSON, person_id, FIRST, None, TESTER, NOW)
    give(days, "T1", ENTRANCE, date(2020, 1, 1))
    give(days, "T2", EXIT, date(2020, 1, 1))
    return days


def give(days, terminal, role, first_day):
    with days.database.writing() as uow:
        fleet.change_role(uow, terminal, role, first_day, TESTER, NOW, "doors")


def headings(days, who, day):
    return [one.heading for one in days.day(who, day).day.uses]


def roles(days, terminal):
    with days.database.reading() as uow:
        return fleet.terminal_roles(uow).get(days.company.terminals[terminal], ())


@pytest.mark.parametrize(("at_entrance", "at_exit"), [(255, 255), (1, 0), (0, 1)], ids=["unlabelled", "wrongly labelled", "labelled"])
def test_given_an_entrance_and_an_exit_then_a_punch_goes_the_way_of_its_terminal(by_role, at_entrance, at_exit):
    by_role.punch("A1", at(18, "08:55"), at(18, "13:00"), state=at_entrance)
    by_role.punch("A1", at(18, "12:00"), at(18, "18:03"), terminal="T2", state=at_exit)

    by_role.settle()

    assert headings(by_role, "A1", 18) == [IN, OUT, IN, OUT]
    day = by_role.day("A1", 18).day
    assert day.worked_minutes == 185 + 303
    codes = [step.code for step in day.steps if step.code.startswith("punch.")]
    assert codes == ["punch.in-by-role", "punch.out-by-role"] * 2, "the explanation says whence the direction came"


def test_given_a_role_that_changes_on_a_day_then_only_days_from_then_on_are_written(by_role):
    for day in (17, 18, 19):
        by_role.punch("A1", at(day, "09:00"), terminal="T1")
        by_role.punch("A1", at(day, "18:00"), terminal="T2")
    by_role.report(at(23, "10:00"))
    by_role.settle()
    before = by_role.all(last=20)

    give(by_role, "T2", ENTRANCE, date(2026, 11, 18))
    by_role.settle(at(23, "10:05"))

    after = by_role.all(last=20)
    written = {key for key in after if after[key].assessed_at != before[key].assessed_at}
    assert written == {(by_role.company.people["A1"], day) for day in (18, 19)}
    assert [headings(by_role, "A1", day) for day in (17, 18, 19)] == [[IN, OUT], [IN, IN], [IN, IN]]


def test_given_a_night_that_reaches_into_the_day_of_the_change_then_it_is_worked_out_again(by_role):
    with by_role.database.writing() as uow:
        shift = roster.add_shift(uow, "夜班", "夜", office_terms(1320, 1800), FIRST, TESTER, NOW)
        week = PatternTerms(days=(shift.id,) * 7, anchor=Anchor.WEEK, starts_on=date(2026, 10, 5), holidays=HolidayChoice.GO_ON)
        pattern = roster.add_pattern(uow, "夜", week, date(2026, 10, 5), TESTER, NOW)
        roster.assign_pattern(uow, pattern.id, Scope.PERSON, by_role.company.people["A1"], FIRST, None, TESTER, NOW)
    by_role.punch("A1", at(17, "21:55"), at(18, "06:05"))
    by_role.settle()
    assert headings(by_role, "A1", 17) == [IN, IN]

    give(by_role, "T1", EXIT, date(2026, 11, 18))
    by_role.settle(at(23, "10:05"))

    assert headings(by_role, "A1", 17) == [IN, OUT]


def test_given_a_change_then_it_takes_the_place_of_later_ones_and_says_nothing_twice(by_role):
    give(by_role, "T1", EXIT, date(2026, 11, 10))
    give(by_role, "T1", None, date(2026, 11, 20))

    give(by_role, "T1", None, date(2026, 11, 5))
    give(by_role, "T1", None, date(2026, 11, 8))

    assert roles(by_role, "T1") == (RoleChange(date(2020, 1, 1), ENTRANCE), RoleChange(date(2026, 11, 5), None))


def test_given_a_terminal_that_is_added_as_an_exit_then_it_is_one_since_ever(days):
    with days.database.writing() as uow:
        days.company.terminals["T3"] = fleet.add_terminal(uow, "T3", "后门", "hq", TESTER, NOW, role=EXIT).id

    assert roles(days, "T3") == (RoleChange(date.min, EXIT),)
