"""`clockbridge terminal read`: every punch on standard output, the receipt on standard error, and what the exit code says."""

import csv
import io
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from clockbridge.terminal import app
from edge.devices.driver import Transport
from edge.devices.zkteco import talk as talk_module
from edge.devices.zkteco.simulator import FAULTS, SimulatorOptions, simulator_in_thread
from protocol.instants import pack_wall, show_wall

COMPLETE, UNREACHABLE, NOT_COMPLETE = 0, 2, 3
LAYOUTS = ("8a", "8b", "16", "40", "49")
ENGLISH, CHINESE = {"LC_ALL": "C.UTF-8"}, {"LC_ALL": "zh_CN.UTF-8", "PYTHONUTF8": "1"}
PROGRAM = [sys.executable, "-m", "clockbridge", "terminal", "read"]


def read_process(port, *words, **environment):
    return subprocess.run(
        [*PROGRAM, f"127.0.0.1:{port}", *map(str, words)],
        capture_output=True,
        text=True,
        timeout=100,
        env={**os.environ, **ENGLISH, **environment},
    )


def read_here(port, *words):
    """The same command in this process: hundreds of them are quick."""
    return CliRunner().invoke(app, ["read", f"127.0.0.1:{port}", *map(str, words)], env=ENGLISH)


def held(terminal):
    return [(punch.number, show_wall(punch.wall), punch.verify, punch.state) for punch in terminal.punches()]


def told(stdout):
    rows = [json.loads(line) for line in stdout.splitlines()]
    return [(row["terminal_user"], row["terminal_time"], row["verify"], row["state"]) for row in rows]


def receipt_of(stderr):
    return json.loads(stderr.splitlines()[0])


@pytest.fixture
def short_silence(monkeypatch):
    monkeypatch.setattr(talk_module, "SILENCE_SECONDS", {Transport.TCP: 0.3, Transport.UDP: 0.1})


PROCESSES = [("40", False, 0), ("16", True, 0), ("49", False, 131_071), ("8a", True, 1234)]


@pytest.mark.parametrize(("layout", "udp", "key"), PROCESSES)
def test_given_a_sound_terminal_when_read_by_a_process_then_each_line_is_a_punch_it_holds(layout, udp, key):
    assert_all_is_told(read_process, layout, udp, key)


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("udp", [False, True], ids=["tcp", "udp"])
@pytest.mark.parametrize("key", [0, 1234, 983_039])
def test_given_every_layout_transport_and_key_when_read_then_each_line_is_a_punch_it_holds(layout, udp, key):
    assert_all_is_told(read_here, layout, udp, key)


def assert_all_is_told(read, layout, udp, key):
    options = SimulatorOptions(users=12, punches=120, record_size=layout, user_size=28 if layout.startswith("8") else 72, key=key)
    with simulator_in_thread(options) as terminal:
        done = read(terminal.port, *(["--udp"] if udp else []), *(["--key", key] if key else []))
        punches = held(terminal)

    receipt = receipt_of(done.stderr)
    assert (done.returncode if isinstance(done, subprocess.CompletedProcess) else done.exit_code) == COMPLETE
    assert told(done.stdout) == punches
    assert (receipt["complete"], receipt["decoded"], receipt["doubtful"], receipt["layout"]) == (True, 120, 0, layout)
    assert receipt["declared"] == receipt["received"] == 4 + 120 * int(layout.rstrip("ab"))


def test_given_numbers_with_leading_zeros_when_read_as_csv_then_they_are_text_as_the_terminal_has_them():
    with simulator_in_thread(SimulatorOptions(users=1)) as terminal:
        terminal.punch("0017", pack_wall("2026-10-03 08:59:01"))
        terminal.punch("0017", pack_wall("2026-10-03 08:59:01"))
        done = read_process(terminal.port, "--format", "csv")

    rows = list(csv.DictReader(io.StringIO(done.stdout)))
    assert [(row["terminal_user"], row["terminal_time"]) for row in rows] == [("0017", "2026-10-03 08:59:01")] * 2
    assert (done.returncode, receipt_of(done.stderr)["repeated"]) == (COMPLETE, 1)


