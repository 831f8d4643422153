"""The org chart on a day, by department and by manager, one level at a time; on both dialects."""

import re
from datetime import date

import pytest
from sqlalchemy import select

from server.access.model import Role
from server.directory import actions as directory, pages
from server.directory.actions import NewEvent, org
from server.directory.model import EventKind
from server.directory.tables import person
from tests.support.company import NOW, TESTER, found_company
from tests.support.pages import browse

TODAY = date(2026, 11, 23)


@pytest.fixture
def company(database):
    """A1 manages A2 and A3, A2 manages A4; A5 has nobody above, A3 has left; RND has a head and RND1 below it."""
    made = found_company(database, people=5)
    who = made.people
    with database.writing() as uow:
        directory.add_department(uow, "RND1", "研发一组", TESTER, NOW, parent_id=made.departments["RND"])
        directory.set_head(uow, made.departments["RND"], who["A1"], date(2026, 1, 1), TESTER, NOW)
        for number, manager in (("A2", "A1"), ("A3", "A1"), ("A4", "A2")):
            transfer = NewEvent(EventKind.TRANSFER, date(2026, 3, 1), {"manager_id": who[manager]})
            directory.add_event(uow, who[number], transfer, TESTER, NOW)
        leaving = NewEvent(EventKind.LEAVING, date(2026, 10, 31), {"ground": "resigned"})
        directory.add_event(uow, who["A3"], leaving, TESTER, NOW)
    return made


def names(level):
    return [(one.name, one.people, one.below) for one in level.nodes]


class TestLevels:
    def test_people_stand_below_their_managers_of_the_day(self, database, company):
        who = company.people
        with database.reading() as uow:
            top, below, before = (
                directory.people_below(uow, key, day, None) for key, day in ((None, TODAY), (who["A1"], TODAY), (None, date(2026, 2, 1)))
            )
            in_june = directory.people_below(uow, who["A1"], date(2026, 6, 30), None)

        assert names(top) == [("王伟", 1, 1), ("员工5", 0, 0)]
        assert names(below) == [("李娜", 1, 1)]
        assert names(in_june) == [("李娜", 1, 1), ("张敏", 0, 0)]
        assert [one[1:] for one in names(before)] == [(0, 0)] * 5

    def test_a_reader_of_a_part_sees_that_part_with_its_own_top(self, database, company):
        within = select(person.c.id).where(person.c.employee_number.in_(["A2", "A4"]))
        with database.reading() as uow:
            top = directory.people_below(uow, None, TODAY, within)
            units = directory.departments_below(uow, None, TODAY, within)

        assert names(top) == [("李娜", 1, 1)]
        assert [(one.name, one.note, one.people) for one in units.nodes] == [("生产部", "", 2), ("研发部", "", 0)]

    def test_departments_stand_below_each_other_with_their_heads(self, database, company):
        with database.reading() as uow:
            top = directory.departments_below(uow, None, TODAY, None)
            below = directory.departments_below(uow, company.departments["RND"], TODAY, None)

        assert [(one.name, one.note, one.people, one.below) for one in top.nodes] == [("生产部", "", 2, 0), ("研发部", "王伟", 2, 1)]
        assert names(below) == [("研发一组", 0, 0)]

    def test_too_many_to_look_at_are_counted_and_not_drawn(self, database, company, monkeypatch):
        monkeypatch.setattr(org, "MOST", 1)
        with database.reading() as uow:
            level = directory.people_below(uow, None, TODAY, None)
        assert (names(level), level.more) == ([("王伟", 1, 1)], 1)


class TestPage:
    @pytest.fixture
    def hr(self, company, database):
        return browse(database, (pages.router,), Role.HR)

    def test_the_table_opens_levels_by_its_address(self, hr, company):
        closed = hr.get("/org?by=manager&day=2026-11-23").text
        opened = hr.get(f"/org?by=manager&day=2026-11-23&open={company.people['A1']}").text

        assert "李娜" not in closed
        assert re.search(r'aria-expanded="false" aria-label="Open 王伟">', closed)
        assert opened.index("王伟") < opened.index("李娜") < opened.index("员工5")
        assert re.search(r'href="/org\?by=manager&amp;day=2026-11-23&amp;open=none" aria-expanded="true"', opened)

    def test_a_level_is_told_to_the_picture_and_to_programs(self, hr, company):
        told = hr.get(f"/api/v1/org?by=manager&day=2026-11-23&below={company.people['A1']}").json()

        who = company.people["A2"]
        assert told["nodes"] == [{"key": who, "name": "李娜", "note": "生产部", "people": 1, "below": 1, "href": f"/people/{who}"}]
        assert told["more"] == 0
        assert hr.get("/org?by=luck").status_code == hr.get("/api/v1/org?below=x").status_code == 422
        assert "Nobody was employed on this day" in hr.get("/org?by=manager&day=1999-01-01").text
