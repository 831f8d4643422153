"""An import from the file to the last row, and back: looked at, mended, stored, undone."""

from dataclasses import replace
from datetime import date

from server.attendance import actions as attendance
from server.audit.actions import verify
from server.directory import actions as directory
from server.hr.imports.actions import KINDS, taking
from server.hr.imports.model import ImportState
from server.hr.staff import actions as staff
from server.hr.staff.model import Fact
from server.roster import actions as roster
from server.roster.model import ShiftPart, ShiftTerms
from tests.support.company import NOW, TESTER, new_punch
from tests.support.import_room import said

MAN = "360426199101010071"
DEPARTMENTS = [("部门编码", "部门名称", "上级部门编码"), ("QA", "质检部", "PROD")]
STAFF = [
    ("工号", "姓名", "部门", "站点", "考勤号", "生效日期", "入职日期", "上级工号", "身份证号", "手机号"),
    ("N1", "赵静", "质检部", "hq", 901, date(2026, 1, 5), "2024年3月1日", "", MAN, "138 0013 8000"),
    ("N2", "钱进", "QA", "hq", "９０２", 46027, "2024.3.1", "N1", "", ""),
]


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


def test_while_a_file_is_looked_at_others_write(room, company, database, monkeypatch):
    written, staff_sheet = [], KINDS["people"]

    def take(uow, lines, by, now):
        report = staff_sheet.take(uow, lines, by, now)
        with database.writing() as other:
            written.append(attendance.record_punches(other, [new_punch(company, 20261123090000, "1", 1)], NOW).new)
        return report

    monkeypatch.setitem(taking.KINDS, "people", replace(staff_sheet, take=take))

    _, outcome = room.see(room.receive({"员工": [("工号", "姓名"), ("N1", "赵静")]}))

    assert written == [1]
    assert outcome.new == 1
    assert "N1" not in room.people()


def test_every_kind_of_sheet_is_looked_at_on_copies_stored_and_taken_again_without_a_change(room, company, database):
    with database.writing() as uow:
        roster.add_shift(uow, "早班", "早", ShiftTerms(parts=(ShiftPart(start=540, end=1080),)), date(2026, 1, 1), TESTER, NOW)
    book = {
        "站点": [("站点编码", "站点名称", "时区"), ("plant", "苏州工厂", "Asia/Shanghai")],
        "部门": DEPARTMENTS,
        "岗位": [("岗位编码", "岗位名称"), ("OP", "操作工")],
        "员工": STAFF,
        "合同": [("工号", "合同类型", "合同开始日期", "合同结束日期", "签订日期"), ("N1", "固定期限", "2024-03-01", "2027-02-28", "")],
        "假期余额": [("工号", "假期类型", "余额", "截至日期"), ("A1", "年休假", 7.5, date(2026, 10, 31))],
        "登记": [("工号", "站点", "考勤号", "生效日期"), ("A2", "苏州工厂", "1", date(2026, 1, 5))],
        "排班": [("工号", "姓名", date(2026, 12, 1), date(2026, 12, 2)), ("A1", "王伟", "早", "休")],
        "打卡记录": [("考勤机", "考勤号", "日期", "时间"), ("T1", 1, date(2026, 11, 2), "8:58"), ("T1", 1, date(2026, 11, 2), "08:58:00")],
    }
    key = room.receive(book)
    looked, outcome = room.see(key)
    assert said(outcome) == []
    assert [one.new + one.changed for one in outcome.sheets] == [1, 1, 1, 2, 1, 1, 1, 1, 1]
    assert room.people().keys() == company.people.keys()

    room.store(key)
    assert [one.new + one.changed for one in room.see(key)[1].sheets] == [1, 1, 1, 2, 1, 1, 1, 1, 1]

    again = room.look(book)
    assert said(again) == []
    assert [one.unchanged for one in again.sheets] == [1, 1, 1, 2, 1, 1, 1, 0, 2], "drafts are drafted again"
    with database.reading() as uow:
        assert verify(uow).broken is None
    assert looked.kinds == ("sites", "departments", "positions", "people", "contracts", "balances", "enrolments", "rosters", "punches")
