"""Clock, door, restart and settings, changed by our driver."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from edge.devices.driver import CannotError, TerminalAddress, TerminalUnreachableError, Transport, WriteProblem
from edge.devices.pyzk import PyzkDriver
from edge.devices.registry import writer_of
from edge.devices.zkteco.driver import ZkDriver
from edge.devices.zkteco.simulator import Simulator, SimulatorOptions

transports = pytest.mark.parametrize("transport", list(Transport))


def with_terminal(scenario, transport=Transport.TCP, **options):
    async def run():
        async with Simulator(SimulatorOptions(zone="UTC", **options)) as terminal:
            async with ZkDriver(TerminalAddress("127.0.0.1", terminal.port, transport), silence_seconds=0.3) as driver:
                return await scenario(driver, terminal)

    return asyncio.run(run())


@transports
def test_given_a_clock_that_is_off_when_set_then_it_shows_the_moment_within_a_fraction_of_a_second(transport):
    async def scenario(driver, terminal):
        await writer_of(driver).set_clock(datetime.now(UTC))
        return terminal.terminal.drift

    assert abs(with_terminal(scenario, transport, clock_drift=-4000)) < timedelta(seconds=0.5)


def test_given_a_moment_no_terminal_can_show_when_set_then_it_cannot():
    async def scenario(driver, _terminal):
        with pytest.raises(CannotError, match=WriteProblem.MOMENT):
            await driver.writer.set_clock(datetime(1999, 12, 31, tzinfo=UTC))

    with_terminal(scenario)


@pytest.mark.parametrize("faults", [(), ("restart-silent",)])
def test_given_a_restart_when_asked_for_then_it_happens_once_and_the_line_is_left(faults):
    async def scenario(driver, terminal):
        await driver.writer.restart()
        with pytest.raises(TerminalUnreachableError):
            await driver.read_clock()
        await asyncio.sleep(0.1)
        return terminal.restarts

    assert with_terminal(scenario, faults=faults, restart_seconds=0) == 1


@pytest.mark.parametrize("seconds", [0, 0.05, 60, float("nan")])
def test_given_an_absurd_time_when_the_door_is_opened_then_it_cannot(seconds):
    async def scenario(driver, _terminal):
        with pytest.raises(CannotError, match=WriteProblem.SECONDS):
            await driver.writer.unlock(seconds)

    with_terminal(scenario)


def test_given_settings_when_read_then_those_that_exist_are_told():
    async def scenario(driver, _terminal):
        return await driver.writer.read_options(["~SerialNumber", "AlarmReRec", "NoSuchThing", "bad=name", ""])

    assert with_terminal(scenario, serial="AB12") == {"~SerialNumber": "AB12", "AlarmReRec": "0"}


def test_given_a_terminal_when_described_then_counts_capacities_and_algorithms_are_told():
    async def scenario(driver, _terminal):
        return await driver.describe()

    facts = with_terminal(scenario, users=7, punches=9)

    assert (facts.users, facts.punches, facts.algorithm, facts.face_algorithm) == (7, 9, "zk-10", "zk-7")
    assert (facts.users_capacity, facts.punches_capacity) == (65535, 1_000_000)


def test_given_a_driver_that_only_reads_when_asked_for_a_writer_then_it_says_so():
    with pytest.raises(CannotError, match=WriteProblem.READS_ONLY):
        writer_of(PyzkDriver(TerminalAddress("127.0.0.1")))