EXACT = {
    "coalesced", "per-frame", "fragment", "fragment-delay", "split-1501", "cut-mid-read", "single-client", "buffered", "direct-small",
    "refuse-1503", "lossy-chunk", "punch-mid-read", "prefix-junk", "log-cleared", "wrong-count", "zero-count", "stale-count", "access-mode",
    "size-reply-112", "no-options", "checksum-off", "session-reset", "restart-silent", "event-size", "event-burst", "event-interleaved",
    "gbk-names", "uid-reuse", "udp-loss", "udp-duplicate", "udp-reorder",
}  # fmt: skip
OF_WRITING = {
    "refuses-writes", "forgets-writes", "spoils-templates", "no-bulk", "bulk-keeps", "no-single-read", "checksum-other", "cut-mid-write",
    "power-cut-mid-write", "stays-disabled", "no-sensor", "enrol-ends",
}  # fmt: skip
DOUBTFUL = {"impossible-dates"}
REFUSED = {"no-answer", "access-panel", "key-required", "key-wrong"}


def test_given_the_fault_modes_of_the_simulator_when_listed_then_each_has_its_exit_code_here():
    assert set(FAULTS) == EXACT | DOUBTFUL | REFUSED | OF_WRITING


@pytest.mark.parametrize("fault", sorted(EXACT))
def test_given_a_fault_that_can_be_made_good_when_read_then_every_punch_is_told_and_the_code_is_0(fault):
    with simulator_in_thread(SimulatorOptions(users=9, punches=600, faults=(fault,))) as terminal:
        before = held(terminal)
        done = read_here(terminal.port, *(["--udp"] if fault.startswith("udp-") else []))

    assert (done.exit_code, told(done.stdout)[:600]) == (COMPLETE, before), done.stderr
    assert receipt_of(done.stderr)["complete"]


@pytest.mark.parametrize("udp", [False, True], ids=["tcp", "udp"])
def test_given_dates_that_are_none_when_read_then_the_rest_is_told_and_the_code_is_3(udp, short_silence):
    with simulator_in_thread(SimulatorOptions(users=9, punches=100, faults=("impossible-dates",))) as terminal:
        good = [punch for punch in held(terminal) if "-02-30 " not in punch[1]]
        done = read_here(terminal.port, *(["--udp"] if udp else []))

    receipt, *doubts = map(json.loads, done.stderr.splitlines())
    assert (done.exit_code, told(done.stdout), len(good)) == (NOT_COMPLETE, good, 90)
    assert (receipt["complete"], receipt["doubtful"], len(doubts)) == (True, 10, 10)
    assert {(doubt["reason"], len(doubt["raw"])) for doubt in doubts} == {("impossible-date", 80)}


@pytest.mark.parametrize("fault", sorted(REFUSED))
@pytest.mark.parametrize("udp", [False, True], ids=["tcp", "udp"])
def test_given_a_terminal_that_gives_nothing_when_read_then_nothing_is_told_and_the_code_is_2(fault, udp, short_silence):
    with simulator_in_thread(SimulatorOptions(punches=5, faults=(fault,))) as terminal:
        done = read_here(terminal.port, *(["--udp"] if udp else []))

    assert (done.exit_code, done.stdout) == (UNREACHABLE, "")
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("fault", ["zero-count", "wrong-count=1", "wrong-count=10", "wrong-count=1000000", "wrong-count=-3"])
def test_given_a_wrong_count_when_read_then_it_stands_in_the_receipt_and_changes_nothing(layout, fault, short_silence):
    with simulator_in_thread(SimulatorOptions(users=9, punches=60, record_size=layout, faults=(fault,))) as terminal:
        done = read_here(terminal.port)
        punches = held(terminal)

    assert (done.exit_code, told(done.stdout)) == (COMPLETE, punches)
    assert receipt_of(done.stderr)["count_told_by_terminal"] == {
        "zero-count": 0, "wrong-count=1": 61, "wrong-count=10": 70, "wrong-count=1000000": 1_000_060, "wrong-count=-3": 57
    }[fault]  # fmt: skip


