"""The dialogue with a terminal, without a socket: operations say what to send and are given what came. Pure.

An operation is a generator. It yields the frames to send (perhaps none) and is given the next frame that answers them, or None when
the line was silent for a while. `Session.take` stands before it and sorts out what is no answer: live events, and answers that are
late, repeated, or to something that was asked again. Where the protocol cannot show that datagrams were swapped, a part is asked for
so small that it fits into one.
"""

import struct
from collections import deque
from collections.abc import Generator, Sequence
from dataclasses import dataclass

from edge.devices.driver import TerminalRefusedError, TerminalUnreachableError
from edge.devices.zkteco.auth import scramble_key
from edge.devices.zkteco.frames import Command, Frame

TRIES = 4
LARGEST_PART = 65_472
"""What known clients ask for at once over TCP; some firmware answers more with nothing."""
DATAGRAM_PART = 1024
"""Over UDP a part is one datagram: then its reply id shows loss, repeats and swaps."""
SMALLEST_PART = 512
MAX_TABLE_BYTES = 256 * 1024 * 1024
"""A million punches of 49 bytes, five times over; a larger declaration is no table."""
LAST_REPLY = 65_534


@dataclass(frozen=True, slots=True)
class Table:
    """A table as it was received. declared: bytes the terminal announced; reason: why it is not complete, None when it is.

    `records` are the rows without the length that stands before them; `odd_tail` is what came behind them.
    """

    records: bytes
    odd_tail: bytes
    declared: int
    received: int
    reason: str | None

    @property
    def complete(self) -> bool:
        return self.reason is None


