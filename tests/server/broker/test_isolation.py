"""Another edge's certificate, topics, client id or last will have no effect on an edge, on either broker."""

import queue
import ssl
import threading
import time
from datetime import UTC, datetime, timedelta

import paho.mqtt.client as mqtt
import pytest
from cryptography import x509

from protocol.identifiers import EdgeId
from protocol.topics import Encoding, down, edge_filter, up
from server.broker.authority import Role, tool_name
from tests.server.broker.conftest import A, B
from tests.support.kits import issue_edge, make_authority
from tests.support.waiting import PATIENCE_SECONDS

C = EdgeId("site-c")


class Guest:
    """A paho client with a certificate; `heard` are the messages it got, `gone` whether it was ever disconnected."""

    def __init__(self, port, bundle, name, user=None, will=None):
        self.heard, self.gone, self.refused, self.left = queue.Queue(), False, False, threading.Event()
        self.client = mqtt.Client(
            mqtt.CallbackAPIVersion.VERSION2, client_id=name, protocol=mqtt.MQTTv311, clean_session=True, reconnect_on_failure=False
        )
        self.client.username_pw_set(user or name)
        context = ssl.create_default_context(cafile=bundle.authority)
        context.load_cert_chain(bundle.certificate, bundle.key)
        self.client.tls_set_context(context)
        if will:
            self.client.will_set(will, b"will", 1)
        self.client.on_message = lambda client, userdata, message: self.heard.put((message.topic, message.payload))
        self.client.on_disconnect = self._left
        self.client.on_connect = self._came
        self.client.on_subscribe = lambda *_: self.answered.put(True)
        self.answered = queue.Queue()
        self.connected = queue.Queue()
        try:
            self.client.connect("127.0.0.1", port, keepalive=60)
        except OSError:
            self.refused = True
            return
        self.client.loop_start()
        try:
            self.refused = self.connected.get(timeout=PATIENCE_SECONDS) is False
        except queue.Empty:
            self.refused = True

    def _came(self, client, userdata, flags, reason, properties):
        self.connected.put(not reason.is_failure)

    def _left(self, *_):
        self.gone = True
        self.left.set()
        self.answered.put(False)
        self.connected.put(False)

    def subscribe(self, *filters):
        for wanted in filters:
            self.client.subscribe(wanted, 1)
            if not self.left.is_set():
                self.answered.get(timeout=PATIENCE_SECONDS)  # with yes or no, or the line has ended
        return self

    def hears(self, seconds=PATIENCE_SECONDS):
        try:
            return self.heard.get(timeout=seconds)
        except queue.Empty:
            return None

    def leave(self):
        self.client.disconnect()  # before the loop's end: it would sleep out its second
        self.client.loop_stop()


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
    dying.client._reset_sockets()

    assert victim.hears(1.5) is None
    assert ingest.hears(0.2) is None


def test_given_no_certificate_or_a_foreign_one_when_connecting_then_it_is_refused(broker, kits, guests, tmp_path):
    stranger = issue_edge(make_authority(tmp_path / "foreign"), A, tmp_path / "stranger")
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


def test_given_a_certificate_that_ended_when_connecting_then_it_is_refused(broker, authority, guests, tmp_path):
    ended = issue_edge(authority, C, tmp_path / "ended", now=datetime.now(UTC) - timedelta(days=2), days=1)

    guest = Guest(broker.port, ended, C)
    guests.append(guest)

    assert guest.refused


def test_given_a_certificate_of_the_server_when_used_by_a_client_then_it_is_refused(broker, authority, guests):
    guest = Guest(broker.port, authority.bundle("web"), "web")
    guests.append(guest)

    assert guest.refused


def test_given_a_retained_message_on_anothers_topic_when_that_edge_subscribes_then_it_is_not_there(broker, authority, kits, guests):
    intruder = Guest(broker.port, kits[B], B)
    intruder.client.publish(down(A, "order", Encoding.JSON), b"forged", 1, retain=True)
    intruder.client.publish(up(A, "hello", Encoding.JSON), b"forged", 1, retain=True)
    time.sleep(0.5)

    victim = Guest(broker.port, kits[A], A).subscribe(edge_filter(A))
    ingest = Guest(broker.port, authority.bundle("ingest-1"), tool_name("ingest-1")).subscribe("up/#")
    guests += [intruder, victim, ingest]

    assert victim.hears(0.7) is None
    assert ingest.hears(0.3) is None


