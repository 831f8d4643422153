"""An independent ADMS server takes what the simulated terminal pushes, and works it by command: over sockets, in a process of its own.

The peer is django-fingerprint-attendance. Where it and the simulator do not agree stands in docs/reference/push-simulator.md.
"""

import asyncio
import json
import subprocess
import sys
import time
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from clockbridge.demo.stage import free_port
from edge.devices.iclock.simulator import PushOptions, PushSimulator
from protocol.instants import show_wall

PEER = Path(__file__).parents[3] / "peers" / "adms_django.py"
SECONDS = 240
OLD_FINGERS = {"biodata": False}
"""What the server must be told of a terminal that writes fingers in table FINGERTMP: it goes by the version of the protocol alone."""


class Peer:
    """The server, with whatever its folder holds. do(what, ...) asks it as its own program says."""

    def __init__(self, folder):
        self._folder, self.port = folder, free_port()  # where nobody else comes while it is down
        self.start()

    def start(self):
        """Once more at the same port, where it was killed."""
        with (self._folder / "errors.txt").open("a") as errors:
            self._process = subprocess.Popen(
                [sys.executable, PEER, self._folder, str(self.port)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
            )
        assert int(self._process.stdout.readline()) == self.port

    def do(self, what, **more):
        self._process.stdin.write(json.dumps({"do": what, **more}) + "\n")
        self._process.stdin.flush()
        return json.loads(self._process.stdout.readline())

    def kill(self):
        self._process.kill()
        self._process.communicate()

    def punches(self, serial):
        """Number and time of each, in order."""
        return sorted([pin, wall] for terminal, pin, wall, _ in self.do("state")["punches"] if terminal == serial)

    def terminal(self, serial):
        return self.do("state")["terminals"].get(serial, {})

    def obeyed(self, serial, kind, **payload):
        """Queue a command; gives a question for what became of it: state and code."""
        number = str(self.do("command", serial=serial, kind=kind, payload=payload))
        return lambda: self.do("state")["commands"][number][:2]


@pytest.fixture(scope="module")
def peer(tmp_path_factory):
    running = Peer(tmp_path_factory.mktemp("adms"))
    yield running
    running.kill()


def terminal(port, serial, *faults, **more):
    return PushSimulator(PushOptions(**({"port": port, "serial": serial, "poll_seconds": 0.1, "users": 5, "faults": faults} | more)))


def held(simulator):
    return sorted([number, show_wall(wall)] for number, wall in simulator.memory.identities())


async def until(wanted):
    end = time.monotonic() + SECONDS
    while not wanted():
        assert time.monotonic() < end, "what was waited for did not come"
        await asyncio.sleep(0.05)


QUIRKS = (
    ("aspx", "crlf"),
    ("eleven-fields", "trailing-tab"),
    ("stamp-9999", "twice=3"),
    ("lost-answers=0.2", "lost-requests=0.1", "retry=1"),
)


def test_given_terminals_that_nobody_approved_when_somebody_does_then_every_punch_is_there_once(peer):
    serials = {f"PEERFIRST{place}": faults for place, faults in enumerate(((), *QUIRKS))}

    async def live():
        async with AsyncExitStack() as stack:
            units = [
                await stack.enter_async_context(terminal(peer.port, serial, *faults, punches=250)) for serial, faults in serials.items()
            ]
            await until(lambda: len(named := peer.do("state")["terminals"]) >= 5 and all(named[serial]["model_name"] for serial in serials))
            for unit in units:
                unit.punch("1003")  # while it is refused
            await until(lambda: all(unit.requests > 4 for unit in units))
            refused = [(peer.terminal(unit.options.serial)["status"], unit.counts()["waiting"] > 250) for unit in units]
            refused += [peer.punches(serial) for serial in serials]
            for serial in serials:
                peer.do("approve", serial=serial)
            await until(lambda: all(unit.counts()["waiting"] == 0 for unit in units))
            return refused, units

    refused, units = asyncio.run(live())
    assert refused == [("pending_approval", True)] * len(serials) + [[]] * len(serials)
    for unit in units:
        assert len(held(unit)) == 251
        assert peer.punches(unit.options.serial) == held(unit)
    told = peer.terminal("PEERFIRST0")
    assert (told["model_name"], told["push_version"], told["reported_user_count"]) == ("Simulator", "2.4.1", 5)
    assert (told["reported_punch_count"], told["log_capacity"]) == (251, 100_000)


def test_given_a_server_that_is_killed_amid_punches_when_it_comes_back_then_nothing_is_lost_or_there_twice(peer):
    serial = "PEERDOWN1"

    async def live():
        async with terminal(peer.port, serial, punches=50, rate=20) as unit:
            await until(lambda: peer.terminal(serial))
            peer.do("approve", serial=serial)
            await until(lambda: len(peer.punches(serial)) > 50)
            peer.kill()
            before = len(held(unit))
            await asyncio.to_thread(peer.start)
            await until(lambda: len(peer.punches(serial)) > before)
            unit.rate = 0
            await until(lambda: unit.counts()["waiting"] == 0)
            return before, held(unit)

    before, here = asyncio.run(live())
    assert len(here) > before
    assert peer.punches(serial) == here


def test_given_its_commands_when_the_terminal_has_them_then_they_are_carried_out_and_the_server_believes_the_results(peer):
    serial = "PEERWORK1"

    async def live():
        async with terminal(peer.port, serial, "own-clock", punches=30, clock_drift=-3600, zone="Asia/Kolkata") as unit:
            await until(lambda: peer.terminal(serial))
            peer.do("approve", serial=serial, options=OLD_FINGERS)
            await until(lambda: unit.counts()["waiting"] == 0)

            added = peer.obeyed(serial, "add_user", pin="4711", name="李 Wei", card="3087675", password="2468")
            gone = peer.obeyed(serial, "delete_user", pin="1002")
            await until(lambda: (added(), gone()) == (["succeeded", 0],) * 2)
            asked = [
                peer.obeyed(serial, "query_users"),
                peer.obeyed(serial, "query_attlog", start="2000-01-01 00:00:00", end="2099-12-31 00:00:00"),
                peer.obeyed(serial, "info"),
                peer.obeyed(serial, "set_time"),
                peer.obeyed(serial, "set_option", key="VOLUME", value="40"),
                peer.obeyed(serial, "reboot"),
            ]
            await until(lambda: [one() for one in asked] == [["succeeded", 0]] * len(asked))
            off = unit.unit.clock(datetime.now(UTC).replace(tzinfo=None))
            refused = peer.obeyed(serial, "delete_user", pin="1002")
            await until(lambda: refused()[1] == -10)
            return unit, off, refused()[0]

    unit, off, refused = asyncio.run(live())
    state = peer.do("state")
    users = [data["pins"] for one, kind, _, data in state["events"] if (one, kind) == (serial, "user_info")]
    info = state["terminals"][serial]["capabilities"]["info"]
    shanghai = datetime.now(UTC).replace(tzinfo=None) + timedelta(hours=8)
    assert users[-1] == list(unit.memory.users) == ["1001", "1003", "1004", "1005", "4711"]
    assert unit.memory.users["4711"] == {"name": "李 Wei", "pri": "0", "passwd": "2468", "card": "3087675", "grp": "1"}
    assert peer.punches(serial) == held(unit)
    assert (info["UserCount"], info["TransactionCount"], info["DeviceName"]) == ("5", "30", "Simulator")
    assert abs(datetime.strptime(show_wall(off), "%Y-%m-%d %H:%M:%S") - shanghai) < timedelta(minutes=1)
    assert unit.memory.options["VOLUME"] == "40"
    assert refused == "pending", "an answer below zero is tried again later"
    assert not [message for one, kind, message, _ in state["events"] if (one, kind) == (serial, "parse_error")]


def test_given_a_finger_enrolled_at_one_terminal_by_its_command_then_the_server_carries_it_to_the_other(peer):
    here, there = "PEERFINGER1", "PEERFINGER2"

    async def live():
        async with terminal(peer.port, here) as one, terminal(peer.port, there) as other:
            await until(lambda: peer.terminal(here) and peer.terminal(there))
            for serial in (here, there):
                peer.do("approve", serial=serial, options=OLD_FINGERS)
            peer.do("person", pin="8001", name="Wang")
            await until(lambda: "8001" in one.memory.users and "8001" in other.memory.users)
            peer.obeyed(here, "enroll_fingerprint", pin="8001", finger_index=6)
            await until(lambda: other.memory.fingers)
            return one.memory.fingers, other.memory.fingers

    one, other = asyncio.run(live())
    assert one == other
    assert [place[:3] for place in peer.do("state")["templates"]] == [["8001", 6, here]]


def test_given_a_terminal_of_the_security_dialect_then_it_registers_and_waits_but_that_server_takes_neither_its_punches_nor_answers(peer):
    serial = "PEERACC1"

    async def live():
        async with terminal(peer.port, serial, dialect="security", punches=3) as unit:
            await until(lambda: unit.requests > 4)
            refused = (peer.terminal(serial)["status"], unit.counts()["waiting"])
            peer.do("approve", serial=serial)
            await until(lambda: unit.counts()["waiting"] == 0)
            query = "DATA QUERY tablename=user,fielddesc=*,filter=*"
            asked = peer.obeyed(serial, "raw", command=query)
            await until(lambda: query in [text for _, text in unit.unit.seen])
            sent = unit.requests
            await until(lambda: unit.requests > sent + 1)  # the answer to the query, again
            return refused, asked()

    refused, asked = asyncio.run(live())
    state = peer.do("state")
    told = state["terminals"][serial]
    assert refused == ("pending_approval", 3)
    assert (told["model_name"], told["push_version"], len(told["capabilities"]["registry_code"])) == ("Simulator", "3.1.2", 16)
    assert "unhandled table RTLOG acknowledged" in [message for one, _, message, _ in state["events"] if one == serial]
    assert peer.punches(serial) == []
    assert asked == ["sent", None]
