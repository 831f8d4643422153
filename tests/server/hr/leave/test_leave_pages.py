"""The pages of leave and their JSON, in the real application."""

import re
from datetime import UTC, date, datetime, timedelta

import pytest

from server.access.model import Permission, Role, Scope
from server.attendance import actions as attendance
from server.attendance.model import NewGrant
from server.attendance.model.grants import DayPart, GrantKind, LeaveKind
from server.hr.leave import actions as leave, pages, routes
from server.storage import Database
from tests.support.company import NOW, TESTER
from tests.support.pages import Reader, browse

TODAY = date(2026, 11, 23)
DAY = 480
EVERYTHING = frozenset(str(one) for one in Permission)


@pytest.fixture
def dialect():
    return "sqlite"


@pytest.fixture
def visit(database, company):
    def as_visitor(who=EVERYTHING):
        return browse(database, [pages.router, routes.router], who)

    return as_visitor


@pytest.fixture
def settled(database: Database, company):
    """Everybody's year is granted, and A1 has taken three days of it."""
    with database.writing() as uow:
        leave.settle(uow, list(company.people.values()), TODAY, NOW)
        leave.book(uow, company.people["A1"], "annual", 3 * DAY, date(2026, 11, 2), "R1", TESTER, NOW)


def text_of(answer) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.text))


@pytest.mark.usefixtures("settled")
class TestOwn:
    def test_says_what_is_left_by_when_it_ends_and_how_it_came_about(self, visit, worker):
        own = visit(Reader(EVERYTHING, person_id=worker))

        page = text_of(own.get("/me/leave?day=2026-11-23"))

        assert "7 days can be taken" in page
        assert "7 days until 2026-12-31, then carried over" in page
        assert "Comes: 10 days on 2027-01-01" in page
        assert "10 days a year, for the whole of it (2026-01-01 to 2026-12-31)." in page
        assert "17 days can be taken" in text_of(own.get("/me/leave?day=2027-01-01"))
        assert "可休" in own.get("/me/leave", "zh").text

    def test_belongs_to_the_account_and_says_so_where_there_is_no_employee(self, visit):
        assert "belongs to no employee" in visit().get("/me/leave").text

    def test_a_day_that_cannot_be_names_the_field(self, visit, worker):
        assert visit(Reader(EVERYTHING, person_id=worker)).get("/me/leave?day=9999-12-31").status_code == 422


@pytest.mark.usefixtures("settled")
class TestPerson:
    def test_shows_every_movement_and_takes_an_adjustment_back(self, visit, worker):
        hr, address = visit(), f"/people/{worker}/leave"
        typed = {"kind": "annual", "amount": "1.5", "day": "2026-11-01", "reason": "周年奖励"}

        assert hr.post(f"{address}/adjust", typed).status_code == 303
        page = hr.get(f"{address}?kind=annual&day=2026-11-23")
        assert "8.5 days" in text_of(page)
        assert "Reason: 周年奖励" in text_of(page)
        number = re.search(r'name="movement" value="(\d+)"', page.text).group(1)
        assert hr.post(f"{address}/undo", {"kind": "annual", "movement": number, "reason": "按错"}).status_code == 303

        assert "7 days can be taken" in text_of(hr.get(f"{address}?kind=annual&day=2026-11-23"))

    def test_a_form_with_a_mistake_keeps_what_was_typed_and_names_the_field(self, visit, worker):
        answer = visit().post(f"/people/{worker}/leave/adjust", {"kind": "annual", "amount": "x", "day": "2026-11-01", "reason": "为什么"})

        assert answer.status_code == 422
        assert "give a number such as 1.5" in answer.text
        assert 'value="为什么"' in answer.text

    def test_grounds_openings_and_waivers_are_entered_by_hand(self, visit, worker, database):
        hr, address = visit(), f"/people/{worker}/leave"
        child = {"kind": "child-care", "name": "长女", "first_day": "2025-03-01", "last_day": "2028-02-29"}

        assert hr.post(f"{address}/ground", child).status_code == 303
        opening = {"kind": "time-off", "amount": "12.5", "day": "2026-10-31", "reason": "旧系统"}
        assert hr.post(f"{address}/open", opening).status_code == 303
        assert hr.post(f"{address}/waive", {"kind": "annual", "lot": "2026-01-01", "reason": "11月书面"}).status_code == 303
        assert hr.post(f"{address}/nonsense", {}).status_code == 404

        page = text_of(hr.get(f"{address}?kind=child-care"))
        assert "For 长女." in page
        assert "Waived for the year from 2026-01-01: 11月书面" in text_of(hr.get(f"{address}?kind=annual"))
        with database.reading() as uow:
            assert leave.balance_on(uow, worker, "time-off", TODAY).minutes == 750

    def test_who_may_not_see_somebody_gets_nothing_by_page_or_api(self, visit, company, worker):
        stranger = visit(Reader(EVERYTHING, sees=Scope(own=company.people["A2"])))

        assert stranger.get(f"/people/{worker}/leave").status_code == 404
        assert stranger.get(f"/api/v1/people/{worker}/leave").status_code == 404
        assert stranger.get(f"/api/v1/people/{worker}/leave/annual").status_code == 404
        assert stranger.post(f"/people/{worker}/leave/adjust", {"kind": "annual"}).status_code == 404
        assert "王伟" not in stranger.get("/leave/balances").text
        assert "王伟" not in stranger.get("/leave/balances.csv").text


