"""A real mosquitto that somebody else runs, under its own user, follows the keys by files and a command, or a watcher of one file."""

import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time
from pathlib import Path

import pytest
from cryptography import x509

from protocol.topics import Encoding, down, edge_filter, up
from server.broker.authority import Role, tool_name
from server.broker.mosquitto import find_mosquitto
from server.broker.outside import AGAIN_SECONDS, OutsideBroker, OutsidePlace
from server.broker.processes import BrokerError, catches
from tests.server.broker.conftest import A, B
from tests.server.broker.test_isolation import Guest
from tests.support.kits import issue_edge, make_authority
from tests.support.waiting import PATIENCE_SECONDS, until
from tests.support.world import free_port

if find_mosquitto() is None:
    pytest.skip("mosquitto is not installed (apt install mosquitto)", allow_module_level=True)


class Mosquitto:
    """As Debian has it: started as root it gives its rights away, and reads what is in a folder beside its own settings."""

    def __init__(self) -> None:
        self.home = Path(tempfile.mkdtemp(prefix="clockbridge-mosquitto-"))
        self.home.chmod(0o755)
        self.files, self.port = self.home / "clockbridge", free_port()
        self.files.mkdir(mode=0o750)
        if os.geteuid() == 0:
            os.chown(self.files, 0, pwd.getpwnam("mosquitto").pw_gid)
            self.files.chmod(0o2750)
        (self.home / "mosquitto.conf").write_text(f"include_dir {self.files}\n")
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        command = [find_mosquitto() or "", "-c", str(self.home / "mosquitto.conf")]
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        until(self._runs, "mosquitto did not start with the files that were written for it")

    def _runs(self) -> bool:
        with socket.socket() as line:
            return line.connect_ex(("127.0.0.1", self.port)) == 0 and catches(self.process.pid, signal.SIGHUP)

    @property
    def reload(self) -> list[str]:
        return ["sh", "-c", f"kill -HUP {self.process.pid if self.process else 0}"]

    def stop(self) -> None:
        if self.process:
            self.process.terminate()
            self.process.wait()
        shutil.rmtree(self.home)


@pytest.fixture
def mosquitto():
    run = Mosquitto()
    yield run
    run.stop()


@pytest.fixture
def authority(tmp_path):
    made = make_authority(tmp_path / "keys")
    made.tool("ingest-1", Role.INGEST)
    return made


def told(mosquitto, authority, command=(), now=None) -> OutsideBroker:
    place = OutsidePlace("127.0.0.1", mosquitto.port, mosquitto.files, command)
    return OutsideBroker(place, authority, (lambda: now[0]) if now else time.monotonic)


@pytest.fixture
def running(mosquitto, authority):
    """Its files are there before it starts, as on the first day."""
    with pytest.raises(ConnectionRefusedError):
        told(mosquitto, authority).follow_keys()
    mosquitto.start()
    return told(mosquitto, authority, mosquitto.reload)


def revoke(authority, bundle):
    authority.revoke([*authority.revoked(), x509.load_pem_x509_certificate(bundle.certificate.read_bytes()).serial_number])


def test_given_a_broker_outside_when_an_edge_is_revoked_then_it_is_out_at_once_and_nobody_else(
    mosquitto, running, authority, guests, tmp_path
):
    kits = {edge: issue_edge(authority, edge, tmp_path / edge) for edge in (A, B)}
    running.follow_keys()
    inside, bystander = Guest(mosquitto.port, kits[A], A), Guest(mosquitto.port, kits[B], B)
    guests += [inside, bystander]
    assert not inside.refused

    revoke(authority, kits[A])
    running.follow_keys()
    running.cut(A)

    assert inside.left.wait(PATIENCE_SECONDS)
    inside.leave()
    guests.append(again := Guest(mosquitto.port, kits[A], A))
    assert again.refused
    assert not bystander.gone


