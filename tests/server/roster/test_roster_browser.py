"""Shifts, patterns and the calendar in a real browser: what is typed is drawn; every page is sound, on a phone and in both languages."""

from datetime import date

import pytest
from playwright.sync_api import expect

from server.access.model import Role
from server.migrations import migrate
from server.roster import pages, routes
from server.roster.actions import add_pattern, add_shift, assign_pattern, exempt
from server.roster.model import Anchor, HolidayChoice, PatternTerms, Scope, ShiftPart, ShiftTerms
from server.storage import Database
from tests.server.roster.conftest import NIGHT, OFFICE, START
from tests.support.browser import PHONE, assert_sound, desks, running_chromium
from tests.support.company import NOW, TESTER, found_company
from tests.support.live import served
from tests.support.pages import browse

ADDRESSES = (
    "/shifts", "/shifts/1", "/shifts/1/change", "/shifts/new", "/patterns", "/patterns/1", "/patterns/1/change", "/assignments",
    "/exemptions", "/calendar?year=2026", "/calendar?year=2027", "/calendar?year=2030", "/calendar?year=2026&day=2026-10-05",
)  # fmt: skip


@pytest.fixture(scope="module")
def chromium():
    with running_chromium() as browser:
        yield browser


@pytest.fixture
def office(tmp_path):
    """A company with two shifts and a pattern, and a browser's address."""
    database = Database(f"sqlite:///{tmp_path / 'office.db'}")
    database.make_file()
    migrate(database)
    company = found_company(database)
    with database.writing() as uow:
        day = add_shift(uow, "早班", "早", OFFICE, START, TESTER, NOW)
        add_shift(uow, "夜班", "夜", NIGHT, START, TESTER, NOW)
        two = ShiftTerms(parts=(ShiftPart(start=600, end=840, opens_before=60, closes_after=30), ShiftPart(start=1020, end=1320)))
        add_shift(uow, "两头班", "两", two, START, TESTER, NOW)
        days = (*[day.id] * 6, None, *[day.id] * 5, None, None)
        terms = PatternTerms(days=days, anchor=Anchor.WEEK, starts_on=date(2024, 12, 30), holidays=HolidayChoice.OFF)
        pattern = add_pattern(uow, "大小周", terms, START, TESTER, NOW)
        assign_pattern(uow, pattern.id, Scope.COMPANY, 0, START, None, TESTER, NOW)
        exempt(uow, company.people["A1"], START, None, "司机", TESTER, NOW)
    with served(browse(database, (pages.router, routes.router), Role.HR).client.app) as base:
        yield base
    database.close()


@pytest.fixture
def desk_of(chromium, office):
    with desks(chromium, office) as open_desk:
        yield open_desk


@pytest.mark.parametrize(("language", "look"), [("zh", {"viewport": PHONE}), ("en", {}), ("zh", {"dark": True})])
def test_each_page_is_sound(desk_of, language, look):
    def ready(page, address):
        if "change" in address or "new" in address:
            page.locator("#preview svg, #preview table").first.wait_for()

    english = {"XLSX", "CSV", "holiday-cn", "json", "tester"} if language == "zh" else None
    assert_sound(desk_of(language=language, **look), ADDRESSES, ready, english)


def test_given_a_shift_that_is_typed_then_it_is_drawn_and_told_and_another_break_can_be_added(desk_of):
    page = desk_of(language="en").open("/shifts/new")
    page.fill("[name='parts.0.start']", "22:00")
    page.fill("[name='parts.0.end']", "06:00")
    page.locator("#preview", has_text="write an end after midnight as 30:00").wait_for()

    page.fill("[name='parts.0.end']", "30:00")
    page.fill("[name='parts.0.breaks.0.minutes']", "30")
    page.locator("#preview", has_text="the shift counts for 7:30").wait_for()
    page.fill("[name='parts.0.breaks.1.minutes']", "15")
    page.locator("#preview", has_text="the shift counts for 7:15").wait_for()
    page.fill("[name=name]", "大夜班")
    page.fill("[name=first_day]", "2026-12-01")
    page.click("button[type=submit]:has-text('Add the shift')")

    page.locator("h1", has_text="大夜班").wait_for()
    expect(page.locator("main")).to_contain_text("break of 15 minutes at any time")


def test_given_a_longer_cycle_then_the_form_has_as_many_days_and_the_preview_follows(desk_of):
    page = desk_of(language="en").open("/patterns/new")
    page.select_option("[name=anchor]", "rotation")
    page.fill("[name=length]", "8")
    expect(page.locator("[data-days] li")).to_have_count(8)

    page.select_option("[name='days.7']", label="夜班")
    page.locator("#preview td", has_text="夜").first.wait_for()
    expect(page.locator("#preview td")).to_have_count(42)
    page.fill("[name=length]", "3")
    expect(page.locator("[data-days] li")).to_have_count(3)
