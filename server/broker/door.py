"""The door before amqtt: who has no good certificate, or says another name than it, never gets to amqtt.

amqtt alone lets a refused client deafen the one whose id it used, and lets a last will pass by the topic rules (both seen with 0.12.1).
So the CONNECT packet is read here first, and only a good one is handed on, bytes and all.
"""

import asyncio
import logging
import ssl
from collections.abc import Callable
from dataclasses import dataclass, field

from amqtt.adapters import ReaderAdapter, StreamReaderAdapter, StreamWriterAdapter
from amqtt.broker import Broker
from amqtt.errors import AMQTTError
from amqtt.mqtt.connect import ConnectPacket
from cryptography import x509
from cryptography.x509.oid import NameOID

from server.broker.authority import Role
from server.broker.plugins import let_in
from server.broker.rules import Act, Client, may

LARGEST_CONNECT_BYTES = 65_536
"""Names and a last will; anything longer wants memory, not service."""
LARGEST_PACKET_BYTES = 4 * 1024 * 1024
"""Sixteen of our largest messages; amqtt alone would take 256 MB into its memory."""
CONNECT_SECONDS = 10.0
NOT_AUTHORISED = b"\x20\x02\x00\x05"

log = logging.getLogger(__name__)


class Recording(ReaderAdapter):
    """Remembers what was read, so that amqtt can read it again."""

    def __init__(self, reader: asyncio.StreamReader) -> None:
        self._reader = reader
        self.raw = bytearray()

    async def read(self, n: int = -1) -> bytes:
        if n < 0 or len(self.raw) + n > LARGEST_CONNECT_BYTES:
            raise ValueError("the CONNECT packet is too large")
        data = await self._reader.readexactly(n)
        self.raw += data
        return data

    def feed_eof(self) -> None:
        """Nothing is fed here."""


class Replaying(ReaderAdapter):
    """What was read at the door, then the line itself."""

    def __init__(self, raw: bytes, reader: asyncio.StreamReader) -> None:
        self._raw = raw
        self._line = StreamReaderAdapter(reader)
        self._ended = False

    async def read(self, n: int = -1) -> bytes:
        if self._raw:
            head, self._raw = self._raw[:n], self._raw[n:]
            return head
        self._ended = self._ended or n > LARGEST_PACKET_BYTES  # its end is all that makes amqtt hang up
        return b"" if self._ended else bytes(await self._line.read(n))

    def feed_eof(self) -> None:
        self._line.feed_eof()


@dataclass
class Door:
    """Serves TLS connections; `revoked` holds the serial numbers of certificates that are no longer good."""

    broker: Broker
    revoked: set[int] = field(default_factory=set)
    refused: Callable[[str], None] = log.warning
    _inside: dict[asyncio.StreamWriter, int] = field(default_factory=dict)

    def revoke(self, serials: set[int]) -> None:
        """Let nobody with these in from now on, and show out who is inside."""
        self.revoked = serials
        for writer in [writer for writer, serial in self._inside.items() if serial in serials]:
            writer.close()

    async def welcome(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection from its first byte to its last."""
        try:
            client, serial = _certificate(writer)
            seen = Recording(reader)
            async with asyncio.timeout(CONNECT_SECONDS):
                connect = await ConnectPacket.from_stream(seen)
            reason = "its certificate is revoked" if serial in self.revoked else _objection(client, connect)
            if reason:
                self.refused(f"{client.name} was refused: {reason}")
                writer.write(NOT_AUTHORISED)
                await writer.drain()
                return
            let_in(client)
            self._inside[writer] = serial
            await self.broker.external_connected(Replaying(bytes(seen.raw), reader), StreamWriterAdapter(writer), "default")
        except (OSError, asyncio.IncompleteReadError, TimeoutError, AMQTTError, ValueError):
            pass  # a line that broke, or bytes that are no CONNECT: nobody to tell
        except Exception:  # top of a task: one client's trouble must not end the broker
            log.exception("a connection failed and was closed")
        finally:
            self._inside.pop(writer, None)
            writer.close()


def _certificate(writer: asyncio.StreamWriter) -> tuple[Client, int]:
    """Who the certificate says it is; TLS has checked that our authority signed it."""
    tls: ssl.SSLObject = writer.get_extra_info("ssl_object")
    certificate = x509.load_der_x509_certificate(tls.getpeercert(binary_form=True) or b"")
    name = certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)[0].value
    unit = certificate.subject.get_attributes_for_oid(NameOID.ORGANIZATIONAL_UNIT_NAME)[0].value
    return Client(str(name), Role(str(unit))), certificate.serial_number


def _objection(client: Client, connect: ConnectPacket) -> str | None:
    """Why this CONNECT may not pass; None when it may."""
    told = connect.payload
    if not client.name == told.client_id == told.username:
        return "client id, user and certificate do not name the same"
    if not connect.clean_session_flag:
        return "sessions are not kept here"
    if connect.will_flag and not may(client, Act.SEND, str(told.will_topic)):
        return "its last will is on a topic that is not its own"
    return None
