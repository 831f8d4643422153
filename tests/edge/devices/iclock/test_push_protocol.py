"""Requests as terminals were seen to write them, and what they are answered with. No socket, no clock."""

from contextlib import suppress
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, strategies as st

from edge.devices.iclock.protocol.answers import House, Known
from edge.devices.iclock.protocol.commands import Command, CommandError, check_command, together
from edge.devices.iclock.protocol.dialect import Dialect, dialect_of
from edge.devices.iclock.protocol.head import BadHeadError, parse_head
from edge.devices.iclock.protocol.punches import FAR_AHEAD, read_attlog, read_rtlog, read_transactions
from edge.devices.iclock.protocol.react import react
from edge.devices.iclock.protocol.records import read_operlog
from edge.devices.iclock.protocol.request import read_request
from edge.devices.iclock.protocol.results import read_results
from edge.devices.iclock.protocol.zone import ClockEvidence, date_header, packed_seconds, trusted, zone_value

NOW = datetime(2026, 11, 23, 0, 0, tzinfo=UTC)
HOUSE = House(ZoneInfo("Asia/Shanghai"), NOW, trusted=True)
KNOWN = Known("CJ92183760123", Dialect.ATTENDANCE)
ACC = Known("CJ92183760123", Dialect.SECURITY, registered=True, code="0011223344556677")


def ask(method, target, body=b"", known=KNOWN, house=HOUSE, waiting=()):
    return react(read_request(method, target, body), known, house, waiting)


def shown(reaction):
    return [(one.user, one.wall, one.state, one.verify) for one in reaction.found.punches]


# Paths, heads ---------------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/iclock/cdata", "/iclock/cdata.aspx", "/iclock/iclock/cdata", "/ICLOCK//cdata", "/cdata"])
def test_given_any_way_a_path_is_written_then_it_is_the_same_request(path):
    request = read_request("get", f"{path}?SN=CJ92183760123&options=all")

    assert (request.method, request.what, request.serial) == ("GET", "cdata", "CJ92183760123")


@pytest.mark.parametrize("serial", ["", "a", "x" * 33, "AB CD", "../etc", "序列号1", "-x12", "A%00B"])
def test_given_a_serial_number_that_can_be_none_then_the_request_has_none(serial):
    assert read_request("GET", f"/iclock/cdata?SN={serial}").serial is None


@pytest.mark.parametrize(
    "head",
    [
        b"GET /iclock/getrequest?SN=A HTTP/1.1\r\nUser-Agent: iClock Proxy/1.09",
        b"GET /iclock/getrequest?SN=A&INFO=Ver 8.0.4.3-2018,1,2 HTTP/1.1\r\nHost: x",
        b"POST /iclock/cdata HTTP/1.1\r\nHost: x\r\nContent-Length : 2",
        b"GET /iclock/cdata HTTP/1.1\r\nHost: x\r\nweird",
        b"GET /iclock/cdata HTTP/1.1\nHost: x",
        b"GET http://10.0.0.1:8081/iclock/cdata?SN=A HTTP/1.1\r\nHost: x",
        "GET /iclock/cdata?Name=张 HTTP/1.1\r\nHost: x".encode(),
    ],
)
def test_given_a_head_as_firmware_writes_it_then_it_is_read(head):
    assert parse_head(head).target.startswith("/iclock/")


@pytest.mark.parametrize(
    ("head", "status"),
    [
        (b"\x16\x03\x01\x02\x00", 400),
        (b"POST /iclock/cdata HTTP/1.1\r\nHost: x", 411),
        (b"POST /iclock/cdata HTTP/1.1\r\nContent-Length: 2\r\nContent-Length: 3", 400),
        (b"POST /iclock/cdata HTTP/1.1\r\nContent-Length: -2", 400),
        (b"POST /iclock/cdata HTTP/1.1\r\nTransfer-Encoding: chunked", 501),
    ],
)
def test_given_a_head_whose_body_nobody_can_find_then_it_is_refused(head, status):
    with pytest.raises(BadHeadError) as caught:
        parse_head(head)

    assert caught.value.status == status


# Handshakes -----------------------------------------------------------------------------------------------------------------------------


