"""Who may send and hear what: amqtt's plug-ins ask this at each step, mosquitto's file says the same (test_isolation)."""

import pytest
from hypothesis import given, strategies as st

from protocol.errors import IdentifierError
from protocol.identifiers import ALL_SHARDS, EdgeId, check_edge_id, shard_of
from server.broker.authority import Role, tool_name
from server.broker.rules import Act, Client, may

EDGE = Client("site-a", Role.EDGE)
INGEST, TAIL = Client("_ingest-1", Role.INGEST), Client("_tail", Role.TAIL)
SHARD = shard_of(EdgeId("site-a"))
OTHER = next(shard for shard in ALL_SHARDS if shard != SHARD)


@pytest.mark.parametrize(
    ("client", "act", "topic"),
    [
        (EDGE, Act.SEND, f"up/{SHARD}/site-a/batch/zst"),
        (EDGE, Act.HEAR, "dn/site-a/#"),
        (EDGE, Act.HEAR, "dn/site-a/receipt/json"),
        (INGEST, Act.SEND, "dn/site-a/receipt/json"),
        (INGEST, Act.HEAR, f"up/{SHARD}/#"),
        (TAIL, Act.HEAR, "up/#"),
        (TAIL, Act.HEAR, "dn/#"),
        (TAIL, Act.HEAR, "#"),
    ],
)
def test_given_what_a_client_needs_when_asked_then_it_may(client, act, topic):
    assert may(client, act, topic)


@pytest.mark.parametrize(
    ("client", "act", "topic"),
    [
        (EDGE, Act.SEND, f"up/{OTHER}/site-a/batch/zst"),
        (EDGE, Act.SEND, f"up/{SHARD}/site-b/batch/zst"),
        (EDGE, Act.SEND, f"up/{SHARD}/site-a"),
        (EDGE, Act.SEND, f"up/{SHARD}/site-a/+/json"),
        (EDGE, Act.SEND, f"up/{SHARD}/site-a/#"),
        (EDGE, Act.SEND, "dn/site-a/receipt/json"),
        (EDGE, Act.SEND, f"/up/{SHARD}/site-a/batch/zst"),
        (EDGE, Act.SEND, "$SYS/broker"),
        (EDGE, Act.HEAR, "dn/site-a"),
        (EDGE, Act.HEAR, "dn/site-b/#"),
        (EDGE, Act.HEAR, "dn/+/#"),
        (EDGE, Act.HEAR, "dn/#"),
        (EDGE, Act.HEAR, "#"),
        (EDGE, Act.HEAR, "+/site-a/#"),
        (EDGE, Act.HEAR, "$share/x/dn/site-a/#"),
        (EDGE, Act.HEAR, f"up/{SHARD}/site-a/#"),
        (INGEST, Act.SEND, f"up/{SHARD}/site-a/batch/zst"),
        (INGEST, Act.SEND, "dn/+/receipt/json"),
        (INGEST, Act.HEAR, "dn/#"),
        (INGEST, Act.HEAR, "#"),
        (TAIL, Act.SEND, "dn/site-a/receipt/json"),
        (TAIL, Act.SEND, f"up/{SHARD}/site-a/batch/zst"),
        (TAIL, Act.HEAR, "$SYS/#"),
    ],
)
def test_given_anything_else_when_asked_then_it_may_not(client, act, topic):
    assert not may(client, act, topic)


@given(st.text("abcdn-up/+#$s015 ", max_size=30), st.sampled_from(Act))
def test_given_any_topic_when_an_edge_may_then_it_names_the_edge_in_its_place(topic, act):
    if may(EDGE, act, topic):
        assert topic.split("/")[2 if act is Act.SEND else 1] == "site-a"


@pytest.mark.parametrize("name", ["ingest-1", "tail", "worker-two"])
def test_given_the_name_of_a_tool_when_an_edge_should_have_it_then_no_edge_can(name):
    with pytest.raises(IdentifierError):
        check_edge_id(tool_name(name))