@pytest.mark.usefixtures("settled")
class TestBalances:
    def test_shows_everybody_on_a_day_and_the_figures_of_one_kind(self, visit):
        hr = visit()

        page = text_of(hr.get("/leave/balances?day=2026-11-23"))
        assert all(name in page for name in ("王伟", "李娜", "张敏"))
        assert "7 days" in page
        figures = text_of(hr.get("/leave/balances?kind=annual&day=2026-11-23&text=A1"))
        assert "李娜" not in figures
        assert "7 days until 2026-12-31, then carried over" in figures
        assert hr.get("/leave/balances?kind=sick").status_code == 422

    def test_those_of_whom_something_ends_soon_are_counted_and_can_be_listed(self, visit, company, database, worker):
        with database.writing() as uow:
            today = datetime.now(UTC).date()
            leave.adjust(uow, [worker], "annual", DAY, today, "司庆", TESTER, NOW, last_day=today + timedelta(days=20))
            counted = leave.count_ending(uow, Scope(everybody=True), today)

        listed = text_of(visit().get("/leave/balances?ends=soon"))

        assert counted == 1
        assert "王伟" in listed
        assert "李娜" not in listed
        assert visit().get("/leave/balances?ends=never").status_code == 422

    def test_is_exported_with_a_row_for_each_kind(self, visit):
        lines = visit().get("/leave/balances.csv?kind=annual&day=2026-11-23").content.decode("utf-8-sig").splitlines()

        assert len(lines) == 4
        assert "王伟" in lines[-2] or "王伟" in lines[-1] or "王伟" in lines[-3]
        assert any(",10.0,0.0,3.0,0.0,0.0,0.0,7.0,7.0," in line for line in lines)
        assert visit().get("/leave/balances.xlsx").status_code == 200

    def test_those_who_are_ticked_are_adjusted_together_and_it_can_be_undone(self, visit, company, database):
        hr = visit()
        people = [str(company.people[number]) for number in ("A1", "A2")]
        typed = {"person": people, "kind": "annual", "amount": "1", "day": "2026-11-20", "reason": "司庆"}

        made = hr.post("/leave/balances/adjust", typed)
        assert made.status_code == 303
        page = hr.get(made.headers["location"])
        assert "Adjusted for 2 people." in page.text
        reference = re.search(r'name="reference" value="([^"]+)"', page.text).group(1)
        assert hr.post("/leave/balances/undo", {"reference": reference}).status_code == 303

        with database.reading() as uow:
            assert leave.balance_on(uow, company.people["A2"], "annual", TODAY).available == 5 * DAY
        assert "choose somebody first" in hr.post("/leave/balances/adjust", {**typed, "person": []}).text

    def test_long_sick_leave_is_a_finding_for_hr_and_takes_nothing_away(self, visit, worker, database):
        sick = {"kind": GrantKind.LEAVE, "leave": LeaveKind.SICK, "reason": "住院"}
        with database.writing() as uow:
            new = NewGrant(person_id=worker, first_day=date(2026, 1, 5), last_day=date(2026, 5, 10), part=DayPart.DAY, **sick)
            attendance.record_grant(uow, new, TESTER, NOW)

        page = text_of(visit().get("/leave/balances?day=2026-11-23"))

        assert "王伟 : 126 days of sick leave this year, more than 3 months, with 10 years of service" in page
        with database.reading() as uow:
            assert leave.balance_on(uow, worker, "annual", TODAY).granted == 10 * DAY


