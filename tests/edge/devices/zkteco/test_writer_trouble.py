"""Writing while the terminal or the line does what it can to spoil it: nothing is claimed that is not so, and it may be repeated."""

import asyncio
import math
from contextlib import suppress

import pytest

from edge.devices.driver import (
    DriverError,
    NotKeptError,
    TerminalPunch,
    TerminalRefusedError,
    TerminalUserRecord,
    Transport,
    UserTemplate,
    WriteProblem,
)
from edge.devices.zkteco import talk as talk_module
from edge.devices.zkteco.simulator.faults import FAULTS
from tests.support.pull_writer import fingers_of, users_of, with_driver

transports = pytest.mark.parametrize("transport", list(Transport))
NEW = [TerminalUserRecord(str(7000 + number), f"new {number}") for number in range(12)]
FINGERS = [UserTemplate("1001", 1, "zk-10", b"MxSS21" + bytes(900)), UserTemplate("1001", 2, "zk-10", bytes(range(250)) * 6)]
UNHELPFUL = {"no-answer", "access-panel", "key-wrong", "key-required", "udp-loss", "udp-duplicate", "udp-reorder"}
"""Nobody is let in, or only UDP is concerned (below)."""

PREVENTS = {"refuses-writes", "forgets-writes", "spoils-templates", "no-options", "uid-reuse"}
"""Of these no success can come: the algorithm is not told, or 1001 is somebody else."""


async def write_all(writer):
    failed = await writer.write_users(NEW)
    if failed:
        raise next(iter(failed.values()))
    await writer.write_templates("1001", FINGERS)
    await writer.delete_user("1002")


def is_done(terminal):
    users, fingers = users_of(terminal), fingers_of(terminal)
    return (
        all(users.get(user.user) and users[user.user].name == user.name for user in NEW)
        and all(fingers.get(("1001", one.finger)) == one.data for one in FINGERS)
        and "1002" not in users
    )


@pytest.mark.parametrize("fault", sorted(FAULTS.keys() - UNHELPFUL))
def test_given_any_fault_when_written_then_done_is_done_and_anything_else_an_error(fault):
    async def scenario(driver, terminal):
        try:
            await write_all(driver.writer)
        except DriverError:
            claimed = False
        else:
            claimed = True
        return claimed, is_done(terminal), terminal.counts()["enabled"]

    claimed, done, enabled = with_driver(scenario, users=4, punches=30, faults=(fault,), restart_seconds=0.1)

    assert done or not claimed
    assert claimed == (fault not in PREVENTS)
    assert enabled


@pytest.mark.parametrize("faults", [("udp-loss=0.03",), ("udp-duplicate=0.1",), ("udp-reorder=0.1",)])
def test_given_a_bad_line_for_datagrams_when_written_then_it_is_as_wanted(faults):
    async def scenario(driver, terminal):
        await write_all(driver.writer)
        return is_done(terminal)

    assert with_driver(scenario, Transport.UDP, silence=1, users=4, faults=faults)


@transports
@pytest.mark.parametrize("fault", ["cut-mid-write=3", "power-cut-mid-write=1"])
def test_given_a_line_or_power_that_fails_in_the_middle_when_repeated_then_it_is_as_wanted(transport, fault):
    async def scenario(driver, terminal):
        for _ in range(5):
            try:
                await write_all(driver.writer)
            except DriverError:
                await asyncio.sleep(0.05)
            else:
                break
        return is_done(terminal)

    assert with_driver(scenario, transport, silence=1, users=4, faults=(fault,), restart_seconds=0)


@transports
@pytest.mark.parametrize("faults", [(), ("event-interleaved",), ("event-burst=3",)])
def test_given_punches_while_it_is_written_when_heard_later_then_all_are_there(transport, faults):
    async def scenario(driver, terminal):
        await driver.listen()
        made = []

        async def punch():
            for second in range(20):
                made.append((second, terminal.punch("1001", 20261123080000 + second).wall))
                await asyncio.sleep(0.002)

        await asyncio.gather(punch(), write_all(driver.writer))
        heard = []
        while len(heard) < 20 and (event := await driver.next_event(60)) is not None:
            assert isinstance(event, TerminalPunch)
            heard.append(event.wall)
        return [wall for _, wall in made], heard

    made, heard = with_driver(scenario, transport, users=4, faults=faults)

    assert heard == made


