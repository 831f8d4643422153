"""A client of the pull protocol with nothing but `struct` in it: what it says and checks does not come from the code under test."""

import socket
import struct
from contextlib import AbstractContextManager

MAGIC = bytes.fromhex("5050827d")


def checksum(payload: bytes) -> int:
    """One's complement of the one's-complement sum of 16-bit little-endian words; the checksum field must be zero."""
    words = struct.unpack(f"<{(len(payload) + 1) // 2}H", payload + bytes(len(payload) % 2))
    total = sum(words)
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return total ^ 0xFFFF


def payload_of(command: int, session: int, reply: int, data: bytes = b"") -> bytes:
    head = struct.pack("<4H", command, 0, session, reply)
    return struct.pack("<4H", command, checksum(head + data), session, reply) + data


class RawTerminal(AbstractContextManager):
    """Says one thing at a time; `ask` gives (command, session, data) of the next frame."""

    def __init__(self, port: int, *, udp: bool = False, timeout: float = 60) -> None:
        self.udp = udp
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM if udp else socket.SOCK_STREAM)
        self.socket.settimeout(timeout)
        self.socket.connect(("127.0.0.1", port))
        self.session = 0
        self.reply = -1
        self.checksums_right = True

    def __exit__(self, *_):
        self.socket.close()

    def say(self, command: int, data: bytes = b"") -> None:
        self.reply += 1
        payload = payload_of(command, self.session, self.reply, data)
        self.socket.sendall(payload if self.udp else MAGIC + struct.pack("<I", len(payload)) + payload)

    def hear(self) -> tuple[int, int, bytes]:
        payload = self.socket.recv(65_536) if self.udp else self._hear_tcp()
        command, said, session, self.heard_reply = struct.unpack("<4H", payload[:8])
        self.checksums_right &= said == checksum(payload[:2] + b"\0\0" + payload[4:])
        return command, session, payload[8:]

    def ask(self, command: int, data: bytes = b"") -> tuple[int, int, bytes]:
        self.say(command, data)
        return self.hear()

    def connect(self) -> int:
        command, self.session, _ = self.ask(1000)
        return command

    def read_part(self, start: int, size: int) -> bytes:
        command, _, data = self.ask(1504, struct.pack("<II", start, size))
        assert command == 1500, command
        (declared,) = struct.unpack("<I", data[:4])
        body = b""
        while True:
            command, _, data = self.hear()
            if command == 2000:
                break
            body += data
        assert len(body) == declared
        return body

    def read_table(self, command: int, function: int = 0) -> bytes:
        answer, _, data = self.ask(1503, struct.pack("<BHII", 1, command, function, 0))
        if answer == 1501:
            return data
        assert answer == 2000, answer
        (size,) = struct.unpack("<I", data[1:5])
        part = 16_384 if self.udp else 65_472
        body = b"".join(self.read_part(start, min(part, size - start)) for start in range(0, size, part))
        self.ask(1502)
        return body

    def _hear_tcp(self) -> bytes:
        head = self._exactly(8)
        assert head[:4] == MAGIC, head
        return self._exactly(struct.unpack("<I", head[4:])[0])

    def _exactly(self, size: int) -> bytes:
        data = b""
        while len(data) < size:
            more = self.socket.recv(size - len(data))
            if not more:
                raise ConnectionResetError("the terminal closed the line")
            data += more
        return data
