"""How long a leave is, by the roster."""

from datetime import date

import pytest

from server.attendance.model.grants import DayPart
from server.errors import InvalidInputError
from server.hr.leave import actions as leave
from server.roster import actions as roster
from server.roster.actions.entries import publish, set_entries
from server.roster.model import EntryKind, Wish, instant_of
from tests.server.hr.leave.conftest import LONG, SINCE
from tests.support.company import NOW, TESTER

ZONE = "Asia/Shanghai"


def _length(database, person, code, *span, **more):
    with database.reading() as uow:
        kind = leave.find_type(uow, code, date(2026, 11, 1))
        return leave.minutes_of(uow, person, kind, *span, **more)


def _at(day: date, hour: int, minute: int = 0) -> int:
    return instant_of(day, hour * 60 + minute, ZONE)


def test_given_annual_leave_over_a_weekend_then_planned_days_count(database, company, worker):
    length = _length(database, worker, "annual", date(2026, 11, 20), date(2026, 11, 24))

    assert [(one.day.day, one.minutes) for one in length.days] == [(20, 480), (21, 0), (22, 0), (23, 480), (24, 480)]
    assert (length.minutes, length.work_minutes, length.in_days) == (3 * 480, 3 * 480, 3)


def test_given_a_half_day_then_it_is_half_a_day_though_the_afternoon_is_longer(database, company, worker):
    length = _length(database, worker, "annual", date(2026, 11, 20), date(2026, 11, 20), DayPart.AFTERNOON)

    assert (length.minutes, length.work_minutes) == (240, 300)


def test_given_national_day_and_its_make_up_days_then_holidays_take_nothing_and_a_worked_saturday_does(database, company, worker):
    length = _length(database, worker, "annual", date(2026, 9, 28), date(2026, 10, 11))

    assert [one.day for one in length.days if one.minutes] == [
        date(2026, 9, 28), date(2026, 9, 29), date(2026, 9, 30), date(2026, 10, 8), date(2026, 10, 9), date(2026, 10, 10),
    ]  # fmt: skip


def test_given_maternity_leave_then_every_day_of_the_calendar_counts(database, company, worker):
    length = _length(database, worker, "maternity", date(2026, 11, 1), date(2027, 2, 6))

    assert length.in_days == 98


def test_given_hours_off_in_lieu_then_the_planned_minutes_are_taken_without_the_break(database, company, worker):
    day = date(2026, 11, 20)

    length = _length(database, worker, "time-off", None, None, starts_at=_at(day, 11), ends_at=_at(day, 15, 30))

    assert length.by_day == {day: 60 + 150}


def test_given_a_shift_of_twelve_hours_then_a_day_by_law_is_one_day_and_a_day_in_lieu_twelve_hours(database, company, worker):
    day = date(2026, 11, 20)
    with database.writing() as uow:
        shift = roster.add_shift(uow, "长日班", "长", LONG, SINCE, TESTER, NOW)
        set_entries(uow, [Wish(worker, day, EntryKind.SHIFT, shift.id)], TESTER, NOW)
        publish(uow, [worker], day, day, TESTER, NOW)

    assert _length(database, worker, "annual", day, day).minutes == 480
    assert _length(database, worker, "time-off", day, day).minutes == 720


def test_given_nobody_made_a_roster_then_a_workday_is_taken_to_be_a_standard_day(database, company, worker):
    length = _length(database, worker, "annual", date(2025, 12, 24), date(2025, 12, 24))

    assert [(one.minutes, one.assumed) for one in length.days] == [(480, True)]


@pytest.mark.parametrize(
    ("code", "span", "more", "field"),
    [
        ("annual", (date(2026, 11, 20), date(2026, 11, 19)), {}, "last_day"),
        ("annual", (None, None), {"starts_at": 1, "ends_at": 2}, "starts_at"),
        ("marriage", (date(2026, 11, 20), date(2026, 11, 20), DayPart.MORNING), {}, "part"),
        ("time-off", (None, None), {"starts_at": 2, "ends_at": 1}, "ends_at"),
        ("annual", (date(2026, 11, 20), date(2026, 11, 21), DayPart.MORNING), {}, "part"),
        ("annual", (None, None), {}, "first_day"),
        ("annual", (date(2026, 1, 1), date(2036, 1, 1)), {}, "last_day"),
    ],
)
def test_given_a_span_that_cannot_be_then_it_says_which_field(database, company, worker, code, span, more, field):
    with pytest.raises(InvalidInputError) as raised:
        _length(database, worker, code, *span, **more)

    assert raised.value.facts["field"] == field
