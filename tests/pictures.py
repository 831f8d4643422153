"""Takes the README's pictures from a running demo: `.venv/bin/python -m tests.pictures PASSWORD [ADDRESS]`.

PASSWORD is the one that `./dev demo` prints for the accounts of its roles; take them some minutes after the start, when the days are worked
out. With a site's network cut on the control page the board shows what a silent site looks like.
"""

import sys
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from playwright.sync_api import Browser

from tests.support.browser import PHONE, Desk, running_chromium

FOLDER = Path(__file__).parent.parent / "docs" / "pictures"
ZONE = ZoneInfo("Asia/Shanghai")
"""Of the sample company."""
SIZE = {"width": 1280, "height": 760}
ENDINGS = {"en": ".png", "zh": "-zh.png"}


def main(password: str, base: str = "http://127.0.0.1:8000") -> None:
    with running_chromium() as browser:
        for language in ENDINGS:
            for (login, size), pictures in PICTURES.items():
                _take(browser, base, language, login, password, PHONE if size == "phone" else SIZE, pictures)


def _take(
    browser: Browser, base: str, language: str, login: str, password: str, size: dict[str, int], pictures: dict[str, Callable[[Desk], None]]
) -> None:
    desk = Desk(browser, base, language=language, viewport=size)
    desk.sign_in(login, password)
    for name, show in pictures.items():
        show(desk)
        file = FOLDER / f"{name}{ENDINGS[language]}"
        desk.page.screenshot(path=file)
        print(file)
    desk.close()


def _board(desk: Desk) -> None:
    page = desk.open("/board")
    page.locator("#line.cb-ok").wait_for()
    page.wait_for_timeout(4_000)  # the colour of punches that came just now has faded


def _month(desk: Desk) -> None:
    desk.open("/attendance/month").wait_for_timeout(2_000)


def _fleet(desk: Desk) -> None:
    desk.open("/fleet").locator("#fleet").wait_for()


def _late_day(desk: Desk) -> None:
    """The latest day that is over and on which somebody was seriously late."""
    page = desk.open("/attendance/exceptions?kind=serious-late")
    rows = page.locator(f"tbody tr:not([data-href*='{datetime.now(ZONE):%Y-%m-%d}'])")
    page.goto(rows.first.get_attribute("data-href") or "")
    page.wait_for_timeout(500)


def _org(desk: Desk) -> None:
    desk.open("/org").locator("#org[data-drawn]").wait_for()
    desk.page.wait_for_timeout(1_000)  # the lines have come to rest


def _import(desk: Desk) -> None:
    """The list with mistakes that somebody handed in, its first findings opened."""
    page = desk.open("/imports")
    page.locator("tbody tr th a, tbody tr td a").first.click()
    page.locator("details:not([open]) > summary").first.click()
    page.evaluate("scrollTo(0, 0)")


def _inbox(desk: Desk) -> None:
    desk.open("/approvals").locator("[data-card]").first.wait_for()


PICTURES: dict[tuple[str, str], dict[str, Callable[[Desk], None]]] = {
    ("hr", "desk"): {"live-board": _board, "month": _month, "day": _late_day, "org": _org, "import": _import},
    ("it", "desk"): {"fleet": _fleet},
    ("supervisor", "phone"): {"approve": _inbox},
}
"""By account and size of the window: pictures by name, and what is done before each."""


if __name__ == "__main__":
    main(*sys.argv[1:])
