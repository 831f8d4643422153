"""The pages of clock-in points when nothing on them is empty: at no width is anything cut off, and a Chinese page has no English."""

import re
from datetime import UTC, datetime
from html import unescape

import pytest
from fastapi.testclient import TestClient
from playwright.sync_api import Page

from server.access.model import Role
from server.wiring import build_pages
from tests.support.browser import DESK, PHONE, Desk, lasting, overflow
from tests.support.full_fleet import ADDRESSES, PASSWORD, found_full_fleet
from tests.support.live import served

OPENED = "document.querySelectorAll('details:has(.cb-tablebox)').forEach(one => { one.open = true })"
CUT = """[...document.querySelectorAll('.cb-tablebox')].filter(one => one.scrollWidth > one.clientWidth + 1)
    .map(one => one.innerText.slice(0, 80))"""
"""Tables of which a reader would see a part only."""
UNTOLD = """[...document.querySelectorAll('table.cb-labelled tbody td:not(:empty)')].filter(one => one.offsetParent && !one.dataset.label
    && !one.querySelector('a, button, input') && one.innerText.trim()).map(one => one.innerText.slice(0, 80))"""
"""Cells on cards that do not say what they are about."""
ROWS = "nav => new Set([...nav.querySelectorAll('a')].map(one => one.offsetTop).filter(Boolean)).size"
NAMES = {
    "MAC", "zkteco",
    "administrator", "any", "Apr", "Asia", "attlog", "batch", "boss", "canteen", "Clockbridge", "com", "CSV", "dat",
    "duty", "edge", "English", "example", "firmware", "gate", "holiday-photos", "hosts", "https", "Inc", "jpg", "JSON",
    "LockCount", "mail", "Oct", "OEMVendor", "Platform", "qyapi", "rubbish", "SHA", "Shanghai", "SpeedFace", "TCP",
    "tester", "UDP", "Ver", "webhook", "weixin", "ZKTeco",
}  # fmt: skip
"""What is called so in Chinese too: names of things in the data, of files and of protocols."""
WORD = re.compile(r"[A-Za-z]{3,}")
NOT_SAID = re.compile(r"<(script|style|template|svg|code|pre)\b.*?</\1>|<!--.*?-->|<[^>]*>", re.DOTALL)


@pytest.fixture(scope="module")
def app(tmp_path_factory):
    made = build_pages(found_full_fleet(tmp_path_factory.mktemp("full"), datetime.now(UTC)))
    yield made
    made.state.database.close()


def test_on_a_phone_and_on_a_desk_no_page_and_no_table_is_wider_than_the_window(app, chromium):
    wrong: dict[str, list[object]] = {}
    with served(app) as base:
        desk = Desk(chromium, base, language="en", viewport=PHONE)
        desk.sign_in(Role.ADMINISTRATOR.value, PASSWORD)
        for address in ADDRESSES:
            page = desk.open(address)
            page.evaluate(OPENED)
            found = [overflow(page), cut(page), lasting(page, lambda page=page: page.evaluate(UNTOLD))]
            page.set_viewport_size(DESK)
            found += [overflow(page), cut(page), lasting(page, lambda page=page: page.locator("#places").evaluate(ROWS) - 2)]
            page.set_viewport_size(PHONE)
            if found != [0, [], [], 0, [], 0]:
                wrong[address] = found
        desk.close()
    assert (wrong, desk.faults) == ({}, [])


def cut(page: Page) -> list[str]:
    return lasting(page, lambda: page.evaluate(CUT))


def test_a_chinese_page_has_no_english_but_names(app):
    client = TestClient(app, base_url="http://clockbridge.test", headers={"accept-language": "zh", "sec-fetch-site": "same-origin"})
    client.post("/sign-in", data={"login": Role.ADMINISTRATOR.value, "password": PASSWORD})
    wrong = {}
    for address in ADDRESSES:
        page = client.get(address)
        assert page.status_code == 200, address
        said = unescape(NOT_SAID.sub(" ", page.text))
        if found := set(WORD.findall(re.sub(r"\S*\d\S*|\S+[.@/_-]\S+|\b[0-9a-f]{16,}\b", " ", said))) - NAMES:
            wrong[address] = sorted(found)
    assert wrong == {}
