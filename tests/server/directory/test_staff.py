"""The list of the staff on both dialects: as of a day, filtered, sorted, page by page, as a page, a file and for programs."""

import csv
import io
import re
from datetime import date

import pytest
from sqlalchemy import select

from server.access.model import Role
from server.directory import actions as directory, pages
from server.directory.actions import NewEvent
from server.directory.model import EventKind, StaffOrder, StaffQuestion, StaffState
from server.directory.pages import staff as staff_pages
from server.directory.tables import person
from server.errors import NotFoundError
from server.fleet import actions as fleet
from tests.support.company import NOW, TESTER, found_company
from tests.support.pages import browse

TODAY = date(2026, 11, 23)


@pytest.fixture
def company(database):
    """A1 王伟 on probation, A2 李娜 leaving at the year's end, A3 张敏 has left, A4 is to come, A5 came back."""
    made = found_company(database, people=5)
    who = made.people
    with database.writing() as uow:
        entity = fleet.add_legal_entity(uow, "SH", "上海公司", TESTER, NOW)
        post = directory.add_position(uow, "OP", "操作工", TESTER, NOW)
        group = directory.add_department(uow, "RND1", "研发一组", TESTER, NOW, parent_id=made.departments["RND"])

        def add(number, what, day, until=None, /, **sets):
            directory.add_event(uow, who[number], NewEvent(EventKind(what), day, sets, until), TESTER, NOW)

        add(
            "A1", "transfer", date(2026, 3, 1), department_id=group.id, legal_entity_id=entity.id, position_id=post.id, manager_id=who["A2"]
        )
        add("A1", "probation", date(2026, 10, 1), date(2026, 12, 31))
        add("A2", "leaving", date(2026, 12, 31), ground="resigned")
        add("A3", "leaving", date(2026, 6, 30), ground="retired")
        add("A5", "leaving", date(2025, 6, 30), ground="resigned")
        add("A5", "hire", date(2026, 5, 1), kind="intern")
        (held,) = directory.employments_of(uow, who["A4"])
        directory.cancel_event(uow, held.events[0].id, "entered by mistake", TESTER, NOW)
        add("A4", "hire", date(2027, 1, 4), department_id=made.departments["PROD"])
    return made


@pytest.fixture
def hr(company, database):
    return browse(database, (pages.router,), Role.HR)


def shown(database, day=TODAY, **asked):
    with database.reading() as uow:
        return [line.employee_number for line in directory.list_staff(uow, StaffQuestion(day, **asked), None, 50).lines]


class TestQuestions:
    def test_states_are_those_of_the_day(self, database, company):
        by_number = {"order": StaffOrder.NUMBER}

        assert shown(database, **by_number) == ["A1", "A2", "A5"]
        assert shown(database, state=StaffState.PROBATION) == ["A1"]
        assert shown(database, state=StaffState.LEAVING) == ["A2"]
        assert shown(database, state=StaffState.LEFT) == ["A3"]
        assert shown(database, state=StaffState.TO_COME) == ["A4"]
        assert shown(database, state=StaffState.ALL, **by_number) == ["A1", "A2", "A3", "A4", "A5"]
        assert shown(database, date(2026, 6, 30), **by_number) == ["A1", "A2", "A3", "A5"]
        assert shown(database, date(2027, 1, 4), **by_number) == ["A1", "A4", "A5"]
        assert shown(database, date(2026, 1, 1), state=StaffState.TO_COME, **by_number) == ["A4", "A5"]

    def test_filters_go_by_the_terms_of_the_day(self, database, company):
        departments = company.departments

        assert shown(database, department_id=departments["RND"]) == ["A1"]
        assert shown(database, date(2025, 1, 1), department_id=departments["RND"], order=StaffOrder.NUMBER) == ["A1", "A3", "A5"]
        assert shown(database, date(2026, 2, 28), position_id=1) == []
        assert shown(database, position_id=1, legal_entity_id=1, manager_id=company.people["A2"], site_id=None) == ["A1"]
        assert shown(database, hired_from=date(2026, 1, 1), hired_to=date(2026, 5, 1)) == ["A5"]
        assert shown(database, state=StaffState.ALL, hired_from=date(2026, 5, 2)) == ["A4"]

    @pytest.mark.parametrize("text", ["王", "wangwei", "wang wei", "ww", "WW", "A1", "a1", " 王伟 "])
    def test_people_are_found_by_name_sound_initials_and_number(self, database, company, text):
        assert shown(database, text=text) == ["A1"]

    def test_the_order_is_by_name_number_or_first_day_and_pages_lose_nobody(self, database, company):
        orders = {
            StaffOrder.NAME: ["A2", "A1", "A5"],
            StaffOrder.NUMBER: ["A1", "A2", "A5"],
            StaffOrder.HIRED: ["A1", "A2", "A5"],
            StaffOrder.HIRED_LAST: ["A5", "A2", "A1"],
        }
        for order, expected in orders.items():
            for state in (StaffState.EMPLOYED, StaffState.ALL):
                asked, found, key = StaffQuestion(TODAY, state=state, order=order), [], None
                with database.reading() as uow:
                    while True:
                        page = directory.list_staff(uow, asked, key, 1)
                        found += [line.employee_number for line in page.lines]
                        key = page.following
                        if key is None:
                            break
                    assert len(found) == directory.count_staff(uow, asked)
                assert [one for one in found if one in expected] == expected
                assert len(found) == len(set(found)) == (5 if state is StaffState.ALL else 3)

    def test_only_those_within_are_there(self, database, company):
        within = select(person.c.id).where(person.c.employee_number.in_(["A2", "A3"]))
        assert shown(database, within=within) == ["A2"]

    def test_a_line_says_how_somebody_stands(self, database, company):
        with database.reading() as uow:
            line = directory.staff_line(uow, company.people["A1"], TODAY)
            back = directory.staff_line(uow, company.people["A5"], TODAY)
            with pytest.raises(NotFoundError):
                directory.staff_line(uow, 999, TODAY)
        assert (line.department, line.position, line.legal_entity, line.manager) == ("研发一组", "操作工", "上海公司", "李娜")
        assert (line.state, line.probation_until, line.left_on) == (StaffState.PROBATION, date(2026, 12, 31), None)
        assert (back.hired_on, back.hired_on_known, back.kind) == (date(2026, 5, 1), True, "intern")


