"""Rows of logs and user tables: read exactly or kept as doubtful, whatever the count says and whatever was damaged."""

import struct
from datetime import datetime

import pytest
from hypothesis import given, strategies as st

from edge.devices.zkteco.layouts import DOUBTFUL_PIECE, JUNK, decode_log, decode_users, numbers_of
from edge.devices.zkteco.records import PUNCH_LAYOUTS, TerminalUserRow, encode_record, encode_user
from protocol.instants import pack_moment, pack_wall, show_wall

now = datetime(2026, 11, 23, 12)
LAYOUTS = tuple(PUNCH_LAYOUTS)
layouts = st.sampled_from(LAYOUTS)
days = st.datetimes(datetime(2008, 1, 1), datetime(2027, 12, 31))
numbers = st.integers(1, 999_999_999).map(str)
uids = st.one_of(st.integers(1, 65_535), st.sampled_from([1, 255, 256, 65_535]))
punches = st.tuples(uids, days, st.sampled_from([0, 1, 2, 3, 4, 15]), st.sampled_from([0, 1, 2, 3, 4, 5, 255]))
counts = st.one_of(st.none(), st.integers(0, 200), st.just(2**32 - 1))


def written(log, layout):
    """(body, users) of a log as a terminal with this layout would hold it; a state that 8b cannot carry is cut as it would be."""
    users = {uid: str(100_000 + uid) for uid, *_ in log}
    return b"".join(encode_record(layout, uid, users[uid], pack_moment(day), verify, state) for uid, day, verify, state in log), users


def told(decoded):
    return [(punch.user, punch.wall) for punch in decoded.punches]


@given(st.lists(punches, min_size=1, max_size=50), layouts, counts)
def test_given_a_log_and_any_count_when_decoded_then_every_punch_is_exact(log, layout, count):
    if layout == "8b":
        log = [(uid, day, verify, state % 6) for uid, day, verify, state in log]
    body, users = written(log, layout)

    decoded = decode_log(body, users, now, count)

    assert decoded.layout == layout
    assert told(decoded) == [(users[uid], pack_moment(day)) for uid, day, *_ in log]
    assert not decoded.doubtful


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("count", [None, 0, 1, 8, 9, 10, 18, 2**32 - 1])
def test_given_bodies_that_are_whole_rows_of_several_layouts_when_decoded_then_the_right_one_is_taken(layout, count):
    for rows in (1, 2, 5, 8, 40, 49, 98):
        log = [(1 + place % 7, datetime(2026, 10, 1 + place % 28, 8, place % 60), 1, place % 2) for place in range(rows)]
        body, users = written(log, layout)

        decoded = decode_log(body, users, now, count)

        assert (decoded.layout, len(decoded.punches), decoded.doubtful) == (layout, rows, ())


def decode_by_hand(layout, row):
    """(person, packed time) of a row, read without the code under test."""
    match layout:
        case "8a":
            uid, _, time, _ = struct.unpack("<HBIB", row)
        case "8b":
            uid, _, _, time = struct.unpack("<HBBI", row)
        case "16":
            uid, time = struct.unpack("<II", row[:8])
        case _:
            uid, time = row[2:26].rstrip(b"\0").decode(), int.from_bytes(row[27:31], "little")
    days, second = divmod(time, 86_400)
    year, rest = divmod(days, 372)
    shown = f"{2000 + year}-{rest // 31 + 1:02d}-{rest % 31 + 1:02d} {second // 3600:02d}:{second // 60 % 60:02d}:{second % 60:02d}"
    return uid, shown


