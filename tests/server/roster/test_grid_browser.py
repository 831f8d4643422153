"""The roster grid in a real browser: drawn by mouse and keyboard, undone, published; 500 people; a phone."""

import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from playwright.sync_api import expect

from server.directory.actions import list_people
from server.migrations import migrate
from server.roster import actions as roster, pages, routes
from server.roster.actions import CellChange
from server.roster.engine.marks import PATTERN, REST
from server.storage import Database
from tests.support.browser import PHONE, Desk, hurdles, overflow, running_chromium, words_on
from tests.support.company import NOW, TESTER, found_company
from tests.support.live import served
from tests.support.pages import browse
from tests.support.rosters import make_shifts, make_week

FIRST = date(2026, 10, 12)
ADDRESS = f"/roster?first={FIRST}&span=two-weeks"
WEEK = "常常常常常休休常常常常常休休"
MAY = {"see-roster", "change-roster", "see-people"}


class Grid:
    """A page with the grid, as somebody uses it. Rows and columns count from 0; a row is told by its signs."""

    def __init__(self, desk: Desk, address: str = ADDRESS) -> None:
        self.desk, self.page, self.keys = desk, desk.open(address), desk.page.keyboard
        self.cell(0, 0).wait_for()

    def cell(self, row, column):
        return self.page.locator(f"#c{row}-{column}")

    def row(self, row):
        return "".join(self.page.locator(f"#roster tr[data-row='{row}'] td[data-column]").all_inner_texts())

    def reads(self, row, column, sign):
        """Wait until a cell does. Not by a function to wait for: from its second look on the page's policy against eval forbids it."""
        self.page.locator(f"#c{row}-{column}", has_text=sign).wait_for()

    def click(self, row, column, **more):
        self.cell(row, column).click(**more)

    def press(self, *keys):
        for key in keys:
            self.keys.press(key)
        self.saved()

    def saved(self):
        self.page.locator("#roster[data-state=saved]").wait_for()

    def drag(self, source, target):
        source.drag_to(target)
        self.saved()

    def shift(self, sign):
        return self.page.locator(f".cb-roster-bar [data-sign='{sign}']")


@pytest.fixture(scope="module")
def chromium():
    with running_chromium() as browser:
        yield browser


def company_in(file, people):
    database = Database(f"sqlite:///{file}")
    database.make_file()
    migrate(database)
    company = found_company(database, people)
    with database.writing() as uow:
        shifts = make_shifts(uow)
        make_week(uow, shifts["常"])
    return database, company, shifts


@pytest.fixture
def office(tmp_path):
    """Six people who work by a week of 常, a browser's address, and the database behind it."""
    database, company, shifts = company_in(tmp_path / "office.db", 6)
    with served(browse(database, (pages.router, routes.router), MAY).client.app) as base:
        yield base, database, company, shifts
    database.close()


@pytest.fixture
def desk_of(chromium, office):
    opened = []

    def open_desk(**look):
        opened.append(Desk(chromium, office[0], **look))
        return opened[-1]

    yield open_desk
    for desk in opened:
        desk.close()
    assert [fault for desk in opened for fault in desk.faults] == []


@pytest.fixture
def grid(desk_of):
    return Grid(desk_of())


@pytest.fixture
def wanted(office):
    """What the server holds of somebody's two weeks, as signs; "." is what the pattern gives."""
    _, database, company, shifts = office
    signs = {mark: sign for sign, mark in shifts.items()} | {None: "休"}

    def read(number):
        with database.reading() as uow:
            (days,) = roster.roster_of(uow, [company.people[number]], FIRST, FIRST + timedelta(days=13)).values()
        return "".join("." if (entry := day.draft or day.published) is None else signs[entry.shift_id] for day in days)

    return read


def order(office):
    """Employee numbers in the order of the rows: by the sound of names."""
    database = office[1]
    with database.reading() as uow:
        return [overview.person.employee_number for overview, _ in list_people(uow)]


