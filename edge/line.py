"""One line to the broker, from its first packet to its end: what the client's own thread tells, in the event loop."""

import asyncio
import os
import socket
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import paho.mqtt.client
from paho.mqtt.client import Client, ConnectFlags, DisconnectFlags, MQTTMessage
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from edge import line_trouble, polling
from edge.line_trouble import Trouble
from protocol import topics
from protocol.identifiers import EdgeId

OPEN_SECONDS = 15.0
"""From the first packet to the granted subscription."""
FAREWELL_SECONDS = 1.0

paho.mqtt.client.select = polling  # type: ignore[attr-defined] # the client has no other way to be told


class Line:
    """One client's callbacks, handed over from its thread to the event loop, where `take` gets each message (topic, payload)."""

    def __init__(self, edge: EdgeId, take: Callable[[str, bytes], None], loop: asyncio.AbstractEventLoop) -> None:
        self._edge, self._take, self._loop = edge, take, loop
        self._granted: asyncio.Future[Trouble | None] = loop.create_future()
        self._broken: asyncio.Future[Trouble] = loop.create_future()
        self._wire: socket.socket | None = None

    @property
    def own_address(self) -> str:
        """This machine's, as far as the broker's side of it is concerned; empty where there is no line."""
        with suppress(OSError):
            return str(self._wire.getsockname()[0]) if self._wire is not None else ""
        return ""

    async def granted(self) -> Trouble | None:
        """None when the subscription stands, else the reason why not."""
        try:
            async with asyncio.timeout(OPEN_SECONDS):
                return await self._granted
        except TimeoutError:
            return line_trouble.SILENT

    async def held(self, wanted_break: asyncio.Event) -> Trouble:
        """Wait until the line breaks, or somebody wants it broken."""
        waiting: asyncio.Future[Any] = asyncio.ensure_future(wanted_break.wait())
        try:
            await asyncio.wait((waiting, self._broken), return_when=asyncio.FIRST_COMPLETED)
        finally:
            waiting.cancel()
        return self._broken.result() if self._broken.done() else line_trouble.ASKED

    def close(self, client: Client) -> None:
        """End the client and its thread, also when the other side takes no more bytes: the client alone would wait for ever."""
        client.disconnect()
        until = time.monotonic() + FAREWELL_SECONDS
        while client.want_write() and time.monotonic() < until:
            time.sleep(0.01)
        self.cut()
        client.loop_stop()

    def cut(self) -> None:
        """Break the connection underneath the client."""
        if self._wire is not None:
            with suppress(OSError):
                self._wire.shutdown(socket.SHUT_RDWR)
            self._wire.close()
            self._wire = None

    def on_socket_open(self, _: Client, __: Any, opened: Any) -> None:
        # Without it each batch waits 40 ms for the acknowledgement of the one before (measured).
        opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._wire = socket.socket(fileno=os.dup(opened.fileno()))

    def on_connect(self, client: Client, _: Any, __: ConnectFlags, code: ReasonCode, ___: Properties | None) -> None:
        if code.is_failure:
            self.call(_settle, self._granted, line_trouble.of_refusal(str(code)))
        else:
            client.subscribe(topics.edge_filter(self._edge), qos=1)

    def on_subscribe(self, _: Client, __: Any, ___: int, codes: list[ReasonCode], ____: Properties | None) -> None:
        refused = any(code.is_failure for code in codes)
        self.call(_settle, self._granted, line_trouble.of_refusal("its topic") if refused else None)

    def on_message(self, _: Client, __: Any, message: MQTTMessage) -> None:
        self.call(self._take, message.topic, message.payload)

    def on_disconnect(self, _: Client, __: Any, ___: DisconnectFlags, code: ReasonCode, ____: Properties | None) -> None:
        self.call(self._lost, str(code))

    def _lost(self, said: str) -> None:
        _settle(self._granted, line_trouble.DROPPED)
        _settle(self._broken, line_trouble.of_break(said))

    def call(self, function: Callable[..., None], *values: Any) -> None:
        """Have something done in the event loop, from any thread; nothing when it has ended."""
        with suppress(RuntimeError):
            self._loop.call_soon_threadsafe(function, *values)


def _settle(future: asyncio.Future[Any], value: object) -> None:
    if not future.done():
        future.set_result(value)
