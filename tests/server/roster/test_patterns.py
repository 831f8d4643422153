"""Which shift a pattern gives on which date."""

from datetime import date, timedelta

import pytest
from hypothesis import given, strategies as st

from server.roster.engine.calendars import kind_for
from server.roster.engine.patterns import preview, shift_on
from server.roster.model import Anchor, CalendarKind, DayKind, HolidayChoice, PatternTerms

MONDAY = date(2026, 11, 2)
DAY, NIGHT = 1, 2


def pattern(*days, anchor=Anchor.WEEK, starts_on=MONDAY, holidays=HolidayChoice.OFF, **more):
    return PatternTerms(days=days, anchor=anchor, starts_on=starts_on, holidays=holidays, **more)


OFFICE = pattern(DAY, DAY, DAY, DAY, DAY, None, None)
BIG_AND_SMALL = pattern(*[DAY] * 6, None, *[DAY] * 5, None, None)
ROTATION = pattern(DAY, DAY, NIGHT, NIGHT, None, None, anchor=Anchor.ROTATION, holidays=HolidayChoice.GO_ON)


def week(terms, first=MONDAY, days=7, kinds=None, **more):
    return preview(terms, first, days, kinds or {}, **more)


def test_given_a_weekly_pattern_then_the_weekdays_have_the_shift_also_long_before_its_anchor():
    assert week(OFFICE) == [1, 1, 1, 1, 1, None, None]
    assert week(OFFICE, date(2020, 1, 6)) == [1, 1, 1, 1, 1, None, None]


def test_given_a_big_and_a_small_week_then_every_other_saturday_is_worked():
    saturdays = [shift_on(BIG_AND_SMALL, MONDAY + timedelta(days=5 + 7 * number), None) for number in range(4)]

    assert saturdays == [DAY, None, DAY, None]


def test_given_a_rotation_when_a_team_is_ahead_then_it_has_the_later_days_of_the_cycle():
    assert week(ROTATION) == [1, 1, 2, 2, None, None, 1]
    assert week(ROTATION, offset_days=2) == [2, 2, None, None, 1, 1, 2]


class TestHolidays:
    def test_given_a_pattern_that_follows_the_calendar_then_days_off_are_off(self):
        kinds = {
            MONDAY + timedelta(days=number): kind
            for number, kind in enumerate([CalendarKind.STATUTORY, CalendarKind.MOVED, CalendarKind.SWAPPED_REST, CalendarKind.COMPANY])
        }

        assert week(OFFICE, kinds=kinds) == [None, None, None, None, 1, None, None]

    def test_given_a_worked_saturday_inside_a_holiday_then_it_is_off_too(self):
        saturday = MONDAY + timedelta(days=5)

        assert shift_on(BIG_AND_SMALL, saturday, CalendarKind.WEEKEND) is None

    def test_given_a_make_up_day_then_it_is_worked_as_the_last_working_day_of_the_cycle(self):
        friday_early = pattern(DAY, DAY, DAY, DAY, NIGHT, None, None)
        sunday = MONDAY + timedelta(days=6)

        assert shift_on(friday_early, sunday, CalendarKind.MAKE_UP) == NIGHT
        assert shift_on(pattern(*OFFICE.days, make_up_shift=7), sunday, CalendarKind.MAKE_UP) == 7
        assert shift_on(BIG_AND_SMALL, MONDAY + timedelta(days=5), CalendarKind.MAKE_UP) == DAY

    def test_given_a_rotation_that_goes_on_then_the_calendar_changes_nothing(self):
        for kind in CalendarKind:
            assert shift_on(ROTATION, MONDAY, kind) == DAY
            assert shift_on(ROTATION, MONDAY + timedelta(days=4), kind) is None


@given(
    days=st.lists(st.sampled_from([None, 1, 2, 3]), min_size=1, max_size=30),
    away=st.integers(-4000, 4000),
    offset=st.integers(0, 366),
)
def test_a_cycle_repeats_and_an_offset_is_a_walk_along_it(days, away, offset):
    terms = pattern(*days, anchor=Anchor.ROTATION, holidays=HolidayChoice.GO_ON)
    day = MONDAY + timedelta(days=away)

    assert shift_on(terms, day, None) == shift_on(terms, day + timedelta(days=len(days)), None)
    assert shift_on(terms, day, None, offset) == shift_on(terms, day + timedelta(days=offset), None)


SATURDAY, TUESDAY = date(2026, 11, 7), date(2026, 11, 3)


@pytest.mark.parametrize(
    ("day", "kind", "follows", "rostered", "works", "expected"),
    [
        (TUESDAY, None, True, True, True, DayKind.WORKDAY),
        (TUESDAY, None, True, True, False, DayKind.REST_DAY),
        (SATURDAY, None, False, False, False, DayKind.REST_DAY),
        (TUESDAY, None, False, False, False, DayKind.WORKDAY),
        (SATURDAY, CalendarKind.MAKE_UP, False, False, False, DayKind.WORKDAY),
        (SATURDAY, CalendarKind.MAKE_UP, True, True, True, DayKind.WORKDAY),
        (SATURDAY, CalendarKind.MAKE_UP, False, True, False, DayKind.REST_DAY),
        (TUESDAY, CalendarKind.STATUTORY, True, True, False, DayKind.STATUTORY_HOLIDAY),
        (TUESDAY, CalendarKind.STATUTORY, False, True, True, DayKind.STATUTORY_HOLIDAY),
        (TUESDAY, CalendarKind.MOVED, True, True, False, DayKind.REST_DAY),
        (TUESDAY, CalendarKind.MOVED, True, True, True, DayKind.REST_DAY),
        (TUESDAY, CalendarKind.SWAPPED_REST, False, True, True, DayKind.WORKDAY),
        (TUESDAY, CalendarKind.SWAPPED_REST, False, False, False, DayKind.REST_DAY),
        (TUESDAY, CalendarKind.COMPANY, True, True, False, DayKind.COMPANY_HOLIDAY),
        (TUESDAY, CalendarKind.COMPANY, False, True, True, DayKind.WORKDAY),
    ],
)
def test_what_a_date_is_for_somebody(day, kind, follows, rostered, works, expected):
    assert kind_for(day, kind, follows=follows, rostered=rostered, works=works) is expected
