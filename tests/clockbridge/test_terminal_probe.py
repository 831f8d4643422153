"""`clockbridge terminal probe` as a process: what stands at an address, what to do next, and the exit code, in both languages."""

import json
import os
import re
import shutil
import socket
import socketserver
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from threading import Thread

import pytest

from clockbridge.demo.stage import free_port
from clockbridge.terminal_words import FINDINGS
from edge.devices.zkteco.discovery import Finding
from edge.devices.zkteco.frames import Command, Frame, encode_tcp
from edge.devices.zkteco.simulator import SimulatorOptions, simulator_in_thread
from tests.support.raw_terminal import RawTerminal

PUSH_HOST, PUSH_PORT = f"127.77.{os.getpid() >> 8 & 255}.{os.getpid() & 255}", 8088
"""An address of this machine that no other process uses, so that a web page can stand on the port of one."""
ENGLISH, CHINESE = {"LC_ALL": "C.UTF-8"}, {"LC_ALL": "zh_CN.UTF-8", "PYTHONUTF8": "1"}
UNREACHABLE = 2


def probe(*words, before=(), **environment):
    return subprocess.run(
        [*before, sys.executable, "-m", "clockbridge", "terminal", "probe", *map(str, words)],
        capture_output=True,
        text=True,
        env={**os.environ, **ENGLISH, **environment},
    )


@contextmanager
def answering(frames_of):
    """A port where each connection is answered with what `frames_of` makes of the first bytes that come."""

    class Door(socketserver.BaseRequestHandler):
        def handle(self):
            said = frames_of(self.request.recv(4096))
            self.request.sendall(said)
            self.request.recv(4096)

    class Server(socketserver.ThreadingTCPServer):
        allow_reuse_address, daemon_threads = True, True

    with Server(("127.0.0.1", 0), Door) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_address[1]
        server.shutdown()


def at(port):
    return f"127.0.0.1:{port}"


@pytest.fixture(scope="module")
def looks():
    """Every case, looked at by a process of its own: name to what the process ended with."""
    with ExitStack() as stack:

        def terminal(*faults, key=0):
            return stack.enter_context(simulator_in_thread(SimulatorOptions(users=3, punches=7, key=key, faults=faults))).port

        def taken(*, udp):
            port = terminal("single-client")
            stack.enter_context(RawTerminal(port, udp=udp)).connect()
            return port

        web = stack.enter_context(socket.socket())
        web.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        web.bind((PUSH_HOST, PUSH_PORT))
        web.listen()
        locked = terminal(key=4711)
        refusing = stack.enter_context(answering(lambda _: encode_tcp(Frame(Command.ACK_UNKNOWN, 0, 0))))
        breaking = stack.enter_context(answering(lambda said: said[:8] + encode_tcp(Frame(Command.ACK_OK, 1, 0))[8:] + b"\0" * 9))
        cases = {
            "terminal": [at(terminal())],
            "terminal over udp": [at(terminal()), "--udp"],
            "terminal without options": [at(terminal("no-options"))],
            "terminal with its key": [at(locked), "--key", 4711],
            "terminal in access mode": [at(terminal("access-mode", "size-reply-112"))],
            "wrong-key": [at(locked), "--key", 1],
            "wrong-key over udp": [at(locked), "--udp"],
            "busy": [at(taken(udp=False))],
            "busy over udp": [at(taken(udp=True)), "--udp"],
            "access-panel": [at(terminal("access-panel"))],
            "access-panel over udp": [at(terminal("access-panel")), "--udp"],
            "no-zk-answer": [at(terminal("no-answer"))],
            "no-zk-answer over udp": [at(terminal("no-answer")), "--udp"],
            "no-zk-answer of a web server": [at(stack.enter_context(answering(lambda _: b"HTTP/1.1 400 Bad Request\r\n\r\n")))],
            "pull-refused": [at(refusing)],
            "line-broken": [at(breaking)],
            "push-only": [f"{PUSH_HOST}:{free_port()}"],
            "port-closed": [at(free_port())],
            "port-closed over udp": [at(free_port()), "--udp"],
        }
        with ThreadPoolExecutor(6) as together:
            yield dict(zip(cases, together.map(lambda words: probe(*words), cases.values()), strict=True))


