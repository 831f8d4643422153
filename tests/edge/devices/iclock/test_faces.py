"""Faces in words of the push protocol: which kind a terminal takes, and the rows that carry one."""

import pytest
from hypothesis import given, strategies as st

from edge.devices.iclock.protocol.dialect import Dialect
from edge.devices.iclock.protocol.faces import (
    NEAR,
    PIECES,
    VISIBLE,
    FaceAlgorithm,
    delete_faces,
    face_algorithm,
    may_hold_faces,
    query_faces,
    read_face,
    update_face,
)
from edge.devices.iclock.protocol.records import read_operlog, read_options

SENSEFACE = (
    b"~DeviceName=SenseFace 2A,FPVersion=13,FaceFunOn=1,FaceVersion=40,VisilightFun=1,MultiBioDataSupport=0:1:0:0:0:0:0:0:0:1,"
    b"MultiBioVersion=0:13.0:0:0:0:0:0:0:0:40.1,MaxMultiBioDataCount=0:3000:0:0:0:0:0:0:0:1500"
)
"""What a SenseFace 2A (firmware ZAM70-NF24HA-Ver3.3.12) tells, as published; shortened."""
VISIBLE_40 = FaceAlgorithm(VISIBLE, "40.1")
ROW = "BIODATA Pin={pin}\tNo=0\tIndex={index}\tValid={valid}\tDuress=0\tType={type}\tMajorVer=40\tMinorVer={minor}\tFormat=0\tTmp={tmp}\n"
PLAIN = {"pin": "7", "index": 0, "valid": 1, "type": 9, "minor": 1, "tmp": "QUJD"}


def rows(*changes):
    return read_operlog("".join(ROW.format(**PLAIN | change) for change in changes).encode()).faces


@pytest.mark.parametrize(
    ("told", "kind", "name"),
    [
        (SENSEFACE, VISIBLE, "zk-visible-40.1"),
        (b"FaceFunOn=1,FaceVersion=7,MultiBioVersion=0:10.0:7.0", NEAR, "zk-near-7.0"),
        (b"FaceFunOn=1,FaceVersion=40,VisilightFun=1", VISIBLE, "zk-visible-40"),
        (b"FaceVersion=7", PIECES, "zk-face-7"),
    ],
)
def test_given_what_a_terminal_tells_then_its_kind_of_face_and_the_version_are_known(told, kind, name):
    found = face_algorithm(read_options(told))

    assert (found.type, found.name) == (kind, name)
    assert may_hold_faces(read_options(told))


@pytest.mark.parametrize(
    ("told", "may"), [(b"FPVersion=10", True), (b"FaceFunOn=0,FaceVersion=7", False), (b"MultiBioVersion=0:10.0:0:x:y,FaceFunOn=0", False)]
)
def test_given_a_terminal_without_faces_or_that_says_nothing_then_none_are_brought_and_silence_is_no_proof(told, may):
    assert face_algorithm(read_options(told)) is None
    assert may_hold_faces(read_options(told)) is may


def test_given_rows_of_others_of_fingers_and_of_other_versions_then_only_this_users_face_of_this_version_is_read():
    told = rows(
        PLAIN, {"pin": "8"}, {"type": 1}, {"minor": 2}, {"valid": 0, "index": 1}, {"tmp": "no base64", "index": 2}, {"tmp": "", "index": 3}
    )

    data = read_face(told, "7", VISIBLE_40)

    assert data == read_face(rows(PLAIN), "7", VISIBLE_40)
    assert read_face(told, "9", VISIBLE_40) is None
    assert read_face(told, "7", FaceAlgorithm(PIECES, "7")) is None
    assert update_face(Dialect.SECURITY, VISIBLE_40, "0012", data) == [
        "DATA UPDATE biodata Pin=0012\tNo=0\tIndex=0\tValid=1\tDuress=0\tType=9\tMajorVer=40\tMinorVer=1\tFormat=0\tTmp=QUJD"
    ]


def test_given_something_that_is_no_face_then_nothing_is_brought_and_one_beyond_all_measure_is_not_carried():
    huge = rows(*({"index": place, "tmp": "QUJD" * 1000} for place in range(40)))

    assert update_face(Dialect.ATTENDANCE, VISIBLE_40, "7", b"\xff no face") == []
    assert read_face(huge, "7", VISIBLE_40) is None


def test_given_either_dialect_when_asked_for_or_deleted_then_each_has_its_own_words():
    assert query_faces(Dialect.ATTENDANCE, VISIBLE_40, "7") == "DATA QUERY BIODATA Type=9\tPIN=7"
    assert query_faces(Dialect.ATTENDANCE, FaceAlgorithm(PIECES, "7"), "7") == "DATA QUERY FACE PIN=7"
    assert query_faces(Dialect.SECURITY, VISIBLE_40, "7") == "DATA QUERY tablename=biodata,fielddesc=*,filter=Pin=7"
    assert list(delete_faces(Dialect.ATTENDANCE, "7", photos=True).values()) == [
        "DATA DELETE BIODATA Pin=7", "DATA DELETE FACE PIN=7", "DATA DELETE BIOPHOTO PIN=7", "DATA DELETE USERPIC PIN=7",
    ]  # fmt: skip
    assert list(delete_faces(Dialect.SECURITY, "7", photos=False).values()) == ["DATA DELETE biodata Pin=7", "DATA DELETE biophoto PIN=7"]


@given(st.permutations(range(5)), st.sampled_from(list(Dialect)), st.sampled_from([VISIBLE_40, FaceAlgorithm(PIECES, "7")]))
def test_given_pieces_in_any_order_when_brought_and_told_again_then_the_face_is_the_same(order, dialect, algorithm):
    table = "FACE PIN=7\tFID={index}\tSIZE=4\tVALID=1\tTMP={tmp}\n" if algorithm.type == PIECES else ROW
    told = read_operlog("".join(table.format(**PLAIN | {"index": place, "tmp": f"QUJ{place}"}) for place in order).encode()).faces
    data = read_face(told, "7", algorithm)

    commands = update_face(dialect, algorithm, "7", data)

    assert len(commands) == 5
    again = read_operlog("".join(f"{one.removeprefix('DATA UPDATE ')}\n" for one in commands).encode()).faces
    assert read_face(again, "7", algorithm) == data