@pytest.mark.parametrize("wanted", ["$share/group/dn/site-a/#", "+/site-a/#", "dn/site-a/../site-a/#", "$SYS/#"])
def test_given_a_clever_filter_when_another_edge_subscribes_then_the_victim_alone_hears(broker, authority, kits, guests, wanted):
    victim = Guest(broker.port, kits[A], A).subscribe(edge_filter(A))
    ingest = Guest(broker.port, authority.bundle("ingest-1"), tool_name("ingest-1"))
    intruder = Guest(broker.port, kits[B], B).subscribe(wanted)
    guests += [victim, ingest, intruder]

    ingest.client.publish(down(A, "receipt", Encoding.JSON), b"real", 1)

    assert victim.hears() == (down(A, "receipt", Encoding.JSON), b"real")
    assert intruder.hears(0.5) is None
    assert not victim.gone


def test_given_a_packet_beyond_all_measure_when_sent_then_its_sender_alone_is_cut_off(broker, authority, kits, guests):
    ingest = Guest(broker.port, authority.bundle("ingest-1"), tool_name("ingest-1")).subscribe("up/#")
    victim = Guest(broker.port, kits[A], A)
    sender = Guest(broker.port, kits[B], B)
    guests += [ingest, victim, sender]

    sender.client.publish(up(B, "bye", Encoding.JSON), bytes(5 * 1024 * 1024), 1)
    victim.client.publish(up(A, "bye", Encoding.JSON), bytes(1024 * 1024), 1)

    assert ingest.hears() == (up(A, "bye", Encoding.JSON), bytes(1024 * 1024))
    assert ingest.hears(0.5) is None
    assert not victim.gone
    assert not ingest.gone


def test_given_a_worker_that_came_later_when_the_broker_follows_then_it_hears(broker, authority, kits, guests):
    edge = Guest(broker.port, kits[A], A).subscribe(edge_filter(A))
    late = authority.tool("worker-late", Role.INGEST)
    broker.follow_keys()
    worker = Guest(broker.port, late, tool_name("worker-late")).subscribe("up/#")
    guests += [edge, worker]

    edge.client.publish(up(A, "bye", Encoding.JSON), b"hello", 1)
    worker.client.publish(down(A, "receipt", Encoding.JSON), b"receipt", 1)

    assert worker.hears() == (up(A, "bye", Encoding.JSON), b"hello")
    assert edge.hears() == (down(A, "receipt", Encoding.JSON), b"receipt")


def test_given_an_edge_with_a_new_box_when_the_old_one_is_revoked_then_only_the_new_one_comes_in(
    broker, kind, authority, kits, guests, tmp_path
):
    old = issue_edge(authority, C, tmp_path / "old")
    inside, bystander = Guest(broker.port, old, C), Guest(broker.port, kits[A], A)
    new = issue_edge(authority, C, tmp_path / "new")
    authority.revoke([x509.load_pem_x509_certificate(old.certificate.read_bytes()).serial_number])
    broker.follow_keys()
    broker.cut(C)
    assert inside.left.wait(PATIENCE_SECONDS), "whoever is inside with it is shown out"

    again, good = Guest(broker.port, old, C), Guest(broker.port, new, C)
    guests += [inside, bystander, again, good]

    assert again.refused
    assert not good.refused
    assert not bystander.gone, "nobody else's line is touched"


def test_given_a_tool_that_only_listens_when_it_sends_then_nothing_is_delivered(broker, authority, kits, guests):
    victim = Guest(broker.port, kits[A], A).subscribe(edge_filter(A))
    ingest = Guest(broker.port, authority.bundle("ingest-1"), tool_name("ingest-1")).subscribe("up/#")
    tail = Guest(broker.port, authority.bundle("tail"), tool_name("tail")).subscribe("up/#", "dn/#")
    guests += [victim, ingest, tail]

    tail.client.publish(down(A, "receipt", Encoding.JSON), b"forged", 1)
    tail.client.publish(up(A, "bye", Encoding.JSON), b"forged", 1)
    ingest.client.publish(down(A, "receipt", Encoding.JSON), b"real", 1)

    assert victim.hears() == (down(A, "receipt", Encoding.JSON), b"real")
    assert tail.hears() == (down(A, "receipt", Encoding.JSON), b"real")
    assert ingest.hears(0.5) is None
