"""The steps of a month stand under the total that they lead to: none is lost, none stands twice."""

from datetime import date

from server.attendance.engine.period.assessing import assess_period
from server.attendance.engine.period.grouping import Total, by_total
from server.attendance.model.days import LeaveTaken
from server.attendance.model.grants import LeaveKind
from server.attendance.model.rules import Counter, PeriodRules
from tests.support.days import assessed

FIRST, LAST = date(2026, 10, 1), date(2026, 10, 31)
RULES = PeriodRules(counters=(Counter(kind="late", free=1, each=1, half_days=1),), corrections_allowed=3)


def a_month():
    """An hour of overtime, two late mornings of which one is forgiven, half a day of sick leave, and two meals."""
    days = [
        assessed(date(2026, 10, 12), 540, 60),
        assessed(date(2026, 10, 13), late=12),
        assessed(date(2026, 10, 14), late=7, allowances=(("meal", 60),)),
        assessed(
            date(2026, 10, 15),
            240,
            leave=(LeaveTaken(kind=LeaveKind.SICK, minutes=240, halves=1, grant_id=7),),
            allowances=(("meal", 30),),
        ),
    ]
    return assess_period(days, [], RULES, FIRST, LAST)


def test_given_a_month_then_each_step_stands_under_one_total_in_its_order():
    steps = a_month().steps

    grouped = by_total(steps)

    assert [total for total, _ in grouped] == list(Total)
    assert sorted((steps.index(step) for _, of_it in grouped for step in of_it)) == list(range(len(steps)))
    assert all([steps.index(one) for one in of_it] == sorted(steps.index(one) for one in of_it) for _, of_it in grouped)


def test_given_leave_and_allowances_then_the_days_that_they_come_from_are_told():
    month = a_month()
    told = dict(by_total(month.steps))

    assert [(one.facts["work_date"], one.facts["minutes"]) for one in told[Total.LEAVE]] == [("2026-10-15", 240)]
    assert sum(one.facts["minutes"] for one in told[Total.ALLOWANCES]) == dict(month.allowances)["meal"] == 90


def test_given_a_month_of_nothing_but_work_then_only_worked_time_is_there():
    month = assess_period([assessed(date(2026, 10, 12))], [], PeriodRules(), FIRST, LAST)

    assert [total for total, _ in by_total(month.steps)] == [Total.WORKED]
