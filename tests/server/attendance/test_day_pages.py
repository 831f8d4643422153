"""Pages of attendance days, as HR and as the person sees them."""

import re
from datetime import date, timedelta

import pytest
from sqlalchemy import func, select

from server.access.model import PERMISSIONS, Permission, Role
from server.attendance import pages, routes
from server.attendance.actions import list_exceptions, list_grants, record_grant
from server.attendance.model import ExceptionFilter, GrantFilter, NewGrant
from server.attendance.model.days import ExceptionKind
from server.attendance.model.grants import GrantKind, Heading, LeaveKind
from server.attendance.pages import asked
from server.attendance.pages.words import SIGNS
from server.attendance.tables import punch
from server.directory.actions import add_pay_group
from server.web.language import chinese
from tests.support.assessed_days import at, house_rules, office_day, punches, store_day
from tests.support.company import NOW, TESTER
from tests.support.pages import Reader, browse

DAY = date(2026, 11, 23)
ROUTERS = (pages.router, routes.router)


@pytest.fixture(autouse=True)
def at_nine(monkeypatch):
    monkeypatch.setattr(asked, "now", lambda: NOW + timedelta(minutes=5))


@pytest.fixture
def visit(database):
    return lambda who=Role.ADMINISTRATOR: browse(database, ROUTERS, who)


@pytest.fixture
def days(database, company):
    """A1 is late by 12 minutes and forgets to punch out, A2 is on leave, A3 never comes."""
    with database.writing() as uow:
        version = house_rules(uow)
        store_day(uow, company.people["A1"], office_day(DAY), [], version=version)
        store_day(uow, company.people["A1"], office_day(DAY + timedelta(1)), _made(DAY + timedelta(1), "9:12", "18:30"), version=version)
        store_day(uow, company.people["A1"], office_day(DAY + timedelta(2)), _made(DAY + timedelta(2), "8:58"), version=version)
        leave = record_grant(uow, _leave(company.people["A2"]), TESTER, NOW)
        store_day(uow, company.people["A2"], office_day(DAY), grants=[leave.grant], version=version)
        store_day(uow, company.people["A3"], office_day(DAY), version=version, now=at(DAY, "34:00"), reported_until=at(DAY, "12:00"))
    return company


def _made(day: date, *clocks: str):
    """Punches that a correction could have made: they need no row of their own."""
    return [one.__class__(id=0, at=one.at, grant_id=900) for one in punches(day, *clocks)]


def _leave(person_id: int) -> NewGrant:
    return NewGrant(person_id=person_id, kind=GrantKind.LEAVE, reason="巴厘岛", first_day=DAY, last_day=DAY, leave=LeaveKind.ANNUAL)


def own(database, person_id: int | None):
    return browse(database, ROUTERS, Reader(frozenset(map(str, PERMISSIONS[Role.EMPLOYEE])), person_id=person_id))


