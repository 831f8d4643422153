"""pyzk 0.9 changes the simulated terminal and our driver reads it; our driver changes it and pyzk reads it."""

import asyncio
import importlib.util
import json
import subprocess
import sys
from pathlib import Path

import pytest

from edge.devices.driver import Enrolment, TerminalAddress, TerminalUserRecord, Transport, UserTemplate
from edge.devices.zkteco.driver import ZkDriver
from edge.devices.zkteco.simulator import SimulatorOptions, simulator_in_thread

pytestmark = pytest.mark.skipif(importlib.util.find_spec("zk") is None, reason="pyzk is not installed: install the extra clockbridge[pyzk]")
SCRIPT = Path(__file__).parents[3] / "peers" / "write_pyzk.py"
transports = pytest.mark.parametrize("transport", list(Transport))


def pyzk(port, transport, *steps):
    done = subprocess.run([sys.executable, SCRIPT, str(port), transport.value, *steps], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def ours(port, transport, use):
    async def talk():
        async with ZkDriver(TerminalAddress("127.0.0.1", port, transport)) as driver:
            return await use(driver)

    return asyncio.run(talk())


@transports
@pytest.mark.parametrize("user_size", [28, 72])
def test_given_what_pyzk_wrote_when_read_by_our_driver_then_it_is_the_same(transport, user_size):
    async def read(driver):
        users = {user.user: user for user in await driver.writer.read_users()}
        return users["4711"], await driver.writer.read_templates("4711"), await driver.describe()

    with simulator_in_thread(SimulatorOptions(users=4, user_size=user_size)) as terminal:
        told = pyzk(terminal.port, transport, "user", "templates", "unlock")
        user, templates, facts = ours(terminal.port, transport, read)
        opened = terminal.do(lambda simulator: simulator.terminal.opened)

    assert (user.name, user.privilege, user.password, user.card) == ("李 Wei", 14, "2468", "3087675")
    assert told["done"]["templates"] == [True, True]
    assert [["4711", one.finger, one.data.hex()] for one in templates] == told["templates"]
    assert (facts.users, facts.fingers, opened) == (5, 2, [40])


@transports
def test_given_what_our_driver_wrote_when_read_by_pyzk_then_it_is_the_same(transport):
    many = [TerminalUserRecord(str(6000 + number), f"王{number}", 14, "13", str(900 + number)) for number in range(25)]
    fingers = [UserTemplate("6003", 2, "zk-10", bytes(range(1, 251)) * 5), UserTemplate("6003", 5, "zk-10", b"MxSS21" + bytes([9]) * 800)]

    async def write(driver):
        assert not await driver.writer.write_users(many)
        await driver.writer.write_templates("6003", fingers)
        await driver.writer.delete_user("1001")

    with simulator_in_thread(SimulatorOptions(users=2)) as terminal:
        ours(terminal.port, transport, write)
        told = pyzk(terminal.port, transport)

    assert told["users"][1:] == [[user.user, user.name, 14, "13", int(user.card)] for user in many]
    assert told["templates"] == [["6003", one.finger, one.data.hex()] for one in fingers]


@transports
def test_given_a_finger_that_pyzk_or_our_driver_had_enrolled_when_read_by_the_other_then_it_is_the_same(transport):
    async def enrol(driver):
        return await driver.writer.enrol("4711", 6), await driver.writer.read_templates("4711")

    with simulator_in_thread(SimulatorOptions(users=2)) as terminal:
        told = pyzk(terminal.port, transport, "user", "enrol")
        ended, templates = ours(terminal.port, transport, enrol)
        again = pyzk(terminal.port, transport)

    assert ended is Enrolment.DONE
    assert [finger for _, finger, _ in told["templates"]] == [3]
    assert [["4711", one.finger, one.data.hex()] for one in templates] == again["templates"]
    assert told["templates"][0] in again["templates"]
    assert told["done"]["enrol"] is True


@transports
def test_given_what_pyzk_set_and_took_away_when_read_by_our_driver_then_it_is_so(transport):
    async def read(driver):
        return (await driver.read_clock()).wall, [user.user for user in await driver.writer.read_users()]

    with simulator_in_thread(SimulatorOptions(users=2)) as terminal:
        told = pyzk(terminal.port, transport, "user", "templates", "delete-template", "clock", "delete-user")
        wall, users = ours(terminal.port, transport, read)
        fingers = terminal.do(lambda simulator: len(simulator.terminal.prints))

    assert told["done"]["delete-template"] is True
    assert told["clock"].startswith("2030-0")
    assert 20300228235930 <= wall <= 20300301010000
    assert (users, fingers) == (["1001", "1002"], 0)