def test_given_the_keyboard_alone_when_shifts_are_set_copied_filled_and_taken_back_then_the_server_has_what_is_seen(grid, office, wanted):
    people = order(office)
    assert grid.row(0) == WEEK
    grid.page.locator("#roster table").focus()

    grid.press("1", "ArrowRight", "2", "ArrowDown", "0")
    first, second = (grid.page.locator(f".cb-roster-bar button:has(kbd:text-is('{key}'))").get_attribute("data-sign") for key in "12")
    assert (grid.row(0)[:2], grid.row(1)[:2]) == (first + second, "常休")

    grid.press("ArrowUp", "ArrowLeft", "Shift+ArrowRight", "Control+c", "ArrowDown", "ArrowDown", "ArrowLeft", "Control+v")
    assert grid.row(2)[:2] == first + second

    grid.press("Shift+ArrowDown", "Control+d")
    assert grid.row(3)[:2] == first + second
    grid.press("Control+z", "Control+z", "Control+z")
    assert (grid.row(2), grid.row(3), grid.row(1)) == (WEEK, WEEK, WEEK)
    grid.press("Control+Shift+Z")
    assert grid.row(1)[:2] == "常休"

    grid.press("Home", "Control+x", "End", "Control+v")
    assert wanted(people[3]) == "休............常"
    grid.press("Control+a", "Delete")
    assert {grid.row(row) for row in range(6)} == {WEEK}
    assert {wanted(one) for one in people} == {"." * 14}


def test_given_the_mouse_when_shifts_are_dropped_painted_moved_and_filled_then_each_cell_is_right(grid, office, wanted):
    people = order(office)

    grid.drag(grid.shift("夜"), grid.cell(0, 2))
    assert grid.row(0) == "常常夜常常休休常常常常常休休"

    grid.click(0, 2)
    grid.drag(grid.cell(0, 2), grid.cell(1, 5))
    assert (grid.row(0)[:6], grid.row(1)[:6]) == ("常常休常常休", "常常常常常夜")
    grid.keys.down("Control")
    grid.drag(grid.cell(1, 5), grid.cell(2, 6))
    grid.keys.up("Control")
    assert (grid.row(1)[5], grid.row(2)[6]) == ("夜", "夜")

    grid.shift("早").click()
    grid.drag(grid.cell(3, 0), grid.cell(4, 3))
    grid.keys.press("Escape")
    assert [wanted(people[row])[:5] for row in (3, 4)] == ["早早早早."] * 2

    grid.click(5, 1)
    grid.press("3")
    corner = grid.cell(5, 1).bounding_box()
    grid.page.mouse.move(corner["x"] + corner["width"] - 3, corner["y"] + corner["height"] - 3)
    grid.page.mouse.down()
    aim = grid.cell(5, 4).bounding_box()
    grid.page.mouse.move(aim["x"] + 9, aim["y"] + 9, steps=4)
    grid.page.mouse.up()
    grid.saved()
    assert len(set(wanted(people[5])[1:5])) == 1
    assert wanted(people[5])[5:] == "." * 9


def test_given_last_weeks_roster_when_copied_and_a_rotation_filled_in_then_whole_weeks_are_drawn(office, desk_of, wanted):
    _, database, company, shifts = office
    people = order(office)
    with database.writing() as uow:
        before = [CellChange(company.people[people[0]], FIRST - timedelta(days=14 - n), shifts["夜"], PATTERN) for n in range(3)]
        roster.edit_cells(uow, "edit-before", before, TESTER, NOW)
    grid = Grid(desk_of())

    grid.page.click("#roster-copy")
    grid.reads(0, 2, "夜")
    grid.saved()
    assert wanted(people[0]) == "夜夜夜..........."

    grid.click(1, 0)
    grid.click(2, 6, modifiers=["Shift"])
    grid.page.click("#roster-fill")
    grid.page.fill("[name=turns]", "早 早 甲")
    grid.page.click("dialog button[value=fill]")
    expect(grid.page.locator("#roster-rotation [role=status]")).to_contain_text("甲")
    grid.page.fill("[name=turns]", "早 早 夜 休")
    grid.page.fill("[name=offset]", "1")
    grid.page.click("dialog button[value=fill]")
    grid.saved()
    assert (wanted(people[1])[:8], wanted(people[2])[:8]) == ("早早夜休早早夜.", "早夜休早早夜休.")


