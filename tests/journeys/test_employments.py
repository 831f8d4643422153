"""HR in a real browser: somebody is hired, transferred and leaves, and every page says how it was on each date."""

import re
from datetime import UTC, date, datetime, timedelta

import pytest
from playwright.sync_api import expect

from server.access.model import Role
from server.attendance import pages as attendance_pages
from server.directory import actions as directory, pages
from server.migrations import migrate
from server.storage import Database
from tests.support.browser import PHONE, Desk, hurdles, overflow, running_chromium
from tests.support.company import TESTER, found_company
from tests.support.live import served
from tests.support.pages import browse


@pytest.fixture
def dates() -> tuple[date, date, date]:
    """Of the hire, of the transfer and of the leaving."""
    today = datetime.now(UTC).date()
    return today - timedelta(days=40), today + timedelta(days=10), today + timedelta(days=40)


@pytest.fixture
def desk(tmp_path, dates):
    database = Database(f"sqlite:///{tmp_path / 'company.db'}")
    migrate(database)
    company = found_company(database)
    with database.writing() as uow:
        directory.set_head(uow, company.departments["RND"], company.people["A1"], dates[0], TESTER, datetime.now(UTC))
    client = browse(database, (pages.router, attendance_pages.router), Role.HR).client
    with running_chromium() as chromium, served(client.app) as base:
        made = Desk(chromium, base, language="en")
        yield made
        made.close()
        assert [one for one in made.faults if "(Conflict)" not in one] == []  # the refusal that the journey provokes
    database.close()


def test_given_a_hire_a_transfer_and_a_leaving_then_every_date_has_what_held_on_it(desk, dates):
    hired, moved, left = dates
    page = desk.open("/people")
    page.get_by_role("link", name="Hire", exact=True).click()
    for name, value in (("employee_number", "N1"), ("name", "王伟"), ("effective_on", str(hired)), ("manager", "A2")):
        page.fill(f"form.cb-hire [name={name}]", value)
    page.select_option("form.cb-hire [name=department]", "RND")
    page.get_by_role("button", name="Hire", exact=True).click()
    page.get_by_text("By this name there is already: 王伟 (A1).").wait_for()
    expect(page.locator("form.cb-hire [name=manager]")).to_have_value("A2")
    page.get_by_label("No, this is another person").check()
    page.get_by_role("button", name="Hire", exact=True).click()
    page.wait_for_url("**/employment")
    own = page.url

    page.get_by_text("Transfer:", exact=False).click()
    form = page.locator("form", has=page.locator("input[name=kind][value=transfer]"))
    form.locator("[name=effective_on]").fill(str(moved))
    form.locator("[name=department]").select_option("PROD")
    form.locator("[name=manager]").fill("A3")
    form.get_by_role("button", name="Add").click()
    page.get_by_text("still to come").wait_for()

    page.locator("summary", has_text="Leaving").click()
    form = page.locator("form", has=page.locator("input[name=kind][value=leaving]"))
    form.locator("[name=effective_on]").fill(str(left))
    form.locator("[name=ground]").select_option("resigned")
    form.get_by_role("button", name="Add").click()
    page.get_by_text("resigned (article 37)").first.wait_for()
    assert hurdles(page) == []

    for day, department, manager in ((hired, "研发部", "李娜"), (moved, "生产部", "张敏"), (left, "生产部", "张敏")):
        page.fill("input[name=day]", str(day))
        page.get_by_role("button", name="Show").click()
        page.get_by_role("heading", name=f"Terms on {day}").wait_for()
        facts = page.locator("main dl.cb-facts")
        expect(facts).to_contain_text(department)
        expect(facts).to_contain_text(manager)
    page.goto(f"{own}?day={left + timedelta(days=1)}")
    expect(page.get_by_text("Not employed on this day.")).to_be_visible()

    _lists_and_chart_say_the_same(desk, hired, moved)
    _fits_a_phone(desk, own)


def _lists_and_chart_say_the_same(desk, hired, moved):
    page = desk.open(f"/people?state=leaving&day={moved}")
    assert page.locator("tbody tr").all_inner_texts()[0].startswith("王伟\tN1\t生产部")
    page.get_by_role("link", name="State: leaving soon").click()
    expect(page.locator("tbody tr")).to_have_count(4)
    expect(page.get_by_role("heading", name="4 people")).to_be_visible()

    page = desk.open(f"/org?by=manager&day={hired}")
    page.locator("#org[data-drawn=yes] canvas").wait_for()
    page.get_by_label("Open 李娜").click()
    page.get_by_label("Close 李娜").wait_for()
    expect(page.locator("tbody th").filter(has_text=re.compile("^王伟$"))).to_have_count(2)
    assert hurdles(page) == []


def _fits_a_phone(desk, own):
    page = desk.page
    page.set_viewport_size(PHONE)
    for address in (own, "/people", "/people/new", "/departments", "/departments/1", "/org", "/legal-entities"):
        page.goto(address)
        assert overflow(page) == 0, address