def test_given_an_attendance_unit_when_it_greets_then_it_gets_its_options_in_its_own_names():
    known = Known("CJ92183760123", Dialect.ATTENDANCE, stamps={"attlog": "9999"})

    new = ask("GET", "/iclock/cdata?SN=CJ92183760123&options=all&pushver=2.4.1&language=83&DeviceType=att", known=known)
    old = ask("GET", "/iclock/cdata?SN=CJ92183760123&options=all", known=known)

    assert new.answer.body.startswith(b"GET OPTION FROM: CJ92183760123\nATTLOGStamp=9999\nOPERLOGStamp=0\n")
    assert b"\nTimeZone=8\n" in new.answer.body
    assert b"TransFlag=TransData AttLog\tOpLog\tEnrollUser\tChgUser\n" in new.answer.body
    assert old.answer.body.startswith(b"GET OPTION FROM: CJ92183760123\nStamp=9999\nOpStamp=0\n")
    assert b"\r" not in new.answer.body
    assert (new.greeted.dialect, new.greeted.version) == (Dialect.ATTENDANCE, "2.4.1")


def test_given_a_security_unit_when_it_comes_then_it_registers_before_it_gets_its_configuration():
    fresh = Known("CJ92183760123", Dialect.ATTENDANCE, code="0011223344556677")

    greeted = ask("GET", "/iclock/cdata?SN=CJ92183760123&options=all&pushver=3.1.2&DeviceType=acc", known=fresh)
    registered = ask(
        "POST", "/iclock/registry?SN=CJ92183760123", b"DeviceType=acc,~DeviceName=SpeedFace,FirmVer=1.0", known=greeted.greeted
    )
    again = ask("GET", "/iclock/cdata?SN=CJ92183760123&options=all&pushver=3.1.2&DeviceType=acc", known=ACC)
    pushed = ask("POST", "/iclock/push?SN=CJ92183760123", known=ACC)

    assert (greeted.answer.body, greeted.greeted.dialect) == (b"OK", Dialect.SECURITY)
    assert registered.registered
    assert registered.answer.body == b"RegistryCode=0011223344556677"
    assert registered.answer.cookie
    assert registered.options["devicename"] == "SpeedFace"
    assert again.answer.body.startswith(b"registry=ok\r\nRegistryCode=0011223344556677\r\n")
    assert b"\r\nTransTables=User Transaction\r\n" in again.answer.body
    assert pushed.answer.body == again.answer.body


@pytest.mark.parametrize(
    ("query", "dialect"),
    [
        ({"devicetype": "acc", "pushver": "2.4.1"}, Dialect.SECURITY),
        ({"devicetype": "att", "pushver": "3.1.2"}, Dialect.ATTENDANCE),
        ({"pushver": "3.1.2"}, Dialect.SECURITY),
        ({"pushver": "2.2.14"}, Dialect.ATTENDANCE),
        ({}, None),
    ],
)
def test_given_an_announcement_then_the_kind_of_device_counts_before_the_version(query, dialect):
    assert dialect_of(query) is dialect


def test_given_a_dialect_that_a_person_has_set_when_another_is_announced_then_it_stays():
    known = Known("CJ92183760123", Dialect.SECURITY, fixed=True)

    assert ask("GET", "/iclock/cdata?SN=CJ92183760123&DeviceType=att", known=known).greeted.dialect is Dialect.SECURITY


@pytest.mark.parametrize(
    ("zone", "at", "value"),
    [
        ("Asia/Shanghai", NOW, "8"),
        ("UTC", NOW, "0"),
        ("Asia/Kolkata", NOW, "330"),
        ("America/St_Johns", NOW, "-210"),
        ("Asia/Kathmandu", NOW, "345"),
        ("America/Chicago", NOW, "-6"),
        ("Europe/Berlin", NOW, "1"),
        ("Europe/Berlin", datetime(2026, 7, 1, tzinfo=UTC), "2"),
    ],
)
def test_given_a_zone_then_its_value_is_hours_or_minutes_of_that_moment(zone, at, value):
    assert zone_value(ZoneInfo(zone), at) == value


