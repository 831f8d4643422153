"""A fingerprint module that is not there: commands in, answers out, as the data sheets have them.

A finger is a word ("left-index-of-wang"); its features are bytes that follow from the word, so equal words match and others do not.
"""

import hashlib
import struct
import time
from collections.abc import Iterator
from dataclasses import dataclass, field

from edge.devices.serial.simulator.faults import Faults
from edge.devices.serial.simulator.port import Port
from edge.devices.serial.zfm.commands import BAUD_UNIT, INDEX_PAGE_TEMPLATES, NOTE_BYTES, PACKET_SIZES, Code, Confirmation, data_packets
from edge.devices.serial.zfm.frames import EVERY_MODULE, READY, Packet, PacketType, Splitter, encode

FEATURE_BYTES = 256
TEMPLATE_BYTES = 512
IMAGE_BYTES = 256 * 288 // 2
GOOD_SCORE = 180


@dataclass(slots=True)
class ModuleModel:
    """finger: the one that lies on the window; None for none. quality: what the module makes of its picture."""

    capacity: int = 200
    password: int = 0
    address: int = EVERY_MODULE
    security: int = 3
    packet_bytes: int = 128
    baud: int = 57_600
    has_light: bool = False
    finger: str | None = None
    quality: Confirmation = Confirmation.OK
    templates: dict[int, bytes] = field(default_factory=dict)
    notes: dict[int, bytes] | None = field(default_factory=dict)
    """Its notepad by page; None for a module that has none."""
    lights: list[bytes] = field(default_factory=list)
    """What its ring was told, in order."""
    _image: str | None = None
    _buffers: dict[int, bytes] = field(default_factory=dict)
    _receiving: int | None = None
    _received: bytes = b""
    _trusted: bool = False

    def take(self, packet: Packet) -> Iterator[Packet]:
        """What it answers; nothing to a data packet or to another module's address."""
        if packet.address != self.address or not (packet.payload or packet.type is not PacketType.COMMAND):
            return
        if packet.type is PacketType.COMMAND:
            yield from self._obey(packet.payload[0], packet.payload[1:])
        elif self._receiving is not None:
            self._receive(packet)

    def _receive(self, packet: Packet) -> None:
        self._received += packet.payload
        if packet.type is PacketType.LAST_DATA and self._receiving is not None:
            self._buffers[self._receiving] = self._received
            self._receiving, self._received = None, b""

    def _obey(self, code: int, arguments: bytes) -> Iterator[Packet]:
        if self.password and not self._trusted and code != Code.VERIFY_PASSWORD:
            yield self._said(Confirmation.VERIFY_FIRST)
            return
        if code in (Code.UPLOAD_FEATURES, Code.UPLOAD_IMAGE):
            yield from self._hand_out(code, arguments)
            return
        try:
            confirmation, values = self._do(code, arguments)
        except (struct.error, IndexError):
            confirmation, values = Confirmation.RECEIVE_ERROR, b""
        yield self._said(confirmation, values)

    def _do(self, code: int, arguments: bytes) -> tuple[int, bytes]:
        match code:
            case Code.TAKE_IMAGE:
                self._image = self.finger
                return (Confirmation.NO_FINGER if self.finger is None else Confirmation.OK), b""
            case Code.IMAGE_TO_FEATURES:
                return self._features_to(arguments[0]), b""
            case Code.MATCH:
                return self._match()
            case Code.SEARCH | Code.FAST_SEARCH:
                return self._search(*struct.unpack(">BHH", arguments))
            case Code.MAKE_TEMPLATE:
                return self._merge(), b""
            case Code.STORE | Code.LOAD:
                return self._move(code, *struct.unpack(">BH", arguments)), b""
            case Code.DOWNLOAD_FEATURES:
                self._receiving, self._received = arguments[0], b""
                return Confirmation.OK, b""
            case Code.DELETE:
                return self._delete(*struct.unpack(">HH", arguments)), b""
            case Code.EMPTY:
                self.templates.clear()
                return Confirmation.OK, b""
            case _:
                return self._manage(code, arguments)

    def _manage(self, code: int, arguments: bytes) -> tuple[int, bytes]:
        match code:
            case Code.VERIFY_PASSWORD:
                self._trusted = struct.unpack(">I", arguments)[0] == self.password
                return (Confirmation.OK if self._trusted else Confirmation.WRONG_PASSWORD), b""
            case Code.SET_PARAMETER:
                return self._set(arguments[0], arguments[1]), b""
            case Code.SET_PASSWORD:
                (self.password,) = struct.unpack(">I", arguments)
            case Code.SET_ADDRESS:
                (self.address,) = struct.unpack(">I", arguments)
            case Code.LIGHT if self.has_light:
                self.lights.append(arguments)
            case Code.WRITE_NOTE if self.notes is not None:
                self.notes[arguments[0]] = arguments[1:].ljust(NOTE_BYTES, b"\0")
            case Code.SOFT_RESET:
                self._buffers = {}
            case _:
                return self._tell(code, arguments)
        return Confirmation.OK, b""

    def _tell(self, code: int, arguments: bytes) -> tuple[int, bytes]:
        match code:
            case Code.READ_PARAMETERS:
                size, speed = PACKET_SIZES.index(self.packet_bytes), self.baud // BAUD_UNIT
                return Confirmation.OK, struct.pack(">HHHHIHH", 0, 9, self.capacity, self.security, self.address, size, speed)
            case Code.RANDOM:
                return Confirmation.OK, hashlib.sha256(repr(self.templates).encode()).digest()[:4]
            case Code.COUNT_TEMPLATES:
                return Confirmation.OK, struct.pack(">H", len(self.templates))
            case Code.READ_INDEX:
                return Confirmation.OK, self._index(arguments[0])
            case Code.READ_NOTE if self.notes is not None:
                return Confirmation.OK, self.notes.get(arguments[0], bytes(NOTE_BYTES))
            case Code.ECHO:
                return Confirmation.ECHO, b""
        return Confirmation.BAD_PACKET, b""

    def _features_to(self, buffer: int) -> int:
        if self._image is None:
            return Confirmation.NO_VALID_IMAGE
        if self.quality is Confirmation.OK:
            self._buffers[buffer] = features_of(self._image)
        return self.quality

    def _match(self) -> tuple[int, bytes]:
        first, second = self._buffers.get(1, b"1"), self._buffers.get(2, b"2")
        if first[:FEATURE_BYTES] != second[:FEATURE_BYTES]:
            return Confirmation.NO_MATCH, b"\0\0"
        return Confirmation.OK, struct.pack(">H", GOOD_SCORE)

    def _search(self, buffer: int, start: int, count: int) -> tuple[int, bytes]:
        wanted = self._buffers.get(buffer, b"")[:FEATURE_BYTES]
        for page, template in sorted(self.templates.items()):
            if start <= page < start + count and wanted and template.startswith(wanted):
                return Confirmation.OK, struct.pack(">HH", page, GOOD_SCORE)
        return Confirmation.NOT_FOUND, bytes(4)

    def _merge(self) -> int:
        first, second = self._buffers.get(1), self._buffers.get(2)
        if first is None or second is None or first[:FEATURE_BYTES] != second[:FEATURE_BYTES]:
            return Confirmation.CANNOT_MERGE
        template = first[:FEATURE_BYTES] + second[:FEATURE_BYTES]
        self._buffers = {1: template, 2: template}
        return Confirmation.OK

    def _move(self, code: int, buffer: int, page: int) -> int:
        if page >= self.capacity:
            return Confirmation.BAD_PAGE
        if code == Code.STORE:
            if buffer not in self._buffers:
                return Confirmation.CANNOT_RECEIVE
            self.templates[page] = self._buffers[buffer]
            return Confirmation.OK
        if page not in self.templates:
            return Confirmation.LOAD_FAILED
        self._buffers[buffer] = self.templates[page]
        return Confirmation.OK

    def _delete(self, page: int, count: int) -> int:
        if page + count > self.capacity:
            return Confirmation.DELETE_FAILED
        for one in range(page, page + count):
            self.templates.pop(one, None)
        return Confirmation.OK

    def _set(self, number: int, value: int) -> int:
        if number == 4 and 1 <= value <= 12:
            self.baud = value * BAUD_UNIT
        elif number == 5 and 1 <= value <= 5:
            self.security = value
        elif number == 6 and value < len(PACKET_SIZES):
            self.packet_bytes = PACKET_SIZES[value]
        else:
            return Confirmation.BAD_REGISTER
        return Confirmation.OK

    def _index(self, page: int) -> bytes:
        bits = bytearray(INDEX_PAGE_TEMPLATES // 8)
        for place in self.templates:
            if place // INDEX_PAGE_TEMPLATES == page:
                bits[place % INDEX_PAGE_TEMPLATES // 8] |= 1 << place % 8
        return bytes(bits)

    def _hand_out(self, code: int, arguments: bytes) -> Iterator[Packet]:
        content = bytes(IMAGE_BYTES) if code == Code.UPLOAD_IMAGE and self._image else b""
        if code == Code.UPLOAD_FEATURES:
            content = self._buffers.get(arguments[0] if arguments else 0, b"").ljust(TEMPLATE_BYTES, b"\0")
        if not content or (code == Code.UPLOAD_FEATURES and not content.strip(b"\0")):
            yield self._said(Confirmation.UPLOAD_FAILED)
            return
        yield self._said(Confirmation.OK)
        for packet in data_packets(content, self.packet_bytes):
            yield Packet(packet.type, packet.payload, self.address)

    def _said(self, confirmation: int, values: bytes = b"") -> Packet:
        return Packet(PacketType.ACK, bytes([confirmation]) + values, self.address)


def features_of(finger: str) -> bytes:
    """Features of a finger, 256 bytes; no byte is 0, so that they are never taken for an empty buffer."""
    digest = hashlib.sha256(finger.encode()).digest()
    return bytes(one or 1 for one in digest) * (FEATURE_BYTES // len(digest))


class ModulePort(Port):
    """A module on a pseudo-terminal. It hears only what is sent at its own speed, when `minds_speed`."""

    def __init__(self, model: ModuleModel | None = None, faults: Faults | None = None, *, minds_speed: bool = True) -> None:
        super().__init__()
        self.model, self.faults = model or ModuleModel(), faults or Faults()
        self._minds_speed = minds_speed
        self._splitter = Splitter()

    def power_up(self) -> None:
        """What an R503 says when it gets power."""
        self.say(READY)

    def lay(self, finger: str | None) -> None:
        """Lay a finger on the window; None takes it off."""
        with self._lock:
            self.model.finger = finger

    def hear(self, data: bytes) -> None:
        if self._minds_speed and self.baud != self.model.baud:
            return
        for packet in self._splitter.feed(data):
            speed = self.model.baud
            for answer in self.model.take(packet):
                time.sleep(self.faults.seconds)
                self.say(self.faults.on_the_way(encode(answer)))
            if self.model.baud != speed:
                self._splitter = Splitter()