def test_given_a_log_that_was_read_when_cleared_then_it_is_empty_and_people_can_punch():
    async def scenario(driver, terminal):
        read = await driver.read_log()
        await driver.writer.clear_log(read)
        return len(terminal.log), terminal.counts()["enabled"]

    assert with_driver(scenario, punches=50) == (0, True)


def test_given_a_punch_that_was_not_read_when_cleared_then_nothing_is_cleared():
    async def scenario(driver, terminal):
        read = await driver.read_log()
        terminal.punch("1001")
        with pytest.raises(TerminalRefusedError, match=WriteProblem.LOG_CHANGED):
            await driver.writer.clear_log(read)
        return len(terminal.log), terminal.counts()["enabled"]

    assert with_driver(scenario, punches=50) == (51, True)


@pytest.mark.parametrize("fault", ["wrong-count=3", "zero-count", "access-mode", "punch-mid-read=9", "stays-disabled"])
def test_given_a_count_that_lies_or_punches_in_between_when_cleared_then_no_punch_is_lost(fault):
    async def scenario(driver, terminal):
        read = await driver.read_log()
        told = {(punch.user, punch.wall) for punch in read.punches}
        terminal.faults.switch_on(fault)
        with suppress(DriverError):
            await driver.writer.clear_log(read)
        return terminal.terminal.cleared, told, {(punch.number, punch.wall) for punch in terminal.log}, terminal.counts()["enabled"]

    cleared, told, left, enabled = with_driver(scenario, punches=50)

    assert cleared == 0 or cleared <= len(told)
    assert not cleared or not left & told
    assert enabled


@transports
@pytest.mark.parametrize("fault", ["cut-mid-write", "power-cut-mid-write", "refuses-writes", "forgets-writes"])
def test_given_a_line_that_breaks_while_the_log_is_cleared_then_the_terminal_is_enabled_and_success_is_only_claimed_when_cleared(
    transport, fault
):
    async def scenario(driver, terminal):
        read = await driver.read_log()
        terminal.faults.switch_on("stays-disabled")
        terminal.faults.switch_on(fault)
        try:
            await driver.writer.clear_log(read)
        except (TerminalRefusedError, NotKeptError, DriverError):
            claimed = False
        else:
            claimed = True
        return claimed, len(terminal.log), terminal.counts()["enabled"]

    claimed, left, enabled = with_driver(scenario, transport, silence=1, punches=50, restart_seconds=0)

    assert enabled
    assert not left or not claimed


def test_given_a_terminal_that_cannot_be_enabled_when_somebody_talks_to_it_again_then_it_is_enabled_first(monkeypatch):
    monkeypatch.setattr(talk_module, "RECONNECT_PAUSES", (0.01,))

    async def scenario(driver, terminal):
        terminal.faults.switch_on("stays-disabled")
        await driver._talk.disable(30)  # and then the line is lost for a while
        terminal._port.switch_off(math.inf)
        with pytest.raises(DriverError):
            await driver._talk.enable_for_certain()
        left_disabled = not terminal.counts()["enabled"]
        terminal._port.switch_off(0)
        async with type(driver)(driver.address):
            return left_disabled, terminal.counts()["enabled"]

    assert with_driver(scenario) == (True, True)


def test_given_a_read_that_was_not_whole_when_cleared_then_it_is_refused():
    async def scenario(driver, terminal):
        terminal.faults.switch_on("impossible-dates")
        read = await driver.read_log()
        terminal.punch("1001")
        with pytest.raises(TerminalRefusedError):
            await driver.writer.clear_log(read)
        return len(terminal.log)

    assert with_driver(scenario, punches=10) == 11
