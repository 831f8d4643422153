"""The steps of `docs/tutorial/hr-first-day.md`: hire, enrol, let somebody sign in, ask, approve, see the day."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import expect

from server.access.actions import create_account, hash_password, link_account
from server.access.model import Role
from server.attendance import actions as attendance
from server.attendance.model import RuleSubject
from server.attendance.model.rules import DayRules, Rules
from server.migrations import migrate
from server.storage import Database
from server.storage.vault import KEY_FILE, new_vault_key
from tests.journeys.test_request import settle
from tests.server.hr.approvals.conftest import found_firm
from tests.support.browser import Desk
from tests.support.company import TESTER
from tests.support.live import served_copy
from tests.support.rosters import make_shifts, make_week

PASSWORD, CHOSEN = "four plain words here", "five other plain words here"
SHANGHAI = ZoneInfo("Asia/Shanghai")


@pytest.fixture(scope="module")
def company(tmp_path_factory):
    """LEAD manages the line; nobody is new yet."""
    file = tmp_path_factory.mktemp("company") / "company.db"
    database = Database(f"sqlite:///{file}")
    database.make_file()
    migrate(database)
    firm, now = found_firm(database), datetime.now(UTC)
    with database.writing() as uow:
        make_week(uow, make_shifts(uow)["常"])
        since = now.astimezone(SHANGHAI).date() - timedelta(days=3)
        rules = attendance.add_rule_set(uow, "全公司", Rules(day=DayRules()), since, TESTER, now)
        attendance.assign_rules(uow, rules.id, RuleSubject.COMPANY, 0, since, None, TESTER, now)
        hashed = hash_password(PASSWORD)
        for login, role, who in (("hr", Role.HR, None), ("supervisor", Role.SUPERVISOR, "LEAD"), ("auditor", Role.AUDITOR, None)):
            create_account(uow, login, login, hashed, frozenset({role}), TESTER, now, must_change=False)
            if who:
                link_account(uow, login, firm.people[who], TESTER, now)
    database.close()
    return file


@pytest.fixture
def desk_of(company, tmp_path, chromium) -> Iterator:
    """A window in which somebody is signed in, and the database behind it."""
    opened: list[Desk] = []
    (tmp_path / "keys").mkdir()
    (tmp_path / "keys" / KEY_FILE).write_bytes(new_vault_key())
    with served_copy(company, tmp_path) as (base, database):

        def open_desk(login: str, password: str = PASSWORD) -> Desk:
            opened.append(Desk(chromium, base, language="en"))
            opened[-1].sign_in(login, password)
            return opened[-1]

        open_desk.database = database
        yield open_desk
        for desk in opened:
            desk.close()
    assert [fault for desk in opened for fault in desk.faults] == []


def hire(hr: Desk, number: str, name: str, department: str, manager: str) -> None:
    page = hr.open("/people/new")
    page.fill('[name="employee_number"]', number)
    page.fill('[name="name"]', name)
    page.select_option('[name="department"]', department)
    page.fill('[name="manager"]', manager)
    page.select_option('[name="site"]', "hq")
    page.fill('[name="probation_until"]', str(datetime.now(SHANGHAI).date() + timedelta(days=80)))
    page.get_by_role("button", name="Hire", exact=True).click()
    page.locator(".cb-timeline").first.wait_for()


def enrol(hr: Desk, number: str, user: str) -> None:
    page = hr.open("/enrolments")
    form = page.locator('form[action="/enrolments"][method="post"]')
    form.locator('[name="person"]').fill(number)
    form.locator('[name="user"]').fill(user)
    form.get_by_role("button", name="Enrol").click()
    page.get_by_role("status").filter(has_text="Stored.").wait_for()


def code_for(hr: Desk, number: str) -> str:
    page = hr.open("/sign-in-codes")
    page.fill('[name="people"]', number)
    page.get_by_role("button", name="Make the sheet").click()
    return page.locator(".cb-slip b.cb-mono").nth(1).inner_text()


def choose_password(new: Desk) -> None:
    new.page.fill('[name="new"]', CHOSEN)
    new.page.fill('[name="again"]', CHOSEN)
    new.page.press('[name="again"]', "Enter")
    new.page.wait_for_url("**/me")


def ask(new: Desk, at: datetime) -> str:
    """Returns the request's number."""
    page = new.open("/me/requests/new/correction")
    page.check('[name="cause"][value="missing-in"]')
    page.fill('[name="work_date"]', f"{at:%Y-%m-%d}")
    page.fill('[name="at"]', f"{at:%Y-%m-%dT%H:%M}")
    page.fill('[name="reason"]', "第一天还不会用考勤机")
    page.get_by_role("button", name="Send", exact=True).click()
    return page.locator("h1 small", has_text="CR-").inner_text()


def approve(supervisor: Desk, number: str) -> None:
    card = supervisor.open("/approvals").locator("[data-card]").filter(has_text=number)
    card.locator(".cb-ap-yes").click()
    supervisor.page.locator(".cb-ap-none").wait_for()


def test_somebody_is_hired_enrolled_signs_in_asks_and_the_day_says_what_was_approved(desk_of):
    now = datetime.now(SHANGHAI)
    at = now.replace(hour=0, minute=0) if now.hour == 0 else now - timedelta(minutes=10)
    hr = desk_of("hr")

    hire(hr, "N1201", "钟一凡", "LINE", "LEAD")
    enrol(hr, "N1201", "1201")
    new = desk_of("N1201", code_for(hr, "N1201"))
    choose_password(new)
    number = ask(new, at)
    expect(new.page.locator("main")).to_contain_text("李组长")
    approve(desk_of("supervisor"), number)
    settle(desk_of.database)

    page = hr.open("/people?text=N1201")
    page.get_by_role("link", name="钟一凡").click()
    page.wait_for_url(re.compile(r"/people/\d+"))
    page.goto(f"{page.url.split('?')[0]}/days/{at:%Y-%m-%d}")
    assert number in page.locator("main").inner_text()
    trail = desk_of("auditor").open("/audit").locator("main").inner_text()
    assert "N1201" in trail
    assert number in trail


def test_a_table_keeps_the_rows_and_columns_that_its_reader_chose_and_every_page_has_help(desk_of):
    hr = desk_of("hr")
    page = hr.open("/people")
    position = page.get_by_role("columnheader", name="Position")
    position.wait_for()

    page.get_by_text("Table", exact=True).click()
    page.get_by_label("Position", exact=True).last.uncheck()
    page.get_by_label("Roomy rows").check()
    page.reload()

    position.wait_for(state="hidden")
    assert page.locator("tbody tr").first.bounding_box()["height"] >= 40
    expect(page.get_by_role("columnheader", name="Department")).to_be_visible()
    page.keyboard.press("?")
    page.get_by_role("dialog").get_by_text("Everybody as of a day").wait_for()
    page.keyboard.press("Escape")
    page.get_by_role("dialog").wait_for(state="hidden")
