"""Pages and API of shifts, patterns, assignments, exemptions and the calendar, as a browser and a program see them."""

import json
import re
from datetime import date
from typing import ClassVar

import pytest

from server.access.model import Permission, Role
from server.audit import store as trail
from server.roster import actions, pages, routes
from server.roster.model import CalendarKind, Scope
from tests.server.roster.conftest import START
from tests.server.roster.test_holidays import holiday_cn
from tests.support.company import NOW, TESTER
from tests.support.pages import browse, said

ROUTERS = (pages.router, routes.router)


@pytest.fixture
def hr(database, company):
    return browse(database, ROUTERS, Role.HR)


@pytest.fixture
def reader(database, company):
    return browse(database, ROUTERS, {Permission.SEE_ROSTER, Permission.SEE_PEOPLE})


def place(answer):
    return answer.headers["location"]


SHIFT = {
    "name": "早班", "sign": "早", "parts.0.start": "09:00", "parts.0.end": "18:00", "parts.0.breaks.0.start": "12:00",
    "parts.0.breaks.0.end": "13:00", "required_punches": "in-and-out", "first_day": "2026-01-01", "reason": "",
}  # fmt: skip


class TestShifts:
    def test_given_no_shift_then_the_page_says_what_would_fill_it(self, hr):
        assert "No shift yet" in hr.get("/shifts").text

    def test_given_a_filled_form_when_sent_then_the_shift_is_there_with_its_words(self, hr):
        answer = hr.post("/shifts/new", SHIFT)

        page = hr.get(place(answer)).text
        assert answer.status_code == 303
        assert "work 09:00–18:00" in page
        assert "break 12:00–13:00, taken off by itself" in page
        assert "the shift counts for 8:00" in page
        assert "早班" in hr.get("/shifts").text

    @pytest.mark.parametrize(
        ("change", "told"),
        [
            (
                {"parts.0.end": "06:00"},
                "part 1, ends at: the end 06:00 is not after the start 09:00; write an end after midnight as 30:00.",
            ),
            ({"parts.0.start": "9 o'clock"}, "part 1, starts at: 9 o&#39;clock is no time"),
            ({"parts.0.end": "38:00"}, "it lasts 29:00 hours; a shift may last 24 hours"),
            ({"parts.0.breaks.0.minutes": "60"}, "break 1, minutes: the break is both fixed and floating"),
            ({"come_late_minutes": "-5"}, "-5 is no number of minutes; write whole minutes"),
            ({"core.start": "10:00"}, "core time: one end of core time is missing"),
            ({"name": ""}, "use 1 to 64 characters"),
            ({"first_day": "soon"}, "give a date such as 2026-11-23"),
        ],
    )
    def test_given_something_that_cannot_be_then_the_field_and_the_mend_are_told_and_nothing_is_stored(self, hr, database, change, told):
        answer = hr.post("/shifts/new", SHIFT | change)

        assert answer.status_code == 422
        assert told in answer.text
        assert 'value="12:00"' in answer.text  # what was typed is not lost
        with database.reading() as uow:
            assert actions.list_shifts(uow) == []

    def test_given_a_name_that_is_taken_then_it_is_refused(self, hr):
        hr.post("/shifts/new", SHIFT)

        answer = hr.post("/shifts/new", SHIFT)
        assert answer.status_code == 409
        assert "There is a shift 早班 already" in answer.text

    def test_given_a_change_from_a_date_then_the_difference_is_said_in_words_and_the_past_stays(self, hr):
        address = place(hr.post("/shifts/new", SHIFT))
        hr.post(f"{address}/change", SHIFT | {"parts.0.start": "09:30", "first_day": "2027-03-01", "reason": "spring"})

        page = hr.get(address).text
        assert "work 09:30–18:00 (was: work 09:00–18:00)" in page
        assert "the shift counts for 7:30 (was: the shift counts for 8:00)" in page
        assert "2026-01-01 – 2027-02-28" in page
        assert "spring" in page
        assert "changes 2027-03-01" in hr.get("/shifts").text

    def test_given_the_same_again_then_it_is_refused(self, hr):
        address = place(hr.post("/shifts/new", SHIFT))

        answer = hr.post(f"{address}/change", SHIFT | {"first_day": "2026-06-01"})
        assert answer.status_code == 409
        assert "nothing was changed" in answer.text

    def test_given_a_version_when_withdrawn_then_it_stays_to_be_seen(self, hr, database):
        address = place(hr.post("/shifts/new", SHIFT))
        hr.post(f"{address}/change", SHIFT | {"parts.0.start": "09:30", "first_day": "2026-03-01"})
        with database.reading() as uow:
            version = actions.see_shift(uow, 1)[1][-1]

        hr.post(f"{address}/withdraw", {"version": str(version.id), "reason": "a slip"})

        assert "withdrawn" in hr.get(address).text
        with database.reading() as uow:
            assert [one.withdrawn for one in actions.see_shift(uow, 1)[1]] == [False, True]
            assert trail.newest(uow, subject=("shift", "早班"), limit=1)[0].action == "shift.withdraw"
        assert hr.post(f"{address}/withdraw", {"version": "1"}).status_code == 409  # the only one

    def test_given_an_archived_shift_then_patterns_are_not_offered_it(self, hr):
        address = place(hr.post("/shifts/new", SHIFT))
        assert "早班</option>" in hr.get("/patterns/new").text

        hr.post(f"{address}/archive")
        assert "早班</option>" not in hr.get("/patterns/new").text
        hr.post(f"{address}/restore")
        assert "早班</option>" in hr.get("/patterns/new").text

    def test_given_what_is_typed_then_the_preview_draws_it_or_says_what_is_wrong(self, hr):
        good, bad = hr.post("/shifts/preview", SHIFT).text, hr.post("/shifts/preview", SHIFT | {"parts.0.end": "06:00"}).text

        assert "<svg" in good
        assert "work 09:00–18:00" in good
        assert "<svg" not in bad
        assert "30:00" in bad

    def test_given_a_shift_with_everything_when_changed_without_a_change_then_the_form_holds_all_of_it(self, hr, database):
        everything = SHIFT | {
            "parts.0.name": "早市", "parts.0.opens_before": "60", "parts.0.closes_after": "120", "parts.0.breaks.1.minutes": "15",
            "parts.0.breaks.1.how": "punched paid", "come_late_minutes": "30", "core.start": "10:00", "core.end": "16:00",
            "late_leave.0.after_minutes": "120", "late_leave.0.later_minutes": "60",
        }  # fmt: skip
        address = place(hr.post("/shifts/new", everything))
        form = hr.get(f"{address}/change").text
        fields = dict(re.findall(r'name="([^"]+)" value="([^"]*)"', form))
        chosen = re.findall(r'<select[^>]*name="([^"]+)">(.*?)</select>', form, re.DOTALL)
        fields |= {name: re.search(r'value="([^"]*)" selected', options)[1] for name, options in chosen}

        answer = hr.post(f"{address}/change", fields | {"first_day": "2026-06-01"})
        assert answer.status_code == 409, "nothing was changed, so the form lost nothing"


