"""What the simulated terminal says, without a network."""

import struct
from datetime import datetime
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from edge.devices.zkteco.frames import Frame
from edge.devices.zkteco.simulator.answers import answer
from edge.devices.zkteco.simulator.desk import Conversation, Desk, Then
from edge.devices.zkteco.simulator.faults import FAULTS, FaultError, Faults
from edge.devices.zkteco.simulator.furnish import empty_terminal, furnish
from edge.devices.zkteco.simulator.options import SimulatorError, SimulatorOptions

NOW = datetime(2026, 11, 23, 8, 0, 0)
READ_LOG = struct.pack("<BHII", 1, 13, 0, 0)
READ_USERS = struct.pack("<BHII", 1, 9, 5, 0)


def desk_with(*faults, **options):
    chosen = SimulatorOptions(**options)
    switched = Faults(faults)
    terminal = empty_terminal(chosen)
    furnish(terminal, chosen, switched, Random(1), NOW)
    return Desk(terminal, switched, Random(1), chosen.user_size, chosen.key)


def talk_at(desk, *, datagrams=False):
    talk = Conversation(datagrams=datagrams)
    ask(desk, talk, 1000)
    return talk


def ask(desk, talk, command, data=b""):
    return answer(desk, talk, Frame(command, talk.session or 0, 7, data), NOW)


def only(said):
    (frame,) = said.frames
    return frame


def test_given_no_key_when_connecting_then_the_answer_carries_a_session_and_the_reply_number():
    desk, talk = desk_with(), Conversation(datagrams=False)

    frame = only(ask(desk, talk, 1000))

    assert (frame.command, frame.session, frame.reply) == (2000, talk.session, 7)
    assert talk.session


def test_given_a_key_when_connecting_then_only_its_scramble_opens():
    desk, talk = desk_with(key=1234), Conversation(datagrams=False)
    first = only(ask(desk, talk, 1000))
    talk.session = 0x1F2E

    before = only(ask(desk, talk, 50)).command
    wrong = only(ask(desk, talk, 1102, bytes.fromhex("09093266"))).command
    right = only(ask(desk, talk, 1102, bytes.fromhex("41363266"))).command
    after = only(ask(desk, talk, 50)).command

    assert (first.command, before, wrong, right, after) == (2005, 2005, 2005, 2000, 2000)


def test_given_a_right_answer_with_another_tick_when_authorising_then_the_tick_is_read_from_it():
    desk, talk = desk_with(key=1234), Conversation(datagrams=False)
    ask(desk, talk, 1000)
    talk.session = 0x1F2E
    scrambled = bytes(byte ^ 50 ^ 99 if place != 2 else 99 for place, byte in enumerate(bytes.fromhex("41363266")))

    assert only(ask(desk, talk, 1102, scrambled)).command == 2000


@pytest.mark.parametrize("keyword", [b"~SerialNumber\0", b"~SerialNumber"])
def test_given_an_option_when_asked_with_or_without_nul_then_it_is_answered(keyword):
    desk = desk_with(serial="ABC1234")

    assert only(ask(desk, talk_at(desk), 11, keyword)).data == b"~SerialNumber=ABC1234\0"


def test_given_an_option_nobody_has_when_asked_then_2001():
    desk = desk_with()

    assert only(ask(desk, talk_at(desk), 11, b"Nonsense\0")).command == 2001


def test_given_a_command_nobody_knows_when_asked_then_65533():
    desk = desk_with()

    assert only(ask(desk, talk_at(desk), 4711)).command == 65533


def test_given_the_clock_of_the_reference_when_asked_then_its_number():
    desk = desk_with()

    assert only(ask(desk, talk_at(desk), 201)).data == struct.pack("<I", 0x33854E80)


def test_given_a_drift_when_the_time_is_set_then_the_clock_shows_it():
    desk = desk_with(clock_drift=-180)
    talk = talk_at(desk)
    drifted = only(ask(desk, talk, 201)).data

    ask(desk, talk, 202, struct.pack("<I", 0x33854E80))

    assert drifted == struct.pack("<I", 0x33854E80 - 180)
    assert only(ask(desk, talk, 201)).data == struct.pack("<I", 0x33854E80)


