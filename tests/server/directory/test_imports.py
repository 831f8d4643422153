"""Files of sites, departments and people, on both databases."""

import csv
import io
import time
from datetime import UTC, date, datetime

import pytest
from hypothesis import HealthCheck, example, given, settings, strategies as st

from server.audit import store as trail
from server.audit.actions import verify
from server.directory import store
from server.directory.actions import (
    add_pay_group,
    add_person,
    add_position,
    end_enrolment,
    enrol,
    import_departments,
    import_people,
    import_sites,
    terms_of,
)
from server.directory.engine import clean
from server.directory.model import sort_key
from server.fleet import actions as fleet
from server.storage import Database
from tests.support.company import NOW, TESTER, found_company


@pytest.fixture
def take(database):
    """Import a text in a transaction of its own."""

    def run(work, text, *, now=NOW, dry_run=False):
        with database.reading() if dry_run else database.writing() as uow:
            return work(uow, text.encode(), TESTER, now, dry_run=dry_run)

    return run


@pytest.fixture
def person(database):
    def find(number):
        with database.reading() as uow:
            return store.person_by_number(uow, number)

    return find


@pytest.fixture
def enrolments(database):
    def find(number):
        with database.reading() as uow:
            found = store.enrolments_of(uow, store.person_by_number(uow, number).id)
        return [(one.terminal_user, one.valid_from, one.valid_until) for one in found]

    return find


def said(report):
    return [str(one) for one in report.findings]


class TestSites:
    def test_a_site_comes_with_a_zone_of_its_own_and_the_default_time_zone(self, take, database):
        report = take(import_sites, "站点编码,站点名称\nplant,苏州工厂\n")

        assert (report.new, report.stored) == (1, True)
        with database.reading() as uow:
            (site,) = fleet.list_sites(uow)
            assert (site.code, site.name, site.time_zone) == ("plant", "苏州工厂", "Asia/Shanghai")
            assert fleet.own_zone(uow, site).code == "plant"

    def test_importing_it_again_changes_nothing(self, take):
        text = "code,name,time_zone\nplant,苏州工厂,Asia/Shanghai\nhq2,乌鲁木齐,Asia/Urumqi\n"
        take(import_sites, text)

        again = take(import_sites, text)

        assert (again.new, again.changed, again.unchanged, again.findings) == (0, 0, 2, ())

    def test_a_site_that_is_there_is_not_changed_by_a_file(self, take, company):
        report = take(import_sites, "code,name,time_zone\nhq,上海总部,Asia/Tokyo\n")

        assert said(report) == [
            "row 2, time_zone: this site is there with the time zone Asia/Shanghai; write that zone, or leave the row out"
        ]
        report = take(import_sites, "code,name\nhq,总部\n")
        assert said(report) == ["row 2, name: this site is there with the name 上海总部; write that name, or leave the row out"]

    def test_a_look_finds_what_storing_would_refuse(self, take, database):
        with database.writing() as uow:
            fleet.add_zone(uow, "east", "东区", TESTER, NOW)

        report = take(import_sites, "code,name,time_zone\na b,一,\neast,二,\nc,三,Mars/Base\n", dry_run=True)

        assert said(report) == [
            "row 2, code: a code has no spaces; write it without",
            "row 3, code: a zone of terminals has this code; choose another code",
            "row 4, time_zone: Mars/Base is no time zone; a right one is Asia/Shanghai",
        ]