def test_given_a_new_worker_and_a_successor_of_the_authority_when_followed_then_both_serve(mosquitto, running, authority, guests, tmp_path):
    running.follow_keys()
    late = authority.tool("worker-late", Role.INGEST)
    authority.succeed()
    running.follow_keys()

    edge = Guest(mosquitto.port, issue_edge(authority, A, tmp_path / "a"), A).subscribe(edge_filter(A))
    worker = Guest(mosquitto.port, late, tool_name("worker-late")).subscribe("up/#")
    guests += [edge, worker]
    edge.client.publish(up(A, "bye", Encoding.JSON), b"hello", 1)
    worker.client.publish(down(A, "receipt", Encoding.JSON), b"receipt", 1)

    assert worker.hears() == (up(A, "bye", Encoding.JSON), b"hello")
    assert edge.hears() == (down(A, "receipt", Encoding.JSON), b"receipt")
    assert (mosquitto.files / "authority.crt").read_bytes().count(b"BEGIN CERTIFICATE") == 2


def test_given_a_watcher_of_the_list_instead_of_a_command_when_an_edge_is_revoked_then_it_is_out(
    mosquitto, running, authority, guests, tmp_path
):
    kit, watched, over = issue_edge(authority, A, tmp_path / "a"), mosquitto.files / "revoked.crl", threading.Event()
    before = watched.stat().st_mtime_ns

    def watch():
        seen = before
        while not over.wait(0.1):
            if (now := watched.stat().st_mtime_ns) != seen:
                seen = now
                subprocess.run(mosquitto.reload, check=True)

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        revoke(authority, kit)
        told(mosquitto, authority).follow_keys()
    finally:
        over.set()
        watcher.join()

    guests.append(guest := Guest(mosquitto.port, kit, A))
    assert guest.refused


def test_given_a_broker_that_does_not_read_its_files_when_told_then_it_is_found_out_and_tried_again(
    mosquitto, running, authority, monkeypatch
):
    monkeypatch.setattr("server.broker.outside.AGAIN_SECONDS", 3600)
    broker = told(mosquitto, authority, ["true"])

    with monkeypatch.context() as hasty:
        hasty.setattr("server.broker.outside.FOLLOWS_SECONDS", 0.5)
        with pytest.raises(BrokerError, match=r"has not read .*revoked\.crl") as found:
            broker.follow_keys()
    with pytest.raises(BrokerError) as again:
        broker.follow_keys()
    assert again.value is found.value, "not at every look"

    told(mosquitto, authority, mosquitto.reload).follow_keys()


@pytest.mark.parametrize(
    ("command", "said"),
    [
        (["sh", "-c", "echo not allowed >&2; exit 1"], "failed: not allowed"),
        (["false"], "exit status 1"),
        (["/nowhere/reload"], "No such file"),
    ],
)
def test_given_a_command_that_fails_when_told_then_it_says_so_and_nothing_is_taken_for_done(mosquitto, running, authority, command, said):
    now = [0.0]
    broker = told(mosquitto, authority, command, now)
    with pytest.raises(BrokerError, match=said):
        broker.follow_keys()

    now[0] += AGAIN_SECONDS
    with pytest.raises(BrokerError, match=said):
        broker.follow_keys()


def test_given_a_broker_that_lets_nobody_in_when_told_then_it_is_not_taken_for_one_that_follows(mosquitto, running, authority, tmp_path):
    strange = make_authority(tmp_path / "strange")
    shutil.copy(strange.folder / "authority.crt", mosquitto.files / "believed.crt")
    file = mosquitto.files / "clockbridge.conf"

    (mosquitto.files / "believed.crt").chmod(0o644)
    file.write_text(file.read_text().replace("authority.crt", "believed.crt"))
    mosquitto.process.terminate()
    mosquitto.process.wait()
    mosquitto.start()
    broker = told(mosquitto, authority, ["true"])

    with pytest.raises(BrokerError, match="lets nobody in"):
        broker.follow_keys()


def test_given_files_for_the_broker_when_written_then_its_group_may_read_them_and_nobody_else(mosquitto, running):
    assert {file.stat().st_mode & 0o777 for file in mosquitto.files.iterdir()} == {0o640}
    assert {file.name for file in mosquitto.files.iterdir()} == {
        "access", "authority.crt", "broker.crt", "broker.key", "clockbridge.conf", "revoked.crl",
    }  # fmt: skip