@pytest.mark.parametrize(("size", "width"), [("8a", 8), ("8b", 8), ("16", 16), ("40", 40), ("49", 49)])
def test_given_a_record_size_when_the_log_is_read_then_it_has_it(size, width):
    desk = desk_with(punches=10, record_size=size)

    table = only(ask(desk, talk_at(desk), 1503, READ_LOG)).data

    assert struct.unpack("<I", table[:4]) == (10 * width,)
    assert len(table) == 4 + 10 * width


@pytest.mark.parametrize("size", [28, 72])
def test_given_a_user_size_when_users_are_read_then_they_have_it(size):
    desk = desk_with(users=5, user_size=size)

    table = only(ask(desk, talk_at(desk), 1503, READ_USERS)).data

    assert len(table) == 4 + 5 * size


def test_given_a_large_log_when_read_in_parts_then_they_add_up_to_what_was_declared():
    desk = desk_with(punches=3000)
    talk = talk_at(desk)
    opened = only(ask(desk, talk, 1503, READ_LOG))
    size = struct.unpack("<I", opened.data[1:5])[0]

    parts = [ask(desk, talk, 1504, struct.pack("<II", start, 65_472)).frames for start in range(0, size, 65_472)]

    assert len(opened.data) == 13
    assert size == 4 + 3000 * 40
    assert [[frame.command for frame in frames] for frames in parts] == [[1500, 1501, 2000]] * 2
    assert b"".join(frames[1].data for frames in parts)[4:] == desk.terminal.log.body()


def test_given_udp_when_a_part_is_read_then_no_datagram_carries_more_than_1024_bytes():
    desk = desk_with(punches=3000)
    talk = talk_at(desk, datagrams=True)
    ask(desk, talk, 1503, READ_LOG)

    frames = ask(desk, talk, 1504, struct.pack("<II", 0, 16_384)).frames

    assert [len(frame.data) for frame in frames] == [8] + [1024] * 16 + [0]


def test_given_a_read_under_way_when_somebody_punches_then_the_read_does_not_change():
    desk = desk_with(punches=100)
    talk = talk_at(desk)
    ask(desk, talk, 1503, READ_LOG)

    desk.terminal.punch("1001", 20261123080000, 1, 0)
    part = ask(desk, talk, 1504, struct.pack("<II", 0, 65_472)).frames[1].data

    assert len(part) == 4 + 100 * 40


def test_given_legacy_commands_when_read_directly_then_the_same_body():
    desk = desk_with("refuse-1503", punches=100)
    talk = talk_at(desk)

    refused = only(ask(desk, talk, 1503, READ_LOG)).command
    frames = ask(desk, talk, 13).frames

    assert refused == 2001
    assert [frame.command for frame in frames] == [1500, 1501, 2000]
    assert frames[1].data[4:] == desk.terminal.log.body()


def test_given_a_disabled_terminal_when_enabled_then_its_counts_say_so():
    desk = desk_with()
    talk = talk_at(desk)

    ask(desk, talk, 1003)
    disabled = desk.terminal.enabled
    ask(desk, talk, 1002)

    assert (disabled, desk.terminal.enabled) == (False, True)


def test_given_users_when_one_is_written_and_deleted_then_the_table_follows():
    desk = desk_with(users=2)
    talk = talk_at(desk)
    row = only(ask(desk, talk, 1503, READ_USERS)).data[4:76]

    ask(desk, talk, 18, struct.pack("<H", 1))
    without = len(desk.terminal.users)
    ask(desk, talk, 8, row)

    assert without == 1
    assert desk.terminal.uid_of("1001") == 1


def test_given_a_log_when_cleared_then_it_is_empty_and_counted():
    desk = desk_with(punches=12)

    ask(desk, talk_at(desk), 15)

    assert (len(desk.terminal.log), desk.terminal.cleared) == (0, 12)


def test_given_a_restart_when_ordered_then_acknowledged_unless_silent():
    loud, silent = desk_with(), desk_with("restart-silent")

    assert [frame.command for frame in ask(loud, talk_at(loud), 1004).frames] == [2000]
    assert ask(silent, talk_at(silent), 1004).frames == ()
    assert ask(silent, talk_at(silent), 1004).then is Then.RESTART