class TestDepartments:
    def test_a_parent_may_stand_further_down_by_code_or_by_name(self, take, database):
        report = take(import_departments, "部门编码,部门名称,上级部门\nHR1,招聘组,人力资源部\nHR,人力资源部,\nHR2,薪酬组,HR\n")

        assert report.new == 3
        with database.reading() as uow:
            found = {one.code: one for one in store.departments(uow)}
        assert found["HR1"].parent_id == found["HR2"].parent_id == found["HR"].id
        assert found["HR"].parent_id is None

    def test_importing_it_again_changes_nothing_and_another_name_or_parent_does(self, take):
        take(import_departments, "code,name,parent\nHR,人力资源部,\nHR1,招聘组,HR\n")

        again = take(import_departments, "code,name,parent\nHR,人力资源部,\nHR1,招聘组,HR\n")
        without_column = take(import_departments, "code,name\nHR1,招聘组\n")
        moved = take(import_departments, "code,name,parent\nHR,人事部,\nHR1,招聘组,\n")

        assert (again.changed, again.unchanged) == (0, 2)
        assert without_column.unchanged == 1
        assert [(one.key, one.before, one.after) for one in moved.changes] == [
            ("HR", {"name": "人力资源部"}, {"name": "人事部"}),
            ("HR1", {"parent": "HR"}, {"parent": ""}),
        ]

    def test_a_circle_is_found_also_through_departments_that_are_there(self, take):
        take(import_departments, "code,name,parent\nA,一,\nB,二,A\nC,三,B\n")

        report = take(import_departments, "code,name,parent\nA,一,C\nD,四,A\n")

        assert said(report) == ["row 2, parent: the departments stand above each other in a circle; leave the parent out"]

    def test_a_parent_that_is_nowhere_or_means_several_is_found(self, take):
        report = take(import_departments, "code,name,parent\nA,组,\nB,组,\nC,三,组\nD,四,X\n")

        assert said(report) == [
            "row 4, parent: several departments have the name 组; write its code",
            "row 5, parent: there is no department X; write the code of one that is there or in this file",
        ]
        assert not report.stored

    def test_a_code_twice_is_found_with_the_other_row(self, take):
        assert said(take(import_departments, "code,name\nA,一\nA,二\n")) == ["row 3, code: the same is in row 2; delete one of the rows"]


PEOPLE = "工号,姓名,部门,站点,考勤号,生效日期,在职\n0012,赵静,RND,hq,0012,2026/1/5,是\nB2,钱进,生产部,上海总部,,,否\n"


