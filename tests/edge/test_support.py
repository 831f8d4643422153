"""Protocol logs and support bundles: enough to find a fault by, and nothing of people, templates and keys."""

import asyncio
import io
import json
import sqlite3
import zipfile
from datetime import UTC, datetime
from pathlib import Path

import pytest
import structlog

from clockbridge import edge_support
from clockbridge.edge_support import SupportCommandError
from edge import support as edge_agent
from edge.collect.files.room import FileRoom
from edge.collect.push.file import push_file
from edge.collect.push.queue import Queue
from edge.devices.iclock.protocol.answer import Answer
from edge.devices.iclock.protocol.request import read_request
from edge.devices.iclock.shown import shown_answer, shown_command, shown_request
from edge.devices.zkteco.frames import Command, Frame
from edge.devices.zkteco.watched import WatchedLine
from edge.health import HealthBook
from edge.protocol_log import RINGS, ProtocolLog
from edge.settings import EdgeSettings, PushSettings, PushTerminal, ServerAddress, StationSettings, TerminalSettings
from edge.station.book import Person, StationBook
from edge.support import LARGEST, RecentLog, Support
from tests.edge.conftest import EDGE

NAME, CARD, KEY, PIN, PASSWORD, TEMPLATE = "王小芳", 3087675, 918273, "1023410234", "tajne-heslo", "SsS21AAAtemplateBYTES"
PLANTED = (NAME, str(CARD), str(KEY), PIN, PASSWORD, TEMPLATE)


class Lines:
    """A line that answers what it is told to."""

    def __init__(self, *answers):
        self.answers = list(answers)

    async def send(self, frame):
        pass

    async def receive(self, seconds):
        return self.answers.pop(0) if self.answers else None

    async def close(self):
        pass


def followed(*conversation):
    """What is shown of questions and their answers."""
    log = ProtocolLog(100)

    async def work():
        line = WatchedLine(Lines(*(answer for _, answers in conversation for answer in answers)), log.ring("T"))
        for question, answers in conversation:
            await line.send(question)
            for _ in answers:
                await line.receive(1)

    asyncio.run(work())
    return log.text("T")


def ask(command, data=b""):
    return Frame(command, 7, 1, data)


def test_given_a_conversation_by_pull_then_times_and_sizes_are_shown_and_users_templates_and_keys_are_not():
    text = followed(
        (ask(Command.GET_TIME), [ask(Command.ACK_OK, bytes.fromhex("804e8533"))]),
        (ask(Command.READ_OPTION, b"~SerialNumber\0"), [ask(Command.ACK_OK, b"~SerialNumber=CJ92\0")]),
        (ask(Command.READ_OPTION, b"COMKey\0"), [ask(Command.ACK_OK, f"COMKey={KEY}".encode())]),
        (ask(Command.AUTH, KEY.to_bytes(4, "little")), [ask(Command.ACK_OK)]),
        (ask(Command.WRITE_USER, PASSWORD.encode() + NAME.encode()), [ask(Command.ACK_OK)]),
        (ask(Command.READ_USERS), [ask(Command.PREPARE_DATA, b"\1\0\0\0\0\0\0\0"), ask(Command.DATA, NAME.encode())]),
        (ask(Command.PREPARE_BUFFER, b"\1\7\0"), [ask(Command.DATA, TEMPLATE.encode())]),
        (ask(Command.READ_BUFFER, b"\0" * 8), [ask(Command.DATA, TEMPLATE.encode())]),
        (ask(Command.WRITE_TEMPLATE, TEMPLATE.encode()), [Frame(Command.REGISTER_EVENTS, 1, 0, PIN.encode())]),
    )

    assert "out  get-time 201  0 bytes\n" in text
    assert "in   ack-ok 2000  4 bytes  80 4e 85 33" in text
    assert "~SerialNumber=CJ92" in text
    assert "out  read-option 11  7 bytes  COMKey" in text
    assert "event 1" in text
    assert not [word for word in PLANTED if word in text or word.encode().hex(" ") in text]
    assert KEY.to_bytes(4, "little").hex(" ") not in text


