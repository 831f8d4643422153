"""An import from the file to the last row, and back: looked at, mended, stored, undone."""

from datetime import UTC, date, datetime

import pytest

from server.access.model import Permission
from server.audit.actions import verify
from server.directory import actions as directory
from server.hr.imports import actions as imports, jobs
from server.hr.imports.model import ImportState
from server.hr.staff import actions as staff
from server.hr.staff.model import Fact
from tests.support.company import NOW, TESTER, found_company
from tests.support.jobs import do_all
from tests.support.workbooks import workbook

EVERYTHING = frozenset(str(one) for one in Permission)
MAN = "360426199101010071"
DEPARTMENTS = [("部门编码", "部门名称", "上级部门编码"), ("QA", "质检部", "PROD")]
STAFF = [
    ("工号", "姓名", "部门", "站点", "考勤号", "生效日期", "入职日期", "上级工号", "身份证号", "手机号"),
    ("N1", "赵静", "质检部", "hq", 901, date(2026, 1, 5), "2024年3月1日", "", MAN, "138 0013 8000"),
    ("N2", "钱进", "QA", "hq", "９０２", 46027, "2024.3.1", "N1", "", ""),
]


@pytest.fixture
def company(database):
    return found_company(database)


@pytest.fixture
def room(database, company):
    return Room(database)


class Room:
    """The import room, with a runner beside it."""

    def __init__(self, database):
        self.database = database

    def receive(self, sheets, permissions=EVERYTHING, kind="", name="人员.xlsx"):
        data = sheets if isinstance(sheets, bytes) else workbook(sheets)
        with self.database.writing() as uow:
            key = imports.receive(uow, name, data, kind, permissions, TESTER, datetime.now(UTC))
        self.work()
        return key

    def work(self):
        do_all(self.database, jobs.kinds(imports.nothing_enrolled))

    def store(self, key):
        with self.database.writing() as uow:
            imports.ask_to_store(uow, key, TESTER, datetime.now(UTC))
        self.work()

    def see(self, key):
        with self.database.reading() as uow:
            return imports.find_import(uow, key), imports.outcome_of(uow, key)

    def undo(self, key):
        with self.database.writing() as uow:
            imports.undo(uow, key, "wrong file", TESTER, datetime.now(UTC))

    def people(self):
        with self.database.reading() as uow:
            return directory.people_by_number(uow)


def said(outcome):
    return [f"{sheet.sheet}: {one}" for sheet in outcome.sheets for one in sheet.findings]


def test_a_workbook_is_looked_at_stored_and_undone(room, company, database):
    key = room.receive({"员工": STAFF, "部门": DEPARTMENTS})
    looked, outcome = room.see(key)

    assert said(outcome) == []
    assert (looked.state, looked.counts["new"], looked.kinds) == (ImportState.CHECKED, 3, ("departments", "people"))
    assert "N1" not in room.people()
    assert "138****8000" in str(outcome.sheets[1].changes)
    assert MAN not in str(outcome.sheets)

    room.store(key)
    people = room.people()
    with database.reading() as uow:
        facts = staff.own_facts(uow, people["N1"].id)
        held = directory.see_person(uow, people["N2"].id)[1]
        (terms,) = directory.terms_of(uow, [people["N2"].id], NOW.date(), NOW.date())[people["N2"].id]
    assert (facts[Fact.ID_NUMBER], facts[Fact.MOBILE], facts[Fact.SEX]) == (MAN, "13800138000", "male")
    assert [(one.terminal_user, one.valid_from) for one in held] == [("902", date(2026, 1, 5))]
    assert terms.terms.manager_id == people["N1"].id

    room.undo(key)
    with database.reading() as uow:
        assert [one.code for one in directory.list_departments(uow)] == ["PROD", "RND"]
        assert verify(uow).broken is None
    assert room.people().keys() == company.people.keys()
    assert room.see(key)[0].state is ImportState.UNDONE
