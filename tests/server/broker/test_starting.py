"""A broker that has only just begun to listen."""

import sys

from server.broker.processes import BrokerKind, BrokerPlace, BrokerProcess
from tests.support.kits import make_authority
from tests.support.waiting import until
from tests.support.world import free_port

SLOW = """#!{python}
import re, signal, socket, sys, time
from pathlib import Path

port = int(re.search(r"^listener (\\d+)", Path(sys.argv[2]).read_text(), re.MULTILINE)[1])
listening = socket.create_server(("127.0.0.1", port))
time.sleep(0.5)
signal.signal(signal.SIGHUP, lambda *_: Path(__file__).with_name("heard").touch())
while True:
    signal.pause()
"""
"""Like mosquitto on a busy machine: a moment passes between listening and heeding signals, which end it until then."""


def test_given_a_mosquitto_that_listens_before_it_heeds_signals_when_told_of_keys_at_once_then_it_lives_and_hears(tmp_path, monkeypatch):
    program = tmp_path / "mosquitto"
    program.write_text(SLOW.format(python=sys.executable))
    program.chmod(0o755)
    monkeypatch.setattr("server.broker.processes.find_mosquitto", lambda: str(program))
    authority = make_authority(tmp_path / "keys")
    broker = BrokerProcess(BrokerPlace(BrokerKind.MOSQUITTO, "127.0.0.1", free_port(), tmp_path / "broker"), authority)

    broker.start()
    try:
        authority.revoke([11])
        broker.follow_keys()

        until((tmp_path / "heard").exists, "it is told")
    finally:
        broker.stop()
