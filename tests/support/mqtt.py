"""Just enough MQTT 3.1.1 on the wire for a broker that lies and for a thousand light clients."""

import asyncio
import struct

CONNECT, CONNACK, PUBLISH, PUBACK, SUBSCRIBE, SUBACK, UNSUBSCRIBE, UNSUBACK, PINGREQ, PINGRESP, DISCONNECT = (
    1,
    2,
    3,
    4,
    8,
    9,
    10,
    11,
    12,
    13,
    14,
)


async def read_packet(reader: asyncio.StreamReader) -> tuple[int, int, bytes]:
    """Kind, flags and body; raises asyncio.IncompleteReadError at the end of the line."""
    (head,) = await reader.readexactly(1)
    length = shift = 0
    while True:
        (digit,) = await reader.readexactly(1)
        length |= (digit & 127) << shift
        shift += 7
        if digit < 128:
            return head >> 4, head & 15, await reader.readexactly(length)


def packet(kind: int, flags: int, body: bytes) -> bytes:
    length, digits = len(body), bytearray()
    while True:
        length, digit = divmod(length, 128)
        digits.append(digit | (128 if length else 0))
        if not length:
            return bytes([kind << 4 | flags]) + digits + body


def text(value: str) -> bytes:
    data = value.encode()
    return struct.pack("!H", len(data)) + data


def take_text(data: bytes) -> tuple[str, bytes]:
    (length,) = struct.unpack_from("!H", data)
    return data[2 : 2 + length].decode(), data[2 + length :]


def connect(name: str, keep_alive_seconds: int = 60) -> bytes:
    """CONNECT with a clean session; the name is client id and user."""
    return packet(CONNECT, 0, text("MQTT") + bytes([4, 0x82]) + struct.pack("!H", keep_alive_seconds) + text(name) + text(name))


def subscribe(number: int, wanted: str) -> bytes:
    return packet(SUBSCRIBE, 2, struct.pack("!H", number) + text(wanted) + b"\x01")


def publish(number: int, topic: str, payload: bytes) -> bytes:
    """PUBLISH at QoS 1."""
    return packet(PUBLISH, 2, text(topic) + struct.pack("!H", number) + payload)


def take_publish(flags: int, body: bytes) -> tuple[str, bytes, bytes]:
    """Topic, the PUBACK to answer with (empty for QoS 0) and payload."""
    topic, rest = take_text(body)
    if flags >> 1 & 3:
        return topic, packet(PUBACK, 0, rest[:2]), rest[2:]
    return topic, b"", rest


def matches(wanted: str, topic: str) -> bool:
    """Whether a filter with `+` and `#` takes a topic."""
    wants, has = wanted.split("/"), topic.split("/")
    for place, want in enumerate(wants):
        if want == "#":
            return True
        if place >= len(has) or want not in ("+", has[place]):
            return False
    return len(wants) == len(has)
