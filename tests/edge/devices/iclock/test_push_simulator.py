"""The simulated terminal that pushes, without a line: what it asks next, what it makes of answers, what it does at commands."""

import asyncio
import re
from datetime import datetime, timedelta
from pathlib import Path
from random import Random

import pytest

from edge.devices.faults import FaultError, Switches
from edge.devices.iclock.protocol.punches import read_attlog, read_transactions
from edge.devices.iclock.simulator import PUSH_FAULTS, PushOptions, PushSimulator, PushSimulatorError
from edge.devices.iclock.simulator.control import PUSH_COMMANDS, obey_line
from edge.devices.iclock.simulator.memory import PushMemory
from edge.devices.iclock.simulator.obey import obey
from edge.devices.iclock.simulator.unit import Unit

PAGE = (Path(__file__).parents[4] / "docs/reference/push-simulator.md").read_text(encoding="utf-8")
MOMENT = datetime(2026, 11, 23, 0, 0, 0)


def unit_of(*faults, punches=3, **options):
    switches = Switches(PUSH_FAULTS, faults)
    memory = PushMemory(switches)
    memory.furnish(Random(1), 3, punches, MOMENT + timedelta(hours=8))
    return Unit(PushOptions(**options), switches, memory, timedelta(hours=8))


def talk(unit, answers, now=0.0):
    """Answer what it asks; gives what it asked."""
    asked = []
    for body in answers:
        ask = unit.next(now, MOMENT)
        asked.append(ask)
        unit.hear(ask, 200, body, None, MOMENT, now)
    return asked


def test_given_a_greeting_when_answered_then_zone_clock_and_stamp_are_taken_over_and_rows_follow():
    unit = unit_of(clock_drift=5)

    unit.hear(unit.next(0, MOMENT), 200, b"GET OPTION FROM: X\nATTLOGStamp=1\nTimeZone=330\nDelay=7\nErrorDelay=3\n", MOMENT, MOMENT, 0)
    (options, rows) = talk(unit, [b"OK", b"OK: 2"])

    assert unit.clock(MOMENT) == 20261123053000
    assert options.query == "table=options"
    assert (rows.query, rows.rows, len(read_attlog(rows.body, None).punches)) == ("table=ATTLOG&Stamp=3", 2, 2)
    assert unit.next(0, MOMENT).what == "getrequest"


def test_given_no_acknowledgement_when_time_has_passed_then_the_same_comes_again():
    unit = unit_of("retry=5")
    talk(unit, [b"", b"OK"])

    for status, body in ((503, b"later"), (None, b""), (200, b"what?")):
        ask = unit.next(100, MOMENT)
        unit.hear(ask, status, body, None, MOMENT, 100)
        assert unit.next(104, MOMENT) is None
        assert unit.next(105, MOMENT) == ask
        unit._rests_until = 0


def test_given_a_security_unit_when_it_begins_then_it_registers_and_a_bare_ok_to_a_query_is_no_acknowledgement():
    unit = unit_of(dialect="security")

    asked = talk(
        unit,
        [
            b"OK",
            b"RegistryCode=1",
            b"ServerVersion=3.1.2\r\nRequestDelay=3\r\n",
            b"DateTime=865468800,ServerTZ=+0800",
            b"OK",
            b"C:1:DATA QUERY tablename=transaction,fielddesc=*,filter=*\r\n",
        ],
    )
    again = unit.next(0, MOMENT)
    unit.hear(again, 200, b"OK", None, MOMENT, 0)
    unit.poll_now()
    same = unit.next(0, MOMENT)
    unit.hear(same, 200, b"transaction=3", None, MOMENT, 0)

    assert [one.what for one in asked] == ["cdata", "registry", "push", "rtdata", "cdata", "getrequest"]
    assert same == again
    assert len(read_transactions(again.body, None).punches) == 3
    assert unit.next(0, MOMENT).body == b"ID=1&Return=0&CMD=DATA\n"


def test_given_commands_when_obeyed_then_each_dialect_knows_its_own():
    memory = unit_of(punches=10).memory
    day = "StartTime=2026-11-23 00:00:00\tEndTime=2026-11-23 23:59:59"

    assert obey(memory, f"VERIFY SUM ATTLOG {day}", security=False).more == "&AttlogSum=10"
    assert obey(memory, "DATA UPDATE USERINFO PIN=77\tName=x\tPri=14", security=False).code == 0
    assert memory.users["77"]["pri"] == "14"
    assert obey(memory, "DATA QUERY USERINFO PIN=77", security=False).upload == ("users", ["77"])
    assert [obey(memory, "DATA DELETE USERINFO PIN=77", security=False).code for _ in range(2)] == [0, -10]
    assert obey(memory, "VERIFY SUM ATTLOG StartTime=x", security=False).code == -1
    assert obey(memory, f"DATA QUERY ATTLOG {day}", security=True).code == -1004
    assert obey(memory, "DATA UPDATE user Pin=1", security=False).code == -1004
    assert obey(memory, "USER ADD", security=False).code == -1002


