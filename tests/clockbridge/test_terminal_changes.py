"""`clockbridge terminal` on one terminal: users and settings told, clock, door and restart, in both languages."""

import json
import time
from datetime import timedelta

import pytest
from typer.testing import CliRunner

from clockbridge.terminal import app
from clockbridge.terminal_words import PROBLEMS
from edge.devices.driver import WriteProblem
from edge.devices.zkteco.simulator import SimulatorOptions, User, simulator_in_thread

ENGLISH, CHINESE = {"LC_ALL": "C.UTF-8"}, {"LC_ALL": "zh_CN.UTF-8"}


def run(terminal, command, *words, language=ENGLISH):
    return CliRunner().invoke(app, [command, f"127.0.0.1:{terminal.port}", *words], env=language)


@pytest.fixture(scope="module")
def terminal():
    with simulator_in_thread(
        SimulatorOptions(users=3, fingers=1, zone="UTC", clock_drift=900, serial="AB12", restart_seconds=0)
    ) as running:
        yield running


def test_given_users_when_listed_then_each_is_a_line_and_no_password_is_told(terminal):
    terminal.do(lambda simulator: simulator.terminal.put_user(User(9, "0042", "张三", 14, "24681357", 77)))

    done = run(terminal, "users")

    told = {row["terminal_user"]: row for row in map(json.loads, done.stdout.splitlines())}
    assert (done.exit_code, set(told)) == (0, {"1001", "1002", "1003", "0042"})
    assert told["0042"] == {
        "terminal_user": "0042", "name": "张三", "privilege": 14, "card": "77", "group": "1", "has_password": True
    }  # fmt: skip
    assert "24681357" not in done.output


def test_given_settings_when_asked_for_then_those_it_knows_are_told(terminal):
    assert "~SerialNumber=AB12" in run(terminal, "options").stdout.splitlines()
    assert run(terminal, "options", "~Platform", "NoSuchThing").stdout == "~Platform=ZMM220_TFT\n"


def test_given_a_wrong_clock_when_set_then_it_is_right_and_said_so_in_the_language_of_the_person(terminal):
    began = time.monotonic()
    done = run(terminal, "set-clock", "--zone", "UTC", language=CHINESE)
    took = timedelta(seconds=time.monotonic() - began)

    assert (done.exit_code, done.stdout) == (0, "时钟已校准，并已读回确认。\n")
    assert abs(terminal.do(lambda simulator: simulator.terminal.drift)) < max(took, timedelta(seconds=1))


def test_given_no_such_zone_when_the_clock_is_set_then_it_is_said(terminal):
    assert run(terminal, "set-clock", "--zone", "Nowhere/Here").exit_code == 2


def test_given_a_door_when_unlocked_then_it_opens_for_that_long_and_never_for_an_absurd_time(terminal):
    done, absurd = run(terminal, "unlock", "--seconds", "2"), run(terminal, "unlock", "--seconds", "600")

    assert (done.exit_code, absurd.exit_code) == (0, 2)
    assert "25.4" in absurd.output
    assert terminal.do(lambda simulator: simulator.terminal.opened) == [20]


def test_given_a_restart_when_asked_for_then_it_happens_once():
    with simulator_in_thread(SimulatorOptions(restart_seconds=0)) as terminal:
        assert run(terminal, "restart").exit_code == 0


def test_given_nobody_there_when_asked_for_anything_then_it_ends_with_2_and_what_to_do():
    done = CliRunner().invoke(app, ["users", "127.0.0.1:1"], env=ENGLISH)

    assert done.exit_code == 2
    assert "port" in done.output


def test_given_a_probe_when_told_then_counts_stand_with_what_there_is_room_for(terminal):
    told = run(terminal, "probe").stdout

    assert "3 / 10000" in told
    assert "zk-10" in told


def test_every_reason_for_not_writing_has_words_in_both_languages():
    assert set(PROBLEMS) == set(WriteProblem)
    assert all(english.isascii() and not chinese.isascii() for english, chinese in PROBLEMS.values())
