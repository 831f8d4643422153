"""What each change of a roster leaves for attendance: exactly the days that it can change, and whose they are."""

from datetime import date, timedelta

import pytest

from server.audit import store as trail
from server.directory.actions import add_person
from server.errors import InvalidInputError, NotFoundError, RefusedError
from server.roster.actions import (
    assign_pattern,
    change_pattern,
    change_roster_settings,
    change_shift,
    end_assignment,
    end_exemption,
    exempt,
    people_of_calendar,
    people_on_pattern,
    people_on_shift,
    publish,
    roster_settings_now,
    set_entries,
    set_site_calendar,
    withdraw_shift_version,
)
from server.roster.actions.calendars import add_calendar
from server.roster.actions.entries import runs
from server.roster.engine.planning import NEIGHBOUR_DAYS
from server.roster.model import EntryKind, Law, Scope, ShiftPart, ShiftTerms, Wish
from tests.server.roster.conftest import START
from tests.server.roster.test_planned import office_terms
from tests.support.company import NOW, TESTER

DAY = date(2026, 11, 2)
BESIDE = timedelta(days=NEIGHBOUR_DAYS)
LATER = ShiftTerms(parts=(ShiftPart(start=10 * 60, end=19 * 60),))
LATEST = ShiftTerms(parts=(ShiftPart(start=11 * 60, end=19 * 60),))


@pytest.fixture
def do(database):
    def done(action, *arguments, **more):
        with database.writing() as uow:
            return action(uow, *arguments, TESTER, NOW, **more)

    return done


class TestVersions:
    def test_given_a_new_version_then_its_days_up_to_the_next_one_are_left(self, do, day_shift, left):
        do(change_shift, day_shift.id, LATER, date(2026, 6, 1))
        assert left() == [("shift", day_shift.id, date(2026, 6, 1) - BESIDE, None)]

        do(change_shift, day_shift.id, LATEST, date(2026, 3, 1))
        assert left() == [("shift", day_shift.id, date(2026, 3, 1) - BESIDE, date(2026, 5, 31) + BESIDE)]

    def test_given_a_version_that_is_withdrawn_then_its_days_are_left(self, do, day_shift, left):
        version = do(change_shift, day_shift.id, LATER, DAY)
        left()

        do(withdraw_shift_version, version.id)
        assert left() == [("shift", day_shift.id, DAY - BESIDE, None)]

    def test_given_a_changed_pattern_then_its_days_are_left(self, do, office_week, night_shift, left):
        do(change_pattern, office_week.id, office_terms(office_week, night_shift), DAY)

        assert left() == [("pattern", office_week.id, DAY - BESIDE, None)]


class TestAssignments:
    @pytest.mark.parametrize(("scope", "subject"), [(Scope.COMPANY, "everybody"), (Scope.SITE, "site"), (Scope.PERSON, "person")])
    def test_given_an_assignment_then_the_days_of_those_it_means_are_left(self, do, company, office_week, left, scope, subject):
        number = {Scope.COMPANY: 0, Scope.SITE: company.site, Scope.PERSON: company.people["A1"]}[scope]
        do(assign_pattern, office_week.id, scope, number, DAY, DAY)

        assert left() == [(subject, number, DAY - BESIDE, DAY + BESIDE)]

    def test_given_another_last_day_then_only_the_days_between_are_left(self, do, office_week, left):
        made = do(assign_pattern, office_week.id, Scope.COMPANY, 0, START, None)
        left()

        do(end_assignment, made.id, DAY)
        assert left() == [("everybody", 0, DAY + timedelta(days=1) - BESIDE, None)]
        do(end_assignment, made.id, DAY + timedelta(days=7))
        assert left() == [("everybody", 0, DAY + timedelta(days=1) - BESIDE, DAY + timedelta(days=7) + BESIDE)]
        do(end_assignment, made.id, DAY + timedelta(days=7))
        assert left() == []

    def test_given_an_exemption_that_ends_then_the_days_behind_it_are_left(self, do, company, left):
        person = company.people["A1"]
        made = do(exempt, person, START, None, "driver")
        assert left() == [("person", person, START, None)]

        do(end_exemption, made.id, DAY)
        assert left() == [("person", person, DAY + timedelta(days=1), None)]
        with pytest.raises(RefusedError, match="ends on 2026-11-02"):
            do(end_exemption, made.id, DAY + timedelta(days=1))