class TestPages:
    def test_page_file_and_program_say_the_same(self, hr):
        for asked in ("day=2026-11-23&order=number", "day=2026-11-23&state=left", "day=2026-11-23&state=all&order=number", "text=zzz"):
            page, file, told = (hr.get(f"{place}?{asked}") for place in ("/people", "/people.csv", "/api/v1/people"))

            names = [one["name"] for one in told.json()["people"]]
            assert re.findall(r'<th scope="row"><a href="/people/\d+">(.*?)</a>', page.text) == names
            assert [line[1] for line in list(csv.reader(io.StringIO(file.content.decode("utf-8-sig"))))[1:]] == names
            assert ("Take a filter away" in page.text) == (not names)

    def test_chips_drop_one_question_and_say_what_is_asked(self, hr, company):
        page = hr.get(f"/people?day=2026-11-23&manager={company.people['A2']}&state=probation&order=hired").text

        assert "Manager: 李娜" in page
        assert f'href="/people?day=2026-11-23&amp;manager={company.people["A2"]}&amp;order=hired"' in page
        assert '<th aria-sort="ascending"><a href="/people?' in page
        assert "until 2026-12-31" in page

    def test_pages_follow_each_other(self, hr, monkeypatch):
        monkeypatch.setattr(staff_pages, "PAGE", 2)
        monkeypatch.setattr(staff_pages, "EXPORT_PAGE", 2)
        first = hr.get("/people?state=all&order=hired-last&day=2026-11-23").text
        rest = re.search(r'href="([^"]+)" rel="next">Next page', first).group(1).replace("&amp;", "&")

        assert "员工4" in first
        assert hr.get(rest).status_code == 200
        assert "员工4" not in hr.get(rest).text
        assert len(list(csv.reader(io.StringIO(hr.get("/people.csv?state=all").content.decode("utf-8-sig"))))) == 6

    @pytest.mark.parametrize(
        "address",
        [
            "/people?state=asleep", "/people?after=x", "/people?after=1-x&order=hired", "/people.csv?site=-1", "/people?hired_from=soon",
            "/people?kind=boss", "/api/v1/people?limit=501", "/people?order=age",
        ],
    )  # fmt: skip
    def test_what_cannot_be_asked_is_said(self, hr, address):
        answer = hr.get(address)

        assert answer.status_code == 422
        assert "Traceback" not in answer.text

    def test_only_readers_of_people_see_it(self, company, database):
        nobody = browse(database, (pages.router,), Role.IT)

        assert {nobody.get(address).status_code for address in ("/people", "/people.csv", "/api/v1/people")} == {403}

    def test_an_empty_company_is_told_what_to_do(self, database):
        assert "There are no people yet. Import them from a file." in browse(database, (pages.router,), Role.HR).get("/people").text