def test_given_a_reload_and_another_persons_change_when_undone_then_it_is_refused_in_words(office, desk_of, wanted):
    _, database, company, _ = office
    number = order(office)[0]
    grid = Grid(desk_of())
    grid.click(0, 0)
    grid.press("2")
    grid.click(0, 1)
    grid.press("2")

    grid = Grid(grid.desk)
    grid.page.locator("#roster table").focus()
    grid.press("Control+z")
    grid.reads(0, 1, "常")

    person, mark = company.people[number], None
    with database.writing() as uow:
        ((day, *_),) = roster.roster_of(uow, [person], FIRST, FIRST).values()
        mark = day.draft.shift_id
        roster.edit_cells(uow, "edit-other", [CellChange(person, FIRST, REST, mark)], replace(TESTER, name="other"), NOW)
    grid.keys.press("Control+z")
    grid.page.locator("#roster-note:visible").wait_for()
    assert "已" not in wanted(number)
    expect(grid.page.locator("#roster-note")).to_contain_text(str(FIRST))
    grid.reads(0, 0, "休")
    grid.desk.faults[:] = [fault for fault in grid.desk.faults if "409" not in fault]


def test_given_a_lost_connection_when_drawn_on_then_edits_are_kept_over_a_reload_and_sent_when_it_is_back(grid, office, wanted):
    number = order(office)[0]
    grid.desk.context.set_offline(True)
    grid.click(0, 0)
    for key in ("2", "ArrowRight", "2", "ArrowRight", "2", "Control+z"):
        grid.keys.press(key)
    grid.page.locator("#roster[data-state=waiting]").wait_for()
    grid.page.locator("#roster-state", has_text="2").wait_for()
    assert wanted(number) == "." * 14

    grid.desk.context.set_offline(False)
    grid.page.reload()
    grid.saved()
    grid.page.locator("#c0-1.cb-roster-draft").wait_for()
    assert len(set(wanted(number)[:2])) == 1
    assert wanted(number)[2:] == "." * 12
    grid.desk.faults[:] = [fault for fault in grid.desk.faults if "ERR_INTERNET_DISCONNECTED" not in fault]


def test_given_drafts_when_published_then_the_summary_says_what_and_it_can_be_withdrawn(grid, office, wanted):
    number = order(office)[0]
    grid.click(0, 0)
    grid.press("Shift+End")
    grid.drag(grid.shift("夜"), grid.cell(0, 0))
    warned = grid.page.locator("#roster-warned:visible")
    warned.wait_for()
    expect(grid.page.locator(".cb-roster-warned")).not_to_have_count(0)
    grid.cell(0, 6).hover()
    expect(grid.page.locator("#roster-line")).to_contain_text("连续上班第 7 天")

    grid.page.click("#roster-publish")
    grid.page.wait_for_url("**/roster/publish**")
    assert grid.page.locator(".cb-figures strong").all_inner_texts()[:2] == ["1", "14"]
    expect(grid.page.locator("tbody")).to_contain_text("连续上班第 14 天")
    grid.page.click("form[action^='/roster/publish'] button")
    grid.cell(0, 0).wait_for()
    expect(grid.page.locator(".cb-roster-draft")).to_have_count(0)
    assert wanted(number) == "夜" * 14

    grid.page.click("form[action*=withdraw] button")
    grid.cell(0, 0).wait_for()
    expect(grid.page.locator("td.cb-roster-draft")).to_have_count(14)
    grid.page.click("#roster-publish")
    grid.page.click("form[action^='/roster/drop'] button")
    grid.cell(0, 0).wait_for()
    assert (grid.row(0), wanted(number)) == (WEEK, "." * 14)


def test_given_two_tabs_when_one_is_closed_without_a_connection_then_the_other_sends_what_it_left(grid, office, wanted):
    number = order(office)[0]
    grid.desk.context.set_offline(True)
    grid.click(0, 0)
    grid.keys.press("2")
    grid.page.locator("#roster[data-state=waiting]").wait_for()
    other = grid.desk.new_page()
    grid.page.close()
    grid.desk.context.set_offline(False)

    other.goto(ADDRESS)
    other.locator("#c0-0.cb-roster-draft").wait_for()
    other.locator("#roster[data-state=saved]").wait_for()
    assert wanted(number)[0] != "."
    grid.desk.faults[:] = [fault for fault in grid.desk.faults if "ERR_INTERNET_DISCONNECTED" not in fault]


def test_given_a_step_of_other_days_when_undone_then_it_says_which(office, desk_of, wanted):
    _, database, company, shifts = office
    with database.writing() as uow:
        change = CellChange(company.people["A1"], FIRST - timedelta(days=40), shifts["夜"], PATTERN)
        roster.edit_cells(uow, "edit-before", [change], TESTER, datetime.now(UTC))
    grid = Grid(desk_of())

    grid.page.click("#roster-undo")

    grid.page.locator("#roster-note:visible").wait_for()
    expect(grid.page.locator("#roster-note")).to_contain_text(str(FIRST - timedelta(days=40)))


