"""The dialogue against a terminal on paper: whatever comes, an operation ends, and what it calls complete is the table itself."""

import itertools
import struct
from dataclasses import replace

import pytest
from hypothesis import given, strategies as st

from edge.devices.driver import DriverError, TerminalRefusedError, TerminalUnreachableError
from edge.devices.zkteco import session as session_module
from edge.devices.zkteco.frames import Command, Frame
from edge.devices.zkteco.session import TRIES, Session, SessionLostError, Table

STEPS = 20_000
"""More than any operation of these tests may take: tables are small, and memory is said to hold 4096 bytes."""
SMALL_MEMORY = 4096

answers = st.sampled_from(
    [Command.PREPARE_DATA, Command.DATA, Command.ACK_OK, Command.ACK_ERROR, Command.ACK_UNAUTH, Command.ACK_RETRY, Command.ACK_UNKNOWN, 7]
)
contents = st.one_of(
    st.just(b""),
    st.binary(max_size=40),
    st.integers(0, 3000).map(lambda size: struct.pack("<BII", 0, size, size)),
    st.integers(0, 3000).map(lambda size: struct.pack("<II", size, 0x1000)),
    st.integers(0, 60).map(lambda size: struct.pack("<I", size) + bytes(size)),
)
replies = st.one_of(st.none(), st.builds(Frame, answers, st.just(7), st.just(-1), contents, st.booleans()))


def give(session, operation, frames):
    """What an operation comes to when these frames come in turn; reply -1 stands for the one that was asked for last."""
    next(operation)
    for _ in range(STEPS):
        frame = next(frames)
        if frame is not None:
            reply = session._reply if frame.reply == -1 else frame.reply
            frame, _ = session.take(replace(frame, reply=reply))  # one that is dropped is as good as silence
        try:
            operation.send(frame)
        except StopIteration as done:
            return done.value
        except DriverError as error:
            return error
    raise AssertionError("it goes on for ever")


def open_session(*, datagrams):
    session = Session(0, datagrams=datagrams)
    assert give(session, session.connect(), iter([Frame(Command.ACK_OK, 7, -1)])) is None
    return session


@pytest.fixture(autouse=True)
def small_memory(monkeypatch):
    monkeypatch.setattr(session_module, "MAX_TABLE_BYTES", SMALL_MEMORY)


@given(st.lists(replies, min_size=1, max_size=8), st.booleans())
def test_given_any_replies_over_and_over_when_a_table_is_read_then_it_ends_whole_or_says_why_not(told, datagrams):
    session = open_session(datagrams=datagrams)

    outcome = give(session, session.read_table(13), itertools.cycle(told))

    if isinstance(outcome, Table) and outcome.complete:
        assert outcome.declared == outcome.received == (len(outcome.records) + 4 if outcome.received else 0) or outcome.declared == 4
        assert not outcome.odd_tail
    elif isinstance(outcome, Table):
        assert outcome.reason
    else:
        assert isinstance(outcome, TerminalUnreachableError | TerminalRefusedError)


@given(st.lists(replies, max_size=6), st.booleans())
def test_given_any_replies_when_connecting_then_it_ends_open_or_with_a_named_error(told, datagrams):
    session = Session(1234, datagrams=datagrams)

    outcome = give(session, session.connect(), itertools.chain(told, itertools.repeat(None)))

    assert outcome is None or str(outcome) in {"wrong-key", "busy", "pull-refused", "no-zk-answer", "no-answer"}


class PaperTerminal:
    """Answers as a terminal does: `rows` in a table that is read in parts, at once, or only the old way."""

    def __init__(self, rows, *, datagrams, way="parts"):
        self.table = struct.pack("<I", len(rows)) + rows
        self.datagrams, self.way = datagrams, way

    def answer(self, request):
        def say(command, data=b""):
            return Frame(command, 7, request.reply, data)

        match request.command:
            case Command.PREPARE_BUFFER if self.way == "old":
                return [say(Command.ACK_ERROR)]
            case Command.PREPARE_BUFFER if self.way == "whole":
                return [say(Command.DATA, self.table)]
            case Command.PREPARE_BUFFER:
                return [say(Command.ACK_OK, struct.pack("<BIII", 0, len(self.table), len(self.table), 0))]
            case Command.READ_BUFFER:
                start, size = struct.unpack("<II", request.data)
                return self._burst(say, self.table[start : start + size])
            case Command.READ_ATTENDANCE:
                return self._burst(say, self.table)
        return [say(Command.ACK_OK)]

    def _burst(self, say, data):
        size = 1024 if self.datagrams else 500
        pieces = [data[start : start + size] for start in range(0, len(data), size)]
        opening = say(Command.PREPARE_DATA, struct.pack("<II", len(data), 0x1000))
        return [opening, *(say(Command.DATA, piece) for piece in pieces), say(Command.ACK_OK)]


