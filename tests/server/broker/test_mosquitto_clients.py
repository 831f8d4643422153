"""mosquitto's own clients at both brokers: with a certificate they reach its topics only, without one nothing."""

import shutil
import subprocess

import pytest
from cryptography import x509

from protocol.identifiers import EdgeId
from protocol.topics import Encoding, down, edge_filter, up
from server.broker.authority import tool_name
from tests.server.broker.conftest import A, B
from tests.support.kits import issue_edge
from tests.support.waiting import PATIENCE_SECONDS, until

C = EdgeId("site-c")
HEARING_SECONDS = 3
"""So long somebody listens who will hear nothing."""


@pytest.fixture(scope="module", autouse=True)
def clients():
    if shutil.which("mosquitto_pub") is None or shutil.which("mosquitto_sub") is None:
        pytest.skip("mosquitto's clients are not installed (apt install mosquitto-clients)")


class Stranger:
    """One identity at the command line. bundle None: no certificate of its own."""

    def __init__(self, port, authority, bundle, name):
        own = ["--cert", bundle.certificate, "--key", bundle.key] if bundle else []
        self._words = [str(word) for word in ["-h", "localhost", "-p", port, "--cafile", authority, *own, "-i", name, "-u", name, "-q", 1]]

    def says(self, topic, text):
        """The exit code; whether it arrives is another question."""
        command = ["mosquitto_pub", *self._words, "-t", topic, "-m", text]
        return subprocess.run(command, capture_output=True, timeout=PATIENCE_SECONDS).returncode

    def listens(self, topic, seconds=PATIENCE_SECONDS):
        """Somebody who will hear one message; the broker has answered already."""
        command = ["stdbuf", "-oL", "mosquitto_sub", *self._words, "-t", topic, "-C", "1", "-W", str(seconds), "-v", "-d"]
        listening = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, bufsize=0)
        while (line := listening.stdout.readline()) and b"SUBACK" not in line:
            pass
        return listening


def heard(listening):
    told = listening.communicate(timeout=PATIENCE_SECONDS + 10)[0].decode()
    return "\n".join(line for line in told.splitlines() if line.startswith(("up/", "dn/")))


@pytest.fixture
def people(broker, authority, kits):
    ca = kits[A].authority
    server = Stranger(broker.port, ca, authority.bundle("ingest-1"), tool_name("ingest-1"))
    return server, Stranger(broker.port, ca, kits[A], A), Stranger(broker.port, ca, kits[B], B), Stranger(broker.port, ca, None, A)


def test_given_mosquittos_clients_when_an_edge_speaks_then_the_server_hears_it_and_the_other_way_round(people):
    server, edge, _, _ = people

    at_server = server.listens("up/#")
    edge.says(up(A, "bye", Encoding.JSON), "hello")
    assert heard(at_server) == f"{up(A, 'bye', Encoding.JSON)} hello"

    at_edge = edge.listens(edge_filter(A))
    server.says(down(A, "receipt", Encoding.JSON), "receipt")
    assert heard(at_edge) == f"{down(A, 'receipt', Encoding.JSON)} receipt"


def test_given_mosquittos_clients_when_an_edge_reaches_for_anothers_topics_then_nothing_is_delivered(people):
    server, edge, other, _ = people

    at_edge = edge.listens(edge_filter(A))
    other.says(down(A, "receipt", Encoding.JSON), "forged")
    server.says(down(A, "receipt", Encoding.JSON), "real")
    assert heard(at_edge) == f"{down(A, 'receipt', Encoding.JSON)} real"

    at_server = server.listens("up/#")
    other.says(up(A, "bye", Encoding.JSON), "forged")
    edge.says(up(A, "bye", Encoding.JSON), "real")
    assert heard(at_server) == f"{up(A, 'bye', Encoding.JSON)} real"

    at_other = other.listens(edge_filter(A), HEARING_SECONDS)
    server.says(down(A, "receipt", Encoding.JSON), "real")
    assert heard(at_other) == ""


def test_given_mosquittos_clients_without_a_certificate_then_they_do_not_come_in(people):
    server, _, _, nobody = people

    at_server = server.listens("up/#", HEARING_SECONDS)
    code = nobody.says(up(A, "bye", Encoding.JSON), "forged")

    assert code != 0
    assert heard(at_server) == ""


def test_given_mosquittos_clients_with_a_revoked_certificate_then_the_line_ends_and_none_begins(broker, authority, kits, tmp_path):
    old = issue_edge(authority, C, tmp_path / "old")
    gone = Stranger(broker.port, kits[A].authority, old, C)
    listening = gone.listens(edge_filter(C), HEARING_SECONDS)

    authority.revoke([x509.load_pem_x509_certificate(old.certificate.read_bytes()).serial_number])
    broker.follow_keys()
    broker.cut(C)

    assert heard(listening) == ""
    until(lambda: gone.says(up(C, "bye", Encoding.JSON), "late") != 0, "the broker follows")