class TestPeople:
    def test_people_come_with_department_site_and_enrolment(self, take, company, person, enrolments):
        report = take(import_people, PEOPLE)

        assert (report.new, report.findings) == (2, ())
        one, two = person("0012"), person("B2")
        assert (one.name, one.department_id, one.site_id, one.active) == ("赵静", company.departments["RND"], company.site, True)
        assert (two.department_id, two.site_id, two.active) == (company.departments["PROD"], company.site, False)
        assert enrolments("0012") == [("0012", date(2026, 1, 5), None)]

    def test_importing_it_again_changes_nothing(self, take, company):
        take(import_people, PEOPLE)

        again = take(import_people, PEOPLE)

        assert (again.new, again.changed, again.unchanged, again.findings) == (0, 0, 2, ())

    def test_importing_it_again_changes_nothing_after_an_enrolment_was_ended(self, take, company, database, person, enrolments):
        take(import_people, PEOPLE)
        with database.writing() as uow:
            (one,) = store.enrolments_of(uow, person("0012").id)
            end_enrolment(uow, one.id, date(2027, 6, 30), TESTER, NOW)

        again = take(import_people, PEOPLE)

        assert again.unchanged == 2
        assert enrolments("0012") == [("0012", date(2026, 1, 5), date(2027, 6, 30))]

    def test_a_look_stores_nothing_and_takes_no_lock(self, take, company, person):
        report = take(import_people, PEOPLE, dry_run=True)

        assert (report.new, report.stored, report.entry) == (2, False, None)
        assert person("0012") is None

    def test_one_finding_keeps_the_whole_file_out(self, take, company, person):
        report = take(import_people, PEOPLE + "B3,,RND,hq,,,\n")

        assert said(report) == ["row 4, 姓名: this cell is empty; fill it in, or delete the row"]
        assert not report.stored
        assert person("0012") is None

    def test_a_column_that_the_file_lacks_says_nothing_and_an_empty_cell_says_none(self, take, company, person):
        take(import_people, "工号,姓名\nA1,王小伟\n")
        assert (person("A1").name, person("A1").department_id, person("A1").site_id) == ("王小伟", company.departments["RND"], company.site)

        take(import_people, "工号,姓名,部门,在职\nA1,王小伟,,\n")
        assert (person("A1").department_id, person("A1").site_id, person("A1").active) == (None, company.site, True)

    def test_who_is_not_in_the_file_stays(self, take, company, person):
        take(import_people, PEOPLE)

        assert person("A1").active
        assert person("A2").active

    def test_another_name_sorts_in_its_own_place(self, take, company, database):
        take(import_people, "工号,姓名\nA1,张三\n")

        with database.reading() as uow:
            names = [overview.person.name for overview, _ in store.list_people(uow)]
        assert names == sorted(names, key=sort_key)

    def test_a_path_names_a_department_where_a_name_means_several(self, take, company, person):
        take(import_departments, "code,name,parent\nX,一厂,\nY,二厂,\nX1,质检,X\nY1,质检,Y\n")

        wrong = take(import_people, "工号,姓名,部门\nP1,周,质检\n")
        right = take(import_people, "工号,姓名,部门\nP1,周,一厂 / 质检\nP2,吴,二厂\\质检\n")

        assert said(wrong) == ["row 2, 部门: several departments have the name 质检; write its code"]
        assert right.stored
        assert person("P1").department_id != person("P2").department_id

    def test_words_that_mean_nothing_are_found_with_their_row_and_heading(self, take, company):
        rows = [
            "C1,甲,NO,hq,,,是",
            "C2,乙,RND,nowhere,7,,是",
            "C3,丙,RND,hq,9,下周,是",
            "C4,丁,RND,hq,,2026-01-01,也许",
            "C5,戊,RND,,10,,是",
        ]

        report = take(import_people, "工号,姓名,部门,站点,考勤号,生效日期,在职\n" + "\n".join(rows))

        assert said(report) == [
            "row 2, 部门: there is no department NO; import it first, or write its code",
            "row 3, 站点: there is no site nowhere; import it first, or write its code",
            "row 4, 生效日期: 下周 is no date; write it as 2026-11-23",
            "row 5, 在职: 也许 is neither yes nor no; write yes or no",
            "row 5, 生效日期: a day is there, but no terminal user; write the terminal user, or empty this cell",
            "row 6, 考勤号: a terminal user needs a site; write the person's site",
        ]

    def test_a_row_twice_is_found(self, take, company):
        assert said(take(import_people, "工号,姓名\nZ,一\nZ,二\n")) == ["row 3, 工号: the same is in row 2; delete one of the rows"]

    def test_the_trail_tells_file_and_changes_and_still_holds(self, take, company, database):
        report = take(import_people, "工号,姓名,站点,考勤号,生效日期\nA1,王大伟,hq,1,2020-01-01\nN1,新人,hq,55,2026-01-05\n")

        with database.reading() as uow:
            row = trail.newest(uow, limit=1)[0]
            assert verify(uow).broken is None
        assert (row.id, row.action, row.subject_kind, row.subject) == (report.entry, "person.import", "import", "people")
        assert row.before == {"A1": {"name": "王伟"}}
        assert row.after["rows"]["A1"] == {"name": "王大伟"}
        assert row.after["rows"]["N1"]["terminal_user"] == "55"
        assert len(row.after["sha256"]) == 64


