"""Takes the README's pictures from a running demo: `.venv/bin/python -m tests.pictures PASSWORD`.

`./dev demo` prints the password; choose one of your own at the first sign-in and give that. With a site's network cut on the control page
the board shows what a silent site looks like.
"""

import sys
from pathlib import Path

from tests.support.browser import Desk, running_chromium

FOLDER = Path(__file__).parent.parent / "docs" / "pictures"
SIZE = {"width": 1280, "height": 760}
NAMES = {"en": "live-board.png", "zh": "live-board-zh.png"}


def main(password: str, base: str = "http://127.0.0.1:8000") -> None:
    with running_chromium() as browser:
        for language, name in NAMES.items():
            desk = Desk(browser, base, language=language, viewport=SIZE)
            desk.sign_in("admin", password)
            page = desk.open("/board")
            page.locator("#line.cb-ok").wait_for()
            page.wait_for_timeout(4_000)  # the colour of punches that came just now has faded
            page.screenshot(path=FOLDER / name)
            print(FOLDER / name)
            desk.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
