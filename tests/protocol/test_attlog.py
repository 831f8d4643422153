"""Exported logs: every line is a punch or is kept as doubtful, none is lost silently, none is guessed."""

from datetime import datetime
from pathlib import Path

import pytest
from hypothesis import given, strategies as st

from edge.devices.attlog.export import write_export
from edge.devices.driver import TerminalPunch
from protocol.attlog.lines import LONGEST
from protocol.attlog.problem import ODD, Problem, Refusal
from protocol.attlog.punches import read_export
from protocol.attlog.survey import Surveyor, refusal_of, serial_named_in, show
from protocol.attlog.words import PROBLEMS, REFUSALS, problem_words, refusal_words

LINE = b"        1\t2026-10-03 08:59:01\t1\t0\t1\t0"
NOW = datetime(2026, 10, 4)


def read(data, size=7, **more):
    """Whatever the pieces are in which the file comes."""
    return list(read_export((data[start : start + size] for start in range(0, len(data), size)), **more))


def only(data):
    (line,) = read(data)
    assert line.is_punch, line
    return line


def survey(data, now=NOW, **more):
    surveyor = Surveyor(now)
    assert [None for _ in surveyor.over(read(data, 4096, **more))] or not data.strip()
    return surveyor.finish()


# Lines --------------------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("end", [b"", b"\n", b"\r\n", b"\r\n\r\n \n\x1a"])
def test_given_the_line_of_the_reference_when_read_then_its_punch(end):
    line = only(LINE + end)

    assert (line.user, line.wall, line.verify, line.state, line.device, line.raw) == ("1", 20261003085901, 1, 0, "1", LINE)


@pytest.mark.parametrize(
    ("line", "user"),
    [
        (b"000000007\t2026-10-03 08:59:01\t1\t0\t1\t0", "000000007"),
        (b"     A-17\t2026-10-03 08:59:01\t1\t0\t1\t0", "A-17"),
        (b"7         \t2026-10-03 08:59:01\t1\t0\t1\t0", "7"),
        (b"\xef\xbb\xbf        7\t2026-10-03 08:59:01\t1\t0\t1\t0", "7"),
        (b"7\t2026/10/03 08:59:01\t1\t0\t1\t0\t0\t0\t0\textra", "7"),
        (b"7\t 2026-10-03 08:59:01 ", "7"),
        (b"7\t2026-10-3 8:59:1\t1", "7"),
        (b"7\t2026-10-03T08:59:01.000\t1", "7"),
        (b"7\t20261003085901", "7"),
        (b"7\t2026-10-03\t08:59:01\t1\t0\t1", "7"),
        (b"  7  2026-10-03 08:59:01  1  0  1  0", "7"),
        (b'"7","2026-10-03 08:59:01","1","0"', "7"),
        (b"7;2026.10.03 08:59:01;1;0", "7"),
        ("7\t2026年10月3日 08:59:01".encode(), "7"),
        ("7\t2026年10月3日 08:59:01".encode("gb18030"), "7"),
        (b"7\t2026-10-03 08:59:01\t1\t0\t1\t0\t\xff\xff", "7"),
        ("王七\t2026-10-03 08:59:01".encode("gb18030"), "王七"),
        ("王七\t2026-10-03 08:59:01".encode(), "王七"),
    ],
)
def test_given_a_variant_when_read_then_the_user_is_text_as_written_and_the_second_is_right(line, user):
    found = only(line + b"\r\n")

    assert (found.user, found.wall, found.problem) == (user, 20261003085901, None)


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-8-sig", "gb18030"])
@pytest.mark.parametrize("size", [64, 65, 4096])
def test_given_another_encoding_when_read_then_the_same_punches_with_their_places(encoding, size):
    text = "12\t2026-10-03 08:59:01\t1\t0\t1\t0\r\n\u010a1\t2026-10-03 08:59:02\t1\t0\r\n"  # the letter's bytes hold a line end
    data = text.encode(encoding)

    first, second = read(data, size)

    assert [(one.number, one.user, one.wall) for one in (first, second)] == [(1, "12", 20261003085901), (2, "\u010a1", 20261003085902)]
    assert all(data[one.offset : one.offset + len(one.raw)] == one.raw for one in (first, second))


