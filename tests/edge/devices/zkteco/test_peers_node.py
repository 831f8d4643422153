"""Two independent clients from npm read the simulated terminal over TCP: everything, and exactly what it holds. One of them also writes.

Both take at most one frame out of one read of the socket. They can read a terminal whose answers arrive in pieces, the last of
which holds the end of the data and the acknowledgement. What they make of an answer that arrives at once is shown too: it is why our
own client counts bytes.
"""

import asyncio
import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from edge.devices.driver import TerminalAddress, TerminalUserRecord
from edge.devices.zkteco.driver import ZkDriver
from edge.devices.zkteco.simulator import SimulatorOptions, simulator_in_thread
from protocol.instants import show_wall

PEERS = Path(__file__).parents[3] / "peers"
TRIES = 3
"""The peers lose their place, and end with an error, when a loaded machine lets two pieces arrive together after all; and they take a
table that is a second late for an empty one."""
clients = pytest.mark.parametrize("client", ["node-zklib", "zkteco-js"])


@pytest.fixture(scope="session")
def peers(tmp_path_factory):
    """Folder with both clients installed, from the lock file; several test processes install it once."""
    if not shutil.which("npm") or not shutil.which("node"):
        pytest.skip("node and npm are not installed: the independent clients from npm cannot run")
    stamp = PEERS / "node_modules" / ".installed"
    lock = (PEERS / "package-lock.json").read_text()
    if stamp.exists() and stamp.read_text() == lock:
        return PEERS
    with (tmp_path_factory.getbasetemp().parent / "peers.lock").open("w") as turn:
        import fcntl

        fcntl.flock(turn, fcntl.LOCK_EX)
        if not (stamp.exists() and stamp.read_text() == lock):
            done = subprocess.run(["npm", "ci", "--loglevel=error"], cwd=PEERS, capture_output=True, text=True, timeout=100)
            if done.returncode:
                pytest.skip(f"the independent clients cannot be installed: {done.stderr.strip()[-300:]}")
            stamp.write_text(lock)
    return PEERS


def read_with(client, peers, port, *, until_sound=True):
    command = ["node", "read.mjs", client, str(port)]
    for _ in range(TRIES):
        done = subprocess.run(command, cwd=peers, capture_output=True, text=True, timeout=60, env={**os.environ, "TZ": "UTC"})
        if done.returncode == 0:
            read = json.loads(done.stdout)
            if not until_sound or (read["error"] is None and len(read["users"]) == read["counts"]["userCounts"]):
                return read
    raise AssertionError(done.stderr or f"{client} gave up before everything had come: {done.stdout[-200:]}")


@clients
@pytest.mark.parametrize(
    ("punches", "faults"),
    [(10, ("fragment=700",)), (5000, ("fragment=700",)), (5000, ("fragment=1400", "fragment-delay=10"))],
    ids=["small table", "small pieces", "large pieces"],
)
def test_given_answers_that_arrive_in_pieces_when_read_then_everything_is_right(peers, client, punches, faults):
    with simulator_in_thread(SimulatorOptions(punches=punches, faults=faults)) as terminal:
        read = read_with(client, peers, terminal.port)
        held = [[punch.number, show_wall(punch.wall)] for punch in terminal.punches()]

    assert read["error"] is None
    assert read["punches"] == held
    assert read["users"] == [[uid, str(1000 + uid)] for uid in range(1, 21)]
    assert (read["counts"]["userCounts"], read["counts"]["logCounts"]) == (20, punches)


@pytest.mark.slow  # the peer gives up after ten seconds
def test_given_an_answer_that_arrives_at_once_when_read_then_this_peer_loses_punches(peers):
    with simulator_in_thread(SimulatorOptions(users=5, punches=5000, faults=("coalesced",))) as terminal:
        read = read_with("node-zklib", peers, terminal.port, until_sound=False)

    assert len(read["punches"]) < 5000
    assert "PACKETS REMAIN" in read["error"]


@clients
@pytest.mark.parametrize("size", ["32", "52"])
def test_given_live_events_that_arrive_apart_when_listened_to_then_each_is_told(peers, client, size):
    command = ["node", "listen.mjs", client]
    with simulator_in_thread(SimulatorOptions(faults=(f"event-size={size}",))) as terminal:
        listener = subprocess.Popen(
            [*command, str(terminal.port)], cwd=peers, stdout=subprocess.PIPE, text=True, env={**os.environ, "TZ": "UTC"}
        )
        try:
            heard = [json.loads(listener.stdout.readline())]
            for number, wall in (("1001", 20261123080000), ("1002", 20261123080001), ("1003", 20270101000000)):
                terminal.punch(number, wall)
                heard.append(json.loads(listener.stdout.readline()))
        finally:
            listener.kill()
            listener.wait()
            listener.stdout.close()

    assert heard == ["listening", ["1001", 2026, 11, 23, 8, 0, 0], ["1002", 2026, 11, 23, 8, 0, 1], ["1003", 2027, 1, 1, 0, 0, 0]]


def ours(port, use):
    async def talk():
        async with ZkDriver(TerminalAddress("127.0.0.1", port)) as driver:
            return await use(driver)

    return asyncio.run(talk())


def test_given_what_zkteco_js_wrote_when_read_by_our_driver_then_it_is_the_same(peers):
    async def read(driver):
        return {user.user: user for user in await driver.writer.read_users()}, (await driver.read_clock()).wall

    with simulator_in_thread(SimulatorOptions(users=3)) as terminal:
        done = subprocess.run(["node", "write.mjs", str(terminal.port)], cwd=peers, capture_output=True, text=True, timeout=60)
        assert done.returncode == 0, done.stderr
        users, wall = ours(terminal.port, read)

    assert set(users) == {"1002", "1003", "007"}
    user = users["007"]
    assert (user.name, user.privilege, user.password, user.card) == ("Node Peer", 14, "9753", "51234")
    assert wall // 1_000_000 == 20310506
    told = json.loads(done.stdout)
    assert ["007", "Node Peer", 14, "9753", 51234] in told["users"]
    assert told["year"] == 2031


@clients
def test_given_what_our_driver_wrote_when_read_by_a_peer_then_it_is_the_same(peers, client):
    many = [TerminalUserRecord(str(6000 + number), f"name {number}") for number in range(12)]

    async def write(driver):
        assert not await driver.writer.write_users(many)
        await driver.writer.delete_user("1001")

    with simulator_in_thread(SimulatorOptions(users=3, punches=10, faults=("fragment=700",))) as terminal:
        ours(terminal.port, write)
        read = read_with(client, peers, terminal.port)

    assert [number for _, number in read["users"]] == ["1002", "1003", *(user.user for user in many)]