def test_given_a_stranger_when_punching_twice_then_one_uid_that_no_user_has():
    desk = desk_with(users=2)

    first, second = (desk.terminal.punch("7777", wall, 1, 0) for wall in (20261123080000, 20261123080001))
    other = desk.terminal.punch("8888", 20261123080000, 1, 0)

    assert first.uid == second.uid
    assert len({first.uid, other.uid, *desk.terminal.users}) == 4


def test_given_a_deleted_user_when_punching_then_their_old_punches_keep_the_uid():
    desk = desk_with(users=2)
    before = desk.terminal.punch("1001", 20261123080000, 1, 0)

    desk.terminal.delete_user(1)

    assert before.uid == 1
    assert desk.terminal.punch("1001", 20261123080001, 1, 0).uid not in desk.terminal.users


# Fault modes


def declared(desk):
    return struct.unpack("<I", only(ask(desk, talk_at(desk), 50)).data[32:36])[0]


@pytest.mark.parametrize(
    ("fault", "count"),
    [
        ("wrong-count", 51),
        ("wrong-count=-3", 47),
        ("zero-count", 0),
        ("stale-count", 40),
        ("access-mode", 0),
        ("size-reply-112", 50),
    ],
)
def test_given_a_count_fault_when_sizes_are_asked_then_the_count_is_wrong(fault, count):
    assert declared(desk_with(fault, punches=50)) == count


@pytest.mark.parametrize(("faults", "length"), [((), 92), (("size-reply-112",), 112)])
def test_given_a_size_reply_when_asked_then_its_length(faults, length):
    desk = desk_with(*faults)

    assert len(only(ask(desk, talk_at(desk), 50)).data) == length


def test_given_a_punch_mid_read_when_counts_and_log_are_read_then_they_differ():
    desk = desk_with("punch-mid-read=2", punches=10)
    desk.punch_now = lambda: desk.terminal.punch("1001", 20261123080000, 1, 0)
    talk = talk_at(desk)

    before = struct.unpack("<I", only(ask(desk, talk, 50)).data[32:36])[0]
    table = only(ask(desk, talk, 1503, READ_LOG)).data

    assert before == 10
    assert (len(table) - 4) // 40 == 11
    assert len(desk.terminal.log) == 12


def test_given_a_lossy_chunk_when_asked_again_then_it_comes():
    desk = desk_with("lossy-chunk", punches=100)
    talk = talk_at(desk)
    ask(desk, talk, 1503, READ_LOG)
    part = struct.pack("<II", 0, 1000)

    assert [frame.command for frame in ask(desk, talk, 1504, part).frames] == [2001]
    assert [frame.command for frame in ask(desk, talk, 1504, part).frames] == [1500, 1501, 2000]


def test_given_a_split_when_a_part_is_read_then_several_frames_carry_it():
    desk = desk_with("split-1501=1000", punches=100)
    talk = talk_at(desk)
    ask(desk, talk, 1503, READ_LOG)

    frames = ask(desk, talk, 1504, struct.pack("<II", 0, 2500)).frames

    assert [len(frame.data) for frame in frames] == [8, 1000, 1000, 500, 0]


@pytest.mark.parametrize(("fault", "command"), [("buffered", 2000), ("direct-small=5000", 1501)])
def test_given_a_way_of_reading_when_a_table_is_opened_then_it_is_used(fault, command):
    desk = desk_with(fault, punches=100 if fault != "buffered" else 2)

    assert only(ask(desk, talk_at(desk), 1503, READ_LOG)).command == command


def test_given_a_session_reset_when_the_commands_are_spent_then_2005_until_the_next_connect():
    desk = desk_with("session-reset=3")
    talk = talk_at(desk)

    said = [only(ask(desk, talk, 50)).command for _ in range(3)]
    ask(desk, talk, 1000)

    assert said == [2000, 2005, 2005]
    assert only(ask(desk, talk, 50)).command == 2000


