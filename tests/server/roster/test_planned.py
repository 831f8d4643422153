"""From shifts, patterns, entries and calendars to planned days, on both databases."""

from datetime import UTC, date, datetime, timedelta

import pytest

from server.directory.actions import add_department
from server.roster.actions import (
    assign_pattern,
    change_pattern,
    change_shift,
    exempt,
    planned_days,
    publish,
    roster_of,
    set_entries,
    set_site_calendar,
    withdraw_shift_version,
)
from server.roster.actions.calendars import add_calendar, clear_calendar_day
from server.roster.model import DayKind, EntryKind, Law, RosterSource, Scope, ShiftPart, ShiftTerms, Wish
from server.storage import pack_date
from tests.server.roster.conftest import OFFICE
from tests.support.company import NOW, TESTER

MONDAY = date(2026, 11, 2)
OCTOBER = date(2026, 10, 1)
START = date(2025, 1, 1)


@pytest.fixture
def plan(database, company):
    """The days of a person (by number) from a day on."""

    def planned(number="A1", first=MONDAY, days=7):
        with database.reading() as uow:
            found = planned_days(uow, [company.people[number]], first, first + timedelta(days=days - 1))
        return found[company.people[number]]

    return planned


@pytest.fixture
def do(database):
    def done(action, *arguments, **more):
        with database.writing() as uow:
            return action(uow, *arguments, TESTER, NOW, **more)

    return done


def starts(days):
    """Hours (in Shanghai) at which the parts of each day begin; None for a day without."""
    return [_hour(day.parts[0].start) if day.parts else None for day in days]


def _hour(instant):
    return (datetime.fromtimestamp(instant, UTC) + timedelta(hours=8)).hour


class TestPattern:
    def test_given_nobody_made_a_roster_then_days_are_there_without_one(self, plan):
        days = plan()

        assert [day.work_date for day in days] == [MONDAY + timedelta(days=number) for number in range(7)]
        assert {day.rostered for day in days} == {False}
        assert [day.kind for day in days] == [DayKind.WORKDAY] * 5 + [DayKind.REST_DAY] * 2

    def test_given_a_week_of_the_company_then_everybody_has_it(self, plan, do, office_week):
        made = do(assign_pattern, office_week.id, Scope.COMPANY, 0, START, None)

        days = plan("A2")
        assert starts(days) == [9, 9, 9, 9, 9, None, None]
        assert {(day.roster_source, day.roster_id) for day in days} == {(RosterSource.PATTERN, made.id)}
        assert [day.kind for day in days] == [DayKind.WORKDAY] * 5 + [DayKind.REST_DAY] * 2
        assert days[0].shift_name == "早班"

    def test_given_several_assignments_then_the_most_specific_counts(self, plan, do, company, office_week, rotation):
        do(assign_pattern, office_week.id, Scope.COMPANY, 0, START, None)
        do(assign_pattern, rotation.id, Scope.DEPARTMENT, company.departments["RND"], MONDAY + timedelta(days=1), None)
        do(assign_pattern, office_week.id, Scope.PERSON, company.people["A1"], MONDAY + timedelta(days=3), MONDAY + timedelta(days=3))

        assert starts(plan("A1")) == [9, 9, 22, 9, None, None, 9]
        assert starts(plan("A2")) == [9, 9, 9, 9, 9, None, None]

    def test_given_a_pattern_of_the_department_above_then_those_below_have_it_until_their_own(
        self, database, plan, do, company, office_week, rotation
    ):
        with database.writing() as uow:
            from server.directory.tables import department

            top = add_department(uow, "ALL", "全公司", TESTER, NOW)
            uow.execute(department.update().where(department.c.code == "RND").values(parent_id=top.id))
        do(assign_pattern, office_week.id, Scope.DEPARTMENT, top.id, START, None)
        assert starts(plan("A1")) == [9, 9, 9, 9, 9, None, None]

        do(assign_pattern, rotation.id, Scope.DEPARTMENT, company.departments["RND"], START, None, offset_days=2)
        assert starts(plan("A1")) == [22, 22, None, None, 9, 9, 22]
        assert starts(plan("A2")) == [None] * 7

    def test_given_a_changed_pattern_then_days_before_keep_what_they_had(self, plan, do, office_week, night_shift):
        do(assign_pattern, office_week.id, Scope.COMPANY, 0, START, None)
        with_night = office_terms(office_week, night_shift)

        do(change_pattern, office_week.id, with_night, MONDAY + timedelta(days=2))

        assert starts(plan()) == [9, 9, 22, 22, 22, None, None]


