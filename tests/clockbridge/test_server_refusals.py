"""What bad surroundings get: one clear sentence with the next step, a non-zero exit, and nothing half done."""

import gc
import os
import shutil
import socket
import sqlite3
from contextlib import closing

import pytest

from server.broker.authority import Authority
from server.storage.vault import KEY_FILE, new_vault_key
from tests.clockbridge.server_commands import Installed
from tests.support.kits import make_authority


@pytest.fixture(autouse=True)
def quiet(monkeypatch):
    """Logs go where a process of its own has them; this one is the test's."""
    for place in ("server.main", "server.worker"):
        monkeypatch.setattr(f"{place}.set_up_logging", lambda *_: None)


@pytest.fixture
def neighbour():
    """Somebody else's program that listens; gives its port for a given one, or for any."""
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)

        def listen(port: int) -> None:
            listener.bind(("127.0.0.1", port))
            listener.listen()

        yield listen


def of_tomorrow(at: Installed) -> None:
    with closing(sqlite3.connect(at.database)) as database:
        database.execute("UPDATE alembic_version SET version_num = '9999'")
        database.commit()


def of_yesterday(at: Installed) -> None:
    at.database.write_bytes(b"")


def foreign(name: str):
    """A certificate with its key from another installation's authority, in the place of ours."""

    def damage(at: Installed) -> None:
        other = make_authority(at.folder / "other")
        for suffix in ("crt", "key"):
            shutil.copy(other.folder / f"{name}.{suffix}", at.keys / f"{name}.{suffix}")

    return damage


def elsewhere(at: Installed) -> None:
    """192.0.2.1 is nobody's."""
    at.change(f'host = "127.0.0.1"\nport = {at.broker_port}', f'host = "192.0.2.1"\nport = {at.broker_port}')


def own_web_certificate(at: Installed) -> None:
    at.change("tls = false", 'tls = true\ncertificate = "data/keys/web.crt"\nprivate_key = "data/keys/broker.key"')


DATABASES = [
    pytest.param(lambda at: at.database.write_bytes(os.urandom(9000)), "use `clockbridge server restore`", id="damaged"),
    pytest.param(lambda at: at.database.unlink(), "Check database_url", id="missing"),
    pytest.param(of_tomorrow, "Install the newer release", id="newer"),
    pytest.param(of_yesterday, "Run `clockbridge server migrate`", id="older"),
    pytest.param(
        lambda at: at.change("language =", 'database_url = "postgresql://postgres@127.0.0.1:1/x"\nlanguage ='),
        "Check database_url",
        id="no PostgreSQL",
    ),
]
SETTINGS = [
    pytest.param(lambda at: at.file.unlink(), "Make one with `clockbridge server init`", id="no file"),
    pytest.param(lambda at: at.file.write_text("data_dir = [nonsense"), "Mend that place", id="no TOML"),
    pytest.param(lambda at: at.change("[web]", "[web]\nprot = 1"), "there is no setting web.prot", id="unknown"),
    pytest.param(lambda at: at.change("tls = false", "tls = 7"), "web.tls cannot be used", id="wrong kind"),
    pytest.param(
        lambda at: at.change('host = "127.0.0.1"\nport = ', 'host = "0.0.0.0"\nport = '), "set tls = true", id="plain HTTP for all"
    ),
]
KEYS = [
    pytest.param(lambda at: shutil.rmtree(at.keys), "run `clockbridge server init` first", id="none"),
    pytest.param(lambda at: (at.keys / "server-signing.key").write_text("x"), "missing or damaged", id="damaged signing key"),
    pytest.param(lambda at: (at.keys / KEY_FILE).unlink(), "put back your copy", id="no key that opens the others"),
    pytest.param(lambda at: (at.keys / KEY_FILE).write_bytes(new_vault_key()), "not the one of this database", id="another personal key"),
]


@pytest.mark.parametrize(("damage", "said"), [*SETTINGS, *DATABASES, *KEYS])
@pytest.mark.parametrize("command", [("server", "run"), ("worker",)], ids=["run", "worker"])
def test_given_bad_surroundings_when_started_then_one_sentence_says_what_to_do(installed, command, damage, said):
    damage(installed)

    done = installed.run(*command)

    assert done.code == 2
    assert said in done.sentence