def test_given_a_clock_then_it_is_told_only_while_nothing_speaks_against_it():
    made, ends = datetime(2026, 11, 1, tzinfo=UTC), datetime(2027, 2, 1, tzinfo=UTC)

    assert trusted(ClockEvidence(NOW, False, made, ends))
    assert not trusted(ClockEvidence(datetime(1970, 1, 1, 8, tzinfo=UTC), False, made, ends))
    assert not trusted(ClockEvidence(NOW, True, made, ends))
    assert not trusted(ClockEvidence(NOW, False, None, None))
    assert date_header(NOW) == "Mon, 23 Nov 2026 00:00:00 GMT"
    assert packed_seconds(datetime(2026, 11, 23, 8)) == 0x33854E80


# Punches --------------------------------------------------------------------------------------------------------------------------------


def test_given_rows_as_they_were_captured_when_pushed_then_each_is_a_punch_and_leading_zeros_stay():
    body = (
        b"3\t2026-09-15 15:35:43\t255\t1\t0\t0\t0\t0\t0\t0\t\n"
        b"0012\t2026-09-15 15:36:00\t0\t15\t0\t0\t0\r\n"
        b"A7\t2026-09-15 15:37:00\t1\t4\t\n\n"
    )

    reaction = ask("POST", "/iclock/cdata.aspx?SN=CJ92183760123&table=ATTLOG&Stamp=9999", body)

    assert shown(reaction) == [
        ("3", 20260915153543, 255, 1),
        ("0012", 20260915153600, 0, 15),
        ("A7", 20260915153700, 1, 4),
    ]
    assert reaction.answer.body == b"OK: 3"
    assert reaction.stamp == ("attlog", "9999")
    assert reaction.live


def test_given_an_answer_to_a_query_when_it_comes_then_it_is_no_news_and_its_stamp_is_none():
    reaction = ask("POST", "/iclock/cdata?SN=CJ92183760123&table=ATTLOG&Stamp=0", b"3\t2026-09-15 15:35:43\t255\t1\n")

    assert (reaction.live, reaction.stamp, len(reaction.found.punches)) == (False, None, 1)


def test_given_rows_that_make_no_sense_when_pushed_then_they_are_kept_as_bytes_with_the_reason():
    body = b"3\n\t2026-09-15 15:35:43\t0\n5\tyesterday\t0\n\xff\xfe\xff\t2026-09-15 15:35:43\n" + b"9" * 30 + b"\t2026-09-15 15:35:43\n"

    found = read_attlog(body, None)

    assert found.punches == []
    assert [one.raw for one in found.doubtful] == [line for line in body.split(b"\n") if line]
    assert found.lines == 5


def test_given_a_time_more_than_a_day_ahead_when_pushed_then_the_punch_is_doubted_unless_our_own_clock_is():
    body = b"3\t2026-11-24 08:00:01\t0\t1\n3\t2026-11-24 08:00:00\t0\t1\n"

    doubted = ask("POST", "/iclock/cdata?SN=CJ92183760123&table=ATTLOG", body).found.punches
    unsure = ask("POST", "/iclock/cdata?SN=CJ92183760123&table=ATTLOG", body, house=House(HOUSE.zone, NOW, trusted=False)).found.punches

    assert [one.doubt for one in doubted] == [FAR_AHEAD, None]
    assert [one.doubt for one in unsure] == [None, None]


def test_given_events_of_a_security_unit_when_pushed_then_doors_are_no_people_and_refusals_are_doubted():
    body = (
        b"time=2026-02-23 14:13:48\tpin=2\tcardno=0\teventaddr=1\tevent=3\tinoutstatus=0\tverifytype=15\tindex=140\r\n"
        b"time=2026-02-23 14:14:00\tpin=0\tcardno=0\teventaddr=1\tevent=55\tinoutstatus=2\tverifytype=200\tindex=141\r\n"
        b"time=2026-02-23 14:15:00\tpin=7\tcardno=0\teventaddr=1\tevent=22\tinoutstatus=2\tverifytype=1\tindex=142\r\n"
    )

    reaction = ask("POST", "/iclock/cdata?SN=CJ92183760123&table=rtlog", body, known=ACC)

    assert shown(reaction) == [("2", 20260223141348, 0, 15), ("7", 20260223141500, 255, 1)]
    assert [one.doubt for one in reaction.found.punches] == [None, "event 22 is not known to let anybody in"]
    assert reaction.found.doors == [(55, "2026-02-23 14:14:00")]
    assert reaction.answer.body == b"OK"