PATTERN = {"name": "标准周", "anchor": "week", "starts_on": "2026-01-05", "length": "7", "holidays": "off", "first_day": "2026-01-01"}


class TestPatterns:
    def week(self, shift, **more):
        return PATTERN | {f"days.{number}": str(shift.id) for number in range(5)} | more

    def test_given_a_filled_form_then_the_pattern_shows_its_next_six_weeks(self, hr, day_shift):
        answer = hr.post("/patterns/new", self.week(day_shift))

        page = hr.get(place(answer)).text
        assert page.count("<td class=") >= 42
        assert "off on the calendar&#39;s days off" in page
        assert "标准周" in hr.get("/patterns").text

    @pytest.mark.parametrize(
        ("change", "told"),
        [
            ({"starts_on": "2026-01-06"}, "a pattern by weeks begins on a Monday; choose the Monday of its first week."),
            ({"length": "5"}, "a pattern by weeks has whole weeks"),
            ({"length": "none"}, "none is no length of a cycle"),
            ({"days.2": "99"}, "cycle 3: there is no such shift"),
            ({"days.2": "x"}, "x is not known"),
            ({"anchor": "moon"}, "moon is not known"),
            ({"starts_on": ""}, "the first day is missing"),
        ],
    )
    def test_given_something_that_cannot_be_then_it_is_told(self, hr, day_shift, change, told):
        answer = hr.post("/patterns/new", self.week(day_shift) | change)

        assert answer.status_code == 422
        assert told in answer.text

    def test_given_a_changed_pattern_then_the_difference_is_said(self, hr, day_shift, night_shift, office_week):
        changed = self.week(day_shift) | {"days.4": str(night_shift.id), "starts_on": "2024-12-30", "holidays": "go-on"}
        answer = hr.post(f"/patterns/{office_week.id}/change", changed)

        page = hr.get(f"/patterns/{office_week.id}").text
        assert answer.status_code == 303
        assert "day 5: 夜班 (was: 早班)" in page
        assert "on holidays: goes on through all of them" in page

    def test_given_what_is_typed_then_the_preview_shows_it(self, hr, day_shift):
        assert "早" in hr.post("/patterns/preview", self.week(day_shift)).text
        assert "begins on a Monday" in hr.post("/patterns/preview", self.week(day_shift, starts_on="2026-01-06")).text


