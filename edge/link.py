"""The one connection of an edge to its broker. It carries messages and believes none: only what the server's key signed comes in.

Every attempt uses a client of its own, with a clean session, so that nothing waits in a client's memory from one line to the next: what
was not receipted stands in the outbox, and is sent again from there. Callbacks of the client's thread only hand over what happened.
"""

import asyncio
import random
import socket
import ssl
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import structlog
from paho.mqtt.client import Client
from paho.mqtt.enums import CallbackAPIVersion, MQTTErrorCode, MQTTProtocolVersion

from edge import line_trouble
from edge.errors import SettingsError
from edge.kit import Keys
from edge.line import FAREWELL_SECONDS, OPEN_SECONDS, Line
from edge.line_trouble import Trouble
from protocol import codec, topics
from protocol.errors import ProtocolError, SignatureError, TopicError
from protocol.identifiers import EdgeId
from protocol.messages import DOWN_KINDS, Bye, Message, kind_of
from protocol.signing import Verifier

KEEP_ALIVE_SECONDS = 20
MOST_UNACKNOWLEDGED = 64
"""Messages in the client's memory: more than the sender's windows and some reports, so only a broker that answers nothing reaches it."""
DISBELIEF_SECONDS = 60.0
SHORTEST_PAUSE = 0.5
LONGEST_PAUSE = 30.0
STEADY_SECONDS = 10.0
"""A line that lasted this long was a good one: the next pause is the shortest again."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class LinkAddress:
    """Where the broker is, and what the edge proves itself with (PEM files, read at each new line: they may be renewed)."""

    host: str
    port: int
    authority: Path
    certificate: Path
    key: Path

    def context(self) -> ssl.SSLContext:
        """Raises OSError (ssl.SSLError among it) when the files do not serve."""
        context = ssl.create_default_context(cafile=str(self.authority))
        context.load_cert_chain(self.certificate, self.key)
        return context


@dataclass(frozen=True, slots=True)
class LineUp:
    """The line is open and subscribed."""


@dataclass(frozen=True, slots=True)
class LineDown:
    """The line is gone, or could not be opened."""

    trouble: Trouble


@dataclass(frozen=True, slots=True)
class Disbelieved:
    """Something came that the server's key did not sign, or that nobody can read."""

    reason: str


@dataclass(frozen=True, slots=True)
class Arrived:
    """A message for us that the server has signed."""

    message: Message


LinkEvent = LineUp | LineDown | Disbelieved | Arrived


def believe(topic: str, payload: bytes, edge: EdgeId, server: Verifier) -> Message:
    """Open a message; raises ProtocolError unless it is for this edge, its topic says the same, and the server's key signed it."""
    found = topics.parse(topic)
    if found.direction is not topics.Direction.DOWN or found.edge != edge:
        raise TopicError("this topic is not ours")
    if found.kind not in DOWN_KINDS:
        raise TopicError("a kind of message that no edge takes")
    received = codec.decode(found.kind, codec.unpack(found.encoding, payload))
    received.check(server)
    if received.message.edge != edge:
        raise SignatureError("signed for another edge")
    return received.message