def test_given_what_a_query_asked_for_when_it_comes_then_packed_times_are_unpacked_and_the_count_is_answered():
    body = b"transaction cardno=0\tpin=0007\tverified=1\tdoorid=1\teventtype=0\tinoutstate=1\ttime_second=864374400\tindex=9\r\n"
    target = "/iclock/querydata?SN=CJ92183760123&type=tabledata&cmdid=5&tablename=transaction&count=1&packcnt=1&packidx=1"

    reaction = ask("POST", target, body, known=ACC)

    assert shown(reaction) == [("0007", 20261123080000, 1, 1)]
    assert (reaction.answer.body, reaction.live) == (b"transaction=1", False)


@pytest.mark.parametrize("table", ["user", "biodata", "biophoto", "userpic", "made-up"])
def test_given_a_table_of_a_security_unit_then_its_name_and_count_are_answered_or_it_would_come_for_ever(table):
    target = f"/iclock/cdata?SN=CJ92183760123&table=tabledata&tablename={table}&count=2"

    assert ask("POST", target, b"user pin=1\nuser pin=2\n", known=ACC).answer.body == f"{table}=2".encode()


# Everything else ------------------------------------------------------------------------------------------------------------------------


def test_given_a_mixed_operation_log_when_told_then_tampering_alarms_users_and_templates_are_told_apart():
    body = (
        "OPLOG 23\t1\t2026-09-15 15:00:00\t0\t0\t0\t0\n"
        "OPLOG 3\t0\t2026-09-15 15:01:00\t55\t0\t0\t0\n"
        "OPLOG 4\t1\t2026-09-15 15:02:00\t0\t0\t0\t0\n"
        "USER PIN=1001\tName=张伟\tPri=14\tPasswd=\tCard=[15CD5B07]\tGrp=1\tTZ=0000000100000000\n"
    ).encode("gb18030") + b"FP PIN=1\tFID=0\tSize=4\tValid=1\tTMP=AAAA\nFACE PIN=1\tFID=2\tSIZE=4\tVALID=1\tTMP=AAAA\nODD x\n"

    reaction = ask("POST", "/iclock/cdata?SN=CJ92183760123&table=OPERLOG&OpStamp=77", body)
    told = reaction.told

    assert [one.tamper for one in told.operations] == ["punches deleted", None, None]
    assert [one.alarm for one in told.operations] == [None, "housing opened", None]
    assert (told.users[0].pin, told.users[0].fields["name"], told.users[0].administrator) == ("1001", "张伟", True)
    assert (dict(told.templates), dict(told.other)) == ({"FP": 1, "FACE": 1}, {"ODD": 1})
    assert (reaction.answer.body, reaction.stamp) == (b"OK: 7", ("operlog", "77"))


def test_given_capabilities_and_info_when_told_then_they_are_read():
    options = ask("POST", "/iclock/cdata?SN=CJ92183760123&table=options", b"~DeviceName=iFace,FPVersion=13\nMaxAttLogCount=20")
    held = ask("GET", "/iclock/getrequest?SN=CJ92183760123&INFO=Ver 8.0.4.3-2018,52,93,1204,192.168.1.201,10,7,15,20,111").held

    assert options.options == {"devicename": "iFace", "fpversion": "13", "maxattlogcount": "20"}
    assert (held.firmware, held.users, held.fingers, held.punches) == ("Ver 8.0.4.3-2018", 52, 93, 1204)


def test_given_something_nobody_knows_when_it_comes_then_it_is_answered_and_named():
    assert ask("GET", "/iclock/exchange?SN=CJ92183760123&type=publickey").unknown == "GET exchange"
    assert ask("POST", "/iclock/cdata?SN=CJ92183760123&table=ODDLOG", b"x").unknown == "table oddlog"
    assert ask("GET", "/iclock/ping?SN=CJ92183760123").unknown == ""
    assert ask("POST", "/iclock/cdata?SN=CJ92183760123&AuthType=CARD", b"PIN=1").answer.body == b"AUTH=Failed"


