"""Late days whose week goes on in a period that is closed, too: on both dialects."""

from datetime import date

import pytest

from server.attendance import actions
from server.attendance.model import RuleSubject
from server.attendance.model.rules import DayRules, Direction, OvertimeTier, PeriodRules, Rules
from server.directory import actions as directory
from server.directory.actions import NewEvent
from server.directory.model import EventKind
from tests.server.attendance.days.conftest import FIRST, at
from tests.support.closing import close_period
from tests.support.company import NOW, TESTER

NOVEMBER, DECEMBER, JANUARY = date(2026, 11, 1), date(2026, 12, 1), date(2027, 1, 1)
OVER = date(2026, 12, 20)
FORTY_HOURS = PeriodRules(weekly_tiers=(OvertimeTier(after_minutes=2400, rate=150),))


@pytest.fixture
def late(days):
    """A2 is paid from the 12th to the 11th and leaves on Sunday the 15th; both periods are closed when a punch of Monday comes."""
    person = days.company.people["A2"]
    with days.database.writing() as uow:
        rules = Rules(day=DayRules(direction=Direction.ROSTER), period=FORTY_HOURS)
        weekly = actions.add_rule_set(uow, "weekly", rules, FIRST, TESTER, NOW)
        actions.assign_rules(uow, weekly.id, RuleSubject.PERSON, person, FIRST, None, TESTER, NOW)
        group = directory.add_pay_group(uow, "M", "月薪", 12, TESTER, NOW)
        directory.add_event(uow, person, NewEvent(EventKind.TRANSFER, date(2026, 11, 9), {"pay_group_id": group.id}), TESTER, NOW)
        directory.add_event(uow, person, NewEvent(EventKind.LEAVING, date(2026, 11, 15)), TESTER, NOW)
    for day in range(9, 14):
        days.punch("A2", at(day, "09:00"), *([] if day == 9 else [at(day, "18:00")]))
    days.report(at(23, "09:59"))
    days.settle()
    for month in (NOVEMBER, DECEMBER):
        close_period(days.database, "M", month, dict.fromkeys(in_the_way(days, month), "seen"), OVER)
    days.punch("A2", at(9, "18:00"), terminal="T2")
    days.settle()
    return days


def in_the_way(days, month):
    with days.database.reading() as uow:
        check = actions.check_period(uow, actions.find_period(uow, "M", month), OVER)
    return [issue.kind for issue in check.issues]


def accept(days):
    with days.database.writing() as uow:
        (one,) = actions.list_differences(uow, actions.find_period(uow, "M", NOVEMBER))
        actions.accept_differences(uow, "M", NOVEMBER, [one.id], "the terminal was offline", TESTER, NOW)


def arrears(days, month):
    with days.database.reading() as uow:
        found = actions.list_arrears(uow, actions.find_period(uow, "M", month))
    return [(one.due_month, {(item.name, item.rate): item.amount for item in one.items}) for own in found.values() for one in own]


def test_given_the_period_behind_is_closed_too_then_it_gets_arrears_of_its_own_and_the_next_open_one_pays_both(late):
    accept(late)

    ((due, own),) = arrears(late, NOVEMBER)
    assert (due, own["worked_minutes", None], own["missing_punches", None]) == (JANUARY, 540, -1)
    assert ("overtime", 150) not in own, "the week has not come to forty hours by Wednesday"
    assert arrears(late, DECEMBER) == [(JANUARY, {("overtime", 150): 300, ("regular_minutes", None): -300})]
    with late.database.reading() as uow:
        paid = actions.due_arrears(uow, actions.find_period(uow, "M", JANUARY))
        none = actions.due_arrears(uow, actions.find_period(uow, "M", DECEMBER))
    assert [(one.month, one.employee_number) for one in paid] == [(NOVEMBER, "A2"), (DECEMBER, "A2")]
    assert none == []


def test_given_the_period_behind_is_open_then_it_pays_and_its_own_week_tells_itself(late):
    with late.database.writing() as uow:
        actions.reopen_period(uow, "M", DECEMBER, "too early", TESTER, NOW)
    late.settle()

    accept(late)

    assert [due for due, _ in arrears(late, NOVEMBER)] == [DECEMBER]
    with late.database.reading() as uow:
        own = actions.own_period(uow, "M", DECEMBER, late.company.people["A2"], OVER)
    assert own.result is not None
    assert [(one.rate, one.minutes) for one in own.result.overtime] == [(150, 300)]