class TestEmployments:
    """What a file says of employments becomes events; on the day of the import where it names none."""

    @pytest.fixture
    def employments(self, database, person):
        def read(number):
            with database.reading() as uow:
                return store.employments_of(uow, [person(number).id])[person(number).id]

        return read

    @pytest.fixture
    def terms(self, database, person):
        def read(number, day):
            with database.reading() as uow:
                (span,) = terms_of(uow, [person(number).id], day, day)[person(number).id]
            return span.terms

        return read

    @pytest.fixture
    def lists(self, database):
        with database.writing() as uow:
            return add_position(uow, "OP", "操作工", TESTER, NOW), add_pay_group(uow, "M", "月薪", 26, TESTER, NOW)

    def test_somebody_new_comes_with_all_terms(self, take, company, lists, person, employments, terms):
        heading = "工号,姓名,部门,入职日期,岗位,上级工号,用工形式,工时制度,薪资组,离职日期"

        report = take(import_people, f"{heading}\nN1,甲,RND,2026-03-01,操作工,N2,实习生,综合工时,M,2026-12-31\nN2,乙,,,,A1,,,,\n")

        assert report.findings == ()
        (one,) = employments("N1")
        assert (one.hired_on, one.hired_on_known, one.left_on) == (date(2026, 3, 1), True, date(2026, 12, 31))
        found = terms("N1", date(2026, 3, 1))
        assert (found.department_id, found.position_id, found.pay_group_id) == (company.departments["RND"], lists[0].id, lists[1].id)
        assert (found.manager_id, found.kind.value, found.hours_system.value) == (person("N2").id, "intern", "comprehensive")
        assert (employments("N2")[0].hired_on, employments("N2")[0].hired_on_known) == (NOW.date(), False)

    def test_what_changes_holds_from_the_change_date_on_and_importing_it_again_changes_nothing(self, take, company, terms):
        text = "工号,姓名,部门,用工形式,上级工号,异动日期\nA1,王伟,PROD,非全日制,A2,2026-11-10\n"

        first, again = take(import_people, text), take(import_people, text)

        assert (first.changed, again.unchanged) == (1, 1)
        assert terms("A1", date(2026, 11, 9)).department_id == company.departments["RND"]
        assert terms("A1", date(2026, 11, 10)).department_id == company.departments["PROD"]
        assert terms("A1", date(2026, 11, 10)).kind.value == "part-time"
        assert terms("A1", date(2026, 11, 10)).manager_id == company.people["A2"]

    def test_a_second_file_of_the_same_day_corrects_the_first(self, take, company, terms, employments):
        take(import_people, "工号,姓名,部门,用工形式\nA1,王伟,PROD,实习\n")

        take(import_people, "工号,姓名,部门\nA1,王伟,\n")

        assert terms("A1", NOW.date()).department_id is None
        assert terms("A1", NOW.date()).kind.value == "intern"
        assert [event.in_force for event in employments("A1")[0].events] == [True, False, True, True]

    def test_leaving_hiring_again_and_the_real_hire_date(self, take, company, person, employments):
        take(import_people, "工号,姓名,入职日期,离职日期\nA1,王伟,2021-05-06,2026-11-20\n")
        assert not person("A1").active
        assert [(one.hired_on, one.hired_on_known, one.left_on) for one in employments("A1")] == [
            (date(2021, 5, 6), True, date(2026, 11, 20)),
        ]

        take(import_people, "工号,姓名,在职,入职日期\nA1,王伟,是,2026-11-22\n")

        assert person("A1").active
        assert person("A1").department_id == company.departments["RND"], "as before"
        assert [one.hired_on for one in employments("A1")] == [date(2021, 5, 6), date(2026, 11, 22)]

    def test_who_is_said_to_be_employed_no_more_has_left_yesterday(self, take, company, person, employments):
        take(import_people, "工号,姓名,在职\nA1,王伟,否\n")

        assert not person("A1").active
        assert employments("A1")[0].left_on == date(2026, 11, 22)

    def test_what_cannot_be_is_found_with_row_and_column(self, take, company, lists):
        rows = [
            "C1,甲,明天,,,,,,,",
            "C2,乙,,无,,,,,,",
            "C3,丙,,,C3,,,,,",
            "C4,丁,,,,海盗,,,,",
            "C5,戊,2026-05-01,,,,,2026-04-30,,",
            "A1,王伟,,,,,,,2019-01-01,",
            "A2,李娜,,,,,,2026-11-01,,是",
            "A3,张敏,,,,,,2019-01-01,,",
            "C6,己,,,C7,,,,,",
            "C7,庚,,,C6,,,,,",
            "C8,辛,,,,,,,2026-11-01,",
        ]
        heading = "工号,姓名,入职日期,岗位,上级工号,用工形式,薪资组,离职日期,异动日期,在职"

        report = take(import_people, f"{heading}\n" + "\n".join(rows))

        assert not report.stored
        assert [one.partition(";")[0] for one in said(report)] == [
            "row 2, 入职日期: 明天 is no date",
            "row 3, 岗位: there is no position 无",
            "row 4, 上级工号: C3 cannot be this person's manager",
            "row 4, 上级工号: people manage each other in a circle",
            "row 5, 用工形式: 海盗 is none of those that there are",
            "row 6, 离职日期: the last day of work lies before the first, 2026-05-01",
            "row 7, 异动日期: the employment begins on 2020-01-01: choose that day or a later one",
            "row 8, 离职日期: the person is employed, but the last day of work is over",
            "row 9, 离职日期: the employment begins on 2020-01-01: choose that day or a later one",
            "row 10, 上级工号: people manage each other in a circle",
            "row 11, 上级工号: people manage each other in a circle",
            "row 12, 异动日期: a day of change is there, but the person is new",
        ]


