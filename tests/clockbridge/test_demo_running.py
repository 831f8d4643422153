"""The demo itself: real protocol at one end, counts at the other, and nothing of it left when it is over."""

import base64
import json
import os
import pty
import re
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing, suppress
from http.client import HTTPConnection
from urllib.parse import urlsplit

import psutil
import pytest

from clockbridge.demo.command import ENDINGS
from clockbridge.demo.stage import free_port
from tests.support.browser import PHONE, Desk, hurdles, overflow, running_chromium
from tests.support.world import ask_when_open

COMMAND = [sys.executable, "-m", "clockbridge", "demo"]
ENGLISH = {name: value for name, value in os.environ.items() if name not in ("LC_ALL", "LC_MESSAGES")} | {"LANG": "C.UTF-8"}
IN_THE_BACKGROUND = ["sh", "-c", 'trap \'\' INT; exec "$0" "$@"']
"""How a shell starts a program of a script in the background: it ignores Ctrl-C until it says otherwise."""
START_SECONDS = STEP_SECONDS = END_SECONDS = 240


class Demo:
    """A demo in a process of its own. address: of its control page."""

    def __init__(self, process, told, folder):
        self.process, self.told, self.folder = process, told, folder
        self.password = re.search(r"Sign in: +admin / (\S+)", told)[1]
        self.pages, self.control = re.search(r"Pages: +(\S+)", told)[1], re.search(r"Try it: +(\S+)", told)[1]

    def state(self):
        return json.loads(ask(self.control + "state"))

    def do(self, part, deed):
        """Send it as the control page does; gives the answer's status."""
        where = urlsplit(self.control)
        with closing(HTTPConnection(where.hostname, where.port, timeout=END_SECONDS)) as line:
            line.request("POST", "/do", json.dumps({"part": part, "deed": deed}), {"content-type": "application/json"})
            return line.getresponse().status

    def until(self, wanted, seconds=STEP_SECONDS):
        """The first state that is as wanted."""
        until = time.monotonic() + seconds
        while not wanted(state := self.state()):
            assert time.monotonic() < until, state
            time.sleep(0.3)
        return state

    def server_rows(self, query, *arguments):
        with closing(sqlite3.connect(f"file:{self.folder / 'data' / 'clockbridge.db'}?mode=ro", uri=True)) as connection:
            return connection.execute(query, arguments).fetchall()


def ask(address):
    where = urlsplit(address)
    with closing(HTTPConnection(where.hostname, where.port, timeout=END_SECONDS)) as line:
        line.request("GET", where.path)
        return line.getresponse().read()


def family(process):
    """The process and everything that descends from it."""
    return [process, *process.children(recursive=True)]


def stop_punching(demo):
    """Whoever punches does so by hand from now on: a slow machine is never quite up to date otherwise."""
    for words in [process.cmdline() for process in family(demo)]:
        if "--control" in words:
            ask_when_open(int(words[words.index("--control") + 1]), "rate 0")


def assert_gone(processes, seconds=END_SECONDS):
    _, left = psutil.wait_procs(processes, timeout=seconds)
    assert not left


def all_equal(state):
    return all(one["equal"] for one in state["counts"])


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    folder = tmp_path_factory.mktemp("demo") / "kept"
    words = [*COMMAND, "--keep", str(folder), "--port", str(free_port()), "--panel-port", str(free_port())]
    process = subprocess.Popen([*IN_THE_BACKGROUND, *words], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=ENGLISH)
    started = psutil.Process(process.pid)
    try:
        told = ""
        for line in process.stdout:
            told += line
            if "Ctrl-C" in line:
                break
        assert process.poll() is None, told
        stop_punching(started)
        yield Demo(process, told, folder)
    finally:
        everything = family(started) if started.is_running() else []
        for one in everything:
            with suppress(psutil.NoSuchProcess):
                one.kill()
        process.wait()
        process.stdout.close()


def test_given_a_demo_when_started_then_the_history_of_every_terminal_is_at_the_server(demo):
    state = demo.until(all_equal)

    held = {one["serial"]: one["held"] for one in state["counts"]}
    assert min(held[serial] for serial in ("CBDEMO01", "CBDEMO02", "CBDEMO03")) > 5000
    assert demo.server_rows("SELECT count(*) FROM person") == [(200,)]


def test_given_a_running_demo_then_its_parts_are_processes_of_their_own(demo):
    running = [" ".join(process.cmdline()) for process in family(psutil.Process(demo.process.pid))]

    for program, count in (("clockbridge server run", 1), ("edge run", 2), ("simulate zkteco", 5), ("server.broker.child", 1)):
        assert sum(program in line for line in running) == count


@pytest.mark.parametrize(
    ("serial", "user", "wall", "raw"),
    [
        ("CAPTURED-ZEM500", "7", "2016-01-01 19:02:00", bytes.fromhex("07002800a8eba71e")),
        ("CAPTURED-F19", "999111333", "2018-06-25 17:41:05", b"999111333".ljust(24, b"\0") + bytes.fromhex("0100120619112905")),
        ("CBDEMOUSB", "1", "2026-10-03 08:59:01", b"        1\t2026-10-03 08:59:01\t1\t0\t1\t0"),
    ],
    ids=["captured row", "captured live event", "line of a USB export"],
)
def test_given_what_real_terminals_wrote_when_the_demo_runs_then_it_arrives_with_the_very_bytes(demo, serial, user, wall, raw):
    demo.until(all_equal)

    ((body,),) = demo.server_rows("SELECT body FROM quarantine WHERE terminal_serial = ? AND terminal_user = ?", serial, user)

    row = json.loads(body)
    assert (row["user"], row["wall"], base64.b64decode(row["raw"])) == (user, wall, raw)