def spoil(frames, fault, place, mark):
    """(what comes now, what comes after the next question) of an answer; damage is never twice the same: it takes a `mark`."""
    place %= len(frames) or 1
    match fault:
        case "lost":
            return [], []
        case "late":
            return [], frames
        case "one lost":
            return frames[:place] + frames[place + 1 :], []
        case "one twice":
            return frames[: place + 1] + frames[place:], []
        case "swapped" if len(frames) > 1:
            place = min(place, len(frames) - 2)
            return [*frames[:place], frames[place + 1], frames[place], *frames[place + 2 :]], []
        case "damaged" if frames and frames[place].data:
            data = bytes((frames[place].data[0] ^ mark,)) + frames[place].data[1:]
            return [*frames[:place], replace(frames[place], data=data, sound=False), *frames[place + 1 :]], []
        case "refused" if frames:
            return [Frame(Command.ACK_ERROR, 7, frames[0].reply)], []
        case "event":
            return [*frames[:place], Frame(Command.REGISTER_EVENTS, 1, 0, b"x"), *frames[place:]], []
    return frames, []


def read_over(terminal, session, faults):
    """Read the log of a terminal on paper; each answer suffers the next of `faults`, then no more."""
    operation = session.read_table(Command.READ_ATTENDANCE)
    on_the_way, late = [], []
    trouble = itertools.chain(faults, itertools.repeat(("", 0)))
    try:
        requests = next(operation)
        for step in range(STEPS):
            for request in requests:
                now, later = spoil(terminal.answer(request), *next(trouble), 1 + step % 255)
                on_the_way += late + now
                late = later
            frame = None
            while frame is None and on_the_way:
                frame = session.take(on_the_way.pop(0))[0]
            requests = operation.send(frame)
    except StopIteration as done:
        return done.value
    raise AssertionError("it goes on for ever")


tables = st.one_of(
    st.binary(max_size=120), st.integers(900, 4000).map(lambda size: bytes(place * 7 % 251 for place in range(size))), st.just(bytes(2600))
)
TCP_FAULTS = ("lost", "late", "damaged", "refused", "event", "")
UDP_FAULTS = (*TCP_FAULTS, "one lost", "one twice", "swapped")


def troubles(kinds):
    return st.lists(st.tuples(st.sampled_from(kinds), st.integers(0, 5)), max_size=12)


@given(tables, troubles(TCP_FAULTS), st.sampled_from(["parts", "whole", "old"]))
def test_given_a_bad_line_when_read_over_tcp_then_the_rows_are_exact_or_it_says_that_they_are_not(rows, faults, way):
    session = open_session(datagrams=False)

    try:
        table = read_over(PaperTerminal(rows, datagrams=False, way=way), session, faults)
    except (TerminalUnreachableError, TerminalRefusedError):
        return

    is_exact, is_beginning = table.records == rows, rows.startswith(table.records)
    assert table.reason or is_exact
    assert is_beginning, "what comes of a read that is not complete must be true all the same"


@given(tables, troubles(UDP_FAULTS), st.sampled_from(["parts", "whole"]))
def test_given_a_bad_network_when_read_over_udp_then_the_rows_are_exact_or_it_says_that_they_are_not(rows, faults, way):
    session = open_session(datagrams=True)

    try:
        table = read_over(PaperTerminal(rows, datagrams=True, way=way), session, faults)
    except (TerminalUnreachableError, TerminalRefusedError):
        return

    is_exact, is_beginning = table.records == rows, rows.startswith(table.records)
    assert table.reason or is_exact
    assert is_beginning, "what comes of a read that is not complete must be true all the same"


@given(tables, troubles(tuple(kind for kind in UDP_FAULTS if kind != "swapped")))
def test_given_a_bad_network_when_read_the_old_way_over_udp_then_the_rows_are_exact_or_it_says_that_they_are_not(rows, faults):
    session = open_session(datagrams=True)

    try:
        table = read_over(PaperTerminal(rows, datagrams=True, way="old"), session, faults)
    except (TerminalUnreachableError, TerminalRefusedError):
        return

    is_exact, is_beginning = table.records == rows, rows.startswith(table.records)
    assert table.reason or is_exact
    assert is_beginning, "what comes of a read that is not complete must be true all the same"


ROWS = bytes(place % 256 for place in range(3000))


@pytest.mark.parametrize("datagrams", [False, True], ids=["tcp", "udp"])
@pytest.mark.parametrize("way", ["parts", "old"])
@pytest.mark.parametrize("fault", ["lost", "late", "damaged", "event"])
def test_given_one_fault_at_any_answer_when_read_then_it_is_made_good(datagrams, way, fault):
    for place in range(6):
        session = open_session(datagrams=datagrams)

        table = read_over(PaperTerminal(ROWS, datagrams=datagrams, way=way), session, [("", 0)] * place + [(fault, place)])

        assert table.records == ROWS