def test_given_a_user_that_no_list_names_when_an_8_byte_log_is_read_then_the_row_is_told_as_doubtful_and_the_code_is_3(short_silence):
    with simulator_in_thread(SimulatorOptions(users=9, punches=20, record_size="8a", user_size=28)) as terminal:
        stranger = terminal.punch("777")
        done = read_here(terminal.port)

    last = json.loads(done.stdout.splitlines()[-1])
    assert (done.exit_code, last["terminal_user"], last["doubt"]) == (NOT_COMPLETE, f"uid:{stranger.uid}", "uid-unresolved")
    assert receipt_of(done.stderr)["doubtful"] == 1


def test_given_a_part_that_never_comes_when_read_then_it_is_not_complete_and_the_code_is_3(short_silence, monkeypatch):
    from edge.devices.zkteco.simulator import reading

    monkeypatch.setattr(
        reading, "TCP_PART", 60
    )  # this terminal answers a part of more than 60 bytes with an error, and parts of 64 are asked
    with simulator_in_thread(SimulatorOptions(users=1, punches=600)) as terminal:
        done = read_here(terminal.port)

    receipt = receipt_of(done.stderr)
    assert (done.exit_code, receipt["complete"], done.stdout) == (NOT_COMPLETE, False, "")
    assert (receipt["declared"], receipt["received"]) == (24_004, 0)
    assert "failed 8 times" in receipt["reason"]


def test_given_a_layout_when_it_is_chosen_wrongly_then_all_is_doubtful_and_the_code_is_3(short_silence):
    with simulator_in_thread(SimulatorOptions(users=9, punches=60, record_size="8a", user_size=28)) as terminal:
        right, wrong, unknown = (read_here(terminal.port, "--layout", layout) for layout in ("8a", "8b", "17"))

    assert (right.exit_code, len(told(right.stdout))) == (COMPLETE, 60)
    assert (wrong.exit_code, wrong.stdout, receipt_of(wrong.stderr)["reason"]) == (
        NOT_COMPLETE, "", "the rows are of the layout 8a, not of 8b, which was chosen"
    )  # fmt: skip
    assert (unknown.exit_code, "8a, 8b, 16, 40, 49" in unknown.stderr) == (UNREACHABLE, True)


@pytest.fixture(scope="module")
def full_terminal():
    with simulator_in_thread(SimulatorOptions(users=200, punches=100_000)) as terminal:
        yield terminal


def test_given_a_hundred_thousand_punches_when_piped_then_every_line_comes_and_is_whole(full_terminal):
    done = read_process(full_terminal.port)

    assert (done.returncode, receipt_of(done.stderr)["decoded"]) == (COMPLETE, 100_000)
    assert told(done.stdout) == held(full_terminal)


def test_given_a_reader_that_has_seen_enough_when_piped_then_it_is_quiet_about_it_and_the_receipt_is_told(full_terminal):
    program = subprocess.Popen(
        [*PROGRAM, f"127.0.0.1:{full_terminal.port}"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, **ENGLISH},
    )
    with program:
        first = json.loads(program.stdout.readline())
        program.stdout.close()
        said = program.stderr.read()

    assert first["terminal_user"]
    assert [json.loads(line)["decoded"] for line in said.splitlines()] == [100_000]
    assert program.returncode == COMPLETE


def test_given_a_full_disk_when_written_to_then_one_sentence_says_so_and_the_code_is_not_0(full_terminal):
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [*PROGRAM, f"127.0.0.1:{full_terminal.port}"],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            timeout=100,
            env={**os.environ, **ENGLISH},
        )

    assert done.returncode == UNREACHABLE
    assert "The punches cannot be written: No space left on device." in done.stderr
    assert "Traceback" not in done.stderr


def test_given_nobody_there_when_read_then_the_sentence_is_in_the_readers_language():
    english, chinese = read_process(9), read_process(9, **CHINESE)

    assert (english.returncode, english.stdout) == (UNREACHABLE, "")
    assert english.stderr.startswith("The machine is there, but the port is closed. Check the port")
    assert (chinese.returncode, chinese.stderr.startswith("主机在，但端口关闭。检查端口")) == (UNREACHABLE, True)
