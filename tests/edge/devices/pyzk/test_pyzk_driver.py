"""The pyzk driver: values as ours, weaknesses said, its library never in this process."""

import asyncio
import importlib.util
import subprocess
import sys
import time
from zoneinfo import ZoneInfo

import pytest

from edge.devices.driver import TerminalAddress, TerminalPunch, TerminalRefusedError, TerminalUnreachableError
from edge.devices.pyzk import process
from edge.devices.pyzk.driver import PyzkDriver, read_users_and_log
from edge.devices.pyzk.process import PyzkBrokenError, PyzkMissingError
from edge.devices.zkteco.simulator import SimulatorOptions, simulator_in_thread
from protocol.instants import pack_wall

with_pyzk = pytest.mark.skipif(importlib.util.find_spec("zk") is None, reason="pyzk is not installed: install the extra clockbridge[pyzk]")


def read(port, timeout=60, **options):
    return asyncio.run(read_users_and_log(TerminalAddress("127.0.0.1", port, **options), timeout))


@with_pyzk
def test_given_a_terminal_when_entered_then_a_warning_and_its_facts(caplog):
    async def look(port):
        async with PyzkDriver(TerminalAddress("127.0.0.1", port), timeout=60) as driver:
            await driver.listen()
            return await driver.describe(), await driver.read_clock(), await driver.read_log(), await driver.next_event(0.01)

    with simulator_in_thread(SimulatorOptions(punches=7, serial="ABC123", clock_drift=-180, zone="UTC")) as terminal:
        facts, clock, log, event = asyncio.run(look(terminal.port))

    assert (facts.serial, facts.users, facts.punches) == ("ABC123", 20, 7)
    assert abs(clock.drift_ms(ZoneInfo("UTC")) + 180_000) < 2_000
    assert len(log.punches) == 7
    assert event is None
    assert "pyzk" in caplog.text


@with_pyzk
def test_given_a_read_when_done_then_the_terminal_was_never_disabled_nor_cleared():
    with simulator_in_thread(SimulatorOptions(punches=50)) as terminal:
        read(terminal.port)

        assert terminal.counts()["enabled"]
        assert terminal.counts()["held"] == 50


@with_pyzk
def test_given_a_record_size_pyzk_does_not_know_when_read_then_not_complete_and_what_it_invented_is_doubtful():
    with simulator_in_thread(SimulatorOptions(punches=0, record_size="49")) as terminal:
        for number in range(1001, 1021):  # pyzk reads the past end of a row as a time: with some days it fails, with this one it invents
            terminal.punch(str(number), pack_wall("2026-10-01 00:00:00"))
        got = read(terminal.port)

    assert len(got.log.punches) > 20
    assert not got.log.receipt.complete
    assert got.log.receipt.doubtful > 0


@with_pyzk
@pytest.mark.parametrize(
    "options", [{"record_size": "49"}, {"faults": ("zero-count",)}, {"record_size": "16", "faults": ("wrong-count=1",)}]
)
def test_given_a_read_that_is_not_certain_when_it_is_for_collecting_then_no_punch_of_it_is_handed_on(options):
    async def collect(port):
        async with PyzkDriver(TerminalAddress("127.0.0.1", port), timeout=60) as driver:
            return await driver.read_log()

    with simulator_in_thread(SimulatorOptions(punches=0, **options)) as terminal:
        for number in range(1001, 1021):
            terminal.punch(str(number), pack_wall("2026-10-01 00:00:00"))
        found = asyncio.run(collect(terminal.port))

    assert (found.receipt.complete, found.punches) == (False, ())
    assert found.receipt.reason


@with_pyzk
def test_given_punches_during_the_read_when_read_then_not_complete():
    with simulator_in_thread(SimulatorOptions(punches=50, record_size="16", faults=("punch-mid-read=9",))) as terminal:
        receipt = read(terminal.port).log.receipt

    assert not receipt.complete
    assert receipt.reason


@with_pyzk
def test_given_a_row_number_no_user_has_when_read_then_never_admitted_under_it():
    with simulator_in_thread(SimulatorOptions(punches=0, record_size="8a")) as terminal:
        terminal.punch("7777", pack_wall("2026-10-03 08:59:01"))
        (punch,) = read(terminal.port).log.punches

    assert (punch.user, punch.doubt) == ("uid:21", "uid-unresolved")


@with_pyzk
def test_given_nobody_at_the_port_when_read_then_unreachable():
    with pytest.raises(TerminalUnreachableError):
        read(1)


@with_pyzk
def test_given_a_wrong_key_when_read_then_refused():
    with simulator_in_thread(SimulatorOptions(key=5)) as terminal, pytest.raises(TerminalRefusedError):
        read(terminal.port, key=6)


@with_pyzk
def test_given_an_impossible_date_when_read_then_pyzk_fails_and_says_so():
    with simulator_in_thread(SimulatorOptions(punches=20, faults=("impossible-dates",))) as terminal, pytest.raises(PyzkBrokenError):
        read(terminal.port)


@with_pyzk
def test_given_a_terminal_that_never_answers_when_read_then_it_ends_in_time():
    with simulator_in_thread(SimulatorOptions(faults=("no-answer",))) as terminal:
        started = time.monotonic()
        with pytest.raises(TerminalUnreachableError):
            read(terminal.port, timeout=1)

    assert time.monotonic() - started < 60


def test_given_no_pyzk_when_read_then_one_sentence_says_what_to_install(monkeypatch, tmp_path):
    package = tmp_path / "zk"
    package.mkdir()
    (package / "__init__.py").write_text("raise ImportError('hidden by a test')")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))

    with pytest.raises(PyzkMissingError, match=r"clockbridge\[pyzk\]"):
        read(1)


def test_given_a_worker_that_dies_when_asked_then_its_last_words(monkeypatch, tmp_path):
    package = tmp_path / "zk"
    package.mkdir()
    (package / "__init__.py").write_text("import os, sys; print('out of memory', file=sys.stderr, flush=True); os._exit(9)")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))

    with pytest.raises(PyzkBrokenError, match="out of memory"):
        read(1)


def test_given_a_worker_that_hangs_when_asked_then_it_is_ended(monkeypatch, tmp_path):
    package = tmp_path / "zk"
    package.mkdir()
    (package / "__init__.py").write_text("import time; time.sleep(60)")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.setattr(process, "START_SECONDS", 0.5)

    with pytest.raises(TerminalUnreachableError, match="no further"):
        asyncio.run(read_users_and_log(TerminalAddress("127.0.0.1", 1), timeout=0.05))


def test_given_our_driver_when_imported_then_pyzk_is_not():
    code = "import sys, edge.devices.pyzk.driver; print('zk' in sys.modules)"

    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip() == "False"


def test_given_a_key_when_an_address_is_shown_then_it_is_not_in_it():
    assert "4711" not in repr(TerminalAddress("127.0.0.1", key=4711))
    assert TerminalPunch("1", pack_wall("2026-10-03 08:59:01"), None, None, b"").doubt is None