class TestAssignments:
    FORM: ClassVar = {"scope": "department", "first_day": "2026-01-01"}

    def test_given_two_rosters_for_one_day_then_the_second_is_refused_with_the_mend(self, hr, company, office_week, rotation):
        form = self.FORM | {"department": str(company.departments["RND"])}
        assert hr.post("/assignments", form | {"pattern": str(office_week.id)}).status_code == 303

        answer = hr.post("/assignments", form | {"pattern": str(rotation.id), "first_day": "2026-03-01"})
        assert answer.status_code == 409
        assert "Two rosters for one day: RND has the pattern 标准周 from 2026-01-01 on. Give that one a last day first." in answer.text

        assert hr.post("/assignments/1/end", {"last_day": "2026-02-28"}).status_code == 303
        assert hr.post("/assignments", form | {"pattern": str(rotation.id), "first_day": "2026-03-01"}).status_code == 303
        answer = hr.post("/assignments/1/end", {"last_day": "2026-03-05"})
        assert answer.status_code == 409
        assert "四班两倒" in answer.text

    def test_given_a_last_day_before_the_first_then_the_assignment_is_gone(self, hr, database, company, office_week):
        hr.post("/assignments", {"scope": "company", "first_day": "2026-01-01", "pattern": str(office_week.id)})
        hr.post("/assignments/1/end", {"last_day": "2025-12-31"})

        with database.reading() as uow:
            assert actions.list_assignments(uow) == []

    @pytest.mark.parametrize(
        ("change", "status", "told"),
        [
            ({"scope": "person", "number": "Z9"}, 422, "there is no person with the number Z9"),
            ({"scope": "department"}, 422, "choose one that the list offers"),
            ({"scope": "moon"}, 422, "choose one that the list offers"),
            ({"scope": "company", "last_day": "2025-01-01"}, 422, "the last day must not be before the first"),
            ({"scope": "company", "pattern": "77"}, 404, "There is no pattern 77"),
            ({"scope": "department", "department": "77"}, 404, "There is no department 77"),
        ],
    )
    def test_given_something_that_cannot_be_then_it_is_told(self, hr, office_week, change, status, told):
        answer = hr.post("/assignments", self.FORM | {"pattern": str(office_week.id)} | change)

        assert (answer.status_code, told in answer.text) == (status, True)

    def test_given_an_assignment_then_the_list_says_whom_and_from_when(self, hr, company, rotation):
        hr.post(
            "/assignments", {"scope": "person", "number": "A1", "first_day": "2026-01-01", "pattern": str(rotation.id), "offset_days": "2"}
        )

        page = hr.get("/assignments").text
        assert "王伟 A1" in page
        assert "until further notice" in page
        assert "王伟 A1" in hr.get("/assignments.csv").text


class TestExemptions:
    def test_given_a_reason_then_the_person_need_not_punch_until_it_is_ended(self, hr, database, company):
        form = {"number": "A1", "first_day": "2026-01-01", "reason": "driver"}
        assert hr.post("/exemptions", form).status_code == 303
        assert "driver" in hr.get("/exemptions").text
        assert hr.post("/exemptions", form).status_code == 409
        assert hr.post("/exemptions", form | {"reason": " "}).status_code == 422

        hr.post("/exemptions/1/end", {"last_day": "2026-06-30"})
        with database.reading() as uow:
            assert actions.list_exemptions(uow)[0].last_day == date(2026, 6, 30)