def test_given_a_spreadsheets_cells_when_pasted_then_signs_are_shifts_and_other_words_change_nothing(grid, office, wanted):
    number = order(office)[0]
    grid.click(0, 0)
    paste = """text => { const board = new DataTransfer(); board.setData('text/plain', text);
        document.dispatchEvent(new ClipboardEvent('paste', { clipboardData: board })); }"""
    grid.page.evaluate(paste, "早\t夜班\t休\n")
    grid.saved()
    assert wanted(number)[:4] == "早夜休."
    grid.page.evaluate(paste, "early\tlate")
    assert wanted(number)[:4] == "早夜休."


@pytest.mark.parametrize(("language", "look"), [("zh", {"viewport": PHONE, "dark": True}), ("en", {}), ("zh", {"dark": True})])
def test_each_page_of_the_grid_is_sound(office, desk_of, language, look):
    desk = desk_of(language=language, **look)
    for address in (ADDRESS, "/roster", "/roster?text=nobody", f"/roster/plain?first={FIRST}", f"/roster/publish?first={FIRST}"):
        page = desk.open(address)
        if address == ADDRESS:
            page.locator("#c0-0, #roster-list li").first.wait_for(state="attached")
        assert (address, overflow(page), hurdles(page), page.locator("h1").count()) == (address, 0, [], 1)
        if language == "zh":
            assert set(re.findall(r"[A-Za-z][A-Za-z'-]{2,}", words_on(page))) <= {"XLSX", "Del", "Ctrl", "Shift", "Delete"}


def test_given_a_phone_when_a_day_is_tapped_then_a_shift_is_chosen_from_a_list(office, desk_of, wanted):
    desk = desk_of(viewport=PHONE)
    page = desk.open(ADDRESS)
    number = order(office)[0]
    page.locator("#roster-list li").first.wait_for()
    expect(page.locator("#roster")).to_be_hidden()

    page.select_option("#roster-list [name=day]", "1")
    page.locator("#roster-list li button").first.click()
    page.locator("#roster-list dialog button", has_text="夜班").click()
    page.locator("#roster-list li", has_text="草稿").wait_for()
    page.locator("#roster[data-state=saved]").wait_for(state="attached")
    assert wanted(number) == ".夜............"

    page.select_option("#roster-list [name=person]", "0")
    expect(page.locator("#roster-list li")).to_have_count(14)
    page.locator("#roster-list li button").nth(1).click()
    page.keyboard.press("Escape")
    assert wanted(number) == ".夜............"


def test_given_somebody_who_may_only_look_then_nothing_can_be_changed(chromium, office):
    _, database, *_ = office
    with served(browse(database, (pages.router, routes.router), {"see-roster", "see-people"}).client.app) as base:
        desk = Desk(chromium, base)
        grid = Grid(desk)
        grid.click(0, 0)
        grid.keys.press("1")
        grid.keys.press("Delete")

        assert grid.row(0) == WEEK
        assert grid.page.locator("#roster-publish").count() == 0
        assert desk.faults == []
        desk.close()


def test_given_500_people_and_a_month_then_only_rows_in_view_are_drawn_and_the_last_is_reached(chromium, tmp_path):
    database, _, _ = company_in(tmp_path / "many.db", 500)
    with served(browse(database, (pages.router, routes.router), MAY).client.app) as base:
        desk = Desk(chromium, base)
        grid = Grid(desk, "/roster?first=2026-10-01")
        assert grid.page.locator("#roster tbody tr").count() < 60

        grid.page.locator("#roster table").focus()
        grid.keys.press("Control+ArrowDown")
        grid.cell(499, 0).wait_for()
        expect(grid.cell(499, 0)).to_be_visible()
        grid.press("1")
        assert grid.page.locator("#roster tbody tr").count() < 60
        expect(grid.page.locator("tfoot tr").first.locator("td").last).not_to_have_text("0")
        scroll = """() => { const box = document.getElementById('roster'); const start = performance.now();
            for (let y = 0; y < 100; y++) { box.scrollTop = y * 140; box.dispatchEvent(new Event('scroll')); box.getBoundingClientRect(); }
            return performance.now() - start; }"""
        assert any(grid.page.evaluate(scroll) < 5_000 for _ in range(10))  # a machine may stall, and not always
        assert desk.faults == []
        desk.close()
    database.close()