class TestDay:
    def test_the_answer_stands_first_and_the_steps_behind_it(self, days, visit):
        page = visit().get(f"/people/{days.people['A1']}/days/2026-11-24").text

        assert page.index("Late by 12 min") < page.index("How it came about") < page.index("<h2>Punches")
        assert "<svg" in page
        assert "cb-dayline-late" in page

    def test_in_chinese_there_is_no_english(self, days, visit):
        page = visit().get(f"/people/{days.people['A1']}/days/2026-11-24", "zh").text
        said = re.sub(r"<[^>]+>", " ", page[page.index("<main") :])

        assert set(re.findall(r"[A-Za-z]{3,}", said)) - {"tester", "RND"} == set()

    def test_a_punch_that_was_made_under_a_wrong_clock_is_marked_with_what_was_measured(self, database, company, visit, record):
        record((20261126085800, "1"), drift_ms=180_000)
        record((20261126183000, "1"), drift_ms=1_000)
        day = DAY + timedelta(3)
        with database.reading() as uow:
            first = uow.scalar(select(func.min(punch.c.id)))
        made = punches(day, "8:58", "18:30", first_id=first)
        with database.writing() as uow:
            store_day(uow, company.people["A1"], office_day(day), made, version=house_rules(uow))

        page = visit().get(f"/people/{company.people['A1']}/days/{day}").text

        assert page.count("clock +3 min off") == 1
        assert page.count("min off") == 1

    def test_a_day_that_waits_says_for_what_and_looks_uncertain(self, days, visit):
        page = visit().get(f"/people/{days.people['A3']}/days/2026-11-23").text

        assert "Its punches may still come." in page
        assert "cb-hatched" in page

    def test_a_day_that_waits_names_the_terminals(self, days, visit):
        page = visit().get(f"/people/{days.people['A3']}/days/2026-11-23").text

        assert "门 T1" in page
        assert "has never reported" in page
        assert 'href="/silent-terminals"' in page

    def test_a_grant_is_shown_with_its_reason(self, days, visit):
        page = visit().get(f"/people/{days.people['A2']}/days/2026-11-23").text

        assert "cb-dayline-grant" in page
        assert "巴厘岛" in page

    def test_a_day_that_was_never_assessed_says_so(self, days, visit):
        answer = visit().get(f"/people/{days.people['A1']}/days/2026-12-24")

        assert answer.status_code == 200
        assert "has not been worked out yet" in answer.text

    @pytest.mark.parametrize(("address", "status"), [
        ("/people/1/days/yesterday", 422), ("/people/1/days/0001-01-01", 422), ("/people/4711/days/2026-11-23", 404),
    ])  # fmt: skip
    def test_what_cannot_be_is_said_to_be(self, days, visit, address, status):
        assert visit().get(address).status_code == status

    def test_programs_get_the_same_with_every_fact(self, days, visit):
        told = visit().get(f"/api/v1/people/{days.people['A1']}/attendance/2026-11-24").json()

        assert told["says"].startswith("Late by 12 min")
        assert told["result"]["late_minutes"] == 12
        assert len(told["steps"]) > 3
        several = visit().get(f"/api/v1/people/{days.people['A1']}/attendance?since=2026-11-01&until=2026-11-30").json()["days"]
        assert [one["result"]["work_date"] for one in several] == ["2026-11-23", "2026-11-24", "2026-11-25"]


