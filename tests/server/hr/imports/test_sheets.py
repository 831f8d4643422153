"""Every sheet as people fill it in: what is understood, what is named with its row and column, and what an undo leaves."""

import time
from datetime import date, datetime

import pytest

from server.directory import actions as directory
from server.hr.staff import actions as staff
from server.hr.staff.model import Fact
from server.roster import actions as roster
from server.roster.model import ShiftPart, ShiftTerms
from server.storage import metadata
from tests.support.company import NOW, TESTER
from tests.support.import_room import said

MAN = "360426199101010071"


@pytest.fixture
def dialect():
    return "sqlite"


@pytest.fixture
def found(room):
    """What is wrong with rows below a heading, without what to do."""

    def look(sheet, heading, *rows):
        outcome = room.look({sheet: [heading, *rows]})
        return [str(one).removeprefix("row ").split(";")[0] for each in outcome.sheets for one in each.findings]

    return look


@pytest.fixture
def rows_of(database):
    """All rows of a table, without the moment that they were changed."""

    def read(name):
        with database.reading() as uow:
            return sorted(map(repr, uow.fetch_all(metadata.tables[name].select())))

    return read


class TestNumbersAndDays:
    """As a spreadsheet keeps them, and as people type them."""

    def test_are_understood(self, room, database):
        heading = ("工号", "姓名", "考勤号", "站点", "入职日期", "出生日期", "身份证号", "手机号")
        rows = [
            (1001.0, "赵静", 901.0, "hq", 45352, "1991.1.1", MAN, 13800138000),
            ("１００２", "钱进", "９０２", "hq", "2024/3/1", "1991年1月1日", "", "138-0013-8001"),
            ("'0003", "孙丽", "0903", "hq", date(2024, 3, 1), "19910101", "", "+86 138 0013 8002"),
            ("N4", "李强", "", "hq", "2024-03-01 00:00:00", 33239.0, "", ""),
        ]

        room.take({"员工": [heading, *rows]})

        people = room.people()
        assert {"1001", "1002", "0003", "N4"} < people.keys()
        with database.reading() as uow:
            facts = [staff.own_facts(uow, people[number].id) for number in ("1001", "1002", "0003", "N4")]
            hired = directory.hired_on(uow, [people[number].id for number in ("1001", "1002", "0003", "N4")], NOW.date())
            users = [directory.see_person(uow, people[number].id)[1][0].terminal_user for number in ("1001", "1002", "0003")]
        assert {one[Fact.BIRTH_DATE] for one in facts} == {"1991-01-01"}
        assert [one.get(Fact.MOBILE) for one in facts] == ["13800138000", "13800138001", "13800138002", None]
        assert set(hired.values()) == {date(2024, 3, 1)}
        assert users == ["901", "902", "0903"]

    def test_a_number_that_lost_digits_or_zeros_is_named(self, room, found):
        room.take({"员工": [("工号", "姓名"), ("0007", "赵静")]})

        assert found("员工", ("工号", "姓名", "身份证号"), ("N1", "钱进", 360426199101010071.0)) == [
            "2, 身份证号: the spreadsheet has shortened this number to 3.60426E+17"
        ]
        assert found("员工", ("工号", "姓名", "身份证号"), ("N1", "钱进", "3.60426199101010E+17")) == [
            "2, 身份证号: the spreadsheet has shortened this number to 3.60426199101010E+17"
        ]
        assert found("员工", ("工号", "姓名"), (7, "赵静")) == ["2, 工号: 7 may have lost its zeros: 0007 is here"]
        assert found("合同", ("工号", "合同类型", "开始日期"), (7, "无固定期限", "2024-01-01")) == [
            "2, 工号: there is nobody with the employee number 7",
            "2, 工号: 7 may have lost its zeros: 0007 is here",
        ]

    @pytest.mark.parametrize(
        ("column", "cell", "told"),
        [
            ("入职日期", "明天", "明天 is no date"),
            ("入职日期", "2024-02-30", "2024-02-30 is no date"),
            ("入职日期", "3/1/2024", "3/1/2024 is no date"),
            ("入职日期", 7, "7 is no date"),
            ("身份证号", MAN[:-1] + "2", None),
            ("手机号", "12345", None),
            ("邮箱", "nobody", None),
            ("银行账号", "1", None),
            ("性别", "?", "? is none of those that there are"),
            ("用工形式", "海盗", "海盗 is none of those that there are"),
            ("姓名", "a\nb", "there is a line break or a sign that cannot be shown in this cell"),
            ("姓名", "x" * 101, "it is longer than 100 characters"),
            ("部门", "#REF!", "the spreadsheet could not work this cell out: #REF!"),
        ],
    )
    def test_what_cannot_be_is_named_by_its_cell(self, found, column, cell, told):
        cells = {"工号": "N1", "姓名": "赵静", column: cell}

        (finding,) = found("员工", tuple(cells), tuple(cells.values()))

        place, _, problem = finding.partition(": ")
        assert place == f"2, {column}"
        assert told is None or problem == told


