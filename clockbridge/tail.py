"""`clockbridge tail`: the messages on the broker as they pass, readable. It only listens."""

import json
import signal
import ssl
import sys
import threading
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, NoReturn

import msgspec
import typer

from clockbridge.language import say
from clockbridge.refusals import refusals, refuse

app = typer.Typer(help="Watch the messages on the broker, readable.", rich_markup_mode=None, add_completion=False)

KINDS = "up: hello, batch, live, health, bye, order-result, reported, captured, counted; down: receipt, order, setup, wanted"


@app.command()
def tail(
    edge: Annotated[str, typer.Option(help="Only this edge.")] = "",
    kind: Annotated[str, typer.Option(help=f"Only this kind. {KINDS}.")] = "",
    rows: Annotated[bool, typer.Option("--rows", help="Print each row of a batch, too.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Whole messages as JSON lines, for programs.")] = False,
    settings: Annotated[Path | None, typer.Option("--settings", help="Settings file; server.toml here when left out.")] = None,
) -> None:
    """Print each message as it passes, until Ctrl-C. Rows hold numbers of terminal users, never names."""
    from server.broker.authority import Authority, Role, tool_name
    from server.settings import load_settings

    with refusals():
        loaded = load_settings(settings)
        authority = Authority(loaded.keys_dir)
        bundle = authority.tool("tail", Role.TAIL)
        authority.require_sound("tail")
        context = ssl.create_default_context(cafile=bundle.authority)
        context.load_cert_chain(bundle.certificate, bundle.key)
        _listen(loaded.broker.connect_host, loaded.broker.port, context, tool_name("tail"), _Printer(edge, kind, rows, as_json))


class _Printer:
    def __init__(self, edge: str, kind: str, rows: bool, as_json: bool) -> None:
        self._edge, self._kind, self._rows, self._as_json = edge, kind, rows, as_json

    def show(self, topic: str, payload: bytes) -> None:
        """Print one message; one that cannot be read is told as such."""
        from protocol import codec, topics
        from protocol.errors import ProtocolError

        at = datetime.now(UTC).strftime("%H:%M:%S.%f")[:-3]
        try:
            found = topics.parse(topic)
            if (self._edge and found.edge != self._edge) or (self._kind and found.kind != self._kind):
                return
            message = codec.decode(found.kind, codec.unpack(found.encoding, payload)).message
        except ProtocolError as error:
            print(f"{at} {topic}: {say('cannot be read', '无法读取')} ({error}), {len(payload)} bytes", flush=True)
            return
        facts: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(message))  # rows are JSON already, which only JSON takes in
        if self._as_json:
            print(json.dumps({"at": at, "topic": topic} | facts, ensure_ascii=False), flush=True)
            return
        told = facts.pop("rows", None)
        for hidden in ("edge", "kind", "key", "v", "previous_head", "head", "low_head", "high_head"):
            facts.pop(hidden, None)
        summary = " ".join(f"{name}={value}" for name, value in facts.items() if value not in (None, "", [], {}))
        arrow = "▲" if found.direction is topics.Direction.UP else "▼"
        count = f" rows={len(told)}" if told is not None else ""
        print(f"{at} {arrow} {found.edge} {found.kind}{count} {summary} ({len(payload):,} bytes)", flush=True)
        if self._rows:
            for row in told or []:
                print(f"      {json.dumps(row, ensure_ascii=False)}", flush=True)


def _listen(host: str, port: int, context: ssl.SSLContext, name: str, printer: _Printer) -> None:
    """Listen until SIGINT or SIGTERM. A broker that is not there at first ends it with why; one that goes away later is waited for."""
    import paho.mqtt.client as mqtt
    from paho.mqtt.enums import CallbackAPIVersion

    ended = threading.Event()
    refused: list[str] = []

    def came(client: mqtt.Client, _data: Any, _flags: Any, reason: Any, _properties: Any) -> None:
        if reason.is_failure:
            refused.append(str(reason))
            ended.set()
        else:
            client.subscribe([("up/#", 0), ("dn/#", 0)])

    def heard(_client: mqtt.Client, _data: Any, message: mqtt.MQTTMessage) -> None:
        try:
            printer.show(message.topic, bytes(message.payload))
        except BrokenPipeError:  # who read us has gone
            ended.set()

    client = mqtt.Client(CallbackAPIVersion.VERSION2, client_id=name, clean_session=True, protocol=mqtt.MQTTv311)
    client.username_pw_set(name)
    client.tls_set_context(context)
    client.on_connect, client.on_message = came, heard
    client.on_disconnect = lambda *_: print(say("The broker is away; waiting.", "消息代理已断开，等待中。"), file=sys.stderr)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: ended.set())
    try:
        client.connect(host, port, keepalive=20)
    except OSError as error:
        _refuse_broker(host, port, error.strerror or str(error))
    client.loop_start()
    ended.wait()
    client.on_disconnect = None
    client.disconnect()
    client.loop_stop()
    if refused:
        _refuse_broker(host, port, refused[0])


def _refuse_broker(host: str, port: int, why: str) -> NoReturn:
    refuse(
        say(
            f"The broker at {host}, port {port}, cannot be used ({why}). Start the server, or correct [broker] in the settings.",
            f"无法使用 {host} 端口 {port} 的消息代理（{why}）。请启动服务器，或更正设置中的 [broker]。",
        )
    )
