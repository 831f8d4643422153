"""Computed vectors that agree with other people's clients, and properties of frames, events, times and rows."""

import struct
from datetime import datetime

import pytest
from hypothesis import given, strategies as st

from edge.devices.driver import FrameError, TerminalPunch
from edge.devices.zkteco.auth import scramble_key
from edge.devices.zkteco.events import decode_punch_event
from edge.devices.zkteco.frames import (
    MAX_PAYLOAD_BYTES,
    PREFIX,
    Command,
    Frame,
    FrameStream,
    decode_payload,
    encode_payload,
    encode_tcp,
)
from edge.devices.zkteco.layouts import decode_log, decode_users
from edge.devices.zkteco.records import decode_time, encode_record, encode_time, encode_user
from protocol.instants import pack_wall, show_wall, wall_moment

now = datetime(2026, 11, 23, 12)
frames = st.builds(Frame, st.integers(0, 65535), st.integers(0, 65535), st.integers(0, 65535), st.binary(max_size=300))


@pytest.mark.parametrize(
    ("key", "session", "scrambled"),
    [
        (0, 1, "617d3279"),
        (1234, 0x1F2E, "41363266"),
        (1234, 0x1F99, "41363266"),
        (1234, 0x2E2E, "41363257"),
        (5678, 0x1F2E, "09093266"),
        (123456, 0x1234, "267f32eb"),
        (999999, 65000, "22813294"),
    ],
)
def test_given_known_keys_when_scrambled_then_the_bytes_are_those_of_other_clients(key, session, scrambled):
    assert scramble_key(key, session).hex() == scrambled


@pytest.mark.parametrize("key", [131071, 983039, 0xFFFFFFFF])
def test_given_keys_that_overflow_elsewhere_when_scrambled_then_they_wrap(key):
    assert len(scramble_key(key, 0xFFFF)) == 4


@pytest.mark.parametrize(
    ("frame", "wire"),
    [
        (Frame(Command.CONNECT, 0, 0), "e80317fc00000000"),
        (Frame(Command.ACK_OK, 0x1F2E, 0), "d00701d92e1f0000"),
        (Frame(Command.AUTH, 0x1F2E, 1, bytes.fromhex("41363266")), "4e040f402e1f010041363266"),
        (Frame(Command.PREPARE_BUFFER, 0x1F2E, 2, bytes.fromhex("010d000000000000000000")), "df05efcd2e1f0200010d000000000000000000"),
        (Frame(Command.READ_BUFFER, 0x1F2E, 3, struct.pack("<II", 0, 65472)), "e0052ddb2e1f030000000000c0ff0000"),
        (Frame(Command.READ_OPTION, 0x1F2E, 2, b"~SerialNumber\0"), "0b00c1972e1f02007e53657269616c4e756d62657200"),
    ],
)
def test_given_known_packets_when_written_and_read_then_they_are_those_on_the_wire(frame, wire):
    assert encode_payload(frame).hex() == wire
    assert decode_payload(bytes.fromhex(wire)) == frame


@pytest.mark.parametrize(
    ("packed", "shown"),
    [(0x33854E80, "2026-11-23 08:00:00"), (0x2368B36B, "2018-06-25 17:50:35"), (0xFFFFFFFF, "2133-08-18 06:28:15")],
)
def test_given_known_times_when_unpacked_then_they_are_those_shown(packed, shown):
    assert show_wall(decode_time(packed)) == shown
    assert encode_time(pack_wall(shown)) == packed


@given(st.integers(0, 2**32 - 1))
def test_given_any_time_when_unpacked_and_packed_then_it_is_the_same_also_where_no_calendar_has_it(packed):
    assert encode_time(decode_time(packed)) == packed


@given(st.lists(frames, max_size=6), st.lists(st.integers(1, 40), max_size=60))
def test_given_a_stream_cut_anywhere_when_fed_then_the_same_frames_come_out(sent, cuts):
    stream, data, got = FrameStream(), b"".join(encode_tcp(frame) for frame in sent), []
    for cut in [*cuts, len(data)]:
        got += stream.feed(data[:cut])
        data = data[cut:]

    assert got == sent


