"""The dialogue with a terminal, without a socket: operations say what to send and are given what came. Pure.

An operation is a generator. It yields the frames to send (perhaps none) and is given the next frame that answers them, or None when
the line was silent for a while. `Session.take` stands before it and sorts out what is no answer: live events, damaged frames, and
answers that are late, repeated, or to something that was asked again. Where the protocol cannot show that datagrams were swapped, a
part is asked for so small that it fits into one. Every operation ends, whatever it is given: each step takes at least one byte of
what was announced, or uses up one of its tries.
"""

import struct
from collections import Counter, deque
from collections.abc import Generator, Sequence
from dataclasses import dataclass
from typing import TypeVar

from edge.devices.driver import TerminalRefusedError, TerminalUnreachableError
from edge.devices.zkteco.auth import scramble_key
from edge.devices.zkteco.frames import Command, Frame

TRIES = 4
PART_TRIES = 8
"""For a part, each half as large as the one before: seven halvings of the largest are 512 bytes, which no terminal refuses. On a line
that loses every tenth datagram, one log of 100 parts in 6,000 does not come through."""
MOST_BURSTS = 12
LARGEST_PART = 65_472
"""What known clients ask for at once over TCP; some firmware answers more with nothing."""
DATAGRAM_PART = 1024
"""Over UDP a part is one datagram: then its reply id shows loss, repeats and swaps."""
SMALLEST_PART = 64
SPARE_FRAMES = 16
"""Frames that may come in an answer beside those that bring at least one byte: announcements, acknowledgements, repeats."""
PARTS_UNTIL_LARGER = 8
"""After a failure parts are halved; after so many good ones in a row they are doubled again."""
MAX_TABLE_BYTES = 256 * 1024 * 1024
"""A million punches of 49 bytes, five times over; a larger declaration is no table."""
EVENTS_KEPT = 10_000
"""Events that came in the middle of something else; the oldest of more are let go, because a punch is in the log in any case."""
LAST_REPLY = 65_534
BUSY_ANSWERS = frozenset({Command.ACK_ERROR, Command.ACK_DATA, Command.ACK_RETRY, Command.ACK_REPEAT})
FOREIGN_ANSWERS = frozenset({Command.ACK_ERROR_DATA, Command.ACK_ERROR_INIT, Command.ACK_ERROR_CMD, Command.ACK_UNKNOWN})
"""Answers to CONNECT of a terminal that does not want us now, and of one that does not speak to us this way at all."""

T = TypeVar("T")
Dialogue = Generator[Sequence[Frame], Frame | None, T]
"""Yields the frames to send, is given what answers, and ends with its result."""


class SessionLostError(TerminalUnreachableError):
    """The terminal no longer knows our session, as after a restart; a new one helps."""


