"""A server that runs: kept alive part by part, alone on its folder, ended without leaving a process behind."""

import json
import os
import signal
import urllib.error
import urllib.request
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

import pytest
import structlog

from clockbridge.demo.parts import children_of
from protocol import chain, codec, topics
from protocol.identifiers import EdgeId, Epoch
from protocol.messages import Hello
from protocol.signing import Signer
from server.broker.authority import Bundle
from server.broker.mosquitto import find_mosquitto
from server.ingest.leases import owners
from server.settings import FILE_VARIABLE
from server.storage import Database
from server.wiring import build_web
from server.worker import main as worker_main
from tests.clockbridge.server_commands import Installed
from tests.server.broker.test_isolation import Guest
from tests.support.waiting import until

EDGES = ("edge-a", "edge-b", "edge-c")
PARTS = {"broker", "ingest-1", "days-1", "jobs-1", "web-1"}


def parts(installed: Installed) -> dict[str, int]:
    try:
        return json.loads((installed.folder / "data" / "run" / "parts.json").read_text())
    except (OSError, ValueError):
        return {}


def is_ready(installed: Installed) -> bool:
    """The pages answer and every shard has an owner."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{installed.web_port}/readyz", timeout=60) as answer:
            return answer.status == 200
    except (OSError, urllib.error.URLError):
        return False


def lives(pid: int) -> bool:
    with suppress(OSError):
        return ") Z " not in Path(f"/proc/{pid}/stat").read_text()
    return False


@contextmanager
def running(installed: Installed):
    """The server as a process of its own, once it is ready; whatever is left of it at the end is ended."""
    process = installed.start("server", "run")
    try:
        until(lambda: is_ready(installed) or process.poll() is not None, "ready")
        yield process
    finally:
        family = [process.pid, *children_of(process.pid)]
        process.terminate()
        _, process.err = process.communicate()
        for pid in filter(lives, family):
            os.kill(pid, signal.SIGKILL)


@pytest.fixture(scope="module", params=["amqtt", "mosquitto"])
def served(request, pristine, tmp_path_factory):
    """(installation, running server) with each of our brokers and two edges; the last test of the class kills it."""
    if request.param == "mosquitto" and find_mosquitto() is None:
        pytest.skip("mosquitto is not installed (apt install mosquitto)")
    installed = pristine.copy(tmp_path_factory.mktemp(request.param))
    installed.move_ports()
    installed.change('kind = "auto"', f'kind = "{request.param}"')
    installed.run("server", "add-site", "hq", "hq")
    for name in EDGES:
        assert installed.run("server", "add-edge", name, "--site", "hq", "--out", installed.folder / name).code == 0
    with running(installed) as server:
        yield installed, server


class TestRunning:
    """In this order: the server is used up at the end."""

    def test_an_edge_that_is_revoked_comes_in_no_more_and_another_does(self, served):
        installed, _ = served
        assert comes_in(installed, "edge-a")

        assert installed.run("server", "revoke-edge", "edge-a", "--reason", "stolen").code == 0

        until(lambda: not comes_in(installed, "edge-a"), "refused")
        assert comes_in(installed, "edge-b")

    def test_nothing_else_is_done_on_its_folder(self, served):
        installed, _ = served
        copy = installed.folder / "copy"
        assert installed.run("server", "backup", copy).code == 0, "that may be"

        for words in (("run",), ("restore", copy, "--yes")):
            assert installed.run("server", *words).sentence == f"A server runs on {installed.folder / 'data'}: stop it first."

    def test_a_part_that_is_killed_comes_back(self, served):
        installed, _ = served
        until(lambda: set(parts(installed)) == PARTS and all(parts(installed).values()), "all parts run")
        before = parts(installed)

        for pid in before.values():
            os.kill(pid, signal.SIGKILL)

        until(lambda: all(parts(installed).get(name) not in (None, 0, pid) for name, pid in before.items()), "all parts are back")
        until(lambda: is_ready(installed), "ready again")

    def test_a_further_worker_takes_its_share_and_both_answer(self, served):
        installed, _ = served
        database = Database(f"sqlite:///{installed.database}")
        further = installed.start("worker", "--name", "two")
        until(lambda: owned(database) == {"ingest-1": 8, "worker-two": 8}, "shared")
        try:
            for name in ("edge-b", "edge-c"):  # one in each half
                until(lambda name=name: is_answered(installed, name), f"a receipt for {name}")
        finally:
            further.send_signal(signal.SIGINT)
            _, said = further.communicate()

        assert further.returncode == 0
        assert "Traceback" not in said
        until(lambda: owned(database) == {"ingest-1": 16}, "given back at once")
        database.close()

    def test_its_death_leaves_no_process_behind(self, served):
        installed, server = served
        until(lambda: set(parts(installed).values()) <= set(children_of(server.pid)), "all parts are its own")
        family = children_of(server.pid)

        server.kill()

        until(lambda: not any(map(lives, family)), "nobody is left")


def owned(database: Database) -> dict[str, int]:
    with database.reading() as uow:
        return owners(uow)


def is_answered(installed: Installed, name: str) -> bool:
    """Whether an edge that says hello gets its receipt."""
    edge, folder, epoch = EdgeId(name), installed.folder / name, Epoch("ab" * 16)
    guest = Guest(installed.broker_port, Bundle(folder / "edge.crt", folder / "edge.key", folder / "ca.crt"), name)
    guest.subscribe(topics.edge_filter(edge))
    head = chain.genesis(edge, epoch)
    at = datetime.now(UTC)
    heads = {"low_head": head, "high_head": head}
    hello = Hello(edge=edge, epoch=epoch, low=0, high=0, acknowledged=0, version="0.1.0", clock=at, nonce="1" * 32, **heads)
    encoding, payload = codec.pack(codec.encode(hello, Signer.from_pem((folder / "signing.key").read_bytes())))
    guest.client.publish(topics.up(edge, "hello", encoding), payload, 1)
    heard = guest.hears(10)
    guest.leave()
    return heard is not None and heard[0].startswith(f"dn/{name}/receipt/")


def comes_in(installed: Installed, name: str) -> bool:
    """Whether the broker takes the certificate of an edge's kit."""
    folder = installed.folder / name
    guest = Guest(installed.broker_port, Bundle(folder / "edge.crt", folder / "edge.key", folder / "ca.crt"), name)
    guest.leave()
    return not guest.refused