class TestMonth:
    def test_has_a_row_for_everybody_and_a_sign_for_each_day(self, days, visit):
        told = visit().get("/api/v1/attendance/month?month=2026-11").json()
        rows = {row["employee_number"]: row for row in told["rows"]}

        assert [rows["A1"]["days"][f"2026-11-{day}"] for day in (22, 23, 24, 25)] == [None, "absent", "late", "missing-punch"]
        assert rows["A2"]["days"]["2026-11-23"] == "annual"
        assert (rows["A1"]["totals"]["late"], rows["A1"]["totals"]["missing"], rows["A1"]["totals"]["absent_halves"]) == (1, 1, 2)

    @pytest.mark.parametrize(
        ("state", "people"), [("late", {"A1"}), ("leave", {"A2"}), ("unsettled", {"A3"}), ("absent", {"A1"}), ("overtime", {"A1"})]
    )
    def test_can_be_narrowed_to_what_there_is(self, days, visit, state, people):
        told = visit().get(f"/api/v1/attendance/month?month=2026-11&state={state}").json()

        assert {row["employee_number"] for row in told["rows"]} == people

    def test_the_page_carries_the_first_rows_and_where_the_rest_is(self, days, visit, monkeypatch):
        monkeypatch.setattr("server.attendance.pages.month.FIRST_ROWS", 2)
        page = visit().get("/attendance/month?month=2026-11&site=" + str(days.site)).text
        rest = re.search(r'"next": "([^"]+)"', page)[1].replace("\\u0026", "&")
        more = visit().get(rest).json()

        assert len(more["rows"]) == 1
        assert more["next"] is None
        assert f"site={days.site}" in rest

    def test_by_page_and_at_once_are_the_same_rows(self, days, visit):
        one, key = [], ""
        while key is not None:
            told = visit().get(f"/api/v1/attendance/month?month=2026-11&limit=1&after={key}").json()
            one, key = one + told["rows"], told["next"]

        assert one == visit().get("/api/v1/attendance/month?month=2026-11&limit=500").json()["rows"]

    def test_goes_by_the_period_of_a_pay_group(self, days, visit, database):
        with database.writing() as uow:
            group = add_pay_group(uow, "M", "月薪", 26, TESTER, NOW)

        page = visit().get(f"/attendance/month?month=2026-11&group={group.id}").text
        assert "2026-10-26 – 2026-11-25" in page
        assert "月薪" in page
        assert visit().get("/attendance/month?group=4711").status_code == 404

    def test_the_workbook_has_the_signs_of_the_reader(self, days, visit):
        answer = visit().get("/attendance/month.xlsx?month=2026-11", "zh")

        assert answer.content.startswith(b"PK")
        assert "filename*=UTF-8''%E8%80%83%E5%8B%A4" in answer.headers["content-disposition"]

    @pytest.mark.parametrize("question", ["month=november", "state=nice", "group=x", "after=1-%00"])
    def test_a_question_that_makes_no_sense_is_refused(self, days, visit, question):
        path = "/attendance/month/rows" if question.startswith("after") else "/attendance/month"
        assert visit().get(f"{path}?{question}").status_code == 422

    def test_signs_can_be_told_apart_and_have_words(self):
        shown = [sign for sign in SIGNS if sign.zh]

        assert len({sign.zh for sign in shown}) == len({sign.en for sign in shown}) == len(shown)
        assert {sign.code for sign in SIGNS} - chinese().keys() == set()
        assert len(SIGNS) <= 32, "static/month.js keeps five bits for them"


class TestToday:
    def test_counts_open_into_lists(self, days, visit):
        told = visit().get("/api/v1/attendance/today?day=2026-11-23&group=missing").json()

        assert told["people"] == 3
        assert told["counts"]["leave"] == 1
        assert [one["employee_number"] for one in told["members"]] == ["A1", "A3"]

    def test_the_page_shows_the_chosen_ones_and_renews_itself(self, days, visit):
        page = visit().get("/today?group=leave").text

        assert "李娜" in page
        assert "王伟" not in page[page.index('id="today"') :]
        assert 'data-again="/today/figures?group=leave"' in page
        assert "李娜" in visit().get("/today/figures?group=leave").text

    def test_a_silent_site_is_said_to_be(self, days, visit):
        assert "Nothing is heard from these sites" in visit().get("/today").text

    def test_a_group_that_is_none_is_refused(self, days, visit):
        assert visit().get("/today?group=happy").status_code == 422