@pytest.mark.parametrize(
    ("codes", "verify", "state"), [(b"\t1\t255\t15", 15, 255), (b"\t1\tI\tFP", None, None), (b"\t1\t\t256", None, None), (b"", None, None)]
)
def test_given_codes_when_they_are_no_numbers_then_unknown_and_the_punch_stays(codes, verify, state):
    line = only(b"7\t2026-10-03 08:59:01" + codes)

    assert (line.verify, line.state) == (verify, state)


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        (b"total of October: 5", Problem.FOREIGN),
        (b"total 5", Problem.FOREIGN),
        (b"=====", Problem.FOREIGN),
        (b"7\tyesterday", Problem.FOREIGN),
        (b"7\t12:00:01", Problem.NO_TIME),
        (b"\t2026-10-03 08:59:01", Problem.NO_USER),
        (b"7" * 25 + b"\t2026-10-03 08:59:01", Problem.LONG_USER),
        (b"7\t03.10.2026 08:59:01", Problem.DAY_FIRST),
        (b"7\t10/3/26 08:59:01", Problem.DAY_FIRST),
        (b"7\t2026-10-03 08:59", Problem.NO_SECONDS),
        (b"7\t2026-10-03 08:59:01 PM", Problem.TWELVE_HOURS),
        ("7\t2026-10-03 下午 08:59:01".encode(), Problem.TWELVE_HOURS),
        (b"\x07\x00\x01\x02", Problem.BINARY),
        (b"\xff\xff\t2026-10-03 08:59:01", Problem.ENCODING),
        (b"7\t2026-10-03 08:59:01\t" + b"0" * LONGEST, Problem.TOO_LONG),
    ],
)
def test_given_a_line_that_is_no_punch_when_read_then_it_is_kept_with_its_line_and_what_is_wrong(line, problem):
    first, *kept, last = read(LINE + b"\n" + line + b"\r\n" + LINE, 4096)

    assert b"".join(one.raw for one in kept) == line
    assert {(one.number, one.problem, one.is_doubtful) for one in kept} == {(2, problem, True)}
    assert kept[0].offset == len(LINE) + 1
    assert first.is_punch
    assert last.is_punch
    assert (last.number, last.offset) == (3, len(LINE) + 1 + len(line) + 2)


@pytest.mark.parametrize("cut", range(1, len(LINE)))
def test_given_a_file_that_ends_anywhere_in_a_line_then_no_punch_is_made_of_what_is_left(cut):
    *_, last = [None, *read(LINE + b"\n" + LINE[:cut])[1:]]

    if last is not None and last.is_punch:  # what is missing are codes only
        assert (last.user, last.wall) == ("1", 20261003085901)
    elif last is not None:
        assert last.problem is Problem.CUT


def test_given_seconds_of_one_digit_at_the_very_end_then_nobody_knows_whether_they_are_whole():
    assert read(b"7\t2026-10-3 8:5:1")[0].problem is Problem.CUT
    assert only(b"7\t2026-10-3 8:5:1\n").wall == 20261003080501


def test_given_a_heading_when_read_then_columns_are_found_by_name_and_names_of_people_are_left_out():
    rows = "1\t1\t00000007\t王小明\t1\t0\t2026/10/03  08:59:01\r\n2\t1\t8\t李\t0\t0\tx1234\r\n"

    rows = "1\t1\t00000007\t王小明\t1\t0\t2026/10/03  08:59:01\r\n2\t1\t8\t李\t0\t0\tx1234\r\n"

    head, first, second = read(f"No\tTMNo\tEnNo\tName\tINOUT\tMode\tDateTime\r\n{rows}".encode())

    assert (head.heading, head.is_doubtful) == (True, False)
    assert (first.user, first.wall, first.state, first.device) == ("00000007", 20261003085901, 1, "1")
    assert second.problem is Problem.NO_TIME
    assert not any("王小明".encode() in one.raw or "李".encode() in one.raw for one in (first, second))


def test_given_lines_of_another_device_when_one_was_chosen_then_they_are_left_out_and_not_doubtful():
    data = LINE + b"\n7\t2026-10-03 08:59:01\t2\t0\t1\t0\n7\t2026-10-03 09:59:01"

    first, other, silent = read(data, devices=frozenset({"1"}))

    assert (first.is_punch, other.is_punch, other.is_doubtful, other.problem) == (True, False, False, Problem.OTHER_DEVICE)
    assert silent.is_punch  # it names none


USERS = st.text("0123456789ABCxyz-_", min_size=1, max_size=24)
WALLS = st.datetimes().map(lambda moment: int(moment.strftime("%Y%m%d%H%M%S").rjust(14, "0")))
PUNCHES = st.builds(TerminalPunch, USERS, WALLS, st.integers(0, 255), st.integers(0, 255), st.just(b""))


@given(st.lists(PUNCHES, max_size=20), st.integers(1, 200), st.sampled_from(["utf-8", "utf-16", "utf-16-be"]))
def test_given_any_punches_when_written_and_read_in_any_pieces_then_the_same(punches, size, encoding):
    data = write_export(punches, device_number=3).decode().encode(encoding)

    found = [(line.user, line.wall, line.verify, line.state) for line in read(data, size)]

    assert found == [(punch.user, punch.wall, punch.verify, punch.state) for punch in punches]


PIECES = st.one_of(
    st.binary(max_size=60),
    st.just(LINE),
    st.sampled_from([b"\t", b"\r\n", b"\0", b" \t", b"PIN\tTime", b"SN: ABCD"]),
    st.text().map(str.encode),
)