def test_given_results_in_one_body_then_each_is_told_with_its_values():
    body = (
        b"ID=7&Return=0&CMD=DATA\nID=x-8&Return=-1002&CMD=INFO\nID=9&Return=0&CMD=VERIFY SUM&AttlogSum=12\nID=10\nReturn=0\nContent=abc\n"
    )

    results = read_results(body)

    told = [(one.command, one.code, one.done) for one in results]
    assert told == [("7", 0, True), ("x-8", -1002, False), ("9", 0, True), ("10", 0, True)]
    assert results[2].values["attlogsum"] == "12"
    assert results[1].meaning == "not understood"


def test_given_commands_when_asked_for_then_each_line_has_its_number_and_a_reboot_comes_last_and_alone():
    commands = [Command(1, "REBOOT"), Command(2, "INFO"), Command(3, "LOG")]

    both = ask("GET", "/iclock/getrequest?SN=CJ92183760123", waiting=commands)
    single = ask("GET", "/iclock/getrequest?SN=CJ92183760123", waiting=commands, known=ACC)

    assert both.answer.body == b"C:2:INFO\nC:3:LOG\n"
    assert single.answer.body == b"C:2:INFO\r\n"
    assert together(commands[:1], Dialect.ATTENDANCE) == commands[:1]
    assert len(together([Command(n, "x" * 1000) for n in range(100)], Dialect.ATTENDANCE)) == 40


@pytest.mark.parametrize("text", ["SHELL ls", " shell reboot", "PutFile http://x\t/y", "GetFile /etc/passwd", "", "INFO\nREBOOT"])
def test_given_a_command_that_is_dangerous_or_none_then_it_is_not_sent(text):
    with pytest.raises(CommandError):
        check_command(text, dangerous=False)


# Whatever comes -------------------------------------------------------------------------------------------------------------------------

targets = st.one_of(
    st.text(max_size=60),
    st.sampled_from(
        [
            "/iclock/cdata?SN=CJ92183760123&table=ATTLOG&Stamp=1",
            "/iclock/cdata?SN=CJ92183760123&table=OPERLOG",
            "/iclock/cdata?SN=CJ92183760123&table=rtlog",
            "/iclock/cdata?SN=CJ92183760123&table=options",
            "/iclock/cdata?SN=CJ92183760123&table=tabledata&tablename=user&count=x",
            "/iclock/querydata?SN=CJ92183760123&tablename=transaction",
            "/iclock/devicecmd?SN=CJ92183760123",
            "/iclock/registry?SN=CJ92183760123",
            "/iclock/fdata?SN=CJ92183760123",
        ]
    ),
)
rows = st.lists(
    st.one_of(
        st.binary(max_size=80),
        st.sampled_from(
            [b"pin=1\tevent=0\ttime=2026-01-01 00:00:00", b"1\t2026-01-01 00:00:00", b"OPLOG x", b"USER PIN=", b"ID=", b"\t=\t"]
        ),
    ),
    max_size=8,
).map(b"\n".join)


@given(st.sampled_from(["GET", "POST", "PUT"]), targets, rows, st.sampled_from([KNOWN, ACC]))
def test_given_whatever_comes_then_it_is_answered_and_every_punch_stands_in_it(method, target, body, known):
    reaction = ask(method, target, body, known=known)

    assert reaction.answer.status == 200
    for punch in reaction.found.punches:
        assert punch.raw in body
        assert punch.user.encode() in body or punch.user.encode("gb18030") in body


@given(st.binary(max_size=300))
def test_given_any_bytes_as_a_body_then_each_line_is_a_punch_a_door_or_doubtful(body):
    for read in (read_attlog, read_rtlog, read_transactions):
        found = read(body, None)
        assert len(found.punches) + len(found.doors) + len({one.offset for one in found.doubtful}) == found.lines
    assert read_operlog(body).lines == found.lines


@given(st.binary(max_size=200))
def test_given_any_bytes_as_a_head_then_they_are_read_or_refused(head):
    with suppress(BadHeadError):
        assert parse_head(head).length >= 0
