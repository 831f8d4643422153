"""pyzk 0.9, in a process of its own, reads the simulated terminal: exactly what it holds, in every layout that pyzk knows."""

import asyncio
import importlib.util
import json
import subprocess
import sys
from pathlib import Path

import pytest

from edge.devices.driver import TerminalAddress, TerminalRefusedError, Transport
from edge.devices.pyzk.driver import read_users_and_log
from edge.devices.zkteco.simulator import SimulatorOptions, simulator_in_thread

pytestmark = pytest.mark.skipif(importlib.util.find_spec("zk") is None, reason="pyzk is not installed: install the extra clockbridge[pyzk]")

transports = pytest.mark.parametrize("transport", list(Transport))


def read(port, transport, key=0):
    return asyncio.run(read_users_and_log(TerminalAddress("127.0.0.1", port, transport, key), timeout=60))


def assert_equal(got, terminal):
    held = [(punch.number, punch.wall, punch.verify, punch.state) for punch in terminal.punches()]
    assert [(punch.user, punch.wall, punch.verify, punch.state) for punch in got.log.punches] == held
    assert got.log.receipt.complete, got.log.receipt.reason
    assert got.log.receipt.doubtful == 0


@transports
@pytest.mark.parametrize("size", ["8a", "16", "40"])
@pytest.mark.parametrize("punches", [9, 4000])
def test_given_a_record_size_pyzk_knows_when_read_then_everything_is_right(transport, size, punches):
    options = SimulatorOptions(punches=punches, record_size=size)
    with simulator_in_thread(options) as terminal:
        assert_equal(read(terminal.port, transport), terminal)


@transports
@pytest.mark.parametrize(("user_size", "users"), [(28, 5), (28, 300), (72, 5), (72, 300)])
def test_given_a_user_size_when_read_then_numbers_and_names_are_right(transport, user_size, users):
    with simulator_in_thread(SimulatorOptions(users=users, user_size=user_size)) as terminal:
        got = read(terminal.port, transport)
        held = terminal.do(lambda simulator: [(user.uid, user.number, user.name) for user in simulator.terminal.users.values()])

    assert [(uid, number) for uid, number, _ in got.users] == [(uid, number) for uid, number, _ in held]
    limit = 8 if user_size == 28 else 23
    assert [name for _, _, name in got.users] == [name.encode()[:limit].decode(errors="ignore") for _, _, name in held]


@transports
@pytest.mark.parametrize("key", [1, 1234, 123_456, 999_999])
def test_given_a_key_when_read_with_it_then_let_in(transport, key):
    with simulator_in_thread(SimulatorOptions(punches=3, key=key)) as terminal:
        assert_equal(read(terminal.port, transport, key), terminal)


@transports
def test_given_a_key_when_read_with_another_then_refused(transport):
    with simulator_in_thread(SimulatorOptions(key=1234)) as terminal, pytest.raises(TerminalRefusedError, match="Unauthenticated"):
        read(terminal.port, transport, 4321)


@pytest.mark.parametrize(
    "faults", [("split-1501=8000", "per-frame=1"), ("buffered",), ("checksum-off",), ("size-reply-112",), ("single-client",)]
)
def test_given_a_fault_pyzk_copes_with_when_read_then_everything_is_right(faults):
    with simulator_in_thread(SimulatorOptions(punches=500, faults=faults)) as terminal:
        assert_equal(read(terminal.port, Transport.TCP), terminal)


@transports
@pytest.mark.parametrize("size", ["12", "32", "36", "52"])
def test_given_an_event_size_pyzk_knows_when_listening_then_the_punch_is_told(transport, size):
    script = Path(__file__).parents[3] / "peers" / "listen_pyzk.py"
    with simulator_in_thread(SimulatorOptions(faults=(f"event-size={size}",))) as terminal:
        listener = subprocess.Popen([sys.executable, script, str(terminal.port), transport.value], stdout=subprocess.PIPE, text=True)
        try:
            listening = json.loads(listener.stdout.readline())
            terminal.punch("1002", 20261123080001)
            heard = json.loads(listener.stdout.readline())
        finally:
            listener.kill()
            listener.wait()
            listener.stdout.close()

    assert listening == "listening"
    assert heard == ["1002", "2026-11-23 08:00:01", 1, 0]
