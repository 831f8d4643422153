"""The command line as a whole: what it offers, in which order, and what it says to a word it does not know."""

import os
import re
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest

from clockbridge import language
from clockbridge.main import COMMANDS

PROGRAM = Path(sys.executable).with_name("clockbridge")


def clockbridge(*words):
    return subprocess.run([PROGRAM, *words], capture_output=True, text=True)


def test_given_help_then_the_commands_stand_there_in_the_order_of_their_use():
    said = clockbridge("--help").stdout.split("Commands:")[1]

    assert re.findall(r"^  (\w+) ", said, re.MULTILINE) == list(COMMANDS)
    assert list(COMMANDS) == ["demo", "simulate", "terminal", "edge", "station", "server", "worker", "tail", "evidence", "audit"]


@pytest.mark.parametrize("command", COMMANDS)
def test_given_a_command_when_asked_for_help_then_it_tells_how_to_use_it(command):
    done = clockbridge(command, "--help")

    assert done.returncode == 0
    assert done.stdout.startswith(f"Usage: clockbridge {command}")
    assert "completion" not in done.stdout


@pytest.mark.parametrize("words", [["serve"], ["server", "halt"], ["demo", "--chek"], ["edge", "run", "--confg", "x"]])
def test_given_a_word_that_does_not_exist_when_run_then_one_error_and_the_way_to_help(words):
    done = clockbridge(*words)

    assert done.returncode == 2
    assert "--help" in done.stderr
    assert "Error: " in done.stderr
    assert "Traceback" not in done.stderr


def test_given_version_when_asked_then_the_release_at_once():
    before = os.times()
    done = clockbridge("--version")
    after = os.times()

    assert done.stdout == f"clockbridge {version('clockbridge')}\n"
    assert after.children_user - before.children_user < 10, "seconds of work, however long the machine let it wait"


@pytest.mark.parametrize(
    ("environment", "chinese"),
    [
        ({"LANG": "zh_CN.UTF-8"}, True),
        ({"LANG": "en_US.UTF-8"}, False),
        ({"LANG": "zh_CN.UTF-8", "LC_ALL": "C.UTF-8"}, False),
        ({"LANG": "C", "LC_MESSAGES": "zh_TW"}, True),
        ({}, False),
    ],
)
def test_given_the_environments_locale_then_messages_are_in_its_language(monkeypatch, environment, chinese):
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)

    assert language.say("yes", "是") == ("是" if chinese else "yes")
