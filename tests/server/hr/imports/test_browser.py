"""HR imports 200 people with mistakes, mends them in the file that came back marked, stores them, and takes it all back; in Chromium."""

import io
from collections.abc import Iterator
from datetime import date

import pytest
from playwright.sync_api import expect
from python_calamine import load_workbook

from server.access.model import PERMISSIONS, Role
from server.directory import actions as directory
from server.hr.imports import actions as imports, jobs, pages
from server.ingest import pages as ingest_pages
from server.web import long_work
from tests.support.browser import PHONE, Desk, hurdles, overflow, running_chromium
from tests.support.company import found_company
from tests.support.jobs import do_all
from tests.support.live import served
from tests.support.pages import Reader, browse
from tests.support.workbooks import workbook

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
HEADING = ("工号", "姓名", "部门", "站点", "考勤号", "生效日期", "入职日期", "手机号")
MISTAKES = {3: ("部门", "没有的部门"), 50: ("入职日期", "明天"), 77: ("手机号", "123"), 120: ("部门", "没有的部门")}


def people(*, mended: bool) -> list[tuple[object, ...]]:
    rows = []
    for one in range(200):
        cells = [f"N{one:04}", f"员工{one}", "RND", "hq", 1000 + one, date(2026, 1, 5), "2024年3月1日", f"138{one:08}"]
        if not mended and one in MISTAKES:
            column, wrong = MISTAKES[one]
            cells[HEADING.index(column)] = wrong
        rows.append(tuple(cells))
    return [HEADING, *rows]


@pytest.fixture
def dialect() -> str:
    return "sqlite"


@pytest.fixture
def desk(database) -> Iterator:
    found_company(database)
    visitor = Reader(frozenset(map(str, PERMISSIONS[Role.ADMINISTRATOR])))
    app = browse(database, (pages.router, ingest_pages.router, long_work.router), visitor).client.app
    with served(app) as base, running_chromium() as chromium:
        opened = Desk(chromium, base)
        yield opened
        faults = list(opened.faults)
        opened.close()
    assert faults == []


def test_two_hundred_people_with_mistakes_are_mended_stored_and_undone(desk, database):
    def hand_in(rows):
        page.set_input_files("input[type=file]", {"name": "花名册.xlsx", "mimeType": XLSX, "buffer": workbook({"员工": rows})})
        page.get_by_role("button", name="查看").click()
        expect(page.get_by_text("正在检查 花名册.xlsx")).to_be_visible()
        do_all(database, jobs.kinds(database, imports.nothing_enrolled))  # the page sees that it has ended, and loads itself anew

    page = desk.open("/imports")
    assert hurdles(page) == []
    hand_in(people(mended=False))
    expect(page.get_by_text("没有部门 没有的部门").first).to_be_visible()
    expect(page.get_by_role("button", name="确认导入")).to_have_count(0)
    assert hurdles(page) == []
    with page.expect_download() as download:
        page.get_by_role("link", name="下载标出错误单元格的文件").click()
    book = load_workbook(io.BytesIO(download.value.path().read_bytes()))
    found = book.get_sheet_by_name("问题清单").to_python()
    assert [row[1:3] for row in found[1:]] == [[5, "部门"], [52, "入职日期"], [79, "手机号"], [122, "部门"]]

    page.get_by_role("link", name="上传改正后的文件").click()
    hand_in(people(mended=True))
    page.get_by_role("button", name="确认导入 200 行").click()
    expect(page.get_by_text("正在保存 花名册.xlsx")).to_be_visible()
    do_all(database, jobs.kinds(database, imports.nothing_enrolled))
    page.get_by_role("button", name="撤销此导入").wait_for()
    page.wait_for_load_state()
    with database.reading() as uow:
        assert len(directory.people_by_number(uow)) == 203
    page.set_viewport_size(PHONE)
    assert overflow(page) == 0
    assert hurdles(page) == []

    page.locator("input[name=reason]").fill("用错了文件")
    page.get_by_role("button", name="撤销此导入").click()
    expect(page.get_by_text("用错了文件").first).to_be_visible()
    with database.reading() as uow:
        assert len(directory.people_by_number(uow)) == 3
    desk.open("/enrolments")
    assert overflow(page) == 0
    assert hurdles(page) == []
