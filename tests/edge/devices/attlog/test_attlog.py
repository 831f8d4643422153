"""USB exports: every line is a punch or is kept as doubtful, none is lost silently."""

from pathlib import Path

import pytest
from hypothesis import given, strategies as st

from edge.devices.attlog.export import DOUBTFUL_PIECE, parse_export, write_export
from edge.devices.attlog.read import AttlogError, read_attlog, terminal_named_in
from edge.devices.driver import TerminalPunch

LINE = b"        1\t2026-10-03 08:59:01\t1\t0\t1\t0"


def only(data):
    export = parse_export(data)
    assert not export.doubtful
    (punch,) = export.punches
    return punch


@pytest.mark.parametrize("end", [b"", b"\n", b"\r\n", b"\r\n\r\n \n\x1a"])
def test_given_the_line_of_the_reference_when_read_then_its_punch(end):
    punch = only(LINE + end)

    assert punch == TerminalPunch("1", 20261003085901, verify=1, state=0, raw=LINE)


@pytest.mark.parametrize(
    ("line", "user"),
    [
        (b"000000007\t2026-10-03 08:59:01\t1\t0\t1\t0", "000000007"),
        (b"     A-17\t2026-10-03 08:59:01\t1\t0\t1\t0", "A-17"),
        (b"7         \t2026-10-03 08:59:01\t1\t0\t1\t0", "7"),
        (b"\xef\xbb\xbf        7\t2026-10-03 08:59:01\t1\t0\t1\t0", "7"),
        (b"7\t2026/10/03 08:59:01\t1\t0\t1\t0\t0\t0\t0\textra", "7"),
        (b"7\t 2026-10-03 08:59:01 ", "7"),
        ("王七\t2026-10-03 08:59:01".encode("gb18030"), "王七"),
        ("王七\t2026-10-03 08:59:01".encode(), "王七"),
    ],
)
def test_given_a_variant_seen_in_the_field_when_read_then_the_user_is_text_as_written(line, user):
    punch = only(line + b"\r\n")

    assert (punch.user, punch.wall) == (user, 20261003085901)


@pytest.mark.parametrize(
    ("codes", "verify", "state"), [(b"\t1\t255\t15", 15, 255), (b"\t1\tI\tFP", None, None), (b"\t1\t\t256", None, None), (b"", None, None)]
)
def test_given_codes_when_they_are_no_numbers_then_unknown_and_the_punch_stays(codes, verify, state):
    punch = only(b"7\t2026-10-03 08:59:01" + codes)

    assert (punch.verify, punch.state) == (verify, state)


def test_given_an_impossible_date_when_read_then_it_is_told_as_it_stands():
    assert only(b"7\t2026-02-30 08:59:01").wall == 20260230085901


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b"7 2026-10-03 08:59:01", "no TAB"),
        (b"\t2026-10-03 08:59:01", "user number"),
        (b"7" * 25 + b"\t2026-10-03 08:59:01", "user number"),
        (b"7\t03.10.2026 08:59", "its time"),
        (b"7\t2026-10-03 08:59", "its time"),
        (b"\x07\x00\x01\x02", "binary"),
        (b"\xff\xff\t2026-10-03 08:59:01", "neither"),
    ],
)
def test_given_a_line_that_is_no_punch_when_read_then_it_is_kept_with_its_line_and_reason(line, reason):
    export = parse_export(LINE + b"\n" + line + b"\r\n" + LINE)

    (doubtful,) = export.doubtful
    assert doubtful.raw == line
    assert doubtful.offset == len(LINE) + 1
    assert doubtful.reason.startswith("line 2: ")
    assert reason in doubtful.reason
    assert len(export.punches) == 2


def test_given_a_binary_log_when_read_then_it_is_kept_in_pieces_that_fit_a_message():
    data = bytes(10_000)

    export = parse_export(data)

    assert b"".join(piece.raw for piece in export.doubtful) == data
    assert max(len(piece.raw) for piece in export.doubtful) == DOUBTFUL_PIECE