def test_given_a_log_that_is_cleared_when_read_whole_then_it_is_gone_once():
    desk = desk_with("log-cleared", punches=100)
    talk = talk_at(desk)
    ask(desk, talk, 1503, READ_LOG)
    ask(desk, talk, 1504, struct.pack("<II", 0, 65_472))
    held = len(desk.terminal.log)

    ask(desk, talk, 1502)

    assert (held, len(desk.terminal.log), desk.terminal.cleared) == (100, 0, 100)


def test_given_junk_when_the_log_is_read_then_it_stands_before_every_third_record():
    desk = desk_with("prefix-junk", punches=7)

    table = only(ask(desk, talk_at(desk), 1503, READ_LOG)).data

    assert table.count(b"\xff255" + bytes(5)) == 3
    assert struct.unpack("<I", table[:4]) == (7 * 40 + 27,)


def test_given_gbk_names_when_users_are_read_then_they_are_gb18030():
    desk = desk_with("gbk-names", users=1)
    name = desk.terminal.users[1].name

    assert name.encode("gb18030") in only(ask(desk, talk_at(desk), 1503, READ_USERS)).data


def test_given_uid_reuse_when_furnished_then_a_new_person_has_an_old_row():
    desk = desk_with("uid-reuse", punches=100)

    reused = {punch.number for punch in desk.terminal.log if punch.uid == 1}

    assert reused == {"1001"}
    assert desk.terminal.users[1].number == "51001"


def test_given_impossible_dates_when_furnished_then_every_tenth_punch_is_on_30_february():
    desk = desk_with("impossible-dates", punches=100)

    assert sum(punch.wall // 1_000_000 % 10_000 == 230 for punch in desk.terminal.log) == 10


@pytest.mark.parametrize("faults", [("key-required",), ("key-wrong",)])
def test_given_a_key_fault_when_connecting_then_2005(faults):
    desk = desk_with(*faults)

    assert only(ask(desk, Conversation(datagrams=False), 1000)).command == 2005


def test_given_no_options_when_the_serial_number_is_asked_then_2001():
    desk = desk_with("no-options")

    assert only(ask(desk, talk_at(desk), 11, b"~SerialNumber\0")).command == 2001


@pytest.mark.parametrize("text", ["nonsense", "coalesced=3", "fragment=x", "fragment=0", "udp-loss=2", "event-size=11"])
def test_given_a_fault_that_cannot_be_when_switched_on_then_it_is_refused(text):
    with pytest.raises(FaultError):
        Faults([text])


@pytest.mark.parametrize(
    "options",
    [
        {"record_size": "41"},
        {"user_size": 73},
        {"key": -1},
        {"users": 70_000},
        {"punches": 1, "users": 0},
        {"serial": ""},
        {"zone": "Mars/Base"},
        {"clock_drift": float("nan")},
        {"rate": -1},
    ],
)
def test_given_options_no_terminal_has_when_chosen_then_they_are_refused(options):
    with pytest.raises(SimulatorError):
        SimulatorOptions(**options)


REQUESTS = st.tuples(
    st.one_of(
        st.sampled_from([*range(150), 201, 202, 500, *range(1000, 1020), *range(1100, 1104), *range(1500, 1506), 2000]),
        st.integers(0, 65_535),
    ),
    st.one_of(st.binary(max_size=80), st.sampled_from([READ_LOG, READ_USERS, struct.pack("<II", 0, 65_472)])),
    st.booleans(),
)


@settings(suppress_health_check=[HealthCheck.too_slow])  # a machine under load draws slowly, which is no fault
@given(st.lists(REQUESTS, max_size=30), st.lists(st.sampled_from(sorted(FAULTS)), max_size=6), st.booleans())
def test_given_any_requests_when_answered_then_nothing_breaks_and_every_reply_number_is_echoed(requests, faults, datagrams):
    desk = desk_with(*faults, users=3, punches=5)
    talk = talk_at(desk, datagrams=datagrams)

    for command, data, right_session in requests:
        session = talk.session if right_session and talk.session else 1
        said = answer(desk, talk, Frame(command, session, 9, data), NOW)
        assert all(frame.reply == 9 for frame in said.frames)
