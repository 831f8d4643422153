"""Another edge's certificate, topics, client id or last will have no effect on an edge, on either broker."""

import queue
import ssl
import time

import paho.mqtt.client as mqtt
import pytest

from protocol.identifiers import EdgeId
from protocol.topics import Encoding, down, edge_filter, up
from server.broker.authority import Authority, Role, tool_name

A, B = EdgeId("site-a"), EdgeId("site-b")


class Guest:
    """A paho client with a certificate; `heard` are the messages it got, `gone` whether it was ever disconnected."""

    def __init__(self, port, bundle, name, user=None, will=None):
        self.heard, self.gone, self.refused = queue.Queue(), False, False
        self.client = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2, client_id=name, clean_session=True, protocol=mqtt.MQTTv311)
        self.client.username_pw_set(user or name)
        context = ssl.create_default_context(cafile=bundle.authority)
        context.load_cert_chain(bundle.certificate, bundle.key)
        self.client.tls_set_context(context)
        if will:
            self.client.will_set(will, b"will", 1)
        self.client.on_message = lambda client, userdata, message: self.heard.put((message.topic, message.payload))
        self.client.on_disconnect = self._left
        self.client.on_connect = self._came
        self.client.reconnect_delay_set(30, 60)
        self.connected = queue.Queue()
        try:
            self.client.connect("127.0.0.1", port, keepalive=30)
        except OSError:
            self.refused = True
            return
        self.client.loop_start()
        try:
            self.refused = self.connected.get(timeout=3) is False
        except queue.Empty:
            self.refused = True

    def _came(self, client, userdata, flags, reason, properties):
        self.connected.put(not reason.is_failure)

    def _left(self, *_):
        self.gone = True
        self.connected.put(False)

    def subscribe(self, *filters):
        for wanted in filters:
            self.client.subscribe(wanted, 1)
        time.sleep(0.3)
        return self

    def hears(self, seconds=1.0):
        try:
            return self.heard.get(timeout=seconds)
        except queue.Empty:
            return None

    def leave(self):
        self.client.loop_stop()
        self.client.disconnect()


@pytest.fixture
def kits(authority, tmp_path):
    return {edge: authority.issue_edge(edge, tmp_path / edge) for edge in (A, B)}


@pytest.fixture
def guests():
    all_of_them = []
    yield all_of_them
    for guest in all_of_them:
        guest.leave()


def test_given_an_edge_and_the_server_when_they_talk_then_each_hears_the_other(broker, authority, kits, guests):
    edge = Guest(broker.port, kits[A], A).subscribe(edge_filter(A))
    ingest = Guest(broker.port, authority.bundle("ingest-1"), tool_name("ingest-1")).subscribe("up/#")
    guests += [edge, ingest]

    edge.client.publish(up(A, "bye", Encoding.JSON), b"hello", 1)
    ingest.client.publish(down(A, "receipt", Encoding.JSON), b"receipt", 1)

    assert ingest.hears() == (up(A, "bye", Encoding.JSON), b"hello")
    assert edge.hears() == (down(A, "receipt", Encoding.JSON), b"receipt")


def test_given_another_edge_when_it_uses_its_neighbours_topics_then_nothing_is_delivered(broker, authority, kits, guests):
    victim = Guest(broker.port, kits[A], A).subscribe(edge_filter(A))
    ingest = Guest(broker.port, authority.bundle("ingest-1"), tool_name("ingest-1")).subscribe("up/#")
    intruder = Guest(broker.port, kits[B], B).subscribe(edge_filter(A), "dn/#", "up/#", "#", "dn/+/receipt/json")
    guests += [victim, ingest, intruder]

    intruder.client.publish(down(A, "receipt", Encoding.JSON), b"forged", 1)
    intruder.client.publish(up(A, "bye", Encoding.JSON), b"forged", 1)
    ingest.client.publish(down(A, "receipt", Encoding.JSON), b"real", 1)

    assert victim.hears() == (down(A, "receipt", Encoding.JSON), b"real")
    assert ingest.hears(0.5) is None
    assert intruder.hears(0.5) is None
    assert not victim.gone


@pytest.mark.parametrize(("name", "user"), [(A, B), (B, A), (A, A)], ids=["client id", "user", "both"])
def test_given_a_good_certificate_when_another_edges_name_is_used_then_that_edge_notices_nothing(
    broker, authority, kits, guests, name, user
):
    victim = Guest(broker.port, kits[A], A).subscribe(edge_filter(A))
    ingest = Guest(broker.port, authority.bundle("ingest-1"), tool_name("ingest-1")).subscribe("up/#")
    thief = Guest(broker.port, kits[B], name, user)
    guests += [victim, ingest, thief]

    thief.client.publish(up(A, "bye", Encoding.JSON), b"stolen", 1)
    thief.client.subscribe(edge_filter(A), 1)
    time.sleep(0.3)
    ingest.client.publish(down(A, "receipt", Encoding.JSON), b"real", 1)

    assert victim.hears() == (down(A, "receipt", Encoding.JSON), b"real")
    assert thief.hears(0.3) is None
    assert ingest.hears(0.3) is None
    assert not victim.gone


def test_given_a_last_will_on_anothers_topic_when_its_line_breaks_then_nothing_is_delivered(broker, authority, kits, guests):
    victim = Guest(broker.port, kits[A], A).subscribe(edge_filter(A))
    ingest = Guest(broker.port, authority.bundle("ingest-1"), tool_name("ingest-1")).subscribe("up/#")
    dying = Guest(broker.port, kits[B], B, will=down(A, "receipt", Encoding.JSON))
    guests += [victim, ingest]

    if not dying.refused:
        dying.client.loop_stop()
        dying.client.socket().close()

    assert victim.hears(1.5) is None
    assert ingest.hears(0.2) is None


def test_given_no_certificate_or_a_foreign_one_when_connecting_then_it_is_refused(broker, kits, guests, tmp_path):
    foreign = Authority(tmp_path / "foreign")
    foreign.create([], bytes(32))
    stranger = foreign.issue_edge(A, tmp_path / "stranger")
    trusting = type(stranger)(stranger.certificate, stranger.key, kits[A].authority)

    guest = Guest(broker.port, trusting, A)
    guests.append(guest)
    bare = ssl.create_default_context(cafile=kits[A].authority)
    nobody = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2, client_id=A, protocol=mqtt.MQTTv311)
    nobody.tls_set_context(bare)
    nobody.username_pw_set(A)
    came = queue.Queue()
    nobody.on_connect = lambda *told: came.put(told)
    try:
        nobody.connect("127.0.0.1", broker.port)
        nobody.loop_start()
        time.sleep(1)
    except OSError:
        pass
    nobody.loop_stop()

    assert guest.refused
    assert came.empty() or came.get()[3].is_failure


def test_given_a_revoked_certificate_when_connecting_again_then_it_is_refused_and_others_are_not(broker, kits, guests):
    from cryptography import x509

    serial = x509.load_pem_x509_certificate(kits[A].certificate.read_bytes()).serial_number
    broker.revoke((serial,))
    time.sleep(0.5)

    revoked, good = Guest(broker.port, kits[A], A), Guest(broker.port, kits[B], B)
    guests += [revoked, good]

    assert revoked.refused
    assert not good.refused


def test_given_a_worker_named_like_an_edge_when_certificates_are_made_then_their_names_differ(authority, tmp_path):
    assert tool_name("site-a") != A
    assert Role.INGEST != Role.EDGE