@pytest.mark.parametrize(
    ("method", "target", "body", "shown"),
    [
        (
            "POST",
            "/iclock/cdata?SN=A1&table=ATTLOG&Stamp=9999",
            f"{PIN}\t2026-10-03 08:59\n" * 2,
            "table=ATTLOG stamp=9999; row ×2",
        ),
        (
            "POST",
            "/iclock/cdata?SN=A1&table=OPERLOG",
            f"USER PIN={PIN}\tName={NAME}\tPasswd={PASSWORD}\nFP PIN=1\tTMP={TEMPLATE}\n",
            "USER ×1, FP ×1",
        ),
        ("GET", f"/iclock/cdata?SN=A1&Table=RemoteAtt&PIN={PIN}&pushcommkey={KEY}", "", "table=RemoteAtt"),
        ("POST", "/iclock/devicecmd?SN=A1", f"ID=7&Return=0&CMD=DATA&Content={NAME}", "row ×1"),
    ],
)
def test_given_a_request_by_push_then_tables_and_kinds_are_shown_and_no_field_of_a_row(method, target, body, shown):
    name, length, text = shown_request(read_request(method, target, body.encode()))

    assert shown in text
    assert name.startswith(method)
    assert length == len(body.encode())
    assert not [word for word in PLANTED if word in name + text]


def test_given_answers_by_push_then_commands_are_shown_by_their_verb():
    commands = f"C:7:DATA UPDATE USERINFO PIN={PIN}\tName={NAME}\nC:8:REBOOT\nC:9:SHELL cat {NAME}\nC:10:{NAME}\n"

    assert shown_answer(Answer(body=commands.encode()))[2] == "C:7:DATA UPDATE USERINFO, C:8:REBOOT, C:9:SHELL, C:10:(kept back)"
    assert shown_answer(Answer(body=b"OK: 5"))[2] == "OK: 5"
    assert shown_answer(Answer(body=f"GET OPTION FROM: A1\nEncrypt={KEY}\n".encode()))[2] == "2 lines"
    assert shown_command(f"C:3:DATA DELETE USERINFO PIN={PIN}") == "C:3:DATA DELETE USERINFO"


def test_given_more_than_a_ring_holds_then_the_newest_stay_and_rings_are_bounded():
    log = ProtocolLog(3)
    for number in range(5):
        log.ring("T").note("in", str(number), number, "x" * 1000)
    for number in range(RINGS):
        log.ring(f"other {number}").note("in", "1", 1, "")

    assert log.text("T") is None
    log.ring("East gate").note("in", "hello", 1, "")
    log.is_about("East gate", "CJ1")
    assert "hello" in log.text("CJ1")
    assert "CJ1" in log.serials()
    assert ProtocolLog(0).ring("T").entries() == []


@pytest.fixture
def full(tmp_path, outbox):
    """An edge that knows people and keys in every place where it may."""
    settings = EdgeSettings(
        edge=EDGE,
        data_dir=tmp_path,
        server=ServerAddress(host="clock.example.com"),
        terminals=[TerminalSettings(name="East gate", host="192.0.2.1", key=KEY, expected_serial="CJ1")],
        push=PushSettings(terminals=[PushTerminal(serial="PUSH1")]),
        station=StationSettings(serial="DOOR-1", name="East door", fingerprint_password=KEY + 1),
    )
    book = StationBook(settings.station_file)
    book.make()
    book.put(Person(PIN, NAME))
    book.give_card(PIN, CARD)
    with push_file(settings.push_file) as file:
        Queue(file).add("PUSH1", f"DATA UPDATE USERINFO PIN={PIN}\tName={NAME}\tPasswd={PASSWORD}", 1)
    FileRoom(settings.files_folder).hand_in(io.BytesIO(f"{PIN}\t{NAME}".encode()), "1_attlog.dat", "CJ1", "page")
    health = HealthBook(EDGE, outbox, settings.status_file, tmp_path / "none.crt")
    report = health.report("East gate", "192.0.2.1", "CJ1")
    report.last_error = f"refused with key {KEY}"
    health.protocol.ring("CJ1").note("in", "hello", 1, "")
    recent = RecentLog()
    recent(None, "info", {"event": "somebody_came", "who": NAME, "card": CARD})
    hidden = [NAME, str(CARD), str(KEY), "0"]
    return Support(settings, outbox, health, recent, lambda: hidden), settings


