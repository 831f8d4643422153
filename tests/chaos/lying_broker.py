"""A broker that lies: it acknowledges what it drops, repeats, reorders, garbles, replays and forges.

A minimal MQTT 3.1.1 broker (QoS 0 and 1, `+` and `#`), so that the hand-over can be shown not to need an honest one.
"""

import asyncio
import contextlib
import random
import ssl
import struct
import threading
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from protocol import codec, topics
from protocol.errors import ProtocolError
from protocol.identifiers import EdgeId
from protocol.messages import Batch, Hello, Message, Order, OrderKind, Receipt, kind_of
from protocol.signing import Signer
from server.broker.authority import Authority
from tests.support import mqtt
from tests.support.world import World


@dataclass(frozen=True, slots=True)
class Lies:
    """How often it lies, as shares of the messages it is given (0 to 1)."""

    drop: float = 0.0
    repeat: float = 0.0
    delay: float = 0.0
    garble: float = 0.0
    replay: float = 0.0
    forge: float = 0.0
    """Of batches: they are dropped, and their edge gets a receipt for them, right in everything but its signature, and an order."""
    longest_delay_seconds: float = 1.0


@dataclass(slots=True, eq=False)
class Line:
    """One client."""

    writer: asyncio.StreamWriter
    name: str = ""
    filters: set[str] = field(default_factory=set)
    next_id: int = 0

    def send(self, topic: str, payload: bytes) -> None:
        self.next_id = self.next_id % 65535 + 1
        self.writer.write(mqtt.publish(self.next_id, topic, payload))


