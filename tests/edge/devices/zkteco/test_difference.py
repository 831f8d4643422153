"""What a simulated terminal holds is what the driver's pure parts make of it: no socket, so that thousands of terminals can be tried."""

from collections import deque
from datetime import datetime
from random import Random

from hypothesis import given, strategies as st

from edge.devices.zkteco.frames import Command, FrameStream, decode_payload, encode_payload, encode_tcp
from edge.devices.zkteco.layouts import decode_log, decode_users, numbers_of
from edge.devices.zkteco.session import Session
from edge.devices.zkteco.simulator.answers import answer
from edge.devices.zkteco.simulator.desk import Conversation, Desk
from edge.devices.zkteco.simulator.faults import Faults
from edge.devices.zkteco.simulator.furnish import empty_terminal
from edge.devices.zkteco.simulator.model import Punch, User
from edge.devices.zkteco.simulator.options import SimulatorOptions
from protocol.instants import pack_moment

NOW = datetime(2026, 11, 23, 12)
text_numbers = st.one_of(
    st.integers(1, 999_999_999).map(str),
    st.integers(1, 99).map(lambda number: f"{number:09d}"),  # leading zeros are part of the number
    st.text("0123456789ABCXYZ-_", min_size=1, max_size=23),
)
plain_numbers = st.integers(1, 999_999_999).map(str)
uids = st.one_of(st.integers(1, 65_535), st.sampled_from([1, 65_535]))
moments = st.one_of(
    st.datetimes(datetime(2006, 1, 1), datetime(2027, 12, 31)),
    st.sampled_from([datetime(2026, 10, 3, 8, 59, 1), datetime(2024, 2, 29, 23, 59, 59)]),  # equal seconds
)
faults = st.lists(
    st.sampled_from(
        ["buffered", "refuse-1503", "split-1501=100", "lossy-chunk", "zero-count", "wrong-count=1", "wrong-count=10", "wrong-count=1000000",
         "stale-count=1", "access-mode", "size-reply-112", "checksum-off", "gbk-names", "direct-small", "key-required"]
    ),
    max_size=4,
)  # fmt: skip


@st.composite
def terminals(draw):
    """(options, users, punches as (user's place, moment, verify, state)); numbers are such that the records can carry them."""
    size = draw(st.sampled_from(["8a", "8b", "16", "40", "49"]))
    user_size = draw(st.sampled_from([28, 72]))
    carries_text = size in {"40", "49"} and user_size == 72
    users = draw(
        st.lists(
            st.tuples(uids, text_numbers if carries_text else plain_numbers, st.text(max_size=6)),
            min_size=1,
            max_size=30,
            unique_by=(lambda user: user[0], lambda user: user[1]),
        )
    )
    punch = st.tuples(st.integers(0, len(users) - 1), moments, st.sampled_from([0, 1, 2, 3, 4, 15]), st.sampled_from([0, 1, 2, 3, 4, 5]))
    options = SimulatorOptions(record_size=size, user_size=user_size, faults=tuple(draw(faults)))
    return options, users, draw(st.lists(punch, max_size=60))


def terminal_of(options, users, punches):
    terminal = empty_terminal(options)
    for uid, number, name in users:
        terminal.put_user(User(uid, number, name))
    for place, moment, verify, state in punches:
        uid, number, _ = users[place]
        terminal.keep(Punch(number, pack_moment(moment), verify, state, uid))
    return terminal


class PaperLine:
    """Frames between session and terminal as they are on the wire, without one."""

    def __init__(self, desk, *, datagrams, key=0):
        self.session = Session(key, datagrams=datagrams)
        self._desk, self._talk = desk, Conversation(datagrams)
        self._on_the_way = deque()
        self.carry(self.session.connect())

    def carry(self, operation):
        """Carry an operation to its end; gives what it comes to."""
        try:
            requests = next(operation)
            while True:
                for request in requests:
                    sent = decode_payload(encode_payload(request))
                    assert sent.sound
                    for frame in answer(self._desk, self._talk, sent, NOW).frames:
                        self._on_the_way += self._over_the_wire(frame)
                requests = operation.send(self._next())
        except StopIteration as done:
            return done.value

    def _over_the_wire(self, frame):
        if "checksum-off" not in self._desk.faults:
            return FrameStream().feed(encode_tcp(frame))
        payload = bytearray(encode_payload(frame))
        payload[2] ^= 1
        return [decode_payload(bytes(payload))]

    def _next(self):
        while self._on_the_way:
            frame, _ = self.session.take(self._on_the_way.popleft())
            if frame:
                return frame
        return None


@given(terminals(), st.booleans())
def test_given_any_terminal_when_read_then_what_it_holds_is_what_was_read(made, datagrams):
    options, users, punches = made
    terminal = terminal_of(options, users, punches)
    desk = Desk(terminal, Faults(options.faults), Random(1), options.user_size)
    line = PaperLine(desk, datagrams=datagrams, key=123_456 if "key-required" in options.faults else 0)

    sizes = line.carry(line.session.exchange(Command.SIZES)).data
    user_count, count = (int.from_bytes(sizes[place : place + 4], "little") for place in (16, 32))
    user_table = line.carry(line.session.read_table(Command.READ_USERS, 5))
    known = numbers_of(decode_users(user_table.records, user_count) or ())
    table = line.carry(line.session.read_table(Command.READ_ATTENDANCE))
    decoded = decode_log(table.records, known, NOW, count)

    assert user_table.complete
    assert table.complete
    assert (decoded.doubtful, decoded.reason) == ((), None)
    got = [(punch.user, punch.wall, punch.verify, punch.state, punch.doubt) for punch in decoded.punches]
    if known or not options.record_size.startswith("8"):
        assert known == {} or known == {uid: number for uid, number, _ in users}
        assert got == [(punch.number, punch.wall, punch.verify, punch.state, None) for punch in terminal.log]
    else:  # the user table fits both sizes and its count is wrong: nobody is named, and nobody wrongly
        assert got == [(f"uid:{punch.uid}", punch.wall, punch.verify, punch.state, "uid-unresolved") for punch in terminal.log]