def test_given_the_answer_to_freeing_the_buffer_comes_late_when_the_next_table_is_read_then_it_is_not_taken_for_an_empty_one():
    session = open_session(datagrams=False)
    terminal = PaperTerminal(ROWS, datagrams=False)
    read_over(terminal, session, [("", 0), ("", 0), ("late", 0)])
    late = Frame(Command.ACK_OK, 7, session._reply)

    operation = session.read_table(Command.READ_ATTENDANCE)
    next(operation)

    assert session.take(late) == (None, None)


def test_given_an_answer_that_comes_twice_over_tcp_when_the_next_is_asked_then_it_is_not_taken_for_its_answer():
    session = Session(0, datagrams=False)
    for _ in range(2):
        asked = session.ask(Command.GET_TIME)
        assert session.take(Frame(Command.ACK_OK, 7, asked.reply))[0] is not None

    session.ask(Command.READ_OPTION)

    assert session.take(Frame(Command.ACK_OK, 7, asked.reply)) == (None, None)


def test_given_a_peer_that_answers_under_one_reply_id_for_ever_when_asked_over_tcp_then_it_is_believed():
    session = Session(0, datagrams=False)

    for _ in range(5):
        session.ask(Command.GET_TIME)
        assert session.take(Frame(Command.ACK_OK, 7, 1))[0] is not None


def test_given_every_burst_loses_all_but_its_end_when_read_over_udp_then_that_is_not_called_an_empty_log_at_once():
    session = open_session(datagrams=True)

    class OnlyEnds(PaperTerminal):
        def answer(self, request):
            frames = super().answer(request)
            return frames[-1:] if request.command == Command.READ_ATTENDANCE and next(cut) else frames

    cut = itertools.chain([True, True], itertools.repeat(False))
    table = read_over(OnlyEnds(ROWS, datagrams=True, way="old"), session, [])

    assert table.complete
    assert table.records == ROWS


@pytest.mark.parametrize("command", [Command.PREPARE_BUFFER, Command.READ_BUFFER, Command.READ_ATTENDANCE, Command.FREE_DATA])
def test_given_a_terminal_that_forgot_the_session_when_read_then_that_is_said_and_another_session_may_help(command):
    class Forgetful(PaperTerminal):
        def answer(self, request):
            return [Frame(Command.ACK_UNAUTH, 7, request.reply)] if request.command == command else super().answer(request)

    way = "old" if command == Command.READ_ATTENDANCE else "parts"

    with pytest.raises(SessionLostError):
        read_over(Forgetful(ROWS, datagrams=False, way=way), open_session(datagrams=False), [])


def test_given_parts_that_come_as_one_frame_without_announcement_when_read_then_they_are_taken():
    class Plain(PaperTerminal):
        def _burst(self, say, data):
            return [say(Command.DATA, data)]

    table = read_over(Plain(ROWS, datagrams=False), open_session(datagrams=False), [])

    assert table.complete
    assert table.records == ROWS


def test_given_a_peer_whose_checksums_are_always_wrong_when_read_then_it_is_believed():
    class WrongSums(PaperTerminal):
        def answer(self, request):
            return [replace(frame, sound=False) for frame in super().answer(request)]

    session = Session(0, datagrams=False)
    give(session, session.connect(), iter([Frame(Command.ACK_OK, 7, -1, sound=False)]))

    table = read_over(WrongSums(ROWS, datagrams=False), session, [])

    assert table.records == ROWS
    assert session.unsound > 2


def test_given_a_firmware_that_gets_some_checksums_wrong_when_asked_twice_then_it_is_believed():
    class OddSums(PaperTerminal):
        def answer(self, request):
            return [replace(frame, sound=not frame.data) for frame in super().answer(request)]

    table = read_over(OddSums(ROWS, datagrams=False), open_session(datagrams=False), [])

    assert table.records == ROWS


def test_given_a_line_that_loses_large_parts_when_read_then_parts_shrink_and_grow_again():
    session = open_session(datagrams=False)
    asked = []

    class Narrow(PaperTerminal):
        def answer(self, request):
            if request.command == Command.READ_BUFFER:
                asked.append(struct.unpack("<II", request.data)[1])
                if len(asked) <= TRIES - 1:
                    return []
            return super().answer(request)

    session.part = 400
    read_over(Narrow(ROWS, datagrams=False), session, [])

    assert asked[:4] == [400, 200, 100, 64]
    assert 128 in asked


def test_given_a_terminal_that_gives_small_parts_only_when_read_then_the_part_shrinks_until_it_does(monkeypatch):
    monkeypatch.setattr(session_module, "MAX_TABLE_BYTES", 1_000_000)

    class Small(PaperTerminal):
        def answer(self, request):
            if request.command == Command.READ_BUFFER and struct.unpack("<II", request.data)[1] > 1024:
                return [Frame(Command.ACK_ERROR, 7, request.reply)]
            return super().answer(request)

    rows = bytes(place % 251 for place in range(200_000))

    table = read_over(Small(rows, datagrams=False), open_session(datagrams=False), [])

    assert table.complete, table.reason
    assert table.records == rows