class TestCalendar:
    def test_given_a_year_that_was_announced_then_twelve_months_show_its_kinds_in_words(self, hr):
        page = hr.get("/calendar?year=2026").text

        assert page.count('class="cb-month"') == 12
        assert "National Day, statutory day, 300 %" in page
        assert "Announced." in page
        assert "国庆节, 法定节假日，300%" in hr.get("/calendar?year=2026", "zh").text

    def test_given_a_year_that_was_not_then_the_page_says_that_its_days_are_provisional(self, hr):
        assert "2027 has not been announced." in hr.get("/calendar?year=2027").text
        assert "The calendar does not know 2030." in hr.get("/calendar?year=2030").text

    def test_given_a_year_begun_with_the_law_then_it_has_thirteen_days(self, hr, database):
        hr.post("/calendar/begin", {"calendar": "1", "year": "2030"})

        with database.reading() as uow:
            assert len(actions.days_of_year(uow, 1, 2030)) == 13
        assert hr.post("/calendar/begin", {"calendar": "1", "year": "2030"}).status_code == 409
        assert hr.post("/calendar/begin", {"calendar": "1", "year": "2090"}).status_code == 422

    @pytest.mark.parametrize(
        ("change", "status", "told"),
        [
            ({"day": "2026-10-01", "kind": "company"}, 409, "a date has one kind"),
            ({"day": "2026-10-12", "kind": "make-up"}, 422, "2026-10-12 is no weekend day, so it cannot be a make-up work day"),
            ({"day": "2026-10-12", "kind": "statutory"}, 422, "2026-10-12 is no statutory day by law"),
            ({"day": "2026-10-12", "kind": "company", "name": ""}, 422, "2026-10-12 has no name"),
            ({"day": "2026-10-12", "kind": "feast"}, 422, "choose one that the list offers"),
            ({"day": "2026-10-32", "kind": "company"}, 422, "give a date"),
            ({"day": "2026-12-25", "clear": "1"}, 404, "There is no calendar day 2026-12-25"),
        ],
    )
    def test_given_a_kind_that_cannot_be_then_it_is_told_and_nothing_is_stored(self, hr, database, change, status, told):
        answer = hr.post("/calendar/day", {"calendar": "1", "name": "x"} | change)

        assert (answer.status_code, told in answer.text) == (status, True)
        with database.reading() as uow:
            assert date(2026, 10, 12) not in {one.day for one in actions.days_of_year(uow, 1, 2026)}

    def test_given_a_company_day_then_it_can_be_set_and_taken_away(self, hr, database, left):
        hr.post("/calendar/day", {"calendar": "1", "day": "2026-12-31", "kind": "company", "name": "司庆"})
        assert left() == [("calendar", 1, date(2026, 12, 29), date(2027, 1, 2))]
        assert "司庆, company day" in hr.get("/calendar?year=2026").text

        hr.post("/calendar/day", {"calendar": "1", "day": "2026-12-31", "clear": "1"})
        assert "司庆" not in said(hr.get("/calendar?year=2026").text)

    def test_given_a_file_then_its_differences_are_shown_first_and_it_can_be_undone(self, hr, database, left):
        def worked_on_the_tenth(days):
            return [one for one in days if one["date"] != "2026-10-10"] + [{"name": "国庆节", "date": "2026-10-11", "isOffDay": False}]

        data = holiday_cn(2026, worked_on_the_tenth)
        shown = hr.post("/calendar/import", {"calendar": "1"}, files={"file": ("2026.json", data)})
        assert shown.status_code == 200
        assert re.findall(r'<th scope="row">(2026-[\d-]+)</th>', shown.text) == ["2026-10-10", "2026-10-11"]
        assert left() == []

        held = re.search(r'name="held" value="([^"]+)"', shown.text)[1]
        stored = hr.post("/calendar/import", {"calendar": "1", "held": held, "store": "1"})
        with database.reading() as uow:
            assert date(2026, 10, 11) in {one.day for one in actions.days_of_year(uow, 1, 2026)}
        assert [change[2:] for change in left()] == [(date(2026, 10, 8), date(2026, 10, 12)), (date(2026, 10, 9), date(2026, 10, 13))]

        entry = re.search(r"entry=(\d+)", place(stored))[1]
        assert 'action="/calendar/undo"' in hr.get(place(stored)).text
        hr.post("/calendar/undo", {"calendar": "1", "entry": entry})
        with database.reading() as uow:
            kinds = {one.day: one.kind for one in actions.days_of_year(uow, 1, 2026)}
        assert kinds[date(2026, 10, 10)] is CalendarKind.MAKE_UP
        assert date(2026, 10, 11) not in kinds
        assert hr.post("/calendar/undo", {"calendar": "1", "entry": entry}).status_code == 409

    def test_given_a_file_with_a_day_of_two_kinds_then_nothing_of_it_is_stored(self, hr, left):
        data = holiday_cn(2026, lambda days: [*days, {**days[0], "isOffDay": False}])

        answer = hr.post("/calendar/import", {"calendar": "1"}, files={"file": ("2026.json", data)})
        assert answer.status_code == 422
        assert "2026-01-01 is there twice; a date has one kind" in answer.text
        assert left() == []

    def test_given_a_year_that_was_not_there_when_undone_then_it_is_gone_again(self, hr, database):
        hr.post("/calendar/begin", {"calendar": "1", "year": "2030"})
        with database.reading() as uow:
            entry = trail.newest(uow, limit=1)[0].id

        answer = hr.post("/calendar/undo", {"calendar": "1", "entry": str(entry)})
        assert answer.status_code == 303
        assert "The calendar does not know 2030." in hr.get(place(answer)).text

    def test_given_a_company_day_when_the_year_is_imported_then_it_stays(self, hr, database):
        hr.post("/calendar/day", {"calendar": "1", "day": "2026-12-31", "kind": "company", "name": "司庆"})

        hr.post("/api/v1/calendars/1/import", content=holiday_cn(2026))
        with database.reading() as uow:
            assert actions.days_of_year(uow, 1, 2026)[-1].name == "司庆"

    def test_given_2027_is_announced_then_all_its_days_are_worked_out_again(self, hr, left):
        hr.post("/calendar/announced", {"calendar": "1", "year": "2027", "source": "国办发明电〔2026〕1 号"})

        assert left() == [("calendar", 1, date(2026, 12, 30), date(2028, 1, 2))]
        assert "has not been announced" not in hr.get("/calendar?year=2027").text

    def test_given_a_place_with_a_calendar_of_its_own_then_a_site_can_go_by_it(self, hr, company, left):
        hr.post("/calendar/new", {"name": "广西", "law": "other"})
        hr.post("/calendar/day", {"calendar": "2", "day": "2026-04-20", "kind": "statutory", "name": "三月三"})
        hr.post("/calendar/site", {"calendar": "2", "site": str(company.site), "first_day": "2026-01-01"})

        assert left()[-1] == ("site", company.site, date(2025, 12, 30), None)
        assert "三月三" in hr.get("/calendar?calendar=2&year=2026").text