@given(st.lists(PIECES, max_size=20), st.sampled_from([b"\n", b"\r\n", b"\r"]), st.integers(1, 300))
def test_given_any_bytes_when_read_then_every_line_with_content_is_told_once_and_nothing_is_invented(pieces, end, size):
    data = end.join(pieces)

    lines = read(data, size)

    assert sum(len(line.raw) for line in lines) <= 2 * len(data)
    for line in lines:
        assert len(line.raw) <= LONGEST
        assert line.problem is None or line.problem in PROBLEMS
        assert show(line.raw).isprintable()
        if line.is_punch:
            digits = f"{line.wall:014d}"
            assert digits[:4] in data.replace(b"\0", b"").decode("latin-1")
            assert line.user
    survey(data)


# Files --------------------------------------------------------------------------------------------------------------------------------


def test_given_a_file_when_surveyed_then_what_it_holds_and_what_is_odd_line_by_line():
    data = b"\n".join([LINE, b"rubbish", b"7\t2026-02-30 08:59:01", b"7\t2027-01-01 08:00:00", b"7\t2020-01-01 08:00:00", LINE])

    found = survey(data)

    assert (found.lines, found.punches, found.doubtful) == (6, 5, 1)
    assert (found.first, found.last) == ("2026-10-03 08:59:01", "2026-10-03 08:59:01")
    assert [(one.line, one.problem) for one in found.findings] == [
        (2, Problem.FOREIGN),
        (3, Problem.IMPOSSIBLE),
        (4, Problem.FUTURE),
        (5, Problem.PAST),
    ]
    assert found.findings[0].shown == "rubbish"


@pytest.mark.parametrize(
    ("name", "data", "refusal"),
    [
        ("1_attlog.dat", LINE, None),
        ("sn1_attlog.dat", LINE, None),
        ("1_attlog.dat", b"SN: sn1\n" + LINE, None),
        ("1_attlog.dat", b"", Refusal.EMPTY),
        ("1_attlog.dat", b"\x01\x02\x00\xff" * 999, Refusal.NO_LOG),
        ("user.dat", b"\x01\x00\x00" * 72, Refusal.USER_LIST),
        ("CKJF202260001_attlog.dat", LINE, Refusal.OTHER_TERMINAL),
        ("CKJF202260001attlog.dat", LINE, Refusal.OTHER_TERMINAL),
        ("1_attlog.dat", "序列号：CKJF202260001\n".encode() + LINE, Refusal.OTHER_TERMINAL),
        ("1_attlog.dat", LINE + b"\n7\t2026-10-03 08:59:01\t2\t0\t1\t0", Refusal.SEVERAL_DEVICES),
        ("1_attlog.dat", LINE + b"\n" + b"rubbish\n" * 2, Refusal.MOSTLY_DOUBTFUL),
    ],
)
def test_given_a_file_when_it_may_not_be_of_this_terminal_then_nothing_is_taken_and_it_is_said_why(name, data, refusal):
    found = refusal_of(survey(data), name, "SN1", any_device=False)

    assert (found and found[0]) == refusal


def test_given_somebody_who_knows_the_devices_then_several_are_taken():
    data = LINE + b"\n7\t2026-10-03 08:59:01\t2\t0\t1\t0"

    assert refusal_of(survey(data), "1_attlog.dat", "SN1", any_device=True) is None
    assert survey(data, devices=frozenset({"2"})).left_out == 1


@pytest.mark.parametrize(("name", "terminal"), [("1_attlog.dat", None), ("CKJF202260001_attlog.dat", "CKJF202260001"), ("march.dat", None)])
def test_given_a_file_name_when_it_carries_a_serial_number_then_it_is_known(name, terminal):
    assert serial_named_in(name) == terminal


def test_given_anything_that_can_be_wrong_then_it_has_words_in_both_languages():
    assert PROBLEMS.keys() == set(Problem)
    assert REFUSALS.keys() == set(Refusal)
    assert problem_words(Problem.CUT, chinese=True)[1].startswith("请")
    assert refusal_words(Refusal.OTHER_TERMINAL, "X", chinese=False).startswith("It is of another terminal (X). Choose")


def test_given_a_line_in_quarantine_then_the_server_has_a_chinese_word_for_its_reason():
    catalogue = (Path(__file__).parents[2] / "server/web/locale/zh_CN/LC_MESSAGES/files.po").read_text(encoding="utf-8")

    assert {one for one in Problem if f'msgid "file-{one}"' not in catalogue} == ODD | {Problem.OTHER_DEVICE}


def test_given_the_examples_of_the_reference_when_read_then_every_line_is_a_punch():
    page = (Path(__file__).parents[2] / "docs" / "reference" / "usb-export.md").read_text()

    found = [line for block in page.split("```\n")[1::2] for line in read(block.encode())]

    assert [(line.user, line.wall, line.verify, line.state) for line in found[:2]] == [
        ("1", 20261003085901, 1, 0),
        ("0017", 20261003173140, 15, 1),
    ]
    assert {line.problem for line in found} == {None}
