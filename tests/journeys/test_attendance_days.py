"""What people do with attendance days in a real browser: the grid and the inbox by keyboard, today as it changes, one's own pages."""

import re
from collections.abc import Iterator
from datetime import date

import pytest
from playwright.sync_api import expect
from sqlalchemy import update

from server.access.actions import create_account, hash_password
from server.access.model import Role
from server.access.tables import account
from server.attendance.actions import count_exceptions
from server.attendance.model import ExceptionFilter
from server.attendance.model.days import TimedPunch
from server.attendance.tables import attendance_day
from server.migrations import migrate
from server.storage import Database
from tests.support.assessed_days import at, dates, house_rules, office_day, store_day
from tests.support.browser import PHONE, Desk, hurdles, overflow
from tests.support.company import NOW, TESTER, found_company
from tests.support.live import served_copy

PASSWORD = "four plain words here"
FIRST, LAST = date(2026, 11, 2), date(2026, 11, 20)
PEOPLE = 150


@pytest.fixture(scope="module")
def template(tmp_path_factory):
    """A company of 150 people in November: every third is late on the 3rd, every tenth forgets to punch out on the 4th."""
    file = tmp_path_factory.mktemp("days") / "days.db"
    database = Database(f"sqlite:///{file}")
    migrate(database)
    company = found_company(database, PEOPLE)
    hashed = hash_password(PASSWORD)
    with database.writing() as uow:
        version = house_rules(uow)
        for place, person_id in enumerate(company.people.values()):
            for day in dates(FIRST, LAST):
                store_day(uow, person_id, office_day(day), _punches(day, place), version=version)
        for role in Role:
            create_account(uow, role.value, role.value, hashed, frozenset({role}), TESTER, NOW, must_change=False)
        uow.execute(update(account).where(account.c.login == "employee").values(person_id=company.people["A1"]))
    database.close()
    return file


def _punches(day: date, place: int):
    if day.weekday() >= 5:
        return []
    clocks = ["9:12" if day.day == 3 and place % 3 == 0 else "8:58", "18:02"]
    if day.day == 4 and place % 10 == 0:
        clocks.pop()
    return [TimedPunch(id=0, at=at(day, clock), grant_id=900 + number) for number, clock in enumerate(clocks)]


@pytest.fixture
def served(template, tmp_path) -> Iterator[tuple[str, Database]]:
    """The application at a port of this machine, with a copy of the company."""
    with served_copy(template, tmp_path) as made:
        yield made


@pytest.fixture
def desk_of(served, chromium) -> Iterator:
    opened: list[Desk] = []

    def open_desk(role: Role, **look) -> Desk:
        desk = Desk(chromium, served[0], **look)
        opened.append(desk)
        desk.sign_in(role.value, PASSWORD)
        return desk

    yield open_desk
    for desk in opened:
        desk.close()
    assert [fault for desk in opened for fault in desk.faults] == []


def test_given_the_month_when_walked_by_keyboard_then_the_cell_says_its_sentence_and_enter_opens_its_day(desk_of):
    desk = desk_of(Role.HR, language="en")
    page, keys = desk.open("/attendance/month?month=2026-11"), desk.page.keyboard
    page.get_by_text("People: 150").wait_for()
    assert page.locator("#month tbody tr[data-place]").count() < 80, "only rows in view are drawn"

    page.locator('#month tbody [tabindex="0"]').focus()
    for _ in range(3):
        keys.press("ArrowRight")
    name = page.evaluate("document.activeElement.parentElement.cells[0].querySelector('a').textContent")
    expect(page.locator("#month-says")).to_have_text(re.compile(f"^{re.escape(name)} 2026-11-03:"))
    keys.press("Enter")
    page.wait_for_url("**/days/2026-11-03")
    assert name in page.locator("h1").inner_text()


def test_given_the_month_when_the_end_is_wanted_then_it_is_there_and_the_focus_with_it(desk_of):
    desk = desk_of(Role.HR)
    page, keys = desk.open("/attendance/month?month=2026-11"), desk.page.keyboard
    page.get_by_text("员工 150 人").wait_for()
    page.locator('#month tbody [tabindex="0"]').focus()
    for _ in range(12):
        keys.press("PageDown")

    assert page.evaluate("document.activeElement.parentElement.dataset.place") == str(PEOPLE - 1)
    keys.press("Home")
    keys.press("ArrowUp")
    assert page.evaluate("[document.activeElement.tagName, document.activeElement.parentElement.dataset.place]") == ["TH", str(PEOPLE - 2)]
    page.locator("#month").evaluate("box => { box.scrollTop = 0; }")
    page.locator("#month tr[data-place='148']").wait_for(state="detached")
    keys.press("ArrowDown")
    assert page.evaluate("document.activeElement.parentElement.dataset.place") == str(PEOPLE - 1), "it goes on where it was"


