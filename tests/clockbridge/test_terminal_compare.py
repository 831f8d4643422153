"""`clockbridge terminal compare`: our read and pyzk's side by side, and why they differ."""

import importlib.util
import os
import subprocess
import sys

import pytest
from typer.testing import CliRunner

from clockbridge.terminal import app
from edge.devices.zkteco.simulator import SimulatorOptions, simulator_in_thread

pytestmark = pytest.mark.skipif(importlib.util.find_spec("zk") is None, reason="pyzk is not installed: install the extra clockbridge[pyzk]")

SAME, UNREACHABLE, DIFFERENT = 0, 2, 3


def compare(*ports, words=(), language="C.UTF-8"):
    addresses = [f"127.0.0.1:{port}" for port in ports]
    return CliRunner().invoke(app, ["compare", *addresses, "--seconds", "60", *words], env={"LC_ALL": language, "COLUMNS": "100"})


@pytest.mark.parametrize("words", [(), ("--udp",)], ids=["tcp", "udp"])
def test_given_two_terminals_both_can_read_when_compared_then_both_are_shown_as_the_same(words):
    with (
        simulator_in_thread(SimulatorOptions(punches=60)) as one,
        simulator_in_thread(SimulatorOptions(punches=7, record_size="16")) as two,
    ):
        done = compare(one.port, two.port, words=words)

    assert done.exit_code == SAME
    assert done.stdout.count("Both read the same punches.") == 2
    assert f"127.0.0.1:{one.port}" in done.stdout
    assert f"127.0.0.1:{two.port}" in done.stdout


DIFFERENCES = [
    ({"record_size": "49"}, "it reads this terminal's rows in a wrong length or kind", "它用错了记录长度或格式"),
    ({"record_size": "8b", "user_size": 28}, "it reads this terminal's rows in a wrong length or kind", "它用错了记录长度或格式"),
    (
        {"faults": ("zero-count",)},
        "says that it holds 0 punches and holds 40; pyzk relies on what it says",
        "终端自报 0 条打卡，实有 40 条",
    ),
    ({"faults": ("impossible-dates",)}, "4 rows make no sense", "4 条记录不合理"),
    ({"faults": ("refuse-1503",)}, "pyzk could not read it", "pyzk 无法读取"),
]


@pytest.mark.parametrize(("options", "english", "chinese"), DIFFERENCES)
def test_given_a_terminal_that_pyzk_misreads_when_compared_then_the_difference_is_explained(options, english, chinese):
    with simulator_in_thread(SimulatorOptions(users=5, punches=40, **options)) as terminal:
        done, zh = compare(terminal.port), compare(terminal.port, language="zh_CN.UTF-8")

    assert (done.exit_code, zh.exit_code) == (DIFFERENT, DIFFERENT)
    assert english in done.stdout
    assert chinese in zh.stdout


def test_given_a_count_that_is_wrong_when_both_read_the_same_then_it_is_said_and_the_code_stays_0():
    with simulator_in_thread(SimulatorOptions(users=5, punches=40, faults=("wrong-count=1",))) as terminal:
        done = compare(terminal.port)

    assert done.exit_code == SAME
    assert "says that it holds 41 punches and holds 40" in done.stdout


def test_given_nobody_there_when_compared_by_a_process_then_one_sentence_and_the_code_is_2():
    done = subprocess.run(
        [sys.executable, "-m", "clockbridge", "terminal", "compare", "127.0.0.1:9"],
        capture_output=True,
        text=True,
        env={**os.environ, "LC_ALL": "C.UTF-8"},
    )

    assert (done.returncode, done.stdout) == (UNREACHABLE, "")
    assert done.stderr.startswith("The machine is there, but the port is closed.")
