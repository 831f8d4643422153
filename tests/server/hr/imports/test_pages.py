"""The import room in the real application: hand in, look, say who is whom, mend, store, undo; and its calls for programs."""

import io
import re
from datetime import UTC, date, datetime
from html import unescape
from pathlib import Path

import pytest
from python_calamine import load_workbook

import server.hr.imports
from server.access.model import PERMISSIONS, Permission, Role, Scope
from server.directory import actions as directory
from server.hr.imports import actions as imports, jobs, pages
from server.web import language
from tests.support.company import TESTER
from tests.support.jobs import do_all
from tests.support.pages import Reader, browse
from tests.support.workbooks import workbook

BROKEN = [("工号", "姓名", "部门", "手机号"), ("N1", "赵静", "没有", "123"), ("N2", "钱进", "RND", "")]
GOOD = [("工号", "姓名", "部门", "手机号"), ("N1", "赵静", "RND", "13800138000"), ("A1", "王小伟", "RND", "")]


@pytest.fixture
def dialect():
    return "sqlite"


@pytest.fixture
def visit(database, company):
    return lambda who=Role.HR: browse(database, (pages.router,), who)


@pytest.fixture
def hr(visit):
    return visit()


@pytest.fixture
def hand_in(database):
    def send(browser, rows, name="人员.xlsx", sheet="员工"):
        data = rows if isinstance(rows, bytes) else workbook({sheet: rows})
        answer = browser.post("/imports", {"kind": ""}, files={"file": (name, data, "application/octet-stream")})
        do_all(database, jobs.kinds(database, imports.nothing_enrolled))
        return answer

    return send


def words_of(answer):
    text = re.sub(r"<(script|style)[^>]*>.*?</\1>", "", answer.text, flags=re.DOTALL)
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", text)).split())


def test_a_file_with_mistakes_is_marked_mended_stored_and_undone(hr, hand_in, database):
    assert "No file has been imported yet" in words_of(hr.get("/imports"))
    broken = hand_in(hr, BROKEN).headers["location"]
    page = words_of(hr.get(broken))
    assert "there is no department 没有" in page
    assert hr.post(f"{broken}/store").status_code == 409
    book = load_workbook(io.BytesIO(hr.get(f"{broken}/findings.xlsx").content))
    assert book.sheet_names == ["员工", "Findings"]
    assert book.get_sheet_by_name("Findings").to_python()[1][:3] == ["员工", 2.0, "部门"]

    good = hand_in(hr, GOOD).headers["location"]
    assert "Store 2 rows" in words_of(hr.get(good))
    assert "138****8000" in words_of(hr.get(good))
    assert hr.post(f"{good}/store").headers["location"] == good
    do_all(database, jobs.kinds(database, imports.nothing_enrolled))
    assert "Every row is put back as it was before" in words_of(hr.get(good))
    assert "name" in hr.get(f"{good}/changes.csv").text

    assert hr.post(f"{good}/undo", {"reason": ""}).status_code == 422
    assert hr.post(f"{good}/undo", {"reason": "wrong month"}).status_code == 303
    assert "wrong month" in words_of(hr.get(good))
    with database.reading() as uow:
        assert "N1" not in directory.people_by_number(uow)
        assert directory.find_person(uow, "A1").name == "王伟"


def test_what_was_built_on_it_stands_in_the_way(hr, hand_in, database, company):
    place = hand_in(hr, GOOD).headers["location"]
    hr.post(f"{place}/store")
    do_all(database, jobs.kinds(database, imports.nothing_enrolled))
    with database.writing() as uow:
        new = directory.find_person(uow, "N1")
        directory.enrol(uow, new.id, company.zone, "77", date(2026, 11, 1), TESTER, datetime.now(UTC))

    assert "built on it: enrolments: 1" in words_of(hr.get(place))
    assert hr.post(f"{place}/undo", {"reason": "x"}).status_code == 409


def test_a_new_person_who_may_be_here_already_waits_for_a_word(hr, hand_in, database):
    known = [("工号", "姓名", "手机号"), ("A1", "王伟", "13800138000")]
    place = hand_in(hr, known).headers["location"]
    hr.post(f"{place}/store")
    do_all(database, jobs.kinds(database, imports.nothing_enrolled))

    place = hand_in(hr, [("工号", "姓名", "手机号"), ("N9", "王玮", "138 0013 8000")]).headers["location"]
    page = hr.get(place).text
    assert "the same mobile number" in page
    assert hr.post(f"{place}/store").status_code == 409
    key = re.search(r'name="(pair-[^"]+)"', page)[1]
    assert hr.post(f"{place}/choices", {key: "nonsense"}).status_code == 422
    hr.post(f"{place}/choices", {key: "same"})
    do_all(database, jobs.kinds(database, imports.nothing_enrolled))
    hr.post(f"{place}/store")
    do_all(database, jobs.kinds(database, imports.nothing_enrolled))

    with database.reading() as uow:
        people = directory.people_by_number(uow)
    assert people["A1"].name == "王玮"
    assert "N9" not in people


