"""What comes out otherwise, named for people."""

from datetime import date

from server.attendance.engine.comparing import added_up, day_changes, figure_changes
from server.attendance.model.days import DayStatus, PunchUse
from server.attendance.model.grants import Heading
from server.attendance.model.trials import FigureChange
from tests.support.days import assessed

DAY = date(2026, 11, 3)


def test_given_equal_days_then_nothing_changed_whatever_their_explanation():
    assert day_changes(assessed(DAY), assessed(DAY)) == ()


def test_given_a_day_that_is_late_now_then_its_minutes_and_its_exception_are_named():
    found = {one.name: (one.before, one.after) for one in day_changes(assessed(DAY), assessed(DAY, late=20))}

    assert found == {"late-minutes": (None, 20), "exceptions": (None, "late")}


def test_given_overtime_at_another_rate_then_both_rates_are_named():
    found = day_changes(assessed(DAY, 540, 60, rate=150), assessed(DAY, 540, 60, rate=200))

    assert found == (FigureChange("overtime-150-minutes", 60, None), FigureChange("overtime-200-minutes", None, 60))


def test_given_a_day_that_is_new_or_gone_then_all_of_it_changed():
    assert [one.after for one in day_changes(None, assessed(DAY))][:1] == [DayStatus.PRESENT.value]
    assert [one.before for one in day_changes(assessed(DAY), None)][:1] == [DayStatus.PRESENT.value]


def test_given_only_another_reading_of_a_punch_then_the_details_changed():
    use = PunchUse(punch_id=1, at=0, heading=Heading.IN, counted_at=0)

    assert [one.name for one in day_changes(assessed(DAY), assessed(DAY, uses=(use,)))] == ["details"]


def test_given_totals_of_several_people_then_they_add_up_and_only_what_differs_is_told():
    before = added_up([{"late-times": 1, "worked-minutes": 480}, {"late-times": 2}])
    after = added_up([{"worked-minutes": 480}, {"late-times": 1}])

    assert figure_changes(before, after) == (FigureChange("late-times", 3, 1),)