def test_given_a_last_line_without_its_time_when_read_then_the_receipt_says_it_is_cut():
    whole, cut = read_attlog(LINE + b"\n" + LINE, "SN1"), read_attlog(LINE + b"\n     7\t2026-10", "SN1")

    assert (whole.receipt.complete, whole.receipt.repeated) == (True, 1)
    assert (cut.receipt.complete, cut.receipt.doubtful) == (False, 1)
    assert "cut" in cut.receipt.reason


def test_given_a_bad_line_in_the_middle_when_read_then_complete_and_doubtful():
    receipt = read_attlog(LINE + b"\nnonsense\n" + LINE + b"\n", "SN1").receipt

    assert (receipt.complete, receipt.decoded, receipt.doubtful) == (True, 2, 1)
    assert receipt.declared_bytes == receipt.received_bytes == 2 * len(LINE) + 11


@pytest.mark.parametrize(("name", "terminal"), [("1_attlog.dat", None), ("CKJF202260001_attlog.dat", "CKJF202260001"), ("march.dat", None)])
def test_given_a_file_name_when_it_carries_a_serial_number_then_it_is_known(name, terminal):
    assert terminal_named_in(name) == terminal


def test_given_a_file_of_another_terminal_when_read_then_refused(tmp_path):
    path = tmp_path / "CKJF202260001_attlog.dat"
    path.write_bytes(LINE)

    assert read_attlog(path, "ckjf202260001").receipt.decoded == 1
    with pytest.raises(AttlogError, match="CKJF202260001"):
        read_attlog(path, "OTHER")


def test_given_nobody_says_which_terminal_when_read_then_refused():
    with pytest.raises(AttlogError, match="which terminal"):
        read_attlog(LINE, " ")


def test_given_no_such_file_when_read_then_one_clear_error(tmp_path):
    with pytest.raises(AttlogError, match="cannot be read"):
        read_attlog(tmp_path / "1_attlog.dat", "SN1")


USERS = st.text("0123456789ABCxyz-_", min_size=1, max_size=24)
WALLS = st.datetimes().map(lambda moment: int(moment.strftime("%Y%m%d%H%M%S").rjust(14, "0")))
PUNCHES = st.builds(TerminalPunch, USERS, WALLS, st.integers(0, 255), st.integers(0, 255), st.just(b""))


@given(st.lists(PUNCHES, max_size=20))
def test_given_any_punches_when_written_and_read_then_the_same(punches):
    export = parse_export(write_export(punches, device_number=3))

    read = [(punch.user, punch.wall, punch.verify, punch.state) for punch in export.punches]
    assert read == [(punch.user, punch.wall, punch.verify, punch.state) for punch in punches]
    assert not export.doubtful


@given(st.lists(st.one_of(st.binary(max_size=60), st.just(LINE), st.sampled_from([b"\t", b"\r\n", b"\0", b" \t"])), max_size=20))
def test_given_any_bytes_when_read_then_every_line_with_content_is_told_or_kept(pieces):
    data = b"\n".join(pieces)

    export = parse_export(data)

    kept = sorted([punch.raw for punch in export.punches] + [piece.raw for piece in export.doubtful])
    lines = data.removeprefix(b"\xef\xbb\xbf").split(b"\n")
    assert kept == sorted(line.removesuffix(b"\r") for line in lines if line.removesuffix(b"\r").strip(b" \t\r\x1a"))
    for piece in export.doubtful:
        assert data[piece.offset : piece.offset + len(piece.raw)] == piece.raw


def test_given_the_example_of_the_reference_when_read_then_two_punches():
    page = (Path(__file__).parents[4] / "docs" / "reference" / "usb-export.md").read_text()

    export = parse_export(page.split("```\n")[1].encode())

    assert [(punch.user, punch.wall, punch.verify, punch.state) for punch in export.punches] == [
        ("1", 20261003085901, 1, 0),
        ("0017", 20261003173140, 15, 1),
    ]
    assert not export.doubtful
