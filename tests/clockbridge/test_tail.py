"""`clockbridge tail` at a real broker: every message readable, compressed ones too, and a quiet end."""

import json
import signal
import subprocess
import threading
import time

import msgspec
import pytest

from protocol import chain, codec, topics
from protocol.identifiers import EdgeId, Epoch
from protocol.messages import Batch, Receipt
from protocol.signing import Signer
from protocol.topics import Encoding
from server.broker.authority import Authority, Role, tool_name
from server.broker.mosquitto import find_mosquitto
from server.broker.processes import BrokerKind, BrokerPlace, BrokerProcess
from tests.server.broker.test_isolation import Guest
from tests.support.kits import issue_edge
from tests.support.sending import row

EDGE, EPOCH = EdgeId("edge-a"), Epoch("ab" * 16)
SIGNER = Signer.from_seed(bytes(32))


@pytest.fixture(params=[BrokerKind.AMQTT, BrokerKind.MOSQUITTO])
def voices(request, installed):
    """An edge and a worker at a running broker of this installation."""
    if request.param is BrokerKind.MOSQUITTO and find_mosquitto() is None:
        pytest.skip("mosquitto is not installed (apt install mosquitto)")
    installed.move_ports()
    authority = Authority(installed.keys)
    worker, kit = authority.tool("ingest-1", Role.INGEST), issue_edge(authority, EDGE, installed.folder / "kit")
    broker = BrokerProcess(BrokerPlace(request.param, "127.0.0.1", installed.broker_port, installed.folder / "broker"), authority)
    broker.start()
    edge, ingest = Guest(installed.broker_port, kit, EDGE), Guest(installed.broker_port, worker, tool_name("ingest-1"))
    yield edge, ingest, broker
    for guest in (edge, ingest):
        guest.leave()
    broker.stop()


def batch(rows: int) -> tuple[Encoding, bytes]:
    bodies = [codec.encode_row(row(user=str(number), number=number)) for number in range(rows)]
    head = chain.extend(chain.genesis(EDGE, EPOCH), [chain.digest(body) for body in bodies])[-1]
    first = chain.genesis(EDGE, EPOCH)
    raws = [msgspec.Raw(body) for body in bodies]
    return codec.pack(codec.encode(Batch(edge=EDGE, epoch=EPOCH, first=1, last=rows, rows=raws, previous_head=first, head=head), SIGNER))


def lines_until(process: "subprocess.Popen[str]", wanted: set[str], say) -> list[str]:
    """What it prints until each of `wanted` was in a line; `say` repeats the message until tail has subscribed and hears one."""
    heard: list[str] = []
    done = threading.Event()

    def read() -> None:
        for line in process.stdout:
            heard.append(line.rstrip("\n"))
            if all(any(word in said for said in heard) for word in wanted):
                break
        done.set()

    threading.Thread(target=read, daemon=True).start()
    end = time.monotonic() + 90
    while not done.wait(0.5) and time.monotonic() < end:
        say()
    assert done.is_set(), heard
    return heard


def test_given_messages_up_and_down_when_tailed_then_each_is_a_line_and_ctrl_c_is_quiet(installed, voices):
    edge, ingest, _ = voices
    encoding, compressed = batch(40)
    plain = codec.encode(Receipt(edge=EDGE, epoch=EPOCH, mark=40, session="s", head=bytes(32)), SIGNER)
    assert encoding is Encoding.ZSTD
    process = installed.start("tail", "--rows")

    def say() -> None:
        edge.client.publish(topics.up(EDGE, "bye", Encoding.JSON), b"\xff no message \x1b[2J", 1)
        edge.client.publish(topics.up(EDGE, "batch", encoding), compressed, 1)
        ingest.client.publish(topics.down(EDGE, "receipt", Encoding.JSON), plain, 1)

    said = lines_until(process, {"▲ edge-a batch", "      {", "▼ edge-a receipt", "/bye/"}, say)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate()

    assert any("▲ edge-a batch rows=40 " in line and "first=1 last=40" in line for line in said)
    assert any(line.startswith("      {") and '"terminal": "T1"' in line for line in said)
    assert any("▼ edge-a receipt" in line and "mark=40" in line for line in said)
    assert any("cannot be read" in line for line in said)
    assert "\x1b" not in "".join(said)
    assert (process.returncode, err) == (0, "")


def test_given_filters_when_tailed_as_json_then_only_those_messages_come_and_a_lost_broker_is_waited_for(installed, voices):
    edge, ingest, broker = voices
    encoding, compressed = batch(3)
    receipt = codec.encode(Receipt(edge=EDGE, epoch=EPOCH, mark=3, session="s", head=bytes(32)), SIGNER)
    process = installed.start("tail", "--json", "--kind", "receipt", "--edge", EDGE)

    def say() -> None:
        edge.client.publish(topics.up(EDGE, "batch", encoding), compressed, 1)
        ingest.client.publish(topics.down(EdgeId("edge-b"), "receipt", Encoding.JSON), receipt, 1)
        ingest.client.publish(topics.down(EDGE, "receipt", Encoding.JSON), receipt, 1)

    said = lines_until(process, {"receipt"}, say)
    broker.stop()
    complaint = process.stderr.readline()
    process.send_signal(signal.SIGTERM)
    _, err = process.communicate()

    assert all(json.loads(line)["topic"].startswith(f"dn/{EDGE}/receipt/") for line in said)
    assert json.loads(said[-1])["mark"] == 3
    assert complaint == "The broker is away; waiting.\n"
    assert process.returncode == 0, err
