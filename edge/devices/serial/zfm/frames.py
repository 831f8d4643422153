"""Packets of the ZFM-20 family, big-endian. Pure: bytes in, packets out.

     0  EF 01
     2  address    u32, FFFFFFFF unless somebody changed it
     6  type       u8   1 command, 2 data, 7 acknowledgement, 8 last data
     7  length     u16  of payload and checksum
     9  payload
     …  checksum   u16  type + both bytes of the length + payload, modulo 65536

A cheap USB adapter loses bytes at high speed and a module says one 55 when it gets power (R503), so whatever is no packet is passed over
until the next EF 01 that begins one.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum

START = b"\xef\x01"
EVERY_MODULE = 0xFFFFFFFF
HEAD = struct.Struct(">2sIBH")
CHECKSUM_BYTES = 2
MAX_PAYLOAD = 256
"""The largest packet a module can be set to; a longer length is noise, and waiting for it would swallow the packets behind."""
READY = b"\x55"


class PacketType(IntEnum):
    COMMAND = 1
    DATA = 2
    ACK = 7
    LAST_DATA = 8


@dataclass(frozen=True, slots=True)
class Packet:
    type: PacketType
    payload: bytes
    address: int = EVERY_MODULE


def checksum(kind: int, length: int, payload: bytes) -> int:
    return (kind + (length >> 8) + (length & 0xFF) + sum(payload)) & 0xFFFF


def encode(packet: Packet) -> bytes:
    """Write a packet; raises ValueError for a payload that no module takes."""
    if len(packet.payload) > MAX_PAYLOAD:
        raise ValueError(f"a payload of {len(packet.payload)} bytes; a packet holds {MAX_PAYLOAD}")
    length = len(packet.payload) + CHECKSUM_BYTES
    head = HEAD.pack(START, packet.address, packet.type, length)
    return head + packet.payload + struct.pack(">H", checksum(packet.type, length, packet.payload))


class Splitter:
    """Finds packets in whatever a line delivers, in any pieces. It never holds more than one packet's bytes."""

    def __init__(self) -> None:
        self.passed_over = 0
        """Bytes so far that were part of no packet."""
        self.damaged = 0
        """Packets so far whose checksum was wrong."""
        self._held = b""

    def feed(self, data: bytes) -> Iterator[Packet]:
        """Packets that are complete now, in order."""
        self._held += data
        while (packet := self._next()) is not None:
            yield packet

    def _next(self) -> Packet | None:
        while True:
            self._skip_to_start()
            if len(self._held) < HEAD.size:
                return None
            _, address, kind, length = HEAD.unpack_from(self._held)
            if kind not in _TYPES or not CHECKSUM_BYTES <= length <= MAX_PAYLOAD + CHECKSUM_BYTES:
                self._skip(1)
                continue
            end = HEAD.size + length
            if len(self._held) < end:
                return None
            payload = self._held[HEAD.size : end - CHECKSUM_BYTES]
            if int.from_bytes(self._held[end - CHECKSUM_BYTES : end], "big") != checksum(kind, length, payload):
                self.damaged += 1
                self._skip(1)  # a byte may be missing, and the next packet begin inside this one
                continue
            self._held = self._held[end:]
            return Packet(PacketType(kind), payload, address)

    def _skip_to_start(self) -> None:
        at = self._held.find(START)
        if at < 0:  # a last EF may be the first byte of a start
            at = len(self._held) - self._held.endswith(START[:1])
        self._skip(at)

    def _skip(self, count: int) -> None:
        self.passed_over += count
        self._held = self._held[count:]


_TYPES = frozenset(PacketType)