def test_given_a_running_server_when_asked_to_end_then_all_of_it_ends_well(installed):
    with running(installed) as server:
        family = children_of(server.pid)

        server.send_signal(signal.SIGINT)

        assert server.wait() == 0
        until(lambda: not any(map(lives, family)), "nobody is left")
    assert "Traceback" not in server.err
    assert all(line.startswith("{") for line in server.err.splitlines()), server.err
    assert not (installed.folder / "data" / "run" / "parts.json").exists()


class TestPartsThatCannotStart:
    """They are started again and again, so each time is one line of the log."""

    @pytest.fixture(autouse=True)
    def without_a_database(self, installed):
        installed.database.unlink()

    def test_a_worker_says_why(self, installed, monkeypatch, capsys):
        monkeypatch.setattr("sys.argv", ["worker", "messages", "ingest-1", str(installed.file)])

        assert worker_main() == 2
        assert "Check database_url" in the_line(capsys)["error"]

    def test_the_pages_say_why(self, installed, monkeypatch, capsys):
        monkeypatch.setenv(FILE_VARIABLE, str(installed.file))

        with pytest.raises(SystemExit):
            build_web()
        assert "Check database_url" in the_line(capsys)["error"]

    @pytest.fixture(autouse=True)
    def own_log(self):
        yield
        structlog.reset_defaults()


def the_line(capsys) -> dict[str, str]:
    (line,) = capsys.readouterr().err.splitlines()
    return json.loads(line)