class LyingBroker:
    """`async with LyingBroker(lies, seed, tls) as broker:` listens on loopback; `told` counts what it did."""

    def __init__(self, lies: Lies, seed: int, tls: ssl.SSLContext | None = None, port: int = 0) -> None:
        self.lies, self.tls, self.port = lies, tls, port
        self.told: dict[str, int] = {}
        self._chance = random.Random(seed)
        self._temptation: dict[str, float] = {}
        self._stranger = Signer.from_seed(bytes(32))
        self._sessions: dict[EdgeId, str] = {}
        self._lines: set[Line] = set()
        self._heard: list[tuple[str, bytes]] = []
        self._tasks: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None

    async def __aenter__(self):
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port, ssl=self.tls)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_):
        for task in self._tasks:
            task.cancel()
        for line in list(self._lines):
            line.writer.transport.abort()
        self._server.close()

    def hang_up(self) -> None:
        """Cut every client off."""
        for line in list(self._lines):
            line.writer.transport.abort()

    # What it does with a message --------------------------------------------------------------------

    def _published(self, topic: str, payload: bytes) -> None:
        self._heard = [*self._heard[-199:], (topic, payload)]
        chance, lies = self._chance, self.lies
        if self._forges(topic, payload):
            return None
        if self._gives_in("drop", lies.drop):
            return self._count("drop")
        if payload and self._gives_in("garble", lies.garble):
            self._count("garble")
            place = chance.randrange(len(payload))
            payload = payload[:place] + bytes([payload[place] ^ 1 << chance.randrange(8)]) + payload[place + 1 :]
        self._later(topic, payload) if self._gives_in("delay", lies.delay) else self._deliver(topic, payload)
        if self._gives_in("repeat", lies.repeat):
            self._count("repeat")
            self._later(topic, payload)
        if self._gives_in("replay", lies.replay):
            self._count("replay")
            self._deliver(*chance.choice(self._heard))
        return None

    def _gives_in(self, what: str, share: float) -> bool:
        """Whether to lie so now: as often as the share says also among few messages, from a moment on that chance decides."""
        grown = self._temptation.get(what, self._chance.random()) + share
        self._temptation[what] = grown % 1
        return grown >= 1

    def _forges(self, topic: str, payload: bytes) -> bool:
        """Whether it answers a batch itself, in the name of the server."""
        with contextlib.suppress(ProtocolError):
            found = topics.parse(topic)
            message = codec.decode(found.kind, codec.unpack(found.encoding, payload)).message
            if isinstance(message, Hello):
                self._sessions[message.edge] = message.nonce
            if isinstance(message, Batch) and message.edge in self._sessions and self._gives_in("forge", self.lies.forge):
                self._count("forge")
                session = self._sessions[message.edge]
                self._say(Receipt(edge=message.edge, epoch=message.epoch, mark=message.last, session=session, head=message.head))
                ends = datetime.now(UTC) + timedelta(hours=1)
                self._say(Order(edge=message.edge, order=message.head.hex(), action=OrderKind.RE_READ, expires_at=ends))
                return True
        return False

    def _say(self, message: Message) -> None:
        encoding, payload = codec.pack(codec.encode(message, self._stranger))
        self._deliver(topics.down(message.edge, kind_of(message), encoding), payload)

    def _later(self, topic: str, payload: bytes) -> None:
        self._count("delay")

        async def wait() -> None:
            await asyncio.sleep(self._chance.random() * self.lies.longest_delay_seconds)
            self._deliver(topic, payload)

        task = asyncio.create_task(wait())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _deliver(self, topic: str, payload: bytes) -> None:
        for line in self._lines:
            if any(mqtt.matches(wanted, topic) for wanted in line.filters) and not line.writer.is_closing():
                line.send(topic, payload)

    def _count(self, what: str) -> None:
        self.told[what] = self.told.get(what, 0) + 1

    # The protocol -------------------------------------------------------------------------------------

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        line = Line(writer)
        with contextlib.suppress(OSError, asyncio.IncompleteReadError, asyncio.CancelledError, ValueError, struct.error):
            while True:
                kind, flags, body = await mqtt.read_packet(reader)
                if kind == mqtt.DISCONNECT:
                    break
                self._answer(line, kind, flags, body)
                await writer.drain()
        self._lines.discard(line)
        writer.transport.abort()

    def _answer(self, line: Line, kind: int, flags: int, body: bytes) -> None:
        match kind:
            case mqtt.CONNECT:
                line.name, _ = mqtt.take_text(body[10:])
                self._lines = {other for other in self._lines if other.name != line.name} | {line}
                line.writer.write(mqtt.packet(mqtt.CONNACK, 0, b"\0\0"))
            case mqtt.PUBLISH:
                topic, acknowledgement, payload = mqtt.take_publish(flags, body)
                line.writer.write(acknowledgement)
                self._published(topic, payload)
            case mqtt.SUBSCRIBE:
                rest, codes = body[2:], b""
                while rest:
                    wanted, rest = mqtt.take_text(rest)
                    line.filters.add(wanted)
                    codes, rest = codes + rest[:1], rest[1:]
                line.writer.write(mqtt.packet(mqtt.SUBACK, 0, body[:2] + codes))
            case mqtt.UNSUBSCRIBE:
                rest = body[2:]
                while rest:
                    wanted, rest = mqtt.take_text(rest)
                    line.filters.discard(wanted)
                line.writer.write(mqtt.packet(mqtt.UNSUBACK, 0, body[:2]))
            case mqtt.PINGREQ:
                line.writer.write(mqtt.packet(mqtt.PINGRESP, 0, b""))


class LyingBrokerInThread:
    """The same in a thread of its own: `with LyingBrokerInThread(…) as broker:`."""

    def __init__(self, lies: Lies, seed: int, tls: ssl.SSLContext | None, port: int) -> None:
        self._broker = LyingBroker(lies, seed, tls, port)
        self._loop = asyncio.new_event_loop()
        self._ready, self._ended = threading.Event(), asyncio.Event()
        self._thread = threading.Thread(target=self._loop.run_until_complete, args=(self._run(),), daemon=True)

    def __enter__(self):
        self._thread.start()
        assert self._ready.wait(60)
        return self

    def __exit__(self, *_):
        self._loop.call_soon_threadsafe(self._ended.set)
        self._thread.join(60)
        self._loop.close()

    @property
    def told(self) -> dict[str, int]:
        """How often it lied, by kind."""
        return self._broker.told

    def be_honest(self) -> None:
        self._loop.call_soon_threadsafe(setattr, self._broker, "lies", Lies())

    async def _run(self) -> None:
        async with self._broker:
            self._ready.set()
            await self._ended.wait()
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)


def tls_of(world: World) -> ssl.SSLContext:
    """As the broker of this world shows itself."""
    bundle = Authority(world.settings.keys_dir).bundle("broker")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(bundle.certificate, bundle.key)
    return context
