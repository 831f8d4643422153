"""The editor of rules in a real browser: what is typed is told at once; every page is sound, on a phone, in the dark, in both languages."""

from datetime import date

import pytest
from playwright.sync_api import expect

from server.access.model import Role
from server.attendance import pages
from server.attendance.actions import rule_sets
from server.attendance.engine.rules.ready_made import READY_MADE, localized
from server.attendance.model import RuleSubject
from server.migrations import migrate
from server.storage import Database
from server.web.language import translator
from tests.support.browser import PHONE, assert_sound, desks, running_chromium
from tests.support.company import NOW, TESTER, found_company
from tests.support.live import served
from tests.support.pages import browse

FIRST = date(2026, 1, 1)
ADDRESSES = ("/rules", "/rules/new", "/rules/new?ready=factory", "/rules/1", "/rules/1/new-version", "/rules/versions/1")


@pytest.fixture(scope="module")
def chromium():
    with running_chromium() as browser:
        yield browser


@pytest.fixture
def factory(tmp_path):
    """A company with a rule set for all of it, and a browser's address."""
    database = Database(f"sqlite:///{tmp_path / 'factory.db'}")
    database.make_file()
    migrate(database)
    found_company(database)
    with database.writing() as uow:
        rules = localized(READY_MADE["factory"].rules, translator("zh"))
        made = rule_sets.add_rule_set(uow, "三班制工厂", rules, FIRST, TESTER, NOW, ready_made="factory")
        rule_sets.assign_rules(uow, made.id, RuleSubject.COMPANY, 0, FIRST, None, TESTER, NOW, reason="全公司")
    with served(browse(database, (pages.router,), Role.HR).client.app) as base:
        yield base
    database.close()


@pytest.fixture
def desk_of(chromium, factory):
    with desks(chromium, factory) as open_desk:
        yield open_desk


@pytest.mark.parametrize(("language", "look"), [("zh", {"viewport": PHONE}), ("en", {}), ("zh", {"dark": True})])
def test_each_page_is_sound(desk_of, language, look):
    def ready(page, _address):
        page.locator("details").evaluate_all("all => all.forEach(one => { one.open = true; })")

    english = {"XLSX", "CSV", "tester", "RND", "PROD"} if language == "zh" else None
    assert_sound(desk_of(language=language, **look), ADDRESSES, ready, english)


def test_given_a_rule_that_is_typed_then_it_is_told_and_the_day_is_worked_out_by_it(desk_of):
    page = desk_of(language="en").open("/rules/1/new-version")
    seen = page.locator("[data-seen]")
    seen.locator("text=Late by 8 min: came 09:08, had to be there at 09:00 (grace 3 min).").wait_for()

    page.fill('[id="day.grace_in_minutes"]', "10")
    seen.locator("text=Coming up to 10 min after the start is not late").wait_for()
    seen.locator("td", has_text="10 min").wait_for()
    page.fill('[name="example.came"]', "09:20")
    seen.locator("text=Late by 20 min: came 09:20, had to be there at 09:00 (grace 10 min).").wait_for()


def test_given_a_fault_then_its_link_leads_to_the_field_in_its_group(desk_of):
    page = desk_of(language="en").open("/rules/1/new-version")
    page.locator("summary", has_text="Night and allowances").click()
    page.fill('[id="day.night.0"]', "25")
    fault = page.locator("[data-seen] a", has_text="Night begins")
    fault.wait_for()
    page.locator("summary", has_text="Night and allowances").click()

    fault.click()

    expect(page.locator('[id="day.night.0"]')).to_be_focused()


def test_given_no_rounding_then_its_fields_are_away_until_one_is_chosen(desk_of):
    page = desk_of(language="en").open("/rules/1/new-version")
    page.locator("summary", has_text="Rounding").click()
    expect(page.locator('[id="day.round_in.step_minutes"]')).to_be_hidden()

    page.select_option('[id="day.round_in.mode"]', "up")

    expect(page.locator('[id="day.round_in.step_minutes"]')).to_be_visible()
    expect(page.locator('[id="day.round_out.step_minutes"]')).to_be_hidden()