def test_given_the_inbox_when_worked_by_keyboard_then_it_empties_and_can_be_undone(desk_of, served):
    desk = desk_of(Role.HR, language="en")
    page, keys = desk.open("/attendance/exceptions?kind=missing-out"), desk.page.keyboard
    before = _open(served[1])
    for key in "jxjx":
        keys.press(key)
    expect(page.locator("#chosen-count")).to_have_text("Chosen: 2")
    keys.press("r")
    keys.type("looked at together")
    keys.press("Enter")

    page.get_by_text("Settled: 2.").wait_for()
    assert _open(served[1]) == before - 2
    page.get_by_role("button", name="Undo").click()
    page.locator("tbody tr").nth(14).wait_for()
    page.wait_for_load_state()  # the box for all of them is ticked by a script
    assert _open(served[1]) == before

    page.locator("#all").check()
    page.fill('[name="reason"]', "all of them")
    page.get_by_role("button", name="Let it stand").click()
    page.get_by_text("Settled: 15.").wait_for()
    expect(page.get_by_text("Nothing fits.")).to_have_count(1)


def test_given_today_when_somebody_comes_then_the_list_follows_and_the_focus_stays(desk_of, served):
    desk = desk_of(Role.HR, language="en")
    page = desk.open("/today?day=2026-11-20&group=present")
    page.evaluate("window.opened = 'once'")
    page.locator("#today tbody th a").nth(3).focus()
    focused = page.evaluate("document.activeElement.href")
    with served[1].writing() as uow:
        gone = update(attendance_day).where(attendance_day.c.person_id == 1, attendance_day.c.work_date == date(2026, 11, 20))
        uow.execute(gone.values(arrived_at=None))

    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    page.locator(".cb-tally[aria-current] strong", has_text=str(PEOPLE - 1)).wait_for()
    assert page.evaluate("[window.opened, document.activeElement.href]") == ["once", focused]


def test_given_a_phone_when_an_employee_looks_then_all_of_it_fits_and_is_light(desk_of):
    desk = desk_of(Role.EMPLOYEE, viewport=PHONE)
    assert desk.page.url.endswith("/me"), "that is where they begin"
    sizes = {}
    for address in ("/me", "/me/month?month=2026-11", "/me/days/2026-11-03"):
        answer = desk.context.request.get(address)
        sizes[address] = len(answer.body())
        page = desk.open(address)
        assert (overflow(page), hurdles(page)) == (0, [])
        assert page.locator(".cb-bar a").count() in {2, 3, 4}
    assert max(sizes.values()) < 60_000

    desk.open("/me/month?month=2026-11")
    desk.page.locator(".cb-own-days a", has_text="11-03").click()
    desk.page.wait_for_url("**/me/days/2026-11-03")
    expect(desk.page.locator(".cb-dayline-list")).to_be_visible()
    expect(desk.page.locator(".cb-dayline-picture")).to_be_hidden()


@pytest.mark.parametrize(("language", "look"), [("zh", {"viewport": PHONE}), ("en", {"dark": True})])
def test_pages_with_days_in_them_are_sound(desk_of, language, look):
    desk = desk_of(Role.HR, language=language, **look)
    wrong = {}
    for address in (
        "/today?day=2026-11-03&group=late", "/attendance/month?month=2026-11", "/attendance/exceptions", "/people/1/days/2026-11-03",
        "/people/1/days/2026-11-04", "/grants/new?person=1&kind=overtime", "/grants/new?search=员工", "/grants/new?person=1",
    ):  # fmt: skip
        page = desk.open(address)
        page.wait_for_load_state("networkidle")
        if found := [*hurdles(page), *([f"{overflow(page)} px too wide"] if overflow(page) > 0 else [])]:
            wrong[address] = found
    assert wrong == {}


def _open(database: Database) -> int:
    with database.reading() as uow:
        return sum(count_exceptions(uow, ExceptionFilter()).values())
