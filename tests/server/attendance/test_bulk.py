"""Grants for a site, a department or a list at once: seen in numbers, recorded together, taken back together."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import func, select

from server.access.model import Permission, Role
from server.attendance import actions, pages
from server.attendance.actions import BulkWish, Crowd
from server.attendance.engine.rules.ready_made import READY_MADE
from server.attendance.model import GrantFilter, GrantOrigin, NewGrant
from server.attendance.model.grants import DayPart, GrantKind, LeaveKind
from server.attendance.tables import attendance_grant, day_mark, locked_span
from server.audit.store import newest
from server.errors import InvalidInputError, NotFoundError, RefusedError
from tests.support.company import NOW, TESTER
from tests.support.pages import browse
from tests.support.rosters import make_shifts, make_week
from tests.support.stored_days import store_days

MONDAY = date(2026, 11, 16)
FRIDAY = MONDAY + timedelta(days=4)
OFFICE = READY_MADE["office"].rules


@pytest.fixture
def absent_week(database, company):
    """A1 and A2 are rostered and were absent from Monday to Friday; so the days are kept as assessed."""
    with database.writing() as uow:
        shifts = make_shifts(uow)
        make_week(uow, shifts["常"])
        version = actions.add_rule_set(uow, "办公室", OFFICE, date(2026, 1, 1), TESTER, NOW).versions[0].id
        for number in ("A1", "A2"):
            store_days(uow, company.people[number], version, OFFICE, (), (MONDAY, FRIDAY))


def typhoon(**changes):
    return BulkWish(**{"kind": GrantKind.EXCUSED, "first_day": MONDAY, "last_day": MONDAY, "reason": "台风"} | changes)


@pytest.fixture
def everybody(company):
    return Crowd(site_id=company.site)


@pytest.fixture
def look(database):
    def read(crowd, wish):
        with database.reading() as uow:
            return actions.preview_bulk(uow, crowd, wish)

    return read


@pytest.fixture
def record(database):
    def write(crowd, wish):
        with database.writing() as uow:
            return actions.record_bulk(uow, crowd, wish, TESTER, NOW)

    return write


def rows(database, table):
    with database.reading() as uow:
        return uow.scalar(select(func.count()).select_from(table))


class TestLooking:
    def test_given_absences_when_a_typhoon_is_looked_at_then_those_of_its_day_disappear_and_nothing_is_kept(
        self, database, absent_week, everybody, look, company
    ):
        seen = look(everybody, typhoon())

        assert seen.people == tuple(sorted(company.people.values()))
        (day,) = seen.days
        assert (day.day, day.working, day.gone, day.left) == (MONDAY, 3, 2, 0)
        assert (rows(database, attendance_grant), rows(database, day_mark)) == (0, 0)

    def test_given_several_days_then_each_has_its_numbers_and_days_off_have_nobody_at_work(self, absent_week, everybody, look):
        seen = look(everybody, typhoon(last_day=MONDAY + timedelta(days=6)))

        assert [(one.working, one.gone) for one in seen.days] == [(3, 2)] * 5 + [(0, 0)] * 2
        assert seen.gone == 10

    def test_given_half_a_day_then_the_other_half_of_the_absence_stays(self, absent_week, everybody, look):
        (day,) = look(everybody, typhoon(part=DayPart.MORNING)).days

        assert (day.gone, day.left) == (0, 2)

    @pytest.mark.parametrize(("crowd", "expected"), [("PROD", ["A2"]), ("RND", ["A1", "A3"])])
    def test_a_department_means_its_people(self, company, look, crowd, expected):
        seen = look(Crowd(department_id=company.departments[crowd]), typhoon())

        assert seen.people == tuple(company.people[number] for number in expected)

    def test_a_list_of_numbers_means_those_and_with_a_department_those_of_both(self, company, look):
        assert look(Crowd(numbers=("A3", "A1")), typhoon()).people == tuple(sorted(company.people[number] for number in ("A1", "A3")))
        assert look(Crowd(company.departments["PROD"], None, ("A1", "A2")), typhoon()).people == (company.people["A2"],)

    def test_given_somebody_has_it_already_or_a_closed_period_then_they_are_left_out_and_told(
        self, database, company, everybody, look, record
    ):
        record(Crowd(numbers=("A1",)), typhoon())
        with database.writing() as uow:
            uow.execute(locked_span.insert().values(person_id=company.people["A2"], first_day=MONDAY, last_day=FRIDAY, period_id=1))

        seen = look(everybody, typhoon())

        assert (seen.people, seen.have, seen.closed) == tuple((company.people[number],) for number in ("A3", "A1", "A2"))
        assert look(everybody, typhoon(late=True)).closed == ()

    def test_given_somebody_is_on_leave_then_the_typhoon_is_theirs_too(self, database, company, everybody, look):
        leave = NewGrant(
            person_id=company.people["A1"], kind=GrantKind.LEAVE, leave=LeaveKind.SICK, reason="x", first_day=MONDAY, last_day=MONDAY
        )
        with database.writing() as uow:
            actions.record_grant(uow, leave, TESTER, NOW)

        assert len(look(everybody, typhoon()).people) == 3

    @pytest.mark.parametrize(
        ("crowd", "wish", "field"),
        [
            (Crowd(), {}, "people"),
            (Crowd(numbers=("A1", "nobody")), {}, "people"),
            (Crowd(department_id=999), {}, "people"),
            (Crowd(site_id=1), {"last_day": MONDAY - timedelta(days=1)}, "last_day"),
            (Crowd(site_id=1), {"kind": GrantKind.LEAVE}, "kind"),
            (Crowd(site_id=1), {"reason": " "}, "reason"),
            (Crowd(site_id=1), {"hours": (600, 600)}, "until"),
            (Crowd(site_id=1), {"hours": (600, 36 * 60 + 1)}, "until"),
            (Crowd(site_id=1), {"hours": (600, 660), "last_day": FRIDAY}, "last_day"),
            (Crowd(site_id=1), {"last_day": MONDAY + timedelta(days=900)}, "last_day"),
        ],
    )
    def test_given_what_cannot_be_then_the_field_is_named(self, company, look, crowd, wish, field):
        with pytest.raises(InvalidInputError) as refused:
            look(crowd, typhoon(**wish))

        assert refused.value.facts["field"] == field


class TestRecording:
    def test_everybody_gets_one_their_days_are_marked_and_the_trail_has_one_row(self, database, everybody, record, company):
        reference, people = record(everybody, typhoon())

        assert people == 3
        with database.reading() as uow:
            found = actions.list_grants(uow, GrantFilter(origin=GrantOrigin.BULK, origin_reference=reference))
            trail = newest(uow, limit=10)
        assert {one.stored.person_id for one in found} == set(company.people.values())
        assert {one.stored.reason for one in found} == {"台风"}
        assert rows(database, day_mark) == 3
        assert [one.action for one in trail].count("grant.record") == 1

    def test_hours_are_on_the_clock_of_each_persons_site(self, database, company, record):
        record(Crowd(numbers=("A1",)), typhoon(hours=(13 * 60 + 30, 26 * 60)))

        with database.reading() as uow:
            grant = actions.list_grants(uow, GrantFilter())[0].stored.grant
        clock = ZoneInfo("Asia/Shanghai")
        assert [f"{datetime.fromtimestamp(at, clock):%d %H:%M}" for at in (grant.starts_at, grant.ends_at)] == ["16 13:30", "17 02:00"]

    def test_given_nobody_would_get_it_then_it_says_so(self, record, everybody):
        record(everybody, typhoon())

        with pytest.raises(InvalidInputError, match="nobody would get it"):
            record(everybody, typhoon())

    def test_given_a_bulk_when_taken_back_then_all_of_it_is_and_the_trail_has_one_row(self, database, record, everybody):
        reference, _ = record(everybody, typhoon())
        with database.writing() as uow:
            assert actions.withdraw_bulk(uow, reference, TESTER, NOW, "a mistake") == 3

        with database.reading() as uow:
            assert actions.list_grants(uow, GrantFilter()) == []
            assert [one.action for one in newest(uow, limit=10)].count("grant.withdraw") == 1
        with database.writing() as uow, pytest.raises(NotFoundError):
            actions.withdraw_bulk(uow, reference, TESTER, NOW, "again")
        assert len(record(everybody, typhoon())) == 2

    def test_given_one_was_withdrawn_alone_then_the_rest_can_be_taken_back(self, database, record, everybody):
        reference, _ = record(everybody, typhoon())
        with database.writing() as uow:
            one = actions.list_grants(uow, GrantFilter())[0].stored.grant.id
            actions.withdraw_grant(uow, one, TESTER, NOW, "was here")

        with database.writing() as uow:
            assert actions.withdraw_bulk(uow, reference, TESTER, NOW, "a mistake") == 2

    def test_given_a_period_was_closed_since_then_nothing_is_taken_back(self, database, record, everybody, company):
        reference, _ = record(everybody, typhoon())
        with database.writing() as uow:
            uow.execute(locked_span.insert().values(person_id=company.people["A3"], first_day=MONDAY, last_day=FRIDAY, period_id=1))

        with pytest.raises(RefusedError, match="closed"), database.writing() as uow:
            actions.withdraw_bulk(uow, reference, TESTER, NOW, "a mistake")
        with database.reading() as uow:
            assert actions.bulk_size(uow, reference) == 3


class TestPage:
    @pytest.fixture
    def hr(self, database, company):
        return browse(database, (pages.router,), Role.HR)

    @pytest.fixture
    def typed(self, company):
        return {"kind": "excused", "site": company.site, "first_day": "2026-11-16", "reason": "台风", "span": "day"}

    def test_looking_shows_numbers_recording_says_how_many_and_undo_takes_all_back(self, database, hr, typed, absent_week):
        asked = "&".join(f"{name}={value}" for name, value in typed.items())
        page = hr.get(f"/grants/bulk?look=1&{asked}").text
        for words in ("What it would do", "Record for 3 people", "exceptions disappear", "2026-11-16"):
            assert words in page
        assert rows(database, attendance_grant) == 0

        answer = hr.post("/grants/bulk", typed)
        done = answer.headers["location"]
        assert "Recorded for 3 people" in hr.get(done).text

        hr.post("/grants/bulk/undo", {"reference": done.rpartition("=")[2], "reason": "by mistake"})
        with database.reading() as uow:
            assert actions.list_grants(uow, GrantFilter()) == []

    @pytest.mark.parametrize(
        "changes",
        [
            {"first_day": ""}, {"first_day": "x"}, {"first_day": "0001-01-01"}, {"span": "year"}, {"kind": "leave"}, {"reason": ""},
            {"reason": "x" * 501}, {"site": "x"}, {"site": "9" * 30}, {"site": ""}, {"span": "hours"}, {"span": "hours", "from": "1:99"},
            {"span": "hours", "from": "18:00", "until": "9:00"}, {"people": "nobody"}, {"last_day": "2026-11-01"},
        ],
    )  # fmt: skip
    def test_given_a_form_that_cannot_be_then_it_says_so_keeps_what_was_typed_and_records_nothing(self, database, hr, typed, changes):
        answer = hr.post("/grants/bulk", typed | changes)

        assert answer.status_code == 422
        assert "cb-wrong" in answer.text
        if "reason" not in changes:
            assert "台风" in answer.text
        assert rows(database, attendance_grant) == 0

    def test_given_a_bulk_that_there_is_not_then_undo_says_so(self, hr):
        assert hr.post("/grants/bulk/undo", {"reference": "x", "reason": "y"}).status_code == 404

    def test_given_somebody_who_may_only_look_then_the_page_is_not_theirs(self, database, company):
        reader = browse(database, (pages.router,), {Permission.SEE_DAYS, Permission.SEE_PEOPLE})

        assert reader.get("/grants/bulk").status_code == 403