def test_given_a_usb_export_in_the_drop_folder_then_its_punches_are_admitted(demo):
    state = demo.until(all_equal)

    usb = next(one for one in state["counts"] if one["serial"] == "CBDEMOUSB")
    assert (usb["admitted"], usb["quarantined"]) == (usb["held"] - 1, 1)
    assert usb["held"] > 200


def test_given_the_clock_that_is_three_minutes_slow_then_the_server_knows_it(demo):
    demo.until(all_equal)
    slow = "FROM punch JOIN terminal ON terminal.id = terminal_id WHERE serial = 'CBDEMO03' AND drift_ms NOT NULL"

    ((measured,),) = demo.server_rows(f"SELECT drift_ms {slow} LIMIT 1")

    assert measured == pytest.approx(-180_000, abs=60_000)  # to half of the time that the question took, on whatever machine


def test_given_a_network_cut_and_edge_broker_and_server_killed_when_mended_then_the_counts_become_equal_again(demo):
    before = sum(one["received"] for one in demo.until(all_equal)["counts"])

    for part, deed in (("line-hq", "cut"), ("edge-plant", "kill"), ("broker", "kill"), ("server", "kill"), ("CBDEMO01", "punch")):
        assert demo.do(part, deed) == 200
    broken = demo.until(lambda state: not all_equal(state))
    for part, deed in (("server", "start"), ("edge-plant", "start"), ("line-hq", "join")):
        assert demo.do(part, deed) == 200

    conditions = {one["key"]: one["condition"] for one in broken["parts"]}
    assert (conditions["line-hq"], conditions["edge-plant"], conditions["server"]) == ("cut off", "stopped", "stopped")
    assert sum(one["received"] for one in demo.until(all_equal)["counts"]) > before


def test_given_the_control_page_on_a_phone_when_its_buttons_are_pressed_then_it_tells_what_was_done_in_the_readers_language(demo):
    demo.until(all_equal)

    with running_chromium() as browser:
        desk = Desk(browser, demo.control, language="zh", viewport=PHONE)
        page = desk.open("/")
        line = page.locator("#parts li", has_text="上海总部的网络")
        line.get_by_role("button", name="断网").click()
        line.get_by_role("button", name="恢复网络").click()
        page.get_by_role("button", name="打一次卡").first.click()
        page.locator("#done li", has_text="有人在考勤机 总部大门打了卡").first.wait_for()
        page.locator("#verdict", has_text="一条不少").wait_for()
        page.locator("#language").click()
        page.locator("#done li", has_text="somebody punched at the terminal 总部大门").first.wait_for()
        found = (desk.faults, hurdles(page), overflow(page))

    assert found == ([], [], 0)


def test_given_a_second_demo_on_the_same_port_when_started_then_it_says_so_and_leaves_nothing(demo, tmp_path):
    port = urlsplit(demo.pages).port

    done = subprocess.run([*COMMAND, "--port", str(port), "--keep", tmp_path / "b"], capture_output=True, text=True, env=ENGLISH)

    assert done.returncode == 2
    assert done.stderr == f"Port {port} is taken: end the program that listens there, or leave --port out to get a free one.\n"
    assert not (tmp_path / "b").exists()


def test_given_a_running_demo_when_ctrl_c_then_it_ends_with_everything_it_started(demo):
    everything = family(psutil.Process(demo.process.pid))

    demo.process.send_signal(signal.SIGINT)

    assert demo.process.wait(END_SECONDS) == 0
    assert_gone(everything)
    assert "Ending everything" in demo.process.stdout.read()
    assert {file.stem for file in (demo.folder / "logs").iterdir()} >= {"server", "edge-shanghai", "edge-suzhou", "CBDEMO01"}


def test_given_a_folder_with_something_in_it_when_it_shall_keep_a_demo_then_refused(tmp_path):
    (tmp_path / "mine.txt").write_text("mine")

    done = subprocess.run([*COMMAND, "--keep", tmp_path], capture_output=True, text=True, env=ENGLISH)

    assert (done.returncode, done.stderr) == (2, f"There is something in {tmp_path} already; choose a new or empty folder.\n")


def test_given_a_demo_that_comes_up_when_its_window_is_closed_then_nothing_is_left(tmp_path):
    ours, theirs = pty.openpty()
    environment = ENGLISH | {"TMPDIR": str(tmp_path)}
    process = subprocess.Popen(
        COMMAND,
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        env=environment,
        start_new_session=True,
        preexec_fn=own_window,  # noqa: PLW1509
    )
    os.close(theirs)
    started = psutil.Process(process.pid)
    until = time.monotonic() + START_SECONDS
    while len(family(started)) < 5:
        assert time.monotonic() < until
        time.sleep(0.05)
    everything = family(started)

    os.close(ours)

    process.wait(END_SECONDS)
    assert signal.SIGTERM in ENDINGS  # the same way for all of them
    assert_gone(everything)
    assert list(tmp_path.iterdir()) == []


def own_window():
    """Runs in the child: the terminal window it stands in is its own, so closing it sends SIGHUP."""
    import fcntl
    import termios

    fcntl.ioctl(0, termios.TIOCSCTTY, 0)
