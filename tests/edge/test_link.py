"""What the link lets in, and what it only counts."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
import structlog
from paho.mqtt.enums import MQTTErrorCode

from edge.kit import Keys
from edge.link import MOST_UNACKNOWLEDGED, Arrived, Disbelieved, Link, LinkAddress
from protocol import codec, topics
from protocol.identifiers import EdgeId, Epoch
from protocol.messages import Bye, Order, OrderKind, Receipt, kind_of
from protocol.signing import Signer
from tests.edge.conftest import EDGE

SERVER, STRANGER, OWN = (Signer.from_seed(bytes([number]) * 32) for number in (1, 2, 3))
NOW = datetime(2026, 11, 26, tzinfo=UTC)
RECEIPT = Receipt(edge=EDGE, epoch=Epoch("e" * 32), mark=7, session="1" * 32)
ORDER = Order(edge=EDGE, order="o", action=OrderKind.RE_READ, expires_at=NOW)


@pytest.fixture
def heard():
    """A link that has never been opened, and what its listeners were told."""
    keys = Keys(OWN, SERVER.verifier)
    link = Link(EDGE, LinkAddress("localhost", 1, Path("a"), Path("b"), Path("c")), keys, lambda: keys)
    events = []
    link.listen(events.append)
    return link, events


def written(message, signer=SERVER, edge=EDGE):
    encoding, payload = codec.pack(codec.encode(message, signer))
    return topics.down(edge, kind_of(message), encoding), payload


@pytest.mark.parametrize("message", [RECEIPT, ORDER], ids=kind_of)
def test_given_what_the_server_signed_when_it_arrives_then_listeners_get_it(heard, message):
    link, events = heard

    link.take(*written(message))

    assert [type(event) for event in events] == [Arrived]


FORGED = {
    "a stranger's key": written(RECEIPT, STRANGER),
    "the edge's own key": written(RECEIPT, OWN),
    "for another edge": (written(RECEIPT)[0], written(Receipt(edge=EdgeId("site-b"), epoch=RECEIPT.epoch, mark=7, session=""))[1]),
    "another edge's topic": written(RECEIPT, edge=EdgeId("site-b")),
    "a kind on another's topic": (written(ORDER)[0], written(RECEIPT)[1]),
    "a kind that goes up": (f"dn/{EDGE}/bye/json", codec.encode(Bye(edge=EDGE, at=NOW), SERVER)),
    "a kind nobody knows": (f"dn/{EDGE}/song/json", written(RECEIPT)[1]),
    "nothing": (written(RECEIPT)[0], b""),
    "brackets": (written(RECEIPT)[0], written(RECEIPT)[1][:-1] + b',"x":' + b"[" * 90_000 + b"]" * 90_000 + b"}"),
}


@pytest.mark.parametrize("name", FORGED)
def test_given_what_the_server_did_not_sign_for_this_edge_when_it_arrives_then_it_is_counted_and_dropped(heard, name):
    link, events = heard

    link.take(*FORGED[name])

    assert [type(event) for event in events] == [Disbelieved]
    assert events[0].reason
    assert link.disbelieved == 1


def test_given_a_flood_of_forged_messages_then_the_log_says_it_once(heard):
    link, _ = heard

    with structlog.testing.capture_logs() as logs:
        for _ in range(1000):
            link.take(*FORGED["a stranger's key"])

    assert [line["event"] for line in logs] == ["message_disbelieved"]
    assert link.disbelieved == 1000


class FullClient:
    """A client whose broker acknowledges nothing."""

    def publish(self, *_args, **_options):
        return type("Info", (), {"rc": MQTTErrorCode.MQTT_ERR_QUEUE_SIZE})


def test_given_a_broker_that_acknowledges_nothing_when_the_memory_for_it_is_used_up_then_another_line_is_asked_for(heard):
    link, _ = heard
    link._client, link._up = FullClient(), True

    assert not link.publish(Bye(edge=EDGE, at=NOW))
    assert link._break.is_set()
    assert MOST_UNACKNOWLEDGED < 100
