"""The users of a terminal on its own page, in a real browser: searched and paged in place."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import pytest
from playwright.sync_api import expect

from server.access.model import Role
from server.dispatch.areas import actions as areas
from server.dispatch.areas.model import Rule
from server.dispatch.areas.pages import router as users
from server.dispatch.orders.pages import router as orders
from server.ingest import pages as ingest
from tests.support.areas import area_of, settle
from tests.support.browser import desks, running_chromium
from tests.support.company import TESTER, found_company
from tests.support.live import served
from tests.support.pages import browse


@pytest.fixture
def dialect():
    return "sqlite"


@contextmanager
def opened(app) -> Iterator:
    with served(app) as base, running_chromium() as chromium, desks(chromium, base) as open_desk:
        yield open_desk(language="en")


def test_users_are_searched_and_paged_on_the_terminals_own_page_and_what_somebody_types_stays(database):
    company = found_company(database, 50)
    with database.writing() as uow:
        areas.add_area(uow, area_of(company, Rule(department_id=company.departments["RND"])), TESTER, datetime.now(UTC))
    settle(database, datetime.now(UTC))
    app = browse(database, [users, orders, ingest.router], Role.ADMINISTRATOR).client.app

    with opened(app) as desk:
        page = desk.open("/terminals/1")
        part = page.locator("#users")
        part.locator("tbody tr").nth(19).wait_for()
        part.get_by_role("link", name="Next page").click()
        part.locator("tbody tr th", has_text="49").wait_for()
        expect(part.locator("tbody tr")).to_have_count(5)
        assert page.url.endswith("/terminals/1"), "the page itself stays"

        part.locator("#users-text").fill("王伟")
        part.locator("#users-text").press("Enter")
        part.locator("tbody tr:only-child").wait_for()
        expect(part.locator("tbody tr")).to_have_text(re.compile(r"^\s*1"))
        expect(page.locator("#users-text")).to_be_focused()
        part.get_by_role("link", name="there only").press("Enter")
        part.get_by_text("Nobody fits").wait_for()
        expect(part.locator("#users-text")).to_have_value("王伟")