def test_who_may_not_gets_nothing(visit, hand_in, hr):
    place = hand_in(hr, GOOD).headers["location"]
    limited = visit(Reader(frozenset(map(str, PERMISSIONS[Role.HR])), sees=Scope(entities=frozenset({1}))))

    assert visit(Role.IT).get(place).status_code == 403
    assert [limited.get(one).status_code for one in ("/imports", place, f"{place}/findings.xlsx")] == [409, 409, 409]
    assert hand_in(limited, GOOD).status_code == 409


def test_templates_are_there_in_both_languages_and_come_back_without_findings(visit, hand_in):
    hr = visit()
    for name, first in (("zh", "工号"), ("en", "employee number")):
        book = load_workbook(io.BytesIO(hr.get("/imports/template.xlsx?kind=people", name).content))
        assert book.get_sheet_by_index(1).to_python()[0][0] == first
    every = hr.get("/imports/template.xlsx", "zh").content
    assert "填写说明" in load_workbook(io.BytesIO(every)).sheet_names
    page = words_of(hr.get(hand_in(hr, every).headers["location"]))
    assert "there is nothing to do" in page, page


@pytest.mark.parametrize("data", [b"", b"\xd0\xcf\x11\xe0old", b"PK\x03\x04broken", b"\xff\xfe\x00", b"x" * (10 * 1024 * 1024 + 1)])
def test_what_is_no_file_of_ours_is_refused_in_words(hr, hand_in, data):
    answer = hand_in(hr, data)

    assert answer.status_code == 422
    assert 'role="alert"' in answer.text


class TestPrograms:
    def send(self, browser, data, query="", kind="people"):
        headers = {"sec-fetch-site": "same-origin", "accept-language": "en"}
        return browser.client.post(
            f"/api/v1/imports/{kind}{query}", content=data if isinstance(data, bytes) else data.encode(), headers=headers
        )

    def test_a_program_looks_stores_finds_and_undoes(self, hr):
        text = "工号,姓名\nN1,赵静\n"
        looked, stored = self.send(hr, text, "?dry_run=true").json(), self.send(hr, text).json()

        assert (looked["new"], looked["stored"], looked["id"]) == (1, False, None)
        assert (stored["new"], stored["stored"]) == (1, True)
        listed = hr.get("/api/v1/imports").json()["imports"]
        assert [(one["id"], one["state"]) for one in listed] == [(stored["id"], "stored")]
        headers = {"sec-fetch-site": "same-origin"}
        undone = hr.client.post(f"/api/v1/imports/{stored['id']}/undo", json={"reason": "again"}, headers=headers).json()
        assert undone["state"] == "undone"
        assert hr.get(f"/api/v1/imports/{stored['id']}").json()["undo_reason"] == "again"

    def test_findings_and_bad_kinds_are_told(self, hr):
        (found,) = self.send(hr, "工号,姓名\nN1,\n").json()["findings"]
        assert (found["row"], found["column"], found["problem"]) == (2, "姓名", "this cell is empty")
        assert self.send(hr, workbook({"员工": GOOD}), kind="workbook").json()["stored"]
        assert self.send(hr, "x", kind="x").json()["code"] == "invalid-input"


def test_every_text_of_the_room_has_its_chinese(hr, hand_in):
    hr.language = "zh"
    said = words_of(hr.get(hand_in(hr, BROKEN).headers["location"])) + words_of(hr.get("/imports"))
    assert not re.findall(r"[A-Za-z]{4,}", re.sub(r"xlsx|tester|Clockbridge|English|SHA", "", said)), said
    folder = Path(server.hr.imports.__path__[0])
    wanted = set()
    for page in folder.rglob("*.html"):
        wanted |= {one or other for one, other in re.findall(r"""_\((?:"([^"]+)"|'([^']+)')""", page.read_text(encoding="utf-8"))}
    for file in folder.rglob("*.py"):
        source = re.sub(r'""".*?"""', "", file.read_text(encoding="utf-8"), flags=re.DOTALL)
        wanted |= set(re.findall(r'(?:reason=|told = |remedy = |row, "[a-z_]+", |in_sheet\()"([^"]* [^"]*)"', source))
    assert wanted - language.chinese().keys() == set()


def test_permissions_of_columns(visit, hand_in):
    few = visit({Permission.CHANGE_PEOPLE, Permission.SEE_PEOPLE})

    page = words_of(few.get(hand_in(few, GOOD).headers["location"]))

    assert "your account may not change what stands in this column" in page
