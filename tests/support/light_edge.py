"""An edge without a disk: it speaks the hand-over honestly and keeps its rows in memory. A thousand of them fit into one process."""

import asyncio
import ssl
from collections.abc import Callable
from datetime import UTC, datetime

import msgspec

from protocol import chain, codec, topics
from protocol.identifiers import EdgeId, Epoch
from protocol.messages import Batch, Hello, Message, PunchRow, Receipt, kind_of
from protocol.signing import Signer, Verifier
from tests.support import mqtt

BATCH_ROWS = 500


class LightEdge:
    """Connects, says hello, sends what is appended, and remembers which of its rows were receipted, and when."""

    def __init__(self, edge: EdgeId, epoch: Epoch, signer: Signer, server: Verifier, nonce: str) -> None:
        self.edge, self.epoch, self.signer, self.server, self.nonce = edge, epoch, signer, server, nonce
        self.mark = self.sent = 0
        self.on_mark: Callable[[int], None] = lambda mark: None
        self.heard: list[Message] = []
        """All but receipts, in the order in which it came."""
        self._rows: list[bytes] = []
        self._heads = [chain.genesis(edge, epoch)]
        self._number = 0
        self._writer: asyncio.StreamWriter | None = None
        self._reading: asyncio.Task[None] | None = None

    async def connect(self, port: int, tls: ssl.SSLContext) -> None:
        """Open the line and say hello; returns when the server has answered."""
        reader, self._writer = await asyncio.open_connection("127.0.0.1", port, ssl=tls, server_hostname="localhost")
        self._writer.write(mqtt.connect(self.edge))
        await self._expect(reader, mqtt.CONNACK)
        self._writer.write(mqtt.subscribe(1, topics.edge_filter(self.edge)))
        await self._expect(reader, mqtt.SUBACK)
        answered = asyncio.Event()
        self._reading = asyncio.create_task(self._read(reader, answered))
        self.say(
            Hello(
                edge=self.edge,
                epoch=self.epoch,
                low=1 if self._rows else 0,
                high=len(self._rows),
                low_head=self._heads[0],
                high_head=self._heads[-1],
                acknowledged=self.mark,
                version="0.1.0",
                clock=datetime.now(UTC),
                nonce=self.nonce,
            )
        )
        await asyncio.wait_for(answered.wait(), 240)

    def append(self, row: PunchRow) -> None:
        data = codec.encode_row(row)
        self._rows.append(data)
        self._heads += chain.extend(self._heads[-1], [chain.digest(data)])

    def send(self) -> None:
        """Send all that was appended and not yet sent."""
        while self.sent < len(self._rows):
            first, last = self.sent + 1, min(self.sent + BATCH_ROWS, len(self._rows))
            self.say(
                Batch(
                    edge=self.edge,
                    epoch=self.epoch,
                    first=first,
                    last=last,
                    previous_head=self._heads[first - 1],
                    head=self._heads[last],
                    rows=[msgspec.Raw(row) for row in self._rows[first - 1 : last]],
                )
            )
            self.sent = last

    def rewind(self) -> None:
        """No receipt came in time: send all behind the mark again."""
        self.sent = self.mark
        self.send()

    async def close(self) -> None:
        if self._reading:
            self._reading.cancel()
        if self._writer:
            self._writer.transport.abort()

    def say(self, message: Message) -> None:
        encoding, payload = codec.pack(codec.encode(message, self.signer))
        self._number = self._number % 65535 + 1
        self._writer.write(mqtt.publish(self._number, topics.up(self.edge, kind_of(message), encoding), payload))

    async def _expect(self, reader: asyncio.StreamReader, wanted: int) -> None:
        kind, _, body = await asyncio.wait_for(mqtt.read_packet(reader), 240)
        if kind != wanted or body[-1] >= 0x80 or (kind == mqtt.CONNACK and body[1]):
            raise ConnectionRefusedError(f"{self.edge} was refused")

    async def _read(self, reader: asyncio.StreamReader, answered: asyncio.Event) -> None:
        while True:
            kind, flags, body = await mqtt.read_packet(reader)
            if kind != mqtt.PUBLISH:
                continue
            topic, acknowledgement, payload = mqtt.take_publish(flags, body)
            self._writer.write(acknowledgement)
            found = topics.parse(topic)
            received = codec.decode(found.kind, codec.unpack(found.encoding, payload))
            received.check(self.server)
            if not isinstance(received.message, Receipt):
                self.heard.append(received.message)
            elif received.message.session == self.nonce:
                answered.set()
                self.mark = received.message.mark
                self.on_mark(self.mark)