class TestTypes:
    def test_each_kind_says_its_rules_in_words_and_where_they_are_from(self, visit):
        hr = visit()

        assert "5 days from 1 year on; 10 days from 10 years on; 15 days from 20 years on" in text_of(hr.get("/leave/types"))
        page = text_of(hr.get("/leave/types/maternity"))
        assert "State Council order 619" in page
        assert "Each further child +15" in page
        assert "figures of the province" in page
        assert "产假" in hr.get("/leave/types", "zh").text

    def test_a_change_is_looked_at_first_and_then_holds_from_its_day(self, visit, database):
        hr = visit()
        with database.reading() as uow:
            before = leave.find_type(uow, "child-care", TODAY)
        typed = pages.types.fields_of(before.terms) | {"days": "10", "first_day": "2027-01-01", "reason": "本省条例"}

        looked = hr.post("/leave/types/child-care/change", typed)
        assert "What it would say from 2027-01-01 on" in looked.text
        assert "10 days a year for each ground" in looked.text
        assert hr.post("/leave/types/child-care/change", typed | {"save": "1"}).status_code == 303

        with database.reading() as uow:
            assert leave.find_type(uow, "child-care", TODAY).terms == before.terms
            assert leave.find_type(uow, "child-care", date(2027, 1, 1)).terms.entitlement.days == 10
        wrong = hr.post("/leave/types/child-care/change", typed | {"days": "0", "save": "1"})
        assert wrong.status_code == 422
        assert "use 1 to 366 days a year" in wrong.text

    def test_a_kind_of_the_company_is_made_offered_no_longer_and_offered_again(self, visit, database):
        hr = visit()
        form = hr.get("/leave/types/new")
        assert form.status_code == 200
        typed = pages.types.fields_of(leave_terms(database)) | {"code": "birthday", "name_zh": "生日假", "name_en": "Birthday leave"}
        typed |= {"first_day": "2026-01-01", "save": "1"}

        assert hr.post("/leave/types/new", typed).status_code == 303
        assert hr.post("/leave/types/new", typed).status_code == 409
        assert hr.post("/leave/types/birthday/archive").status_code == 303
        assert "no longer offered" in hr.get("/leave/types/birthday").text
        assert hr.post("/leave/types/birthday/restore").status_code == 303
        assert hr.post("/leave/types/begin", {"day": "2026-01-01"}).status_code == 303


def leave_terms(database):
    with database.reading() as uow:
        return leave.find_type(uow, "other", TODAY).terms


class TestAway:
    @pytest.fixture
    def some(self, database, company):
        with database.writing() as uow:
            for number, kind in (("A1", LeaveKind.SICK), ("A2", LeaveKind.ANNUAL)):
                span = {"first_day": date(2026, 11, 19), "last_day": date(2026, 11, 24)}
                new = NewGrant(person_id=company.people[number], kind=GrantKind.LEAVE, reason="x", leave=kind, **span)
                attendance.record_grant(uow, new, TESTER, NOW)

    def test_shows_who_is_away_and_what_for_only_to_those_who_may_see_leave(self, visit, some, company):
        planner = Reader(frozenset({"see-roster", "see-people"}))

        everything, less = (visit(who).get("/away?month=2026-11").text for who in (EVERYTHING, planner))

        assert "王伟 · sick · 2026-11-19 – 2026-11-24" in everything
        assert "王伟 · is away · 2026-11-19 – 2026-11-24" in less
        assert "sick" not in less
        assert "李娜" not in visit().get(f"/away?month=2026-11&department={company.departments['RND']}").text
        assert "王伟" in visit().get("/away?view=week&day=2026-11-20").text
        assert "Nobody is away" in visit().get("/away?month=2026-09").text

    def test_only_people_of_the_scope_are_there_in_page_file_and_api(self, visit, some, company):
        own = visit(Reader(EVERYTHING, sees=Scope(own=company.people["A2"])))

        answers = [own.get(address).text for address in ("/away?month=2026-11", "/away.csv?month=2026-11")]
        answers.append(own.get("/api/v1/away?since=2026-11-01&until=2026-11-30").text)

        assert all("李娜" in text and "王伟" not in text for text in answers)


@pytest.mark.usefixtures("settled")
def test_programs_get_the_same_as_pages(visit, worker):
    hr = visit(Role.HR)

    kinds = hr.get("/api/v1/leave/types?language=zh").json()["types"]
    balances = {one["type"]: one for one in hr.get(f"/api/v1/people/{worker}/leave?day=2026-11-23").json()["balances"]}
    movements = hr.get(f"/api/v1/people/{worker}/leave/annual?language=en").json()["movements"]
    wish = {"people": [worker], "minutes": 480, "day": "2026-11-23", "reason": "x"}
    made = hr.client.post("/api/v1/leave/annual/adjustments", json=wish, headers={"sec-fetch-site": "same-origin"})

    assert kinds[0]["says"][0] == "带薪。"
    assert (balances["annual"]["available"], balances["annual"]["taken"]) == (7 * DAY, 3 * DAY)
    assert [one["says"] for one in movements if one["kind"] == "taken"] == ["Approved leave."]
    assert made.json() == {"adjusted": 1}
    assert hr.get("/api/v1/me/leave").status_code == 403