class TestInbox:
    def test_what_hurts_most_stands_first(self, days, visit):
        told = visit().get("/api/v1/attendance/exceptions").json()["exceptions"]
        kinds = [one["stored"]["exception"]["kind"] for one in told]

        assert kinds[0] == "absence"
        assert kinds.index("missing-out") < kinds.index("late")

    def test_by_page_and_at_once_are_the_same_lines(self, days, visit):
        found, key = [], ""
        while key is not None:
            told = visit().get(f"/api/v1/attendance/exceptions?limit=1&after={key}").json()
            found, key = found + told["exceptions"], told["next"]

        assert found == visit().get("/api/v1/attendance/exceptions").json()["exceptions"]

    def test_settling_takes_it_off_the_list_and_undo_brings_it_back(self, days, visit, database):
        late = exceptions(database, ExceptionKind.LATE)[0]
        answer = visit().post("/attendance/exceptions/settle", {"ids": [late.id], "reason": "地铁故障", "back": "/attendance/exceptions"})

        assert answer.headers["location"] == f"/attendance/exceptions?done=settle&undo={late.id}"
        assert exceptions(database, ExceptionKind.LATE) == []
        page = visit().get(answer.headers["location"]).text
        assert "Settled: 1." in page
        visit().post("/attendance/exceptions/reopen", {"ids": [late.id]})
        assert [one.id for one in exceptions(database, ExceptionKind.LATE)] == [late.id]

    def test_without_a_reason_nothing_is_saved_and_the_choice_is_kept(self, days, visit, database):
        late = exceptions(database, ExceptionKind.LATE)[0]
        answer = visit().post("/attendance/exceptions/settle", {"ids": [late.id], "reason": " "})

        assert answer.status_code == 422
        assert f'value="{late.id}" aria-label' in answer.text
        assert exceptions(database, ExceptionKind.LATE) == [late]

    def test_a_missing_punch_is_added_at_the_planned_time(self, days, visit, database):
        missing = exceptions(database, ExceptionKind.MISSING_OUT)[0]
        visit().post("/attendance/exceptions/correct", {"ids": [missing.id], "reason": "忘记打卡"})

        found = [line.stored for line in grants(database) if line.stored.grant.kind is GrantKind.CORRECTION]
        assert [(one.grant.starts_at, one.grant.heading) for one in found] == [(at(missing.work_date, "18:00"), Heading.OUT)]

    def test_lateness_is_excused_for_just_that_time(self, days, visit, database):
        late = exceptions(database, ExceptionKind.LATE)[0]
        answer = visit().post("/attendance/exceptions/excuse", {"ids": [late.id], "reason": "地铁故障"})

        one = next(line.stored.grant for line in grants(database) if line.stored.grant.kind is GrantKind.EXCUSED)
        assert (one.starts_at, one.ends_at) == (at(late.work_date, "9:00"), at(late.work_date, "9:12"))
        undo = answer.headers["location"].rpartition("undo=")[2]
        visit().post("/attendance/exceptions/withdraw", {"ids": [undo]})
        assert not [line for line in grants(database) if line.stored.grant.kind is GrantKind.EXCUSED]

    def test_what_cannot_be_mended_so_is_refused(self, days, visit, database):
        late = exceptions(database, ExceptionKind.LATE)[0]

        answer = visit().post("/attendance/exceptions/correct", {"ids": [late.id], "reason": "x"})

        assert answer.status_code == 409
        assert "None of these can be mended this way" in answer.text

    def test_an_empty_inbox_says_that_nothing_is_left(self, company, visit):
        assert "Nothing left." in visit().get("/attendance/exceptions").text

    def test_it_goes_out_as_a_workbook(self, days, visit):
        assert visit().get("/attendance/exceptions.xlsx").content.startswith(b"PK")


