"""The edge's page in a browser: a file is handed in by hand, on a phone and a desk, and nobody is kept out."""

import asyncio
import threading

import pytest

from edge.outbox import Outbox
from edge.status_page.door import make_password
from tests.edge.conftest import EDGE
from tests.edge.status_page.test_page import LINE, served
from tests.support.browser import PHONE, Desk, hurdles, overflow, running_chromium


@pytest.fixture
def address(tmp_path):
    """Where a page is served from another thread, and the password for it."""
    told, over = threading.Event(), threading.Event()
    found = [make_password(tmp_path / "edge" / "page.password")]

    async def work():
        with Outbox(tmp_path / "edge" / "outbox.db", EDGE) as outbox:
            async with served(tmp_path / "edge", outbox) as point:
                found.append(f"http://127.0.0.1:{point.page.port}")
                told.set()
                while not over.is_set():
                    await asyncio.sleep(0.05)

    thread = threading.Thread(target=lambda: asyncio.run(work()))
    thread.start()
    assert told.wait(60)
    yield found[1], found[0]
    over.set()
    thread.join()


def test_given_somebody_with_a_stick_when_they_sign_in_and_hand_it_in_then_they_see_each_line_and_take_it_in(address, tmp_path):
    base, password = address
    stick = tmp_path / "1_attlog.dat"
    stick.write_bytes(LINE + b"rubbish\r\n" + LINE)
    with running_chromium() as browser:
        desk = Desk(browser, base, language="zh", viewport=PHONE, dark=True)
        page = desk.page
        page.goto("/")
        page.locator("#password").fill("wrong")
        page.get_by_role("button", name="登录").click()
        page.get_by_text("密码不正确").wait_for()
        page.locator("#password").fill(password)
        page.get_by_role("button", name="登录").click()
        page.get_by_role("heading", name="考勤终端").wait_for()
        assert (hurdles(page), overflow(page)) == ([], 0)

        page.get_by_role("link", name="English").click()
        page.locator("#terminal").select_option("")
        page.locator("#serial").fill("NEW-7")
        page.locator("#file").set_input_files(stick)
        page.get_by_role("button", name="Look at it").click()
        page.get_by_role("button", name="Take it in").wait_for()
        page.get_by_text("export the log again").wait_for()
        assert (hurdles(page), overflow(page)) == ([], 0)
        page.get_by_role("button", name="Take it in").click()
        page.get_by_text("taken in, 1 new").wait_for()

        page.get_by_role("link", name="Back").click()
        page.get_by_text("••").first.wait_for()
        assert [fault for fault in desk.faults if "401" not in fault] == [], "all but the browser's own word about the wrong password"