class TestEnrolments:
    def row(self, number="A1", user="1", since=""):
        return f"工号,姓名,站点,考勤号,生效日期\n{number},王伟,hq,{user},{since}\n"

    def test_without_a_day_it_holds_from_today_on_the_sites_clock(self, take, company, enrolments):
        late = datetime(2026, 11, 23, 17, 0, tzinfo=UTC)  # in Shanghai it is the next day

        take(import_people, self.row(user="77"), now=late)

        assert ("77", date(2026, 11, 24), None) in enrolments("A1")

    def test_what_holds_already_is_unchanged_with_its_day_or_without_one(self, take, company):
        assert take(import_people, self.row()).unchanged == 1
        assert take(import_people, self.row(since="2020-01-01")).unchanged == 1

    @pytest.mark.parametrize("since", ["2019-01-01", "2026-01-01"])
    def test_another_day_than_the_one_that_is_stored_is_found(self, take, company, since):
        assert said(take(import_people, self.row(since=since))) == [
            "row 2, 生效日期: this person is the terminal user 1 from 2020-01-01 on already; write that day, or empty this cell"
        ]

    def test_somebody_elses_terminal_user_is_found(self, take, company):
        assert said(take(import_people, self.row("A2", "1"))) == [
            "row 2, 考勤号: the terminal user 1 is employee A1 then; end that enrolment first"
        ]

    def test_two_rows_cannot_be_the_same_terminal_user(self, take, company):
        report = take(import_people, self.row("N1", "88") + "N2,李娜,hq,88,\n")

        assert said(report) == ["row 3, 考勤号: the terminal user 88 is employee N1 then; end that enrolment first"]

    def test_a_terminal_user_that_became_free_can_be_given_to_somebody_else(self, take, company, database, enrolments):
        with database.writing() as uow:
            (held,) = store.enrolments_of(uow, company.people["A1"])
            end_enrolment(uow, held.id, date(2026, 6, 30), TESTER, NOW)

        early = take(import_people, self.row("A2", "1", "2026-06-30"))
        right = take(import_people, self.row("A2", "1", "2026-07-01"))

        assert len(early.findings) == 1
        assert right.stored
        assert ("1", date(2026, 7, 1), None) in enrolments("A2")

    def test_an_enrolment_that_begins_later_is_in_the_way_of_one_that_would_go_on(self, take, company, database):
        with database.writing() as uow:
            other = add_person(uow, "L1", "后来", TESTER, NOW, site_id=company.site)
            enrol(uow, other.id, company.zone, "99", date(2027, 1, 1), TESTER, NOW)

        report = take(import_people, self.row("A2", "99", "2026-01-01"))

        assert said(report) == ["row 2, 考勤号: the terminal user 99 is employee L1 then; end that enrolment first"]