class TestShiftVersions:
    LATER = ShiftTerms(parts=(ShiftPart(start=10 * 60, end=19 * 60),))

    def test_given_a_changed_shift_then_the_past_keeps_what_it_had(self, plan, do, office_week, day_shift):
        do(assign_pattern, office_week.id, Scope.COMPANY, 0, START, None)
        version = do(change_shift, day_shift.id, self.LATER, MONDAY + timedelta(days=2), reason="summer")

        days = plan()
        assert starts(days) == [9, 9, 10, 10, 10, None, None]
        assert days[2].shift_version_id == version.id != days[1].shift_version_id

    def test_given_a_version_that_is_withdrawn_then_the_one_before_holds_on(self, plan, do, office_week, day_shift):
        do(assign_pattern, office_week.id, Scope.COMPANY, 0, START, None)
        version = do(change_shift, day_shift.id, self.LATER, MONDAY)
        do(withdraw_shift_version, version.id)

        assert starts(plan()) == [9, 9, 9, 9, 9, None, None]

    def test_given_a_day_before_the_first_version_then_nothing_is_rostered(self, plan, do, office_week):
        do(assign_pattern, office_week.id, Scope.COMPANY, 0, date(2024, 1, 1), None)

        assert {day.rostered for day in plan(first=date(2024, 6, 3))} == {False}


class TestHolidays:
    def test_given_the_national_holiday_then_each_day_has_its_kind_and_nobody_is_rostered(self, plan, do, office_week):
        do(assign_pattern, office_week.id, Scope.COMPANY, 0, START, None)

        days = plan(first=OCTOBER, days=10)
        assert [day.kind for day in days] == [DayKind.STATUTORY_HOLIDAY] * 3 + [DayKind.REST_DAY] * 4 + [DayKind.WORKDAY] * 3
        assert starts(days) == [None] * 7 + [9, 9, 9]  # the 10th is a Saturday that is worked
        assert {day.holiday for day in days[:7]} == {"National Day"}
        assert {day.calendar_known for day in days} == {True}

    def test_given_a_rotation_that_goes_on_then_statutory_days_keep_their_rate_and_others_are_as_rostered(self, plan, do, rotation):
        do(assign_pattern, rotation.id, Scope.COMPANY, 0, START, None)

        days = plan(first=OCTOBER, days=7)
        assert [day.kind for day in days[:3]] == [DayKind.STATUTORY_HOLIDAY] * 3
        assert [day.kind is DayKind.WORKDAY for day in days[3:]] == [bool(day.parts) for day in days[3:]]
        assert any(day.parts for day in days[:3])

    def test_given_a_year_that_is_not_announced_then_its_days_say_so(self, plan, do, office_week):
        do(assign_pattern, office_week.id, Scope.COMPANY, 0, START, None)

        days = plan(first=date(2026, 12, 31), days=2)
        assert [day.calendar_known for day in days] == [True, False]
        assert days[1].kind is DayKind.STATUTORY_HOLIDAY
        assert {day.calendar_known for day in plan(first=date(2031, 1, 1), days=1)} == {False}

    def test_given_a_site_with_a_calendar_of_its_own_from_a_day_on_then_that_one_counts(self, database, plan, do, company, office_week):
        do(assign_pattern, office_week.id, Scope.COMPANY, 0, START, None)
        with database.reading() as uow:
            from server.roster.actions import list_calendars

            china = list_calendars(uow)[0]
        other = do(add_calendar, "香港", china.id, Law.OTHER)
        do(clear_calendar_day, other.id, date(2026, 10, 6))
        do(clear_calendar_day, other.id, date(2026, 10, 1))
        do(set_site_calendar, company.site, other.id, date(2026, 10, 3))

        days = plan(first=OCTOBER, days=7)
        assert days[0].kind is DayKind.STATUTORY_HOLIDAY
        assert days[5].kind is DayKind.WORKDAY
        assert starts(days)[5] == 9


