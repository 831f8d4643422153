"""A real Chromium for journeys, and a page that remembers what went wrong in it."""

import re
import shutil
import time
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import contextmanager
from typing import TypeVar

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect, sync_playwright

ARGUMENTS = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update",
    "--disable-sync", "--no-proxy-server",
)  # fmt: skip
DESK, PHONE = {"width": 1440, "height": 900}, {"width": 390, "height": 844}
PATIENCE_MS = 60_000
"""Costs nothing where all is well: a machine on which much else runs may need seconds for a page."""
REST_SECONDS = 60
Fault = TypeVar("Fault", int, list[str])
LOCALES = {"zh": "zh-CN", "en": "en-GB"}
AXE = Axe()
expect.set_options(timeout=PATIENCE_MS)


@contextmanager
def running_chromium() -> Iterator[Browser]:
    """Debian's own; a visible skip where there is none."""
    program = shutil.which("chromium") or shutil.which("chromium-browser")
    if program is None:
        pytest.skip("no chromium on this machine (apt install chromium)")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=ARGUMENTS)
        yield browser
        browser.close()


class Desk:
    """One person's browser. `faults` collects what no page may have: console errors (breaches of the CSP, too), failed scripts."""

    def __init__(self, browser: Browser, base: str, *, language: str = "zh", viewport: dict = DESK, dark: bool = False) -> None:
        scheme = "dark" if dark else "light"
        self.context = browser.new_context(base_url=base, locale=LOCALES[language], viewport=viewport, color_scheme=scheme)
        self.context.set_default_timeout(PATIENCE_MS)
        self.faults: list[str] = []
        self.page = self.new_page()

    def new_page(self) -> Page:
        page = self.context.new_page()
        page.on("console", lambda message: self.faults.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: self.faults.append(str(error)))
        return page

    def open(self, address: str) -> Page:
        """Go there; raises when the answer is an error."""
        answer = self.page.goto(address)
        assert answer is not None, address
        assert answer.ok, f"{address}: {answer.status}"
        return self.page

    def status(self, address: str) -> int:
        """What the server answers, without going there."""
        return self.context.request.get(address, max_redirects=0).status

    def sign_in(self, login: str, password: str) -> None:
        self.open("/sign-in")
        self.page.fill("#login", login)
        self.page.fill("#password", password)
        self.page.press("#password", "Enter")
        self.page.wait_for_url(lambda address: "/sign-in" not in address)

    def close(self) -> None:
        self.context.close()


@contextmanager
def desks(browser: Browser, base: str) -> Iterator[Callable[..., Desk]]:
    """Opens as many as are asked for, each as it shall look, and closes them; no page of any may have had a fault."""
    opened: list[Desk] = []

    def open_desk(**look) -> Desk:
        opened.append(Desk(browser, base, **look))
        return opened[-1]

    yield open_desk
    for desk in opened:
        desk.close()
    assert [fault for desk in opened for fault in desk.faults] == []


def assert_sound(desk: Desk, addresses: Iterable[str], ready: Callable[[Page, str], None], english: Collection[str] | None) -> None:
    """Each page fits its window, keeps nobody out and has one heading. english: the words of it that its Chinese may have; None: any.

    ready: told the page and its address, waits until all of it is there.
    """
    found = []
    for address in addresses:
        page = desk.open(address)
        ready(page, address)
        found.append((address, overflow(page), hurdles(page), page.locator("h1").count()))
        if english is not None:
            words = set(re.findall(r"[A-Za-z][A-Za-z'-]{2,}", words_on(page)))
            assert (address, words - set(english)) == (address, set())
    assert found == [(address, 0, [], 1) for address in addresses]


def overflow(page: Page) -> int:
    """Pixels by which a page is wider than its window; tables scroll in a box of their own."""
    return lasting(page, lambda: max(0, page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")))


def hurdles(page: Page) -> list[str]:
    """What keeps people out, by axe: its serious and critical findings, with the places."""
    return lasting(page, lambda: _hurdles_now(page))


def _hurdles_now(page: Page) -> list[str]:
    found = AXE.run(page).response["violations"]
    return [f"{one['id']}: {[node['target'] for node in one['nodes'][:3]]}" for one in found if one["impact"] in {"serious", "critical"}]


def lasting(page: Page, look: Callable[[], Fault]) -> Fault:
    """What is wrong also when a page has come to rest: parts of it arrive, fade in, are drawn and are sent behind its loading."""
    end = time.monotonic() + REST_SECONDS
    while (found := look()) and time.monotonic() < end:
        page.wait_for_timeout(100)
    return found


def words_on(page: Page) -> str:
    """What our own pieces of a page say: headings, labels, buttons, states, notes; not what people and terminals are called."""
    places = "h2, thead th, label, legend, button, nav a, dt, option, .btn, .cb-state, .cb-empty, .cb-note, .cb-soft, .form-hint"
    found: str = page.evaluate(f"[...document.querySelectorAll({places!r})].map(one => one.innerText).join('\\n')")
    return found