class TestPublishing:
    def test_given_published_cells_then_each_run_of_days_is_left_and_the_trail_says_what_they_were(
        self, do, database, company, day_shift, left
    ):
        person, other = company.people["A1"], company.people["A2"]
        days = [DAY, DAY + timedelta(days=1), DAY + timedelta(days=10)]
        do(set_entries, [Wish(person, day, EntryKind.SHIFT, day_shift.id) for day in days] + [Wish(other, DAY, EntryKind.REST)])
        assert left() == []

        done = do(publish, [person, other], DAY, DAY + timedelta(days=30))

        assert (done.cells, done.people) == (4, 2)
        assert sorted(left()) == [
            ("person", person, DAY - BESIDE, days[1] + BESIDE),
            ("person", person, days[2] - BESIDE, days[2] + BESIDE),
            ("person", other, DAY - BESIDE, DAY + BESIDE),
        ]
        with database.reading() as uow:
            row = trail.newest(uow, limit=1)[0]
        assert row.action == "roster.publish"
        assert row.after["entries"]["A2"] == {"2026-11-02": ["pattern", "rest"]}
        assert row.after["entries"]["A1"]["2026-11-03"] == ["pattern", "早班"]

    def test_days_are_told_as_runs(self):
        assert runs([date(2026, 1, 2), date(2026, 1, 1), date(2026, 1, 4)]) == [
            (date(2026, 1, 1), date(2026, 1, 2)), (date(2026, 1, 4), date(2026, 1, 4)),
        ]  # fmt: skip


class TestBadInput:
    @pytest.mark.parametrize(
        ("wishes", "told"),
        [
            ([Wish(1, DAY, EntryKind.REST), Wish(1, DAY, EntryKind.SHIFT, 1)], "two rosters for one day"),
            ([Wish(1, DAY, EntryKind.SHIFT, 77)], "there is no such shift"),
            ([Wish(1, DAY, EntryKind.SHIFT)], "name a shift"),
            ([Wish(1, DAY, EntryKind.REST, 1)], "name a shift"),
        ],
    )
    def test_given_cells_that_cannot_be_then_it_is_told_and_none_is_kept(self, do, database, company, day_shift, wishes, told):
        good = Wish(company.people["A2"], DAY, EntryKind.SHIFT, day_shift.id)

        with pytest.raises(InvalidInputError, match=told):
            do(set_entries, [good, *wishes])
        assert do(publish, list(company.people.values()), DAY, DAY).cells == 0

    def test_given_somebody_who_is_not_there_then_it_is_told(self, do, day_shift):
        with pytest.raises(NotFoundError, match="777"):
            do(set_entries, [Wish(777, DAY, EntryKind.REST)])

    @pytest.mark.parametrize("values", [(0, 6), (2000, 6), (660, 0), (660, 40)])
    def test_given_settings_that_cannot_be_then_they_stay_as_they_were(self, do, database, values):
        with pytest.raises(InvalidInputError):
            do(change_roster_settings, *values)
        with database.reading() as uow:
            assert roster_settings_now(uow).minimum_rest_minutes == 660


class TestWhoIsMeant:
    def test_given_patterns_and_entries_then_both_say_who_has_a_shift(self, do, database, company, office_week, day_shift, night_shift):
        do(assign_pattern, office_week.id, Scope.DEPARTMENT, company.departments["RND"], DAY, None)
        do(set_entries, [Wish(company.people["A2"], DAY, EntryKind.SHIFT, day_shift.id)])
        do(publish, [company.people["A2"]], DAY, DAY)

        with database.reading() as uow:
            everybody = set(company.people.values())
            assert people_on_shift(uow, day_shift.id, DAY, DAY) == everybody
            assert people_on_shift(uow, day_shift.id, START, DAY - timedelta(days=1)) == set()
            assert people_on_shift(uow, night_shift.id, DAY, None) == set()
            assert people_on_pattern(uow, office_week.id, DAY, None) == {company.people["A1"], company.people["A3"]}

    def test_given_a_site_with_a_calendar_of_its_own_then_its_people_go_by_it(self, do, database, company):
        do(add_person, "B1", "无站点")
        other = do(add_calendar, "广西", 1, Law.OTHER)
        do(set_site_calendar, company.site, other.id, START)

        with database.reading() as uow:
            assert people_of_calendar(uow, other.id) == set(company.people.values())
            assert len(people_of_calendar(uow, 1)) == len(company.people) + 1