@given(st.lists(punches, min_size=1, max_size=30), layouts, counts, st.lists(st.integers(0, 100_000), max_size=4), st.integers(0, 12))
def test_given_flipped_bits_and_a_cut_end_when_decoded_then_each_punch_says_what_its_own_bytes_say(log, layout, count, flips, cut):
    body, users = written(log, layout)
    spoilt = bytearray(body[: len(body) - cut])
    for flip in flips:
        if spoilt:
            spoilt[flip // 8 % len(spoilt)] ^= 1 << flip % 8

    decoded = decode_log(bytes(spoilt), users, now, count)

    rows = [punch.raw for punch in decoded.punches] + [doubt.raw for doubt in decoded.doubtful]
    assert sum(map(len, rows)) == len(spoilt)
    assert all(spoilt[doubt.offset : doubt.offset + len(doubt.raw)] == doubt.raw for doubt in decoded.doubtful)
    for punch in decoded.punches:
        person, shown = decode_by_hand(decoded.layout, punch.raw)
        assert show_wall(punch.wall) == shown
        assert punch.user == (users.get(person, f"uid:{person}") if decoded.layout.startswith("8") else str(person))
    if decoded.punches and len(log) > 3:
        assert decoded.layout == layout


@given(st.lists(punches, min_size=1, max_size=40), st.data(), counts)
def test_given_junk_before_any_rows_when_decoded_then_the_rows_are_exact_and_doubts_keep_their_place(log, data, count):
    body, users = written(log, "40")
    before = data.draw(st.lists(st.booleans(), min_size=len(log), max_size=len(log)))
    rows = [body[start : start + 40] for start in range(0, len(body), 40)]
    spoilt = b"".join(JUNK * junk + row for junk, row in zip(before, rows, strict=True))

    decoded = decode_log(spoilt, users, now, count)

    assert told(decoded) == [(users[uid], pack_moment(day)) for uid, day, *_ in log]
    assert decoded.layout == "40"


def test_given_junk_and_an_impossible_date_when_decoded_then_the_row_is_doubtful_at_its_own_place():
    good = encode_record("40", 1, "1", pack_wall("2026-10-03 08:59:01"), 1, 0)
    bad = encode_record("40", 1, "1", pack_wall("2026-02-30 08:59:01"), 1, 0)

    (doubt,) = decode_log(JUNK + good + JUNK + bad, {}, now).doubtful

    assert (doubt.offset, doubt.raw, doubt.reason) == (58, bad, "impossible-date")


@given(st.binary(min_size=1, max_size=3 * DOUBTFUL_PIECE))
def test_given_bytes_of_no_layout_when_decoded_then_all_are_kept_in_pieces_that_fit_a_row(body):
    decoded = decode_log(body, {}, now)

    if not decoded.punches and decoded.reason:
        assert b"".join(doubt.raw for doubt in decoded.doubtful) == body
        assert all(len(doubt.raw) <= DOUBTFUL_PIECE for doubt in decoded.doubtful)


def test_given_a_row_size_nobody_knows_when_decoded_then_nothing_is_invented():
    row = encode_record("40", 1, "1001", pack_wall("2026-10-03 08:59:01"), 1, 0)
    for size in (41, 48, 50, 52, 56, 64, 80, 112):
        decoded = decode_log((row + bytes(size - 40)) * 40, {}, now, count=40)

        assert not decoded.punches, size
        assert decoded.reason == "no known layout fits all rows"


def test_given_a_state_key_of_its_own_when_decoded_then_the_text_layouts_keep_it():
    wall = pack_wall("2026-10-03 08:59:01")
    body = encode_record("40", 1, "0017", wall, 1, 0) + encode_record("40", 1, "0017", wall, 201, 77)

    decoded = decode_log(body, {}, now)

    assert [(punch.user, punch.verify, punch.state) for punch in decoded.punches] == [("0017", 1, 0), ("0017", 201, 77)]


@pytest.mark.parametrize("layout", ["8a", "8b", "16"])
def test_given_few_unlikely_dates_among_many_when_decoded_then_those_punches_are_doubtful(layout):
    wall, broken, ahead = (pack_wall(f"{year}-03-01 08:00:00") for year in (2026, 2000, 2090))
    body = b"".join(encode_record(layout, 1, "1", each, 1, 0) for each in [wall] * 30 + [broken, ahead])

    decoded = decode_log(body, {1: "1"}, now)

    assert [punch.doubt for punch in decoded.punches] == [None] * 30 + ["past-time", "future-time"]


@pytest.mark.parametrize("chosen", ["8a", "8b", "16"])
@pytest.mark.parametrize("layout", ["8a", "8b", "16"])
def test_given_a_layout_that_was_chosen_wrongly_when_decoded_then_no_punch_is_free_of_doubt(layout, chosen):
    log = [(place, datetime(2026, 10, 1, 8, place), 1, 0) for place in range(1, 21)]
    body, users = written(log, layout)

    decoded = decode_log(body, users, now, forced=chosen)

    certain = [punch for punch in decoded.punches if punch.doubt is None]
    assert told(decoded)[:20] == [(users[uid], pack_moment(day)) for uid, day, *_ in log] if layout == chosen else not certain


def test_given_a_chosen_layout_that_does_not_divide_the_log_when_decoded_then_all_is_doubtful_and_the_reason_names_it():
    decoded = decode_log(bytes(41), {}, now, forced="40")

    assert (len(decoded.doubtful), decoded.punches) == (1, [])
    assert "which was chosen" in decoded.reason


user_lists = st.lists(st.tuples(uids, numbers, st.binary(max_size=8)), min_size=1, max_size=40, unique_by=lambda user: user[0])


@given(user_lists, st.sampled_from([28, 72]))
def test_given_a_user_table_when_decoded_with_its_count_then_everybody_is_exact(people, size):
    body = b"".join(encode_user(size, uid, number, name) for uid, number, name in people)

    found = decode_users(body, len(people))

    assert numbers_of(found) == {uid: number for uid, number, _ in people}


@given(user_lists, st.sampled_from([28, 72]), counts)
def test_given_a_user_table_when_the_count_is_wrong_then_everybody_is_exact_or_nobody_is_known(people, size, count):
    body = b"".join(encode_user(size, uid, number, name) for uid, number, name in people)

    found = decode_users(body, count)

    assert found is None or numbers_of(found) == {uid: number for uid, number, _ in people}


@given(st.binary(max_size=400), counts)
def test_given_any_user_table_when_decoded_then_it_is_rows_or_nothing(body, count):
    found = decode_users(body, count)

    assert found is None or all(0 < user.uid <= 65_535 and user.number for user in found)


def test_given_a_uid_that_two_users_have_when_resolved_then_it_is_nobodys():
    rows = [TerminalUserRow(1, "1001", b"", 0), TerminalUserRow(2, "1002", b"", 0), TerminalUserRow(1, "2001", b"", 0)]

    assert numbers_of(rows) == {2: "1002"}
