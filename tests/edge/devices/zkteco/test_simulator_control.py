"""The door for the person behind the terminal, and the state file."""

import asyncio
import errno
import json
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from clockbridge.simulate import app
from edge.devices.zkteco.simulator import FAULTS, Simulator, SimulatorError, SimulatorOptions, simulator_in_thread
from edge.devices.zkteco.simulator.control import COMMANDS, ControlDoor, answer_line, obey
from tests.support.raw_terminal import RawTerminal


@pytest.fixture
def running():
    with simulator_in_thread(SimulatorOptions(users=3, punches=4)) as started:
        yield started


def told(running, line):
    return running.do(lambda simulator: obey(simulator, line))


def test_given_a_time_when_told_to_punch_then_it_is_held(running):
    answer = told(running, "punch 007 2026-01-02 03:04:05")

    assert answer == {"ok": True, "terminal_user": "007", "terminal_time": "2026-01-02 03:04:05"}
    assert ["007", "2026-01-02 03:04:05"] in told(running, "dump")["identities"]


def test_given_the_same_punch_twice_when_counted_then_held_counts_it_once(running):
    told(running, "punch 1001 2026-01-02 03:04:05")
    told(running, '{"command": "punch", "arguments": ["1001", "2026-01-02 03:04:05"]}')

    counts = told(running, "counts")

    assert (counts["held"], counts["rows"], counts["users"], counts["serial"]) == (5, 6, 3, "CBSIM0001")


def test_given_a_log_when_cleared_then_counted_as_cleared(running):
    assert told(running, "clear")["gone"] == 4
    assert (told(running, "counts")["held"], told(running, "counts")["cleared"]) == (0, 4)


def test_given_a_fault_when_switched_then_it_is_listed(running):
    assert told(running, "fault fragment=7 on")["faults"] == ["fragment"]
    assert told(running, "fault fragment off")["faults"] == []


def test_given_a_drift_when_set_then_punches_carry_it(running):
    told(running, "drift -86400")
    behind = told(running, "punch 1001")["terminal_time"]
    told(running, "drift 0")

    assert behind < told(running, "punch 1001")["terminal_time"]


WRONG_LINES = [
    *("", "nonsense", "punch", "punch 1 yesterday", "punch 1 2199-01-01 00:00:00", "punch " + "9" * 25),
    *("rate x", "rate -1", "rate nan", "drift", "drift inf", "fault nix on", "fault fragment maybe"),
    *("{", "{}", '{"command": 3}', '{"command": "punch", "arguments": 3}'),
]


@pytest.mark.parametrize("line", WRONG_LINES)
def test_given_a_wrong_line_when_told_then_an_error_and_nothing_changes(running, line):
    before = told(running, "counts")

    answer = told(running, line)

    assert answer["ok"] is False
    assert answer["error"]
    assert told(running, "counts") == before


@pytest.mark.parametrize("line", [name for name in COMMANDS if name not in {"punch", "rate", "drift", "fault"}])
def test_given_a_command_without_arguments_when_told_then_it_answers_json(running, line):
    answer = running.do(lambda simulator: answer_line(simulator, line.encode()))

    assert json.loads(answer)["ok"] is True


def test_given_the_door_when_two_people_talk_then_each_gets_lines_of_json():
    async def talk():
        async with Simulator(SimulatorOptions(punches=2)) as simulator, ControlDoor(simulator, 0) as door:
            streams = [await asyncio.open_connection("127.0.0.1", door.port) for _ in range(2)]
            answers = []
            for reader, writer in streams:
                writer.write(b"counts\n\xff\xfe\n")
                answers.append([json.loads(await reader.readline()) for _ in range(2)])
                writer.close()
            return answers

    for counted, refused in asyncio.run(talk()):
        assert counted["held"] == 2
        assert refused["ok"] is False


# The state file


def test_given_a_state_file_when_started_again_then_the_terminal_remembers(tmp_path):
    options = SimulatorOptions(punches=10, state=tmp_path / "state.jsonl", clock_drift=3)
    with simulator_in_thread(options) as first:
        first.punch("1002")
        first.do(lambda simulator: simulator.terminal.delete_user(3))
        first.punch("1001")
        held = first.punches()

    with simulator_in_thread(options) as second:
        assert second.punches() == held
        assert second.counts()["users"] == 19


def test_given_a_torn_last_line_when_started_again_then_it_is_cut_off(tmp_path):
    options = SimulatorOptions(punches=10, state=tmp_path / "state.jsonl")
    with simulator_in_thread(options):
        pass
    with options.state.open("ab") as file:
        file.write(b'{"punch":["1001",2026')

    with simulator_in_thread(options) as second:
        second.punch("1001")
    with simulator_in_thread(options) as third:
        assert third.counts()["rows"] == 11


@pytest.mark.parametrize("content", [b"hello", b"hello\n", b'{"clockbridge_simulator":1,"serial":"OTHER"}\n'])
def test_given_a_foreign_file_when_used_as_state_then_it_is_refused_and_untouched(tmp_path, content):
    path = tmp_path / "precious"
    path.write_bytes(content)

    with pytest.raises(SimulatorError), simulator_in_thread(SimulatorOptions(state=path)):
        pass

    assert path.read_bytes() == content


def test_given_a_cleared_log_when_started_again_then_it_stays_cleared(tmp_path):
    options = SimulatorOptions(punches=10, state=tmp_path / "state.jsonl")
    with simulator_in_thread(options) as first:
        first.do(lambda simulator: simulator.clear())

    with simulator_in_thread(options) as second:
        assert (second.counts()["rows"], second.counts()["cleared"]) == (0, 10)