def frames_by_hand(data):
    """(frames, whether what follows is no frame) of a whole stream, by the drawing of the frame and nothing else."""
    found = []
    while len(data) >= 8 and data.startswith(PREFIX):
        size = int.from_bytes(data[4:8], "little")
        if not 8 <= size <= MAX_PAYLOAD_BYTES:
            return found, True
        if len(data) < 8 + size:
            break
        command, _, session, reply = struct.unpack_from("<HHHH", data, 8)
        found.append((command, session, reply, data[16 : 8 + size]))
        data = data[8 + size :]
    return found, not PREFIX.startswith(data[:4])


streams = st.lists(
    st.one_of(
        frames.map(encode_tcp),
        frames.map(encode_tcp).flatmap(lambda wire: st.integers(0, len(wire)).map(lambda cut: wire[:cut])),
        st.binary(max_size=12),
        st.sampled_from([PREFIX, PREFIX + bytes(4), PREFIX + b"\x08\0\0\0", PREFIX + b"\xff\xff\xff\xff", b"P"]),
    ),
    max_size=5,
).map(b"".join)


@given(streams, st.lists(st.integers(1, 40), max_size=60))
def test_given_any_stream_cut_anywhere_when_fed_then_exactly_its_frames_come_out_or_it_is_refused(data, cuts):
    stream, got, refused, rest = FrameStream(), [], False, data
    try:
        for cut in [*cuts, len(data)]:
            got += stream.feed(rest[:cut])
            rest = rest[cut:]
    except FrameError:
        refused = True
    by_hand, is_foreign = frames_by_hand(data)

    found = [(frame.command, frame.session, frame.reply, frame.data) for frame in got]
    assert refused == is_foreign
    assert found == by_hand[: len(found)]
    assert refused or len(found) == len(by_hand)


@given(frames, st.data())
def test_given_a_flipped_bit_when_decoded_then_the_checksum_tells(frame, data):
    wire = bytearray(encode_payload(frame))
    bit = data.draw(st.integers(0, len(wire) * 8 - 1))
    wire[bit // 8] ^= 1 << bit % 8

    assert not decode_payload(bytes(wire)).sound


@given(st.binary(max_size=60))
def test_given_any_event_when_decoded_then_no_impossible_punch_comes_out(data):
    event = decode_punch_event(data, {1: "1"})

    if isinstance(event, TerminalPunch):
        assert wall_moment(event.wall)
        assert event.user


@given(st.binary(max_size=400), st.none() | st.integers(0, 100))
def test_given_any_body_when_decoded_then_every_byte_is_a_punch_or_doubtful(body, count):
    decoded = decode_log(body, {}, now, count)

    assert sum(len(punch.raw) for punch in decoded.punches) + sum(len(doubt.raw) for doubt in decoded.doubtful) == len(body)
    decode_users(body, count)


days = st.datetimes(datetime(2015, 1, 1), datetime(2026, 11, 1))
persons = st.integers(1, 3000)
codes = st.tuples(st.sampled_from([0, 1, 2, 3, 4, 15]), st.sampled_from([0, 1, 2, 3, 4, 5]))
logs = st.lists(st.tuples(persons, days, codes), min_size=1, max_size=60)


@given(logs, st.sampled_from(["8a", "8b", "16", "40", "49"]), st.none() | st.integers(0, 100))
def test_given_a_log_of_any_layout_when_decoded_then_it_is_exact_or_doubtful_and_never_invented(log, layout, count):
    people = {uid: str(10000 + uid) for uid, _, _ in log}
    walls = [pack_wall(day.strftime("%Y-%m-%d %H:%M:%S")) for _, day, _ in log]
    body = b"".join(
        encode_record(layout, uid, people[uid], wall, verify, state) for (uid, _, (verify, state)), wall in zip(log, walls, strict=True)
    )

    decoded = decode_log(body, people, now, count)

    if decoded.punches:
        assert decoded.layout == layout
        assert [(punch.user, punch.wall) for punch in decoded.punches] == [
            (people[uid], wall) for (uid, _, _), wall in zip(log, walls, strict=True)
        ]
    else:
        assert decoded.reason
        assert b"".join(doubt.raw for doubt in decoded.doubtful) == body


@pytest.mark.parametrize("size", [28, 72])
@pytest.mark.parametrize("people", [1, 2, 18, 504])
def test_given_a_user_table_of_either_size_when_decoded_then_everybody_is_found(size, people):
    body = b"".join(encode_user(size, uid, str(1000 + uid), f"name {uid}".encode()) for uid in range(1, people + 1))

    found = decode_users(body, people)

    assert [(user.uid, user.number) for user in found] == [(uid, str(1000 + uid)) for uid in range(1, people + 1)]