def test_five_thousand_people_take_a_few_seconds(take, company, database):
    lines = [f"N{number:05},员工{number},RND,hq,{number + 1000:05},2026-01-01" for number in range(5_000)]
    text = "工号,姓名,部门,站点,考勤号,生效日期\n" + "\n".join(lines)

    begun = time.process_time()
    first, again = take(import_people, text), take(import_people, text)

    assert (first.new, again.unchanged) == (5_000, 5_000)
    assert time.process_time() - begun < 20  # about 2


WORDS = {
    "工号": ["A1", "A2", "0007", "N1", " '0008", "", "1E+5"],
    "姓名": ["王伟", "新人", "李娜", "", "a\nb", "#N/A"],
    "部门": ["RND", "生产部", "", "nix"],
    "站点": ["hq", "上海总部", "", "nix"],
    "在职": ["是", "no", "", "maybe"],
    "考勤号": ["", "1", "2", "0099", "0100"],
    "生效日期": ["", "2020-01-01", "2026/2/3", "never"],
}
OPTIONAL = list(WORDS)[2:]


def claims(headings):
    """Rows of cells; mostly such that can be stored, now and then one cell more than there are headings."""
    cell = {name: st.one_of(st.sampled_from(words[:3]), st.sampled_from(words)) for name, words in WORDS.items()}
    row = st.tuples(*(cell[name] for name in headings)).map(list)
    longer = st.tuples(row, st.sampled_from(["", "", "", "beyond"])).map(lambda both: both[0] + [both[1]])
    return st.tuples(st.just(headings), st.lists(st.one_of(row, row, row, longer), min_size=1, max_size=3))


@settings(max_examples=80, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.sampled_from(OPTIONAL), unique=True).flatmap(lambda more: st.permutations(["工号", "姓名", *more])).flatmap(claims))
@example((["工号", "姓名"], [["A1", "王伟", "beyond"]]))
@example((["工号", "姓名", "站点", "考勤号", "生效日期"], [["A1", "王伟", "hq", "1", "2026/2/3"]]))
def test_every_cell_of_every_row_is_stored_or_in_a_finding(new_database_url, file):
    """A model of what a file claims: after the import each claim holds in the database, or the file was refused with findings."""
    headings, lines = file
    database = Database(new_database_url("sqlite"))
    company = found_company(database)
    buffer = io.StringIO()
    csv.writer(buffer).writerows([headings, *lines])

    with database.writing() as uow:
        report = import_people(uow, buffer.getvalue().encode(), TESTER, NOW)

    told = {one.row for one in report.findings}
    filled = [(number, line) for number, line in enumerate(lines, 2) if any(map(clean, line))]
    with database.reading() as uow:
        for number, line in filled:
            if not report.stored:
                break
            assert not any(map(clean, line[len(headings) :])), f"row {number} has a cell that nobody told of"
            cells = dict(zip(headings, map(clean, line), strict=False))
            one = store.person_by_number(uow, cells["工号"])
            assert one is not None
            assert one.name == cells["姓名"]
            if cells.get("部门"):
                assert one.department_id == company.departments[{"RND": "RND", "生产部": "PROD"}[cells["部门"]]]
            if cells.get("站点"):
                assert one.site_id == company.site
            if cells.get("在职"):
                assert one.active is (cells["在职"] == "是")
            held = [span for span in store.enrolments_of(uow, one.id) if span.terminal_user == cells.get("考勤号")]
            if cells.get("考勤号"):
                assert held
            if cells.get("生效日期"):
                assert any(str(span.valid_from) == {"2026/2/3": "2026-02-03"}.get(cells["生效日期"], cells["生效日期"]) for span in held)
    assert report.stored or told
    assert not (report.stored and told)
    assert report.new + report.changed + report.unchanged + len(told) >= len(filled)
    database.close()