def test_given_a_device_instead_of_a_file_when_used_as_state_then_it_is_refused():
    with pytest.raises(SimulatorError, match="is no file"), simulator_in_thread(SimulatorOptions(state=Path("/dev/full"))):
        pass


def test_given_a_disk_that_fills_up_when_punched_then_the_terminal_says_so_and_answers_no_more(tmp_path):
    def full(_changes):
        raise OSError(errno.ENOSPC, "No space left on device")

    with simulator_in_thread(SimulatorOptions(state=tmp_path / "state.jsonl")) as started:
        started.do(lambda simulator: setattr(simulator._state, "append", full))
        answer = told(started, "punch 1001")

        assert answer["ok"] is False
        assert "No space left" in answer["error"]
        with RawTerminal(started.port) as client, pytest.raises(ConnectionError):
            client.connect()


# The command


def start_command(*arguments):
    command = [sys.executable, "-m", "clockbridge", "simulate", "zkteco", "--port", "0", "--control", "0", *arguments]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    ready = dict(fact.split("=", 1) for fact in process.stdout.readline().split()[1:])
    return process, ready


def ask_door(port, line):
    with socket.create_connection(("127.0.0.1", int(port)), timeout=60) as door:
        door.sendall(line.encode() + b"\n")
        return json.loads(door.makefile().readline())


def test_given_the_command_when_killed_while_punching_then_everything_it_said_it_held_is_held_again(tmp_path):
    arguments = ("--state", str(tmp_path / "state.jsonl"), "--rate", "300", "--users", "50")
    process, ready = start_command(*arguments)
    for _ in range(5):
        told = ask_door(ready["control"], "dump")["identities"]
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    process.stdin.close()
    process.stdout.close()

    again, ready = start_command(*arguments)
    held = ask_door(ready["control"], "dump")["identities"]
    again.stdin.write("counts\n")
    again.stdin.flush()
    by_standard_input = json.loads(again.stdout.readline())
    again.send_signal(signal.SIGTERM)

    assert again.wait(60) == 0
    again.stdin.close()
    again.stdout.close()
    assert {tuple(identity) for identity in told} <= {tuple(identity) for identity in held}
    assert by_standard_input["ok"]


@pytest.mark.parametrize(
    "arguments",
    [("--fault", "nix"), ("--record-size", "41"), ("--from-file", "absent"), ("--zone", "Nowhere"), ("--state", "/proc/none")],
)
def test_given_wrong_options_when_started_then_one_sentence_and_exit_2(arguments):
    command = [sys.executable, "-m", "clockbridge", "simulate", "zkteco", "--port", "0", *arguments]

    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60)

    assert done.returncode == 2
    assert done.stderr.startswith("The simulator cannot run")
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.parametrize(
    "content",
    [
        '{"terminal_user": "007", "terminal_time": "2026-10-03 08:59:01", "name": "王伟"}\n',
        "      007\t2026-10-03 08:59:01\t1\t0\t1\t0\r\n",
    ],
)
def test_given_a_file_of_punches_when_started_from_it_then_they_are_held(tmp_path, content):
    path = tmp_path / "past"
    path.write_text(content)

    with simulator_in_thread(SimulatorOptions(from_file=path)) as started:
        (punch,) = started.punches()

    assert (punch.number, punch.wall, punch.verify, punch.state) == ("007", 20261003085901, 1, 0)


def test_given_the_list_of_faults_when_asked_for_then_each_has_a_line():
    result = CliRunner().invoke(app, ["faults"])

    assert result.exit_code == 0
    assert [line.split()[0].split("=")[0] for line in result.stdout.splitlines()] == list(FAULTS)


@pytest.mark.parametrize("content", ['{"name": "1"}\n', "nonsense\n", '{"terminal_user": "", "terminal_time": "2026-10-03 08:59:01"}\n'])
def test_given_a_file_that_holds_no_punches_when_started_from_it_then_the_line_is_named(tmp_path, content):
    path = tmp_path / "past"
    path.write_text("\n" + content)

    with pytest.raises(SimulatorError, match="line 2"), simulator_in_thread(SimulatorOptions(from_file=path)):
        pass


def test_given_people_in_a_file_when_started_from_it_then_they_are_users_whether_they_punched_or_not(tmp_path):
    path = tmp_path / "past"
    path.write_text(
        '{"terminal_user": "0017", "name": "王芳"}\n{"terminal_user": "0018", "terminal_time": "2026-10-03 08:59:01"}\n'
        '{"terminal_user": "0018", "name": "李伟", "terminal_time": "2026-10-03 18:00:00", "state": 1, "verify": null}\n'
    )

    with simulator_in_thread(SimulatorOptions(from_file=path)) as started:
        users = told(started, "users")["users"]

        assert users == [[1, "0017", "王芳"], [2, "0018", "李伟"]]
        assert [(punch.number, punch.verify, punch.state) for punch in started.punches()] == [("0018", 1, 0), ("0018", 1, 1)]


def test_given_a_number_the_records_cannot_carry_when_started_from_it_then_refused(tmp_path):
    path = tmp_path / "past"
    path.write_text("A-17\t2026-10-03 08:59:01\n")

    with pytest.raises(SimulatorError, match="A-17"), simulator_in_thread(SimulatorOptions(from_file=path, record_size="16")):
        pass
