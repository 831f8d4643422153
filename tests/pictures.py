"""Takes the README's pictures from a running demo: `.venv/bin/python -m tests.pictures PASSWORD`.

`./dev demo` prints the password; choose one of your own at the first sign-in and give that. With a site's network cut on the control page
the board shows what a silent site looks like.
"""

import sys
from pathlib import Path

from tests.support.browser import Desk, running_chromium

FOLDER = Path(__file__).parent.parent / "docs" / "pictures"
SIZE = {"width": 1280, "height": 760}
ENDINGS = {"en": ".png", "zh": "-zh.png"}


def main(password: str, base: str = "http://127.0.0.1:8000") -> None:
    with running_chromium() as browser:
        for language, ending in ENDINGS.items():
            desk = Desk(browser, base, language=language, viewport=SIZE)
            desk.sign_in("admin", password)
            for name, take in (("live-board", _board), ("month", _month), ("day", _late_day)):
                take(desk)
                desk.page.screenshot(path=FOLDER / f"{name}{ending}")
                print(FOLDER / f"{name}{ending}")
            desk.close()


def _board(desk: Desk) -> None:
    page = desk.open("/board")
    page.locator("#line.cb-ok").wait_for()
    page.wait_for_timeout(4_000)  # the colour of punches that came just now has faded


def _month(desk: Desk) -> None:
    desk.open("/attendance/month").wait_for_timeout(2_000)


def _late_day(desk: Desk) -> None:
    """The latest day on which somebody was seriously late."""
    page = desk.open("/attendance/exceptions?kind=serious-late")
    page.goto(page.locator("tbody tr").first.get_attribute("data-href") or "")
    page.wait_for_timeout(500)


if __name__ == "__main__":
    main(*sys.argv[1:])