@dataclass(frozen=True, slots=True)
class Table:
    """A table as it was received. declared: bytes the terminal announced; reason: why it is not complete, None when it is.

    `records` are the rows without the length that stands before them; `odd_tail` is what came behind them. Of a table that is not
    complete, they are its true beginning, perhaps nothing.
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
    """One conversation: its numbers, events that came in between, and what it `got` of the table it is reading.

    unsound: frames whose checksum was wrong. checks_sums: whether the terminal gets them right, so that a wrong one is damage.
    """

    def __init__(self, key: int, *, datagrams: bool) -> None:
        self.events: deque[Frame] = deque(maxlen=EVENTS_KEPT)
        self.got = bytearray()
        self.unsound = 0
        self.checks_sums = False
        self.part = self._largest_part = DATAGRAM_PART if datagrams else LARGEST_PART
        self._key = key
        self._datagrams = datagrams
        self._session = 0
        self._reply = -1
        self._is_open = False
        self._checks_replies = datagrams
        self._answered: set[int] = set()
        """Reply ids that came back as they were asked, until they show that the terminal repeats them."""
        self._is_orderly = True
        """No datagram has come out of its order yet, as far as the protocol shows it."""
        self._damaged: tuple[int, int, bytes] | None = None

    def ask(self, command: int, data: bytes = b"") -> Frame:
        """The next request, with a reply id of its own."""
        self._reply = 0 if self._reply >= LAST_REPLY else self._reply + 1
        return Frame(command, self._session, self._reply, data)

    def take(self, frame: Frame) -> tuple[Frame | None, Frame | None]:
        """(answer to what was asked, acknowledgement to send): an event is kept in `events`; late and damaged frames are dropped."""
        if frame.command == Command.REGISTER_EVENTS:
            self.events.append(frame)
            return None, Frame(Command.ACK_OK, self._session, 0)
        if self._is_damaged(frame):
            return None, None
        if self._checks_replies and frame.reply != self._reply:
            return None, None
        self._look_at_reply(frame)
        return frame, None

    def _look_at_reply(self, frame: Frame) -> None:
        """A terminal that answers under the ids of two requests repeats them, so from then on they must match: an answer that comes
        twice is not taken for the next one's. Some peers answer under one id for ever.
        """
        if not self._checks_replies and frame.reply == self._reply:
            self._answered.add(frame.reply)
            self._checks_replies = len(self._answered) > 1

    def _is_damaged(self, frame: Frame) -> bool:
        """Whether a terminal whose checksums are right sent this one with a wrong one; it is lost then, and asked for again.

        Some peers always get it wrong (the answer to CONNECT shows that), and are believed. A firmware that gets it wrong now and then
        is known by the same frame coming again under another reply id; from then on it is believed, too.
        """
        if frame.sound:
            return False
        self.unsound += 1
        if not self.checks_sums:
            return False
        before, self._damaged = self._damaged, (frame.command, frame.reply, frame.data)
        if before and before[1] != frame.reply and (before[0], before[2]) == (frame.command, frame.data):
            self.checks_sums = False
        return self.checks_sums

    # Operations ----------------------------------------------------------------------------------------------------------------

    def connect(self) -> Dialogue[None]:
        """Open the conversation; raises TerminalRefusedError with what `edge.devices.zkteco.discovery.Finding` calls it."""
        answer = yield from self.exchange(Command.CONNECT)
        self._session = answer.session
        self.checks_sums = answer.sound
        if answer.command == Command.ACK_UNAUTH:
            answer = yield from self.exchange(Command.AUTH, scramble_key(self._key, self._session))
            if answer.command != Command.ACK_OK:
                raise TerminalRefusedError("wrong-key")
        elif answer.command in BUSY_ANSWERS:
            raise TerminalRefusedError("busy")
        elif answer.command in FOREIGN_ANSWERS:
            raise TerminalRefusedError("pull-refused")
        elif answer.command != Command.ACK_OK:
            raise TerminalRefusedError("no-zk-answer")
        self._is_open = True

    def exchange(self, command: int, data: bytes = b"") -> Dialogue[Frame]:
        """Ask and give the answer, whatever it says; raises TerminalUnreachableError when there is none."""
        for _ in range(TRIES):
            answer = yield from self.say(self.ask(command, data))
            if answer is not None and answer.command not in {Command.ACK_RETRY, Command.ACK_REPEAT}:
                return answer
            self._checks_replies = True
        if answer is not None:
            return answer
        raise TerminalUnreachableError("no-answer")

    def read_table(self, command: int, function: int = 0, already: bytes = b"") -> Dialogue[Table]:
        """Read a whole table (9 users, 13 attendance). already: what an earlier conversation got of it, to go on from there."""
        self.got = bytearray()
        answer = yield from self.exchange(Command.PREPARE_BUFFER, struct.pack("<BHII", 1, command, function, 0))
        match answer.command:
            case Command.DATA:
                return _table(answer.data, len(answer.data))
            case Command.ACK_OK if len(answer.data) >= 5:
                (size,) = struct.unpack_from("<I", answer.data, 1)
                if size > MAX_TABLE_BYTES:
                    return Table(b"", b"", size, 0, "the terminal announced a table larger than any memory it has")
                reason = yield from self._read_parts(int(size), already)
                yield from self.say(self.ask(Command.FREE_DATA))
                return _table(bytes(self.got), int(size), reason)
        return (yield from self._read_directly(command))

    def say(self, *requests: Frame) -> Dialogue[Frame | None]:
        """Send and give what answers. After a silence an answer may come late, so from then on reply ids must match."""
        answer = yield requests
        if answer is None:
            self._checks_replies = True
        elif answer.command == Command.ACK_UNAUTH and self._is_open:
            raise SessionLostError("session-lost")
        return answer

    def _read_parts(self, size: int, already: bytes) -> Dialogue[str | None]:
        """Parts of a prepared buffer into `got`, each as often as it takes; why not all came."""
        if already:
            self.got += yield from self._resume(size, already)
        failed = good = 0
        while len(self.got) < size:
            wanted = min(self.part, size - len(self.got))
            part = yield from self._read_part(len(self.got), wanted)
            if part:
                self.got += part
                failed, good = 0, good + 1
                if good % PARTS_UNTIL_LARGER == 0:
                    self.part = min(self._largest_part, self.part * 2)
                continue
            failed, good = failed + 1, 0
            if failed >= PART_TRIES:
                return f"part at byte {len(self.got)} failed {failed} times"
            self.part = max(SMALLEST_PART, self.part // 2)
        return None

    def _resume(self, size: int, already: bytes) -> Dialogue[bytes]:
        """What an earlier conversation got is good when its last piece still stands at its place; else nothing of it is.

        The first four bytes are the table's length, which may have grown since.
        """
        last = max(4, len(already) - self.part)
        if len(already) <= 8 or len(already) > size:
            return b""
        head = yield from self._read_part(0, 4)
        piece = yield from self._read_part(last, len(already) - last)
        return head + already[4:] if head and piece == already[last:] else b""

    def _read_part(self, start: int, wanted: int) -> Dialogue[bytes]:
        """One part, as long as wanted; empty when it failed.

        TCP: 1500, some 1501, 2000, or one 1501 alone. UDP: the part is one 1501, and what stands around it may be lost.
        """
        part = b""
        opened = ended = False
        answer = yield from self.say(self.ask(Command.READ_BUFFER, struct.pack("<II", start, wanted)))
        for _ in range(wanted + SPARE_FRAMES):
            if answer is None:
                break
            match answer.command:
                case Command.PREPARE_DATA if not opened or self._datagrams:
                    opened = True
                case Command.DATA if self._datagrams and answer.data == part:
                    pass  # the same datagram twice
                case Command.DATA if self._datagrams and part:
                    self._largest_part = self.part = max(SMALLEST_PART, min(self.part, len(part)))  # two datagrams could come swapped
                    break
                case Command.DATA if answer.data and len(part) + len(answer.data) <= wanted:
                    part += answer.data
                case Command.ACK_OK if self._datagrams and not ended:
                    ended = True  # it may overtake the data
                case Command.ACK_OK if len(part) == wanted:
                    return part
                case _:
                    part = b""
                    break
            if len(part) == wanted and (self._datagrams or not opened):
                break
            answer = yield from self.say()
        self._checks_replies = True  # what is still on its way answers nothing any more
        return part if len(part) == wanted else b""

    def _read_directly(self, command: int) -> Dialogue[Table]:
        """The old way, without a buffer: one burst.

        Over UDP nothing in it shows whether two datagrams came swapped, so it is read until one form of it leads. Two alike are
        enough on a line that was orderly; nothing at all may be the same loss each time, and needs more.
        """
        if not self._datagrams:
            table = yield from self._read_burst(command)
            return table if table.complete else (yield from self._read_burst(command))
        votes: Counter[Table] = Counter()
        for count in range(1, MOST_BURSTS + 1):
            table = yield from self._read_burst(command)
            self._is_orderly = self._is_orderly and table.complete
            votes[table] += table.complete
            (best, most), *others = votes.most_common(2)
            lead = most - (others[0][1] if others else 0)
            if lead >= (TRIES if not best.received else 2 if self._is_orderly else 3):
                return best
            if count == TRIES and not any(some.received for some in votes) and not most:
                break
        return _nothing_of(table, table.reason or "datagrams come swapped: no form of the table came often enough")

    def _read_burst(self, command: int) -> Dialogue[Table]:
        """1500 with the size, some 1501, 2000. Over UDP the size may be lost and the 2000 overtake: then silence ends it."""
        declared: int | None = None
        body = bytearray()
        ended = False
        spare = SPARE_FRAMES
        self._checks_replies = True  # what is left of an answer to the buffered read is none to this
        answer = yield from self.say(self.ask(command, b"\x05" if command == Command.READ_USERS else b""))
        while answer is not None and spare and len(body) <= MAX_TABLE_BYTES:
            match answer.command:
                case Command.DATA if answer.data:
                    self._is_orderly &= declared is not None and not ended
                    body += answer.data
                    spare += 1
                case Command.PREPARE_DATA if len(answer.data) >= 4:
                    self._is_orderly &= declared is None and not body and not ended
                    declared = int.from_bytes(answer.data[:4], "little")
                case Command.ACK_OK:
                    ended = True
                case _ if not body and declared is None and not ended:
                    raise TerminalRefusedError(f"answer {answer.command} to reading a table")
                case _:
                    break
            if ended and (not self._datagrams or len(body) == declared):
                break
            spare -= 1
            answer = yield from self.say()
        lost = len(body) != declared if declared is not None else not body and not ended
        table = _table(bytes(body), len(body) if declared is None else declared, "the burst ended early" if lost else None)
        return table if table.complete or (table.odd_tail and not lost and not self._datagrams) else _nothing_of(table, table.reason)


def _nothing_of(table: Table, reason: str | None) -> Table:
    """What is left of a burst with a gap nobody knows the place of: rows on its two sides would make a punch that never was."""
    return Table(b"", b"", table.declared, table.received, reason)


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
