"""On a phone's home screen: what the browser is told, what it may keep, what a page weighs, and what is said without a connection."""

from contextlib import ExitStack
from datetime import datetime, timedelta
from struct import unpack
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import expect

from server.attendance import pages as attendance
from server.attendance.pages.own import entries as of_days
from server.hr.approvals import pages as approvals
from server.notify import actions as notify, pages as notices
from server.notify.model import NoticeKind
from tests.support.assessed_days import ZONE, dates, house_rules, office_day, punches, store_day
from tests.support.browser import PHONE, Desk, hurdles, lasting, overflow, running_chromium
from tests.support.company import NOW, found_company
from tests.support.live import served
from tests.support.pages import Reader, browse

MOST_BYTES = 60_000
PAGES = ("/me", "/me/month", "/notices", "/approvals")
KEPT = """async () => {
  const caught = await Promise.all((await caches.keys()).map(async (name) => (await caches.open(name)).keys()));
  return caught.flat().map((one) => new URL(one.url).pathname);
}"""
"""Addresses of all that any cache of these pages holds."""
ROUTERS = (attendance.router, approvals.router, notices.router)


class Line:
    """Counts the bytes that an application sends, heads of answers included: what its browsers have is not sent again."""

    def __init__(self, app) -> None:
        self.app, self.bytes = app, 0

    async def __call__(self, scope, receive, send) -> None:
        async def counted(message) -> None:
            self.bytes += len(message.get("body", b"")) + sum(len(name) + len(value) + 4 for name, value in message.get("headers", ()))
            await send(message)

        await self.app(scope, receive, counted)


@pytest.fixture
def dialect() -> str:
    return "sqlite"


@pytest.fixture
def browser(database):
    """A worker who decides, too, with a month full of days and a page full of notices."""
    company = found_company(database)
    person = company.people["A1"]
    today = datetime.now(ZoneInfo(ZONE)).date()
    with database.writing() as uow:
        version = house_rules(uow)
        for day in dates(today.replace(day=1), today - timedelta(days=1)):
            store_day(uow, person, office_day(day), punches(day, "9:40", "17:30"), version=version)
        for number in range(60):
            facts = {"name": "王伟", "number": f"LV-2026-{number:06}"}
            notify.notify(uow, [person], NoticeKind.REQUEST, "{name} asks for annual leave: {number}", NOW, facts=facts, address="/me")
    made = browse(database, ROUTERS, Reader(frozenset({"see-own", "decide"}), person_id=person))
    made.client.app.state.unread = notices.unread_of
    made.client.app.state.own_entries = (of_days, notices.entries)
    return made


def test_the_manifest_names_the_company_and_icons_that_are_what_it_says(browser):
    told = browser.get("/manifest.webmanifest").json()

    assert (told["name"], told["display"], told["start_url"]) == ("测试公司", "standalone", "/")
    assert {one["purpose"] for one in told["icons"]} == {"any", "maskable"}
    for icon in told["icons"]:
        image = browser.get(icon["src"]).content
        assert image.startswith(b"\x89PNG")
        assert "{}x{}".format(*unpack(">II", image[16:24])) == icon["sizes"]


def test_what_is_kept_for_want_of_a_connection_is_the_same_for_everybody(browser):
    page = browser.get("/offline")

    assert page.status_code == 200
    assert browser.visitor.name not in page.text
    assert "sign-out" not in page.text


def test_my_day_leads_to_everything_about_oneself_that_areas_name(browser):
    page = browser.get("/me").text

    for address in ("/me/month", "/me/periods", "/notices"):
        assert f'<a href="{address}">' in page
    assert "60 not read" in page


def test_a_phone_keeps_no_people_says_so_when_cut_off_and_loads_little(browser):
    line = Line(browser.client.app)
    with running_chromium() as chromium, ExitStack() as server:
        desk = Desk(chromium, server.enter_context(served(line)), language="zh", viewport=PHONE)
        page = desk.open("/me")
        expect(page.locator("#home-hint")).to_be_visible()
        assert page.locator(".cb-bar a").all_inner_texts() == ["我的今天", "审批", "我的月历", "通知 60"]
        assert (overflow(page), hurdles(page)) == (0, [])
        page.evaluate("navigator.serviceWorker.ready.then(() => null)")
        assert not lasting(page, lambda: "/offline" not in page.evaluate(KEPT))
        page.reload()
        expect(page.locator("#home-hint")).to_be_hidden()

        weights = {}
        for address in PAGES:
            line.bytes = 0
            desk.open(address).wait_for_load_state("networkidle")
            weights[address] = line.bytes
            assert page.locator("h1").count() == 1
        assert page.locator("span:text-is('60'):visible").count() == 1  # in the bar, and nowhere as the count of something else
        assert min(weights.values()) > 0
        assert max(weights.values()) < MOST_BYTES, weights

        kept = page.evaluate(KEPT)
        assert {one for one in kept if not one.startswith("/static/")} == {"/offline"}

        desk.open("/notices")
        desk.context.set_offline(True)
        page.locator("form[action='/notices/read'] button").click()
        expect(page.locator(".cb-held")).to_contain_text("没有网络连接")
        desk.context.set_offline(False)

        server.close()
        page.goto("/me")
        expect(page.locator("h1")).to_have_text("没有网络连接")
        expect(page.locator("#last-seen")).to_contain_text("通知")
        assert (overflow(page), hurdles(page)) == (0, [])
        desk.close()