class TestWhoMayDoWhat:
    def test_given_a_reader_then_nothing_to_change_is_offered(self, reader, day_shift, office_week):
        for address in ("/shifts", "/shifts/1", "/patterns", "/patterns/1", "/assignments", "/exemptions", "/calendar?year=2026"):
            page = reader.get(address)
            assert page.status_code == 200, address
            assert 'method="post"' not in page.text.replace('action="/sign-out"', "").split("<main")[1], address


class TestFiles:
    @pytest.mark.parametrize("name", ["shifts", "patterns", "assignments", "exemptions", "calendar"])
    def test_given_a_list_then_it_is_there_as_a_file_in_both_kinds(self, hr, office_week, name):
        assert hr.get(f"/{name}.csv").text.startswith("\ufeff")
        assert hr.get(f"/{name}.xlsx").content.startswith(b"PK")


class TestApi:
    TERMS: ClassVar = {"parts": [{"start": 540, "end": 1080}]}

    def post(self, hr, address, **body):
        return hr.post(address, content=json.dumps(body))

    def test_given_a_shift_by_a_program_then_it_reads_as_the_pages_show_it(self, hr):
        made = self.post(hr, "/api/v1/shifts", name="早班", terms=self.TERMS, first_day="2026-01-01").json()
        self.post(hr, f"/api/v1/shifts/{made['id']}/versions", terms={"parts": [{"start": 600, "end": 1080}]}, first_day="2026-06-01")

        versions = hr.get(f"/api/v1/shifts/{made['id']}").json()["versions"]
        assert [(one["first_day"], one["terms"]["parts"][0]["start"]) for one in versions] == [("2026-01-01", 540), ("2026-06-01", 600)]
        assert hr.get("/api/v1/shifts").json()["shifts"][0]["name"] == "早班"

    @pytest.mark.parametrize(
        ("body", "told"),
        [
            ({"name": "x", "terms": {"parts": [{"start": 540, "end": 2400}]}, "first_day": "2026-01-01"}, "it lasts 31:00 hours"),
            ({"name": "x", "terms": {"parts": [{"start": "9"}]}, "first_day": "2026-01-01"}, "terms.parts[0].start"),
            ({"name": "x", "terms": {}}, "first_day"),
        ],
    )
    def test_given_a_body_that_cannot_be_then_the_answer_names_the_field(self, hr, body, told):
        answer = self.post(hr, "/api/v1/shifts", **body)

        assert answer.status_code == 422
        assert told in answer.json()["message"]

    def test_given_a_pattern_and_an_assignment_then_planned_days_follow(self, hr, company, day_shift):
        terms = {"days": [day_shift.id] * 5 + [None, None], "anchor": "week", "starts_on": "2026-01-05", "holidays": "off"}
        pattern = self.post(hr, "/api/v1/patterns", name="标准周", terms=terms, first_day="2026-01-01").json()
        assigned = self.post(hr, "/api/v1/assignments", pattern_id=pattern["id"], scope="company", first_day="2026-01-01")
        self.post(hr, "/api/v1/exemptions", person_id=company.people["A1"], first_day="2026-11-03", last_day="2026-11-03", reason="x")

        days = hr.get("/api/v1/planned-days?number=A1&since=2026-11-02&until=2026-11-08").json()["days"]
        assert assigned.status_code == 200
        assert [len(day["parts"]) for day in days] == [1, 1, 1, 1, 1, 0, 0]
        assert [day["must_punch"] for day in days[:3]] == [True, False, True]
        assert self.post(hr, f"/api/v1/assignments/{assigned.json()['id']}/end", last_day="2026-11-03").status_code == 200
        assert hr.get("/api/v1/planned-days?number=A1&since=2026-11-02&until=2028-11-08").status_code == 422

    def test_given_a_calendar_then_a_program_reads_and_changes_it(self, hr):
        calendar = hr.get("/api/v1/calendars").json()["calendars"][0]
        assert {one["year"]: one["state"] for one in calendar["years"]} == {2025: "announced", 2026: "announced", 2027: "statutory-only"}

        assert self.post(hr, "/api/v1/calendars/1/days/2026-12-31", kind="company", name="司庆").status_code == 200
        assert hr.get("/api/v1/calendars/1/years/2026").json()["days"][-1] == {
            "day": "2026-12-31", "kind": "company", "name": "司庆", "stands_for": None,
        }  # fmt: skip
        assert hr.post("/api/v1/calendars/1/days/2026-12-31/clear").status_code == 200
        assert hr.post("/api/v1/calendars/1/import?dry_run=true", content=holiday_cn(2026)).json()["stored"] is False
        assert hr.post("/api/v1/calendars/1/import", content=b"{}").status_code == 422


def test_every_change_is_on_the_trail(hr, database, company, day_shift, office_week):
    with database.writing() as uow:
        actions.assign_pattern(uow, office_week.id, Scope.COMPANY, 0, START, None, TESTER, NOW)
    hr.post("/calendar/day", {"calendar": "1", "day": "2026-12-31", "kind": "company", "name": "司庆", "reason": "a birthday"})

    with database.reading() as uow:
        rows = trail.newest(uow, limit=50)
    done = {row.action for row in rows}
    assert {"shift.add", "pattern.add", "assignment.add", "calendar.set-day"} <= done
    assert next(row for row in rows if row.action == "calendar.set-day").reason == "a birthday"