class Session:
    """One conversation: its numbers, events that came in between, and what it `got` of the table it is reading."""

    def __init__(self, key: int, *, datagrams: bool) -> None:
        self.events: deque[Frame] = deque()
        self.got = bytearray()
        self.unsound = 0
        self._key = key
        self._datagrams = datagrams
        self._session = 0
        self._reply = -1
        self._asked_again = False
        self.part = DATAGRAM_PART if datagrams else LARGEST_PART

    def ask(self, command: int, data: bytes = b"") -> Frame:
        """The next request, with a reply id of its own."""
        self._reply = 0 if self._reply >= LAST_REPLY else self._reply + 1
        return Frame(command, self._session, self._reply, data)

    def take(self, frame: Frame) -> tuple[Frame | None, Frame | None]:
        """(answer to what was asked, acknowledgement to send): an event is kept in `events`, a late answer is dropped."""
        self.unsound += not frame.sound
        if frame.command == Command.REGISTER_EVENTS:
            self.events.append(frame)
            return None, Frame(Command.ACK_OK, self._session, 0)
        if frame.reply != self._reply and (self._datagrams or self._asked_again):
            return None, None
        return frame, None

    # Operations ----------------------------------------------------------------------------------------------------------------

    def connect(self) -> Generator[Sequence[Frame], Frame | None, None]:
        """Open the conversation; raises TerminalRefusedError for a wrong key."""
        answer = yield from self._exchange(Command.CONNECT)
        self._session = answer.session
        if answer.command == Command.ACK_UNAUTH:
            answer = yield from self._exchange(Command.AUTH, scramble_key(self._key, self._session))
            if answer.command != Command.ACK_OK:
                raise TerminalRefusedError("wrong-key")
        elif answer.command != Command.ACK_OK:
            raise TerminalRefusedError(f"answer {answer.command} to connect")

    def exchange(self, command: int, data: bytes = b"") -> Generator[Sequence[Frame], Frame | None, Frame]:
        """Ask and give the answer, whatever it says; raises TerminalUnreachableError when there is none."""
        return (yield from self._exchange(command, data))

    def read_table(self, command: int, function: int = 0, already: bytes = b"") -> Generator[Sequence[Frame], Frame | None, Table]:
        """Read a whole table (9 users, 13 attendance). already: what an earlier conversation got of it, to go on from there."""
        answer = yield from self._exchange(Command.PREPARE_BUFFER, struct.pack("<BHII", 1, command, function, 0))
        match answer.command:
            case Command.DATA:
                return _table(answer.data, len(answer.data))
            case Command.ACK_OK if len(answer.data) >= 5:
                (size,) = struct.unpack_from("<I", answer.data, 1)
                if size > MAX_TABLE_BYTES:
                    return Table(b"", b"", size, 0, "the terminal announced a table larger than any memory it has")
                body, reason = yield from self._read_parts(int(size), already)
                yield [self.ask(Command.FREE_DATA)]
                return _table(body, int(size), reason)
            case Command.ACK_OK:
                return _table(b"", 0)
        return (yield from self._read_directly(command))

    def _exchange(self, command: int, data: bytes = b"") -> Generator[Sequence[Frame], Frame | None, Frame]:
        for _ in range(TRIES):
            answer = yield [self.ask(command, data)]
            if answer is not None and answer.command not in {Command.ACK_RETRY, Command.ACK_REPEAT}:
                return answer
            self._asked_again = True
        raise TerminalUnreachableError("no-answer")

    def _read_parts(self, size: int, already: bytes) -> Generator[Sequence[Frame], Frame | None, tuple[bytes, str | None]]:
        """Parts of a prepared buffer, each as often as it takes; (what was got, why not all)."""
        body = self.got = bytearray()
        if already:
            body += yield from self._resume(size, already)
        failed = 0
        while len(body) < size:
            wanted = min(self.part, size - len(body))
            part = yield from self._read_part(len(body), wanted)
            if len(part) == wanted:
                body += part
                failed = 0
                continue
            failed += 1
            if failed >= TRIES:
                return bytes(body), f"part at byte {len(body)} failed {failed} times"
            self.part = max(SMALLEST_PART, self.part // 2)
        return bytes(body), None

    def _resume(self, size: int, already: bytes) -> Generator[Sequence[Frame], Frame | None, bytes]:
        """What an earlier conversation got is good when its last piece still stands at its place; else nothing of it is.

        The first four bytes are the table's length, which may have grown since.
        """
        last = max(4, len(already) - self.part)
        if len(already) <= 8 or len(already) > size:
            return b""
        head = yield from self._read_part(0, 4)
        piece = yield from self._read_part(last, len(already) - last)
        return head + already[4:] if len(head) == 4 and piece == already[last:] else b""

    def _read_part(self, start: int, wanted: int) -> Generator[Sequence[Frame], Frame | None, bytes]:
        """One part; shorter or longer than wanted when it failed."""
        answer = yield [self.ask(Command.READ_BUFFER, struct.pack("<II", start, wanted))]
        part = bytearray()
        ended = False
        while answer is not None:
            if answer.command == Command.DATA:
                if self._datagrams and part:
                    if answer.data == part:  # the same datagram twice
                        answer = yield []
                        continue
                    self.part = max(SMALLEST_PART, min(self.part, len(part)))  # two datagrams could come swapped
                    self._asked_again = True
                    return b""
                part += answer.data
            elif answer.command == Command.ACK_OK:
                ended = True
            elif answer.command != Command.PREPARE_DATA:
                break
            if len(part) >= wanted and (ended or self._datagrams):
                return bytes(part)
            if ended and not self._datagrams:
                break
            answer = yield []
        self._asked_again = True
        return bytes(part) if len(part) > wanted else b""

    def _read_directly(self, command: int) -> Generator[Sequence[Frame], Frame | None, Table]:
        """The old way, without a buffer: one burst. Over UDP nothing in it shows swaps, so it counts when two reads are alike."""
        table = yield from self._read_burst(command)
        if not self._datagrams or not table.received:
            return table
        for _ in range(TRIES):
            again = yield from self._read_burst(command)
            if table.complete and again == table:
                return table
            table = again
        return Table(table.records, table.odd_tail, table.declared, table.received, "no two reads were alike (lost or swapped datagrams)")

    def _read_burst(self, command: int) -> Generator[Sequence[Frame], Frame | None, Table]:
        answer = yield [self.ask(command, b"\x05" if command == Command.READ_USERS else b"")]
        declared, body = 0, bytearray()
        while answer is not None:
            match answer.command:
                case Command.PREPARE_DATA if len(answer.data) >= 4:
                    (declared,) = struct.unpack_from("<I", answer.data)
                case Command.DATA:
                    body += answer.data
                    if len(body) > MAX_TABLE_BYTES:
                        break
                case Command.ACK_OK:
                    if not self._datagrams or len(body) >= declared:
                        break
                case _:
                    if not body:
                        raise TerminalRefusedError(f"answer {answer.command} to reading a table")
                    break
            answer = yield []
        self._asked_again = True
        lost = len(body) != declared if declared else not body and answer is None
        return _table(bytes(body), declared or len(body), "the burst ended early" if lost else None)


def _table(body: bytes, declared: int, reason: str | None = None) -> Table:
    """Check a body against what was announced and against its own length field."""
    if len(body) < 4:
        return Table(b"", body, declared, len(body), reason or (None if declared in {0, 4} and not body else "the table has no length"))
    (length,) = struct.unpack_from("<I", body)
    records, odd_tail = body[4 : 4 + length], body[4 + length :]
    if reason is None and len(body) != declared:
        reason = f"{declared} bytes were announced and {len(body)} came"
    if reason is None and len(records) != length:
        reason = f"the table says it has {length} bytes of rows and {len(records)} came"
    if reason is None and odd_tail:
        reason = f"{len(odd_tail)} bytes stand behind the table's end"
    return Table(records, odd_tail, declared, len(body), reason)