class TestGrants:
    def test_one_is_recorded_by_hand_and_can_be_undone(self, company, visit, database):
        typed = {
            "person": company.people["A1"],
            "kind": "leave",
            "leave": "sick",
            "span": "mornings",
            "first_day": "2026-11-24",
            "reason": "发烧",
        }
        answer = visit().post("/grants/new", typed)
        made = grants(database)[0].stored

        assert answer.headers["location"] == f"/grants?done={made.grant.id}"
        assert (made.grant.leave, made.grant.part, made.reason, made.author) == (LeaveKind.SICK, "morning", "发烧", "tester")
        assert "Undo" in visit().get(answer.headers["location"]).text
        visit().post(f"/grants/{made.grant.id}/withdraw", {"reason": "登记错误"})
        assert grants(database) == []

    @pytest.mark.parametrize(("typed", "told"), [
        ({"kind": "leave", "leave": "sick", "first_day": "2026-11-24"}, "say why"),
        ({"kind": "leave", "leave": "sick", "first_day": "", "reason": "x"}, "give a date"),
        ({"kind": "leave", "leave": "beer", "first_day": "2026-11-24", "reason": "x"}, "choose one"),
        ({"kind": "leave", "leave": "sick", "first_day": "2026-11-24", "last_day": "2026-11-23", "reason": "x"}, "before the first day"),
        ({"kind": "overtime", "starts_at": "2026-11-24T18:00", "ends_at": "2026-11-24T17:00", "reason": "x"}, "behind the beginning"),
        ({"kind": "correction", "starts_at": "yesterday", "heading": "in", "reason": "x"}, "give a date and a time"),
        ({"kind": "nursing", "first_day": "2026-11-24", "reason": "x"}, "how many minutes"),
    ])  # fmt: skip
    def test_what_cannot_be_is_told_with_its_field_and_nothing_is_saved(self, company, visit, database, typed, told):
        answer = visit().post("/grants/new", typed | {"person": company.people["A1"]})

        assert answer.status_code == 422
        assert told in answer.text
        assert grants(database) == []

    def test_programs_record_and_withdraw_it_too(self, company, visit, database):
        body = {"person": company.people["A1"], "kind": "trip", "reason": "客户", "first_day": "2026-11-24", "last_day": "2026-11-26"}
        made = visit().post("/api/v1/grants", json=body)

        assert made.status_code == 201
        assert visit().get("/api/v1/grants").json()["grants"][0]["stored"]["grant"]["kind"] == "trip"
        visit().post(f"/api/v1/grants/{made.json()['id']}/withdraw", json={"reason": "取消"})
        assert visit().get("/api/v1/grants").json()["grants"] == []

    def test_every_kind_has_its_form_and_says_what_has_weight(self, company, visit):
        for kind in GrantKind:
            page = visit().get(f"/grants/new?person={company.people['A1']}&kind={kind}")
            assert page.status_code == 200
            assert 'role="note"' in page.text
        assert "article 44" in visit().get(f"/grants/new?person={company.people['A1']}&kind=overtime").text

    def test_an_address_cannot_lead_elsewhere(self, company, visit):
        page = visit().get(f"/grants/new?person={company.people['A1']}&kind=trip&back=javascript:alert(1)").text

        assert "javascript:" not in page


class TestOwn:
    def test_somebody_sees_their_day_and_what_is_missing(self, days, database):
        page = own(database, days.people["A1"]).get("/me").text

        assert "No punch of yours today" in page

    def test_the_month_is_a_list_with_the_reason_one_tap_away(self, days, database):
        page = own(database, days.people["A1"]).get("/me/month?month=2026-11").text

        assert page.count('href="/me/days/2026-11-') == 3
        assert "Late by 12 min" in page
        assert len(page.encode()) < 60_000

    def test_nobody_sees_the_days_of_another(self, days, database):
        mine = own(database, days.people["A2"])

        for address in ("/me/days/2026-11-24", "/me/month?month=2026-11&person=1", "/me?person=1"):
            assert "Late by 12 min" not in mine.get(address).text
        for address in (f"/people/{days.people['A1']}/days/2026-11-24", f"/api/v1/people/{days.people['A1']}/attendance/2026-11-24"):
            assert mine.get(address).status_code == 403
        told = mine.get("/api/v1/me/attendance?since=2026-11-01&until=2026-11-30&person_id=1").json()["days"]
        assert {one["person_id"] for one in told} == {days.people["A2"]}

    def test_an_account_that_is_nobodys_is_told_so(self, days, database):
        for address in ("/me", "/me/month", "/me/days/2026-11-24"):
            assert "belongs to no employee" in own(database, None).get(address).text
        assert own(database, None).get("/api/v1/me/attendance/2026-11-24").status_code == 404

    def test_whoever_may_only_see_days_sees_no_own_pages(self, days, visit):
        assert visit({Permission.SEE_DAYS, Permission.SEE_PEOPLE}).get("/me").status_code == 403


def exceptions(database, kind: ExceptionKind):
    with database.reading() as uow:
        return [line.stored for line in list_exceptions(uow, ExceptionFilter(kinds=frozenset({kind})))]


def grants(database):
    with database.reading() as uow:
        return list_grants(uow, GrantFilter(kind=None))