CASES = (
    "terminal", "terminal over udp", "terminal without options", "terminal with its key", "terminal in access mode", "wrong-key",
    "wrong-key over udp", "busy", "busy over udp", "access-panel", "access-panel over udp", "no-zk-answer", "no-zk-answer over udp",
    "no-zk-answer of a web server", "pull-refused", "line-broken", "push-only", "port-closed", "port-closed over udp",
)  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_given_what_stands_at_an_address_when_probed_then_it_is_told_with_the_next_step(looks, case):
    finding = Finding(case.split()[0])
    what, _, then, _ = FINDINGS[finding]

    done = looks[case]

    assert f"{what} {then}" in done.stdout
    assert done.returncode == (0 if finding is Finding.TERMINAL else UNREACHABLE)
    assert done.stderr == ""


def test_given_a_terminal_when_probed_then_it_says_what_it_is(looks):
    told = looks["terminal"].stdout

    for words in (
        "serial number: CBSIM0001",
        "model: Clockbridge simulator",
        "users: 3",
        "punches it says it holds: 7",
        "its clock shows: 20",
    ):
        assert words in told


def test_given_a_terminal_without_a_serial_number_when_probed_then_the_next_step_names_the_setting(looks):
    assert "expected_serial" in looks["terminal without options"].stdout


def test_given_a_terminal_that_says_it_is_empty_when_probed_then_its_access_mode_is_thought_of(looks):
    assert "Device Type, A&C" in looks["terminal in access mode"].stdout
    assert "Device Type, A&C" not in looks["terminal"].stdout


def test_given_nothing_but_a_missing_network_when_probed_then_there_is_no_route():
    if not shutil.which("unshare") or subprocess.run(["unshare", "-rn", "true"], capture_output=True, check=False).returncode:
        pytest.skip("no network namespace can be made here, so no address is without a route")

    for words in (["127.0.0.1:4370"], ["127.0.0.1:4370", "--udp"]):
        done = probe(*words, before=["unshare", "-rn"])

        assert (done.returncode, FINDINGS[Finding.NO_ROUTE][0] in done.stdout) == (UNREACHABLE, True), done


def test_given_the_environment_is_chinese_when_probed_then_the_answer_is(looks):
    with simulator_in_thread(SimulatorOptions(users=3, punches=7, key=4711)) as terminal:
        good = probe(at(terminal.port), **CHINESE, CLOCKBRIDGE_TERMINAL_KEY="4711")
        wrong = probe(at(terminal.port), "--key", 1, **CHINESE)
    bad = probe("127.0.0.1:0", **CHINESE)

    assert (good.returncode, "可以读取的考勤终端" in good.stdout, "序列号: CBSIM0001" in good.stdout) == (0, True, True)
    assert (wrong.returncode, "通讯密码不对" in wrong.stdout) == (UNREACHABLE, True)
    assert (bad.returncode, "不是地址" in bad.stderr) == (UNREACHABLE, True)


@pytest.mark.parametrize(
    "address", ["127.0.0.1:0", "127.0.0.1:65536", "127.0.0.1:port", "127.0.0.1:", ":4370", "[::1]:x", "127.0.0.1:１２"]
)
def test_given_what_is_no_address_when_probed_then_one_sentence_says_how_to_write_it(address):
    from typer.testing import CliRunner

    from clockbridge.terminal import app

    done = CliRunner().invoke(app, ["probe", address], env=ENGLISH)

    assert done.exit_code == UNREACHABLE
    assert "write HOST or HOST:PORT" in done.stderr


def test_given_a_report_when_asked_for_then_it_helps_and_holds_no_address_key_or_whole_serial_number():
    with simulator_in_thread(SimulatorOptions(key=4711, serial="SECRET12345")) as terminal:
        done = probe(at(terminal.port), "--key", 4711, "--report")

    report = json.loads(done.stdout)
    assert (report["finding"], report["platform"], report["users"]) == ("terminal", "ZMM220_TFT", 20)
    assert report["serial"].startswith("SEC")
    assert not re.search(r"127\.0\.0\.1|4711|SECRET12345|00:17:61", done.stdout)


def test_given_every_finding_when_it_is_told_then_there_are_words_in_both_languages():
    assert set(FINDINGS) == set(Finding)
    for what, what_zh, then, then_zh in FINDINGS.values():
        assert re.search("[一-鿿]", what_zh)
        assert re.search("[一-鿿]", then_zh)
        assert what.isascii()
        assert then.isascii()
    assert {Finding(case.split()[0]) for case in CASES} | {Finding.NO_ROUTE} == set(Finding)