class Link:
    """Keeps a line to the broker open while `run` runs; listeners are called in the event loop, in the order of what happened."""

    def __init__(self, edge: EdgeId, address: LinkAddress, keys: Keys, read_keys: Callable[[], Keys]) -> None:
        """read_keys: gives them anew, because the box may have been enrolled again meanwhile; raises SettingsError."""
        self.edge = edge
        self.disbelieved = 0
        """Messages that were dropped because the server had not signed them, or nobody could read them."""
        self._address, self._keys, self._read_keys = address, keys, read_keys
        self._listeners: list[Callable[[LinkEvent], None]] = []
        self._client: Client | None = None
        self._break = asyncio.Event()
        self._up, self._own_address = False, ""
        self._trouble: Trouble | None = None  # as it was told last; None while the line is up
        self._disbelief_told_at = float("-inf")

    @property
    def up(self) -> bool:
        return self._up

    @property
    def place(self) -> str:
        """The machine, and the address by which it reaches the broker: what a person looks for who has two of them."""
        return f"{socket.gethostname()} {self._own_address}".strip()

    def listen(self, listener: Callable[[LinkEvent], None]) -> None:
        """Add someone who wants to know."""
        self._listeners.append(listener)

    def pack(self, message: Message) -> tuple[str, bytes]:
        """Sign a message and write it for the line: topic and payload."""
        encoding, payload = codec.pack(codec.encode(message, self._keys.signer))
        return topics.up(self.edge, kind_of(message), encoding), payload

    def publish(self, message: Message) -> bool:
        """Send a message if the line is up; False when it is not, and then nothing is kept."""
        return self.publish_packed(*self.pack(message))

    def publish_packed(self, topic: str, payload: bytes) -> bool:
        """As `publish`, for what `pack` made."""
        client = self._client
        if client is None or not self._up:
            return False
        code = client.publish(topic, payload, qos=1).rc
        if code is MQTTErrorCode.MQTT_ERR_QUEUE_SIZE:  # a broker that acknowledges nothing: another line may do better
            self.reconnect()
        return code is MQTTErrorCode.MQTT_ERR_SUCCESS

    def reconnect(self) -> None:
        """Drop this line and open a new one."""
        self._break.set()

    async def run(self) -> None:
        """Keep a line open until cancelled; says goodbye at the end."""
        pause, loop = SHORTEST_PAUSE, asyncio.get_running_loop()
        while True:
            started = loop.time()
            self._tell_down(await self._one_line(loop))
            if loop.time() - started > STEADY_SECONDS + OPEN_SECONDS:
                pause = SHORTEST_PAUSE
            await asyncio.sleep(pause * random.uniform(0.5, 1.0))  # noqa: S311 - spreads edges, hides nothing
            pause = min(pause * 2, LONGEST_PAUSE)

    async def _one_line(self, loop: asyncio.AbstractEventLoop) -> Trouble:
        """Open a line and hold it until it breaks; gives the reason."""
        self._break.clear()
        line = Line(self.edge, self.take, loop)
        try:
            client = await self._opened(line, loop)
        except OSError as error:
            return line_trouble.of_error(error, self._address.host, self._address.port)
        try:
            trouble = await line.granted()
            if trouble is not None:
                return trouble
            self._client, self._up, self._trouble = client, True, None
            self._own_address = line.own_address
            log.info("line_up", host=self._address.host, port=self._address.port)
            self._tell(LineUp())
            return await line.held(self._break)
        except asyncio.CancelledError:
            await asyncio.to_thread(self._farewell, client)
            raise
        finally:
            self._up, self._client = False, None
            await asyncio.shield(asyncio.to_thread(line.close, client))

    async def _opened(self, line: Line, loop: asyncio.AbstractEventLoop) -> Client:
        """Open it in a thread of its own, which nobody waits for at the end: a peer that is dead holds it for a quarter of a minute."""
        opened: asyncio.Future[Client] = loop.create_future()

        def work() -> None:
            try:
                client = self._open(line)
            except Exception as error:  # noqa: BLE001 - whoever waits is told, whatever it was
                line.call(_fail, opened, error)
            else:
                line.call(_hand_over, opened, client, line)

        threading.Thread(target=work, name="line", daemon=True).start()
        return await opened

    def _open(self, line: Line) -> Client:
        client = Client(
            CallbackAPIVersion.VERSION2,
            client_id=self.edge,
            clean_session=True,
            protocol=MQTTProtocolVersion.MQTTv311,
            reconnect_on_failure=False,
        )
        client.username_pw_set(self.edge)
        client.tls_set_context(self._address.context())
        self._take_up_keys()
        client.will_set(*self.pack(Bye(edge=self.edge, at=datetime.now(UTC))), qos=1)
        client.on_connect, client.on_subscribe = line.on_connect, line.on_subscribe
        client.on_message, client.on_disconnect = line.on_message, line.on_disconnect
        client.on_socket_open = line.on_socket_open
        client.connect_timeout = OPEN_SECONDS
        client.max_queued_messages_set(MOST_UNACKNOWLEDGED)
        try:
            client.connect(self._address.host, self._address.port, KEEP_ALIVE_SECONDS)
        except OSError:
            line.cut()
            raise
        except ValueError as error:  # the client's word for a host name that is none
            raise OSError(str(error)) from error
        client.loop_start()
        return client

    def _take_up_keys(self) -> None:
        """Those that lie there now; read behind the certificate, which is the last file that a new enrolment puts in its place."""
        with suppress(SettingsError):  # between two files of an enrolment, or damaged: the next start says what is wrong
            self._keys = self._read_keys()

    def _farewell(self, client: Client) -> None:
        topic, payload = self.pack(Bye(edge=self.edge, at=datetime.now(UTC)))
        with suppress(ValueError, RuntimeError):  # a line that broke meanwhile needs no farewell
            client.publish(topic, payload, qos=1).wait_for_publish(FAREWELL_SECONDS)

    def take(self, topic: str, payload: bytes) -> None:
        """Let in what the server has signed; everything else is counted and dropped."""
        try:
            message = believe(topic, payload, self.edge, self._keys.server)
        except ProtocolError as error:
            self._disbelieve(error.reason)
            return
        self._tell(Arrived(message))

    def _tell(self, event: LinkEvent) -> None:
        for listener in self._listeners:
            listener(event)

    def _disbelieve(self, reason: str) -> None:
        self.disbelieved += 1
        now = time.monotonic()
        if now > self._disbelief_told_at + DISBELIEF_SECONDS:  # whoever forges many may not fill the log
            log.warning("message_disbelieved", reason=reason, times=self.disbelieved)
            self._disbelief_told_at = now
        self._tell(Disbelieved(reason))

    def _tell_down(self, trouble: Trouble) -> None:
        """Said once for as long as it stays the same."""
        if trouble != self._trouble:
            log.warning("line_down", reason=trouble.english)
        self._trouble = trouble
        self._tell(LineDown(trouble))


def _hand_over(opened: asyncio.Future[Client], client: Client, line: Line) -> None:
    """Give an open client to whoever waits for it; close it when nobody does any more."""
    if opened.done():
        threading.Thread(target=line.close, args=(client,), daemon=True).start()
    else:
        opened.set_result(client)


def _fail(future: asyncio.Future[Any], error: Exception) -> None:
    if not future.done():
        future.set_exception(error)
