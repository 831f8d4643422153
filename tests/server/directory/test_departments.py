"""Departments as a tree with heads and head-counts on a day, and what can be done with them; legal entities; on both dialects."""

from datetime import date

import pytest

from server.access.model import PERMISSIONS, Role, Scope
from server.audit import store as trail
from server.directory import actions as directory, pages
from server.directory.actions import NewEvent
from server.directory.model import EventKind
from server.errors import InvalidInputError, NotFoundError, RefusedError
from server.fleet import actions as fleet
from server.storage import Subject, take_changes, waiting_changes
from tests.support.company import NOW, TESTER, found_company
from tests.support.pages import Reader, browse, said

TODAY = date(2026, 11, 23)


@pytest.fixture
def company(database):
    """A1, A3 in RND1 below RND, A2 in PROD; A4 in PROD until the end of October."""
    made = found_company(database, people=4)
    with database.writing() as uow:
        group = directory.add_department(uow, "RND1", "研发一组", TESTER, NOW, parent_id=made.departments["RND"])
        made.departments["RND1"] = group.id
        for number in ("A1", "A3"):
            transfer = NewEvent(EventKind.TRANSFER, date(2026, 3, 1), {"department_id": group.id})
            directory.add_event(uow, made.people[number], transfer, TESTER, NOW)
        leaving = NewEvent(EventKind.LEAVING, date(2026, 10, 31), {"ground": "resigned"})
        directory.add_event(uow, made.people["A4"], leaving, TESTER, NOW)
        take_changes(uow, [one.id for one in waiting_changes(uow, 10_000)])
    return made


@pytest.fixture
def hr(company, database):
    return browse(database, (pages.router,), Role.HR)


class TestTree:
    def test_each_stands_behind_the_one_above_it_with_the_head_counts_of_the_day(self, database, company):
        with database.reading() as uow:
            trees = [directory.department_tree(uow, day) for day in (date(2026, 2, 1), date(2026, 10, 31), TODAY)]

        assert [[(one.department.code, one.depth, one.own, one.below) for one in tree] for tree in trees] == [
            [("PROD", 0, 2, 2), ("RND", 0, 2, 2), ("RND1", 1, 0, 0)],
            [("PROD", 0, 2, 2), ("RND", 0, 0, 2), ("RND1", 1, 2, 2)],
            [("PROD", 0, 1, 1), ("RND", 0, 0, 2), ("RND1", 1, 2, 2)],
        ]

    def test_a_move_leaves_days_for_attendance_and_never_makes_a_circle(self, database, company):
        units = company.departments
        with database.writing() as uow:
            directory.move_department(uow, units["RND1"], units["PROD"], TESTER, NOW)
            with pytest.raises(RefusedError, match="would stand above itself"):
                directory.move_department(uow, units["PROD"], units["RND1"], TESTER, NOW)
            with pytest.raises(InvalidInputError, match="parent"):
                directory.move_department(uow, units["PROD"], 999, TESTER, NOW)
            with pytest.raises(NotFoundError):
                directory.move_department(uow, 999, None, TESTER, NOW)
            (change,) = waiting_changes(uow, 10)
            row = trail.newest(uow, limit=1)[0]
        assert (change.subject, change.subject_id, change.first_day, change.last_day) == (Subject.DEPARTMENT, units["RND1"], TODAY, None)
        assert (row.action, row.before, row.after) == ("department.move", {"parent": "RND"}, {"parent": "PROD"})

    def test_none_is_closed_with_somebody_left_in_it_and_nobody_comes_after(self, database, company):
        units, who = company.departments, company.people
        with database.writing() as uow:
            for unit, told in ((units["RND"], "研发一组 stand below it"), (units["RND1"], "After 2026-11-23 2 people still belong")):
                with pytest.raises(RefusedError, match=told):
                    directory.close_department(uow, unit, TODAY, TESTER, NOW)
            for number in ("A1", "A3"):
                transfer = NewEvent(EventKind.TRANSFER, date(2026, 12, 1), {"department_id": units["PROD"]})
                directory.add_event(uow, who[number], transfer, TESTER, NOW)
            directory.close_department(uow, units["RND1"], date(2026, 11, 30), TESTER, NOW)

        with database.writing() as uow, pytest.raises(InvalidInputError, match="研发一组 is closed after 2026-11-30"):
            back = NewEvent(EventKind.TRANSFER, date(2026, 12, 5), {"department_id": units["RND1"]})
            directory.add_event(uow, who["A1"], back, TESTER, NOW)
        with database.writing() as uow:
            with pytest.raises(RefusedError, match="is closed after"):
                directory.add_department(uow, "RND11", "小组", TESTER, NOW, parent_id=units["RND1"])
            directory.reopen_department(uow, units["RND1"], TESTER, NOW)
            assert directory.find_department(uow, units["RND1"]).closed_on is None