def test_given_a_lost_key_of_personal_data_when_set_up_again_then_no_second_one_is_made(installed):
    (installed.keys / KEY_FILE).unlink()

    done = installed.run("server", "init")

    assert done.code == 2
    assert "put back your copy" in done.sentence
    assert not (installed.keys / KEY_FILE).exists()


@pytest.mark.parametrize(("damage", "said"), DATABASES)
@pytest.mark.parametrize("words", [("server", "reset-password", "admin"), ("server", "add-site", "a", "a")], ids=["password", "site"])
def test_given_no_good_database_when_something_is_to_be_written_then_one_sentence_says_what_to_do(installed, words, damage, said):
    damage(installed)

    done = installed.run(*words)

    assert done.code == 2
    assert said in done.sentence


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        pytest.param(foreign("broker"), "not of this installation's authority", id="foreign"),
        pytest.param(lambda at: shutil.copy(at.keys / "web.key", at.keys / "broker.key"), "do not belong together", id="mixed up"),
        pytest.param(lambda at: (at.keys / "broker.crt").unlink(), "missing or damaged", id="missing"),
        pytest.param(
            lambda at: (at.keys / "revoked.crl").write_text("x"), "revoked.crl is missing or damaged", id="no list of the revoked"
        ),
        pytest.param(own_web_certificate, "do not belong together", id="the company's own, with another key"),
        pytest.param(elsewhere, "set another [broker] host or port", id="no address of ours"),
    ],
)
def test_given_certificates_that_are_not_good_when_run_then_nothing_is_started(installed, damage, said):
    damage(installed)

    done = installed.run("server", "run")

    assert done.code == 2
    assert said in done.sentence
    assert not (installed.folder / "data" / "run" / "parts.json").exists()


@pytest.mark.parametrize("kind", ["amqtt", "mosquitto"])
def test_given_a_busy_port_of_the_broker_when_run_then_refused_with_what_to_set(installed, neighbour, kind):
    installed.change('kind = "auto"', f'kind = "{kind}"')
    neighbour(installed.broker_port)

    done = installed.run("server", "run")

    assert done.code == 2
    assert f"Port {installed.broker_port}" in done.sentence
    assert "another [broker] port" in done.sentence


def test_given_a_busy_port_of_the_pages_when_run_as_a_process_then_refused_without_a_traceback(installed, neighbour):
    neighbour(installed.web_port)

    process = installed.start("server", "run")
    out, err = process.communicate()

    assert (process.returncode, out) == (2, "")
    assert err == f"Port {installed.web_port} on 127.0.0.1 is taken: end the program that listens there, or choose another [web] port.\n"


def test_given_mosquitto_that_is_not_there_when_run_then_it_says_how_to_get_it(installed, monkeypatch):
    installed.change('kind = "auto"', 'kind = "mosquitto"')
    monkeypatch.setattr("server.broker.processes.find_mosquitto", lambda: None)

    assert "apt install mosquitto" in installed.run("server", "run").sentence


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # paho leaves a socket whose connection failed to Python
class TestTail:
    @pytest.fixture(autouse=True)
    def leave_no_socket(self):
        yield
        gc.collect()

    def test_without_a_broker_says_so_and_ends(self, installed):
        done = installed.run("tail")

        assert done.code == 2
        assert "Start the server" in done.sentence

    def test_at_somebody_elses_broker_says_that_it_cannot_be_trusted(self, installed, tmp_path):
        from server.broker.processes import BrokerKind, BrokerPlace, BrokerProcess

        foreign("broker")(installed)
        broker = BrokerProcess(
            BrokerPlace(BrokerKind.AMQTT, "127.0.0.1", installed.broker_port, tmp_path / "b"), Authority(installed.folder / "other")
        )
        broker.start()
        try:
            done = installed.run("tail")
        finally:
            broker.stop()

        assert done.code == 2
        assert "certificate" in done.sentence

    @pytest.mark.parametrize(("damage", "said"), KEYS[:1])
    def test_without_keys_says_so(self, installed, damage, said):
        damage(installed)

        assert said in installed.run("tail").sentence


@pytest.mark.parametrize("name", ["a/b", "Web", "_x", "x" * 42])
def test_given_a_name_that_no_worker_can_have_when_started_then_refused(installed, name):
    done = installed.run("worker", "--name", name)

    assert done.code == 2
    assert "--name" in done.sentence
