"""The door's relay goes off: after its time, at the end, and when whoever asked is killed."""

import asyncio
import os
import signal
import subprocess
import sys
import time

import pytest

from edge.devices.driver import TerminalUnreachableError
from edge.devices.serial.relay.door import DoorRelay
from edge.devices.serial.relay.frames import switch
from edge.devices.serial.simulator import RelayPort

OPENS = """
import subprocess, sys
guard = subprocess.Popen([sys.executable, "-m", "edge.devices.serial.relay.guard", sys.argv[1], "1"], stdin=subprocess.PIPE)
guard.stdin.write(b"1 30\\n")
guard.stdin.flush()
guard.wait()
"""


@pytest.fixture
def part():
    with RelayPort() as port:
        yield port


def wait_until(wanted, seconds=60):
    until = time.monotonic() + seconds
    while not wanted():
        assert time.monotonic() < until
        time.sleep(0.01)


async def until(wanted):
    async with asyncio.timeout(60):
        while not wanted():
            await asyncio.sleep(0.01)


def test_given_the_published_orders_then_they_are_written_so():
    assert (switch(1, on=True).hex(), switch(1, on=False).hex()) == ("a00101a2", "a00100a1")
    with pytest.raises(ValueError, match="channels 1 to 8"):
        switch(9, on=True)


def test_given_a_pulse_when_asked_then_it_is_on_and_goes_off_by_itself_and_an_endless_one_is_not_given(part):
    async def work():
        door = DoorRelay(part.port)
        task = asyncio.create_task(door.run())
        await until(lambda: door.ready and part.orders == 2)  # off, at the start; the part hears it in its own thread
        for seconds in (31, float("inf"), float("nan"), -1, 0.1):
            assert door.pulse(seconds)
        await until(lambda: part.changes == [(1, True), (1, False)])
        assert door.pulse(30)
        await until(lambda: part.closed)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    asyncio.run(work())
    wait_until(lambda: not part.closed)


def test_given_the_door_open_when_its_owner_is_killed_then_the_guard_switches_off(part):
    owner = subprocess.Popen([sys.executable, "-c", OPENS, part.port], stdout=subprocess.DEVNULL)
    wait_until(lambda: part.closed)

    os.kill(owner.pid, signal.SIGKILL)
    owner.wait()

    wait_until(lambda: not part.closed)


def test_given_the_door_open_when_the_guard_itself_is_killed_then_the_next_one_switches_off_first(part):
    async def work():
        door = DoorRelay(part.port)
        task = asyncio.create_task(door.run())
        await until(lambda: door.ready)
        door.pulse(30)
        await until(lambda: part.closed)
        door._guard.kill()
        with pytest.raises(TerminalUnreachableError, match="ended"):
            await task
        assert not door.pulse(1)
        again = asyncio.create_task(door.run())
        await until(lambda: door.ready)
        await until(lambda: not part.closed)
        again.cancel()
        await asyncio.gather(again, return_exceptions=True)

    asyncio.run(work())


def test_given_no_relay_when_run_then_it_says_what_to_do():
    door = DoorRelay("/dev/no-such-port")

    with pytest.raises(TerminalUnreachableError, match="plug the part in"):
        asyncio.run(door.run())
    assert not door.pulse(1)