def test_given_a_server_that_writes_otherwise_when_it_answers_then_the_unit_makes_of_it_what_terminals_do():
    unit = unit_of(clock_drift=60)
    greeting = unit.next(0, MOMENT)
    unit.hear(greeting, 200, b"GET OPTION FROM: X\nATTLOGStamp=None\nTimeZone=5.5\nErrorDelay=3\n", None, MOMENT, 0)
    (_, rows) = talk(unit, [b"OK", b"OK: 3"])
    talk(unit, [b"C:1:SET OPTION DateTime=2026-11-23 08:00:00\nC:2:SET OPTION DateTime=2678399\nC:3:SET OPTION DateTime=5270400\n"])

    assert (rows.rows, unit.offset) == (3, timedelta(hours=5)), "all rows, and of the zone what stands before the point"
    assert unit.next(0, MOMENT).body == b"ID=1&Return=-1&CMD=SET OPTION\n"
    assert unit.clock(MOMENT) == 20000131235959, "31 February, which came last, is no time"


def test_given_an_enrolment_and_a_question_for_everything_when_obeyed_then_the_finger_is_sent_and_counted():
    memory = unit_of(punches=10).memory
    ask = "ENROLL_FP PIN=1001\tFID=6\tRETRY=3\tOVERWRITE="

    first, again, other = (obey(memory, ask + overwrite, security=False) for overwrite in "001")

    assert (first.code, again.code, other.code) == (0, 2, 0)
    assert first.upload[1] != other.upload[1] == [("1001", "6", memory.fingers["1001"]["6"])]
    assert obey(memory, ask.replace("1001", "9") + "1", security=False).code == -10
    assert obey(memory, "INFO", security=False).more.endswith("\nUserCount=3\nFPCount=1\nFaceCount=0\nTransactionCount=10")
    assert obey(memory, "DATA DELETE FINGERTMP PIN=1001\tFID=5", security=False).code == 0
    assert memory.fingers["1001"], "another finger than the one that was named stays"


def test_given_control_lines_when_obeyed_then_the_terminal_does_it_or_says_why_not():
    async def live():
        simulator = PushSimulator(PushOptions(port=1))
        lines = [
            "punch 1001 2026-11-20 08:00:00",
            "counts",
            "fault twice=1",
            "punch 1002",
            "dump",
            "rate 5",
            "restart",
            "poll",
            "drift 60",
            "commands",
        ]
        good = [obey_line(simulator, line) for line in lines]
        bad = [
            obey_line(simulator, line) for line in ("", "punch", "punch 1 never", "rate x", "rate -1", "fault none", "fault", "drift 1e12")
        ]
        return good, bad, simulator.counts()

    good, bad, counts = asyncio.run(live())
    assert all(answer["ok"] for answer in good)
    assert not any(answer["ok"] for answer in bad)
    assert (counts["rows"], counts["held"]) == (3, 2)
    assert obey_line(PushSimulator(PushOptions()), "help")["commands"].keys() == {one.form for one in PUSH_COMMANDS.values()}


@pytest.mark.parametrize(
    "options", [{"dialect": "x"}, {"serial": "?"}, {"zone": "Mars"}, {"users": -1}, {"rate": 1e9}, {"users": 0, "punches": 1}]
)
def test_given_options_that_no_terminal_can_have_then_they_are_refused(options):
    with pytest.raises(PushSimulatorError):
        PushOptions(**options)


def test_given_a_fault_that_does_not_exist_then_it_is_refused():
    with pytest.raises(FaultError):
        PushSimulator(PushOptions(faults=("nonsense",)))


def test_given_the_reference_page_then_it_has_the_commands_and_fault_modes_in_order():
    commands, faults = (
        re.findall(r"^\| `(.+?)` \|", PAGE.split(f"## {title}\n")[1].split("\n## ")[0], re.MULTILINE)
        for title in ("Commands", "Fault modes")
    )

    assert [one.replace("\\|", "|") for one in commands] == [command.form for command in PUSH_COMMANDS.values()]
    assert faults == list(PUSH_FAULTS)