def unpacked(data):
    with zipfile.ZipFile(io.BytesIO(data)) as bundle:
        return {name: bundle.read(name).decode() for name in bundle.namelist()}


def test_given_names_and_keys_everywhere_when_bundled_then_none_of_them_is_in_it(full):
    parts = unpacked(asyncio.run(full[0].support_bundle()))

    whole = "\n".join(parts.values())
    assert not [word for word in (*PLANTED, str(KEY + 1)) if word in whole]
    assert "C:1:DATA UPDATE USERINFO" in parts["commands.txt"]
    assert "hello" in parts["protocol/CJ1.txt"]
    assert "somebody_came" in parts["log.txt"]
    assert json.loads(parts["settings.json"])["terminals"][0]["key"] == "***"
    assert json.loads(parts["about.json"])["sqlite"] == sqlite3.sqlite_version
    assert json.loads(parts["files.json"])[0]["terminal"] == "CJ1"


def test_given_a_very_long_log_when_bundled_then_its_end_is_there_and_the_bundle_fits_an_answer(full):
    import random

    support, _ = full
    chance = random.Random(1)
    for number in range(1000):
        support._recent(None, "info", {"event": chance.randbytes(4000).hex(), "number": number})

    data = asyncio.run(support.support_bundle())

    assert len(data) <= LARGEST
    assert unpacked(data)["log.txt"].endswith('"number": 999}')


def test_given_a_running_agent_when_a_command_asks_then_it_is_answered_and_nothing_is_left(full, tmp_path, monkeypatch):
    monkeypatch.setattr(edge_support, "PATIENCE_SECONDS", 60)
    support, settings = full
    found = {}

    async def agent():
        task = asyncio.create_task(support.run())
        await asyncio.to_thread(asking)
        task.cancel()

    def asking():
        found["log"] = edge_support.protocol_log(settings, "CJ1")
        found["size"] = edge_support.support_bundle(settings, tmp_path / "bundle.zip")
        with pytest.raises(SupportCommandError, match="Nothing was heard"):
            edge_support.protocol_log(settings, "OTHER")

    asyncio.run(agent())

    assert "hello" in found["log"]
    assert (tmp_path / "bundle.zip").stat().st_size == found["size"]
    assert (tmp_path / "bundle.zip").stat().st_mode & 0o77 == 0
    assert list(settings.asked_folder.iterdir()) == []


def test_given_an_answer_when_it_is_there_then_its_question_is_gone_so_that_the_same_may_be_asked_again(tmp_path, monkeypatch):
    asked, seen, replace = tmp_path / "support-bundle.asked", [], Path.replace
    asked.touch()
    monkeypatch.setattr(Path, "replace", lambda new, target: (seen.append(asked.exists()), replace(new, target)))

    edge_agent._put(asked, b"all there is")

    assert seen == [False]
    assert (tmp_path / "support-bundle.answer").read_bytes() == b"all there is"


def test_given_no_agent_when_asked_then_it_says_how_to_start_one(full, monkeypatch):
    monkeypatch.setattr(edge_support, "PATIENCE_SECONDS", 0.2)

    with pytest.raises(SupportCommandError, match="edge run"):
        edge_support.support_bundle(full[1], full[1].data_dir / "bundle.zip")


def test_given_the_agents_log_when_a_line_passes_then_it_is_kept_and_goes_on():
    recent = RecentLog()
    event = {"event": "x", "at": datetime(2026, 1, 1, tzinfo=UTC)}

    assert recent(structlog.get_logger(), "info", event) is event
    assert json.loads(recent.text())["event"] == "x"
