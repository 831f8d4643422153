"""The simulated push terminal before a server that is not ours.

The one that is known to take such terminals, msaied's zkteco-php, cannot run in these tests. What it accepts and answers is written down
here in our own words, from its published sources: the rules are its, the code is ours. A server that runs: test_peers_django.py.
"""

import re
from datetime import datetime, timedelta
from random import Random

from edge.devices.faults import Switches
from edge.devices.iclock.simulator import PUSH_FAULTS, PushOptions
from edge.devices.iclock.simulator.memory import PushMemory
from edge.devices.iclock.simulator.unit import Unit

MOMENT = datetime(2026, 11, 23, 0, 0, 0)
STAMP = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", re.ASCII)


class OtherServer:
    """A greeting is answered with options; rows of ATTLOG count when they have a number and a time, others are passed over.

    A table it does not know is answered with a bare OK, a terminal that nobody approved with 503. A command is `C:<id>:<text>`; a result is
    a line of `key=value` joined by `&`, keys in any case, without an ID none, without a number in Return a failure.
    """

    def __init__(self, approved=True):
        self.approved, self.punches, self.results, self.commands = approved, [], {}, []

    def answer(self, ask):
        if ask.method == "GET" and ask.what == "cdata":
            return 200, b"GET OPTION FROM: CBPUSH0001\nATTLOGStamp=0\nOPERLOGStamp=0\nErrorDelay=1\nDelay=1\nTimeZone=8\nRealtime=1\n"
        if ask.what == "cdata":
            if not self.approved:
                return 503, b"Device pending approval."
            table = re.search(r"table=(\w+)", ask.query)[1].upper()
            return 200, f"OK: {self._take(ask.body)}".encode() if table == "ATTLOG" else b"OK"
        if ask.what == "getrequest":
            sent, self.commands = self.commands, []
            return 200, "".join(f"C:{number}:{text}\n" for number, text in sent).encode() or b"OK"
        if ask.what == "devicecmd":
            for line in ask.body.decode().split("\n"):
                pairs = {name.strip().lower(): value for name, _, value in (pair.partition("=") for pair in line.split("&"))}
                if pairs.get("id"):
                    code = pairs.get("return", "")
                    self.results[pairs["id"]] = int(code) if re.fullmatch(r"-?\d+", code) else -1
            return 200, b"OK"
        return 404, b""

    def _take(self, body):
        rows = [line.split("\t") for line in body.decode().splitlines() if line.strip()]
        good = [(row[0].strip(), row[1]) for row in rows if len(row) > 1 and row[0].strip() and STAMP.fullmatch(row[1].strip())]
        self.punches += good
        return len(good)


def unit_of(*faults, punches=250):
    switches = Switches(PUSH_FAULTS, faults)
    memory = PushMemory(switches)
    memory.furnish(Random(1), 3, punches, MOMENT + timedelta(hours=8))
    return Unit(PushOptions(), switches, memory, timedelta(hours=8))


def talk(unit, server, seconds=200):
    for now in range(seconds):
        while (ask := unit.next(now, MOMENT)) is not None:
            status, body = server.answer(ask)
            unit.hear(ask, status, body, None, MOMENT, now)


def test_given_that_server_when_a_terminal_comes_then_every_punch_is_there_once_and_results_are_told():
    for faults in ((), ("eleven-fields",), ("trailing-tab",), ("crlf",), ("aspx", "double-path")):
        unit, server = unit_of(*faults), OtherServer()
        server.commands = [("7", "DATA UPDATE USERINFO PIN=9\tName=x"), ("ab-8", "INFO"), ("9", "NO SUCH THING")]

        talk(unit, server)

        assert len(server.punches) == len(set(server.punches)) == 250
        assert server.results["7"] == 0
        assert set(server.results) == {"7", "ab-8", "9"}


def test_given_that_server_when_nobody_approved_the_terminal_then_it_keeps_everything_until_somebody_does():
    unit, server = unit_of(), OtherServer(approved=False)

    talk(unit, server, 60)
    before = list(server.punches)
    server.approved = True
    talk(unit, server, 400)

    assert before == []
    assert len(server.punches) == 250
