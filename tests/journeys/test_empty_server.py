"""The tutorial "From an empty server to clocking terminals", step by step, with the commands and buttons that it names."""

import re
import subprocess
from pathlib import Path

import pytest
from playwright.sync_api import Error as PlaywrightError
from pyotp import TOTP

from clockbridge.demo.parts import CLOCKBRIDGE, Part
from clockbridge.demo.stage import free_port
from tests.journeys.conftest import PASSWORD
from tests.support.browser import Desk
from tests.support.world import ask_when_open

TERMINAL = "127.0.0.77"
"""An address of this machine on which no other test's terminal listens."""
STARTS_MS = 240_000
"""For processes to start on a machine that is busy."""


@pytest.fixture
def parts():
    """Processes of the tutorial's windows, by hand."""
    started: list[Part] = []
    yield started
    for part in started:
        part.terminate()
    for part in started:
        part.stop()


def run(folder: Path, *words: object) -> str:
    done = subprocess.run([*CLOCKBRIDGE, *map(str, words)], cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def start(folder: Path, parts: list[Part], name: str, *words: object) -> None:
    parts.append(Part(name, *words, log=folder / f"{name}.log"))
    parts[-1].start()


def test_given_nothing_when_the_tutorial_is_followed_then_somebody_who_punches_stands_on_the_board(tmp_path, parts, chromium):
    control, web = free_port(), free_port()
    settings = tmp_path / "server.toml"

    # 1. A server
    told = run(tmp_path, "server", "init", "--company", "My company")
    text = re.sub(r"(\[broker\].*?\nport = )\d+", rf"\g<1>{free_port()}", settings.read_text(), count=1, flags=re.DOTALL)
    settings.write_text(re.sub(r"(\[web\].*?\nport = )\d+", rf"\g<1>{web}", text, count=1, flags=re.DOTALL))
    start(tmp_path, parts, "server", "server", "run", "--settings", settings)
    desk = Desk(chromium, f"http://127.0.0.1:{web}", language="en")
    page = desk.page
    desk.context.set_default_timeout(STARTS_MS)
    wait_for_server(tmp_path, desk)
    desk.sign_in("admin", re.search(r"Password: (\S+)", told)[1])
    page.fill("#old", re.search(r"Password: (\S+)", told)[1])
    page.fill("#new", PASSWORD)
    page.fill("#again", PASSWORD)
    page.get_by_role("button", name="Change it").click()
    page.wait_for_url("**/second-factor")
    page.fill("#code", TOTP(page.locator(".cb-narrow code").inner_text()).now())
    page.get_by_role("button", name="Go on").click()
    page.get_by_role("heading", name="Recovery codes").wait_for()

    # 2. A site, an edge, one line
    desk.open("/sites")
    page.fill("#code", "hq")
    page.fill("#name", "Head office")
    page.get_by_role("button", name="Add the site and go on").click()
    page.get_by_role("button", name="Add the edge and show its line").click()
    line = page.locator("#line").inner_text().split()
    assert line[:3] == ["clockbridge", "edge", "enrol"]
    run(tmp_path, *line[1:], "--out", "edge-hq")
    page.wait_for_url("**/edges/edge-hq/identity")
    start(tmp_path, parts, "edge", "edge", "run", "--config", tmp_path / "edge-hq" / "edge.toml")

    # 3. A terminal
    terminal = ("--host", TERMINAL, "--port", 4370, "--serial", "CBSIM0001", "--users", 0, "--zone", "Asia/Shanghai", "--control", control)
    start(tmp_path, parts, "terminal", "simulate", "zkteco", *terminal)
    ask_when_open(control, "counts")
    page.get_by_role("link", name="New terminals").click()
    page.locator("[name=subnet]").fill(f"{TERMINAL}/32")
    page.get_by_role("button", name="Look for terminals").click()
    page.get_by_role("link", name="Add", exact=True).click()
    page.fill("#name", "Front door")
    page.get_by_role("button", name="Save").click()
    page.get_by_role("heading", name="Front door").wait_for()

    # 4. Somebody, and an area
    desk.open("/people/new")
    page.locator("[name=employee_number]").fill("1001")
    page.locator("[name=name]").fill("Li Na")
    page.locator("[name=site]").select_option("hq")
    page.get_by_role("button", name="Hire").click()
    page.wait_for_url(re.compile(r"/people/\d+"))
    desk.open("/areas/new")
    page.locator("[name=code]").fill("doors")
    page.locator("[name=name]").fill("All doors")
    page.get_by_label("Front door").check()
    page.locator("[name=site]").first.select_option(label="Head office")
    page.get_by_role("button", name="Look who would come and go").click()
    page.get_by_text("1 person comes").wait_for()
    page.get_by_role("button", name="Save").click()
    page.get_by_text("all as wanted").wait_for()

    # 5. The first punch
    desk.open("/board").locator("#line.cb-ok").wait_for()
    ask_when_open(control, "punch 1001")
    page.get_by_role("link", name="Li Na").first.wait_for()
    desk.open("/terminals").get_by_text("listening").wait_for()
    desk.close()
    assert desk.faults == []


def wait_for_server(folder: Path, desk: Desk) -> None:
    """Until it answers; the port is ours from the start, so the browser may be refused some times."""
    for _ in range(480):
        try:
            desk.context.request.get("/healthz")
        except PlaywrightError:  # of a port that nobody listens at
            desk.page.wait_for_timeout(500)
        else:
            return
    pytest.fail((folder / "server.log").read_text()[-2000:])