class TestPages:
    def test_hr_adds_renames_moves_heads_and_closes_by_the_forms(self, hr, company, database):
        unit = company.departments["RND1"]

        assert hr.post("/departments", {"code": "QA", "name": "质检部", "above": "PROD"}).status_code == 303
        for deed, form in (
            ("rename", {"name": "研发中心"}),
            ("move", {"above": ""}),
            ("head", {"head": "A1", "day": "2026-11-01"}),
        ):
            assert hr.post(f"/departments/{unit}/{deed}", form).headers["location"] == f"/departments/{unit}"
        listed = hr.get("/departments?day=2026-11-23").text
        one = hr.get(f"/departments/{unit}").text

        assert listed.index("生产部") < listed.index("质检部")
        assert "研发中心" in listed
        assert '<a class="cb-chip" href="/people/1">王伟</a>' in listed
        assert "2026-11-01 – until further notice" in one
        refused = hr.post(f"/departments/{unit}/close", {"day": "2026-11-23"})
        assert refused.status_code == 409
        assert "2 people still belong to it: transfer them first." in refused.text
        assert hr.post(f"/departments/{unit}/burn", {}).status_code == 404
        nobody = hr.post(f"/departments/{unit}/head", {"head": "X9", "day": "2026-11-01"}).text
        assert "there is nobody with the employee number X9" in nobody
        assert "QA already" in hr.post("/departments", {"code": "QA", "name": "又一个"}).text
        assert hr.get("/departments/999").status_code == 404

    def test_a_program_reads_the_tree_and_changes_it(self, hr, company):
        told = hr.get("/api/v1/departments?day=2026-11-23").json()["departments"]
        headers = {"sec-fetch-site": "same-origin", "accept-language": "en"}
        made = hr.client.post("/api/v1/departments", json={"code": "QA", "name": "质检部", "above": "PROD"}, headers=headers).json()
        closed = hr.client.post(f"/api/v1/departments/{made['id']}/close", json={"day": "2026-11-23"}, headers=headers)

        assert [(one["code"], one["above"], one["people"], one["people_below"]) for one in told] == [
            ("PROD", None, 1, 1), ("RND", None, 0, 2), ("RND1", "RND", 2, 2),
        ]  # fmt: skip
        assert closed.json()["closed_on"] == "2026-11-23"
        assert "质检部" not in said(hr.get("/departments?day=2026-11-24").text)
        assert "质检部" in hr.get("/departments?day=2026-11-24&closed=yes").text
        assert "QA,质检部,PROD,,0,0" in hr.get("/departments.csv").content.decode("utf-8-sig")

    def test_legal_entities_are_kept_with_their_head_counts(self, hr, company, database):
        form = {"code": "SH", "name": "上海公司", "unified_code": "91350100M000100Y43"}
        assert hr.post("/legal-entities", form).status_code == 303
        assert "no unified social credit code" in hr.post("/legal-entities", form | {"code": "BJ", "unified_code": "123"}).text
        event = {"kind": "transfer", "effective_on": "2026-01-01", "legal_entity": "SH", "department": "keep", "position": "keep"}
        assert hr.post("/people/1/events", event | {"site": "keep", "pay_group": "keep"}).status_code == 303

        assert hr.post("/legal-entities/1", {"name": "上海总公司", "unified_code": ""}).status_code == 303
        assert hr.get("/api/v1/legal-entities").json() == [{"id": 1, "code": "SH", "name": "上海总公司", "unified_code": None, "people": 1}]
        assert '<a href="/people?legal_entity=1">1</a>' in hr.get("/legal-entities").text
        assert hr.post("/legal-entities/9", {"name": "x"}).status_code == 404

    def test_somebody_who_is_responsible_for_a_part_changes_no_tree_and_hires_for_that_part_only(self, company, database):
        with database.writing() as uow:
            entity = fleet.add_legal_entity(uow, "SH", "上海公司", TESTER, NOW)
        reader = Reader(frozenset(str(one) for one in PERMISSIONS[Role.HR]), sees=Scope(entities=frozenset({entity.id})))
        part = browse(database, (pages.router,), reader)
        form = {"employee_number": "N1", "name": "赵一", "effective_on": "2026-11-02", "employment_kind": "regular"}

        assert "This holds for the whole company." in part.post("/departments", {"code": "QA", "name": "质检部"}).text
        assert "This holds for the whole company." in part.post("/legal-entities", {"code": "BJ", "name": "北京公司"}).text
        assert "choose a legal entity that you are responsible for" in part.post("/people/new", form).text
        assert part.post("/people/new", form | {"legal_entity": "SH"}).status_code == 303
        assert [one["name"] for one in part.get("/api/v1/people").json()["people"]] == ["赵一"]