class TestEntries:
    def wish(self, company, number, day, kind, shift=None):
        return Wish(company.people[number], day, kind, shift and shift.id)

    def test_given_a_draft_then_it_counts_only_once_it_is_published(self, plan, do, company, office_week, night_shift):
        do(assign_pattern, office_week.id, Scope.COMPANY, 0, START, None)
        tuesday, saturday = MONDAY + timedelta(days=1), MONDAY + timedelta(days=5)
        wishes = [
            self.wish(company, "A1", MONDAY, EntryKind.REST),
            self.wish(company, "A1", tuesday, EntryKind.SHIFT, night_shift),
            self.wish(company, "A1", saturday, EntryKind.SHIFT, night_shift),
        ]

        assert do(set_entries, wishes) == 3
        assert starts(plan()) == [9, 9, 9, 9, 9, None, None]

        published = do(publish, [company.people["A1"]], MONDAY, saturday)
        days = plan()
        assert (published.cells, published.people) == (3, 1)
        assert starts(days) == [None, 22, 9, 9, 9, 22, None]
        assert [day.kind for day in days] == [DayKind.REST_DAY] + [DayKind.WORKDAY] * 5 + [DayKind.REST_DAY]
        assert [day.roster_source for day in days[:3]] == [RosterSource.ENTRY, RosterSource.ENTRY, RosterSource.PATTERN]

    def test_given_a_published_cell_when_it_is_wished_back_to_the_pattern_then_it_is(self, plan, do, company, office_week):
        do(assign_pattern, office_week.id, Scope.COMPANY, 0, START, None)
        do(set_entries, [self.wish(company, "A1", MONDAY, EntryKind.REST)])
        do(publish, [company.people["A1"]], MONDAY, MONDAY)
        assert starts(plan(days=1)) == [None]

        assert do(set_entries, [self.wish(company, "A1", MONDAY, EntryKind.PATTERN)]) == 1
        do(publish, [company.people["A1"]], MONDAY, MONDAY)
        assert starts(plan(days=1)) == [9]

    def test_given_a_wish_for_what_is_published_then_no_draft_is_left(self, do, company, night_shift):
        wish = self.wish(company, "A1", MONDAY, EntryKind.SHIFT, night_shift)
        do(set_entries, [wish])
        do(publish, [company.people["A1"]], MONDAY, MONDAY)

        do(set_entries, [self.wish(company, "A1", MONDAY, EntryKind.REST)])
        assert do(set_entries, [wish]) == 0
        assert do(publish, [company.people["A1"]], MONDAY, MONDAY).cells == 0

    def test_given_work_on_a_swapped_day_off_then_it_is_a_rest_day_with_hours(self, plan, do, company, office_week, day_shift):
        do(assign_pattern, office_week.id, Scope.COMPANY, 0, START, None)
        swapped = date(2026, 10, 6)
        do(set_entries, [self.wish(company, "A1", swapped, EntryKind.SHIFT, day_shift)])
        do(publish, [company.people["A1"]], swapped, swapped)

        (day,) = plan(first=swapped, days=1)
        assert (day.kind, starts([day])) == (DayKind.REST_DAY, [9])

    def test_given_entries_and_drafts_when_shown_in_a_grid_then_both_are_there(self, database, do, company, office_week, night_shift):
        do(assign_pattern, office_week.id, Scope.COMPANY, 0, START, None)
        do(set_entries, [self.wish(company, "A1", MONDAY, EntryKind.SHIFT, night_shift)])

        with database.reading() as uow:
            found = roster_of(uow, list(company.people.values()), MONDAY, MONDAY + timedelta(days=1))
        monday, tuesday = found[company.people["A1"]]
        assert (monday.counts.shift_name, monday.wanted.shift_name) == ("早班", "夜班")
        assert monday.draft.shift_id == night_shift.id
        assert monday.published is None
        assert monday.pattern_shift_id == tuesday.counts.shift_id
        assert tuesday.wanted == tuesday.counts


class TestExemption:
    def test_given_somebody_who_need_not_punch_then_the_days_say_so(self, plan, do, company):
        do_exempt = (company.people["A1"], MONDAY + timedelta(days=1), MONDAY + timedelta(days=2), "driver")
        do(exempt, *do_exempt)

        assert [day.must_punch for day in plan(days=4)] == [True, False, False, True]


def test_given_many_people_with_the_same_days_then_they_share_them(database, company, do, office_week):
    do(assign_pattern, office_week.id, Scope.COMPANY, 0, START, None)

    with database.reading() as uow:
        found = planned_days(uow, list(company.people.values()), MONDAY, MONDAY)
    assert found[company.people["A1"]] is found[company.people["A3"]]
    assert pack_date(found[company.people["A2"]][0].work_date) == 20261102


def office_terms(pattern, shift):
    """Nights from Monday to Friday."""
    from server.roster.model import Anchor, HolidayChoice, PatternTerms

    days = (*[shift.id] * 5, None, None)
    return PatternTerms(days=days, anchor=Anchor.WEEK, starts_on=date(2024, 12, 30), holidays=HolidayChoice.OFF)


def test_given_the_shift_of_the_company_then_its_terms_reach_the_plan(plan, do, office_week):
    do(assign_pattern, office_week.id, Scope.COMPANY, 0, START, None)

    (day,) = plan(days=1)
    assert day.parts[0].breaks[0].end - day.parts[0].breaks[0].start == 3600
    assert OFFICE.parts[0].start == 540
