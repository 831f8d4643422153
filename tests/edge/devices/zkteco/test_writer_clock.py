"""Clock, door, restart and settings, changed by our driver."""

import asyncio
import time
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
import time_machine

from edge.devices.driver import CannotError, TerminalAddress, TerminalUnreachableError, Transport, WriteProblem
from edge.devices.pyzk import PyzkDriver
from edge.devices.registry import writer_of
from edge.devices.zkteco import writer as writer_module
from tests.support.pull_writer import with_driver

transports = pytest.mark.parametrize("transport", list(Transport))


@transports
def test_given_a_clock_that_is_off_when_set_then_it_shows_the_moment_within_a_fraction_of_a_second(transport, monkeypatch):
    async def scenario(driver, terminal):
        await writer_of(driver).set_clock(datetime.now(UTC))
        return terminal.terminal.drift

    with time_machine.travel(datetime(2026, 11, 27, 4, 0, 0, 250_000, UTC), tick=False) as now:  # time passes only while it is waited for

        async def wait(seconds):
            now.shift(seconds)

        monkeypatch.setattr(writer_module, "asyncio", SimpleNamespace(sleep=wait))
        monkeypatch.setattr(writer_module, "time", SimpleNamespace(monotonic=time.time))
        assert abs(with_driver(scenario, transport, clock_drift=-4000)) < timedelta(seconds=0.5)


def test_given_a_moment_no_terminal_can_show_when_set_then_it_cannot():
    async def scenario(driver, _terminal):
        with pytest.raises(CannotError, match=WriteProblem.MOMENT):
            await driver.writer.set_clock(datetime(1999, 12, 31, tzinfo=UTC))

    with_driver(scenario)


@pytest.mark.parametrize("faults", [(), ("restart-silent",)])
def test_given_a_restart_when_asked_for_then_it_happens_once_and_the_line_is_left(faults):
    async def scenario(driver, terminal):
        await driver.writer.restart()
        with pytest.raises(TerminalUnreachableError):
            await driver.read_clock()
        await asyncio.sleep(0.1)
        return terminal.restarts

    assert with_driver(scenario, faults=faults, restart_seconds=0) == 1


def test_given_a_door_when_opened_then_it_is_once_and_for_so_long():
    async def scenario(driver, terminal):
        await driver.writer.unlock(3)
        return terminal.terminal.opened

    assert with_driver(scenario) == [30]


@pytest.mark.parametrize("seconds", [0, 0.05, 60, float("nan")])
def test_given_an_absurd_time_when_the_door_is_opened_then_it_cannot(seconds):
    async def scenario(driver, _terminal):
        with pytest.raises(CannotError, match=WriteProblem.SECONDS):
            await driver.writer.unlock(seconds)

    with_driver(scenario)


def test_given_settings_when_read_then_those_that_exist_are_told():
    async def scenario(driver, _terminal):
        return await driver.writer.read_options(["~SerialNumber", "AlarmReRec", "NoSuchThing", "bad=name", ""])

    assert with_driver(scenario, serial="AB12") == {"~SerialNumber": "AB12", "AlarmReRec": "0"}


def test_given_a_terminal_when_described_then_counts_capacities_and_algorithms_are_told():
    async def scenario(driver, _terminal):
        return await driver.describe()

    facts = with_driver(scenario, users=7, fingers=2, faces=5, punches=9, algorithm="9", users_capacity=3000, fingers_capacity=1500)

    assert (facts.users, facts.fingers, facts.faces, facts.punches) == (7, 14, 5, 9)
    assert (facts.users_capacity, facts.fingers_capacity, facts.faces_capacity, facts.punches_capacity) == (3000, 1500, 3000, 1_000_000)
    assert (facts.algorithm, facts.face_algorithm) == ("zk-9", "zk-7")


def test_given_a_driver_that_only_reads_when_asked_for_a_writer_then_it_says_so():
    with pytest.raises(CannotError, match=WriteProblem.READS_ONLY):
        writer_of(PyzkDriver(TerminalAddress("127.0.0.1")))