class TestEachSheet:
    def test_departments_and_positions(self, room, found, rows_of):
        before = rows_of("department"), rows_of("position")
        assert found(
            "部门", ("部门编码", "部门名称", "上级部门编码"), ("A", "甲", "B"), ("B", "乙", "A"), ("C", "丙", "没有"), ("D", "", "")
        ) == [
            "2, 上级部门编码: the departments stand above each other in a circle",
            "3, 上级部门编码: the departments stand above each other in a circle",
            "4, 上级部门编码: there is no department 没有",
            "5, 部门名称: this cell is empty",
        ]
        assert found("岗位", ("岗位编码", "岗位名称"), ("OP", ""), ("QC", "质检"), ("QC", "检验")) == [
            "2, 岗位名称: this cell is empty",
            "4, 岗位编码: the same is in row 3",
        ]

        key = room.take(
            {"部门": [("部门编码", "部门名称"), ("QA", "质检部"), ("RND", "研究院")], "岗位": [("岗位编码", "岗位名称"), ("OP", "操作工")]}
        )
        room.undo(key)

        assert (rows_of("department"), rows_of("position")) == before

    def test_contracts(self, room, found, rows_of):
        heading = ("工号", "合同类型", "开始日期", "结束日期", "第几次签订", "试用期至")
        assert found(
            "合同",
            heading,
            ("X1", "固定期限", "2024-01-01", "2026-12-31", "", ""),
            ("A1", "终身", "2024-01-01", "", "", ""),
            ("A1", "固定期限", "2024-01-01", "2023-12-31", "", ""),
            ("A2", "固定期限", "2024-01-01", "", "", ""),
            ("A2", "无固定期限", "2024-01-01", "", 1.5, ""),
            ("A3", "固定期限", "2024-01-01", "2024-06-30", 1, "2024-06-30"),
        )[:2] == ["2, 工号: there is nobody with the employee number X1", "3, 合同类型: 终身 is none of those that there are"]
        before = rows_of("contract")

        key = room.take({"合同": [heading, ("A1", "固定期限", 45292, "2026/12/31", 1, ""), ("A2", "无固定", "2024.1.1", "", "", "")]})

        assert len(rows_of("contract")) == 2
        room.undo(key)
        assert rows_of("contract") == before

    def test_leave_balances(self, room, found):
        heading = ("工号", "假期类型", "余额", "截至日期")
        assert found(
            "假期余额", heading, ("A1", "年休假", "许多", "2026-10-31"), ("A1", "没有假", 1, "2026-10-31"), ("A1", "年休假", 1, "")
        ) == [
            "2, 余额: 许多 is no number",
            "3, 假期类型: 没有假 is none of those that there are",
            "4, 截至日期: this cell is empty",
        ]

        key = room.take({"假期余额": [heading, ("A1", "年休假", "7.5", date(2026, 10, 31)), ("A2", "annual", 5.0, 46326)]})

        with pytest.raises(Exception, match="never taken away"):
            room.undo(key)

    def test_rosters(self, room, found, rows_of, database):
        with database.writing() as uow:
            roster.add_shift(uow, "早班", "早", ShiftTerms(parts=(ShiftPart(start=540, end=1080),)), date(2026, 1, 1), TESTER, NOW)
        assert found("排班", ("工号", "姓名", "2026-12-01"), ("A1", "王伟", "夜"), ("A1", "王伟", "早")) == [
            "2, 2026-12-01: 夜 is none of those that there are",
            "3, 工号: the same is in row 2",
        ]
        assert found("排班", ("工号", "姓名"), ("A1", "王伟")) == ["1: a roster needs days"]

        key = room.take({"排班": [("工号", "姓名", date(2026, 12, 1), "2026/12/2", 46359), ("A1", "王伟", "早", "休", "")]})

        assert len(rows_of("roster_entry")) == 2
        room.undo(key)
        assert rows_of("roster_entry") == []

    def test_enrolments(self, room, found, rows_of):
        heading = ("工号", "站点", "考勤号", "生效日期", "失效日期")
        before = rows_of("enrolment")
        assert found(
            "登记",
            heading,
            ("X1", "hq", "9", "2026-01-01", ""),
            ("A1", "没有", "9", "2026-01-01", ""),
            ("A1", "hq", "2", "2026-01-01", ""),
            ("A1", "hq", "9", "2026-01-05", "2026-01-01"),
            ("A1", "hq", "", "2026-01-05", ""),
        ) == [
            "2, 工号: there is nobody with the employee number X1",
            "3, 站点: 没有 is none of those that there are",
            "4, 考勤号: The terminal user 2 is 李娜 from 2020-01-01 on",
            "5, 失效日期: the last day must not be before the first",
            "6, 考勤号: this cell is empty",
        ]

        key = room.take({"登记": [heading, ("A1", "上海总部", 901.0, date(2026, 1, 5), "")]})

        assert len(rows_of("enrolment")) == len(before) + 1
        room.undo(key)
        assert rows_of("enrolment") == before

    def test_past_punches(self, room, found, rows_of):
        heading = ("考勤机", "考勤号", "日期", "时间")
        assert found(
            "打卡记录",
            heading,
            ("T9", 1, "2026-11-02", "8:58"),
            ("T1", 77, "2026-11-02", "8:58"),
            ("T1", 1, "11月2日", "8:58"),
            ("T1", 1, "2026-11-02", "25:00"),
            ("T1", 1, "2126-11-02", "8:58"),
            ("T1", 1, "2019-11-02", "8:58"),
        ) == [
            "2, 考勤机: there is no terminal T9",
            "3, 考勤号: nobody is the terminal user 77 on that day",
            "4, 日期: 11月2日 is no date",
            "5, 时间: 25:00 is no time",
            "6, 日期: 2126-11-02 lies in the future",
            "7, 考勤号: nobody is the terminal user 1 on that day",
        ]

        at = datetime(2026, 11, 2, 18, 3, 40)
        rows = [("T1", 1, 46328, 0.3736111111), ("T1", "1", at, "18:03:40"), ("门 T2", 1.0, "2026/11/2", "８：５８")]
        key = room.take({"打卡记录": [heading, *rows]})

        assert sorted(one.split(", ")[1] for one in rows_of("punch")) == ["20261102085800", "20261102085800", "20261102180340"]
        with pytest.raises(Exception, match="never taken away"):
            room.undo(key)


def test_an_import_that_another_one_has_overtaken_is_looked_at_again_and_stores_nothing(room):
    first = room.receive({"员工": [("工号", "姓名", "站点", "考勤号"), ("N1", "赵静", "hq", "901")]})
    room.take({"员工": [("工号", "姓名", "站点", "考勤号"), ("N2", "钱进", "hq", "901")]})

    room.store(first)

    one, outcome = room.see(first)
    assert one.state == "checked"
    assert said(outcome) == ["员工: row 2, 考勤号: the terminal user 901 is employee N2 then; end that enrolment first"]
    assert "N1" not in room.people()


def test_ten_thousand_broken_rows_give_a_short_answer(room):
    rows = [(f"N{one:05}", "", "没有的部门", "明天") for one in range(10_000)]
    begun = time.process_time()

    outcome = room.look({"员工": [("工号", "姓名", "部门", "入职日期"), *rows]})

    assert outcome.findings >= 10_000
    assert {one.problem for one in outcome.sheets[0].findings} == {"this cell is empty"}
    assert time.process_time() - begun < 30
