"""What real terminals sent, taken through the driver's parts and the simulator: both must agree with it byte for byte."""

import asyncio
import tomllib
from datetime import datetime
from pathlib import Path

import pytest

from edge.devices.driver import TerminalAddress
from edge.devices.zkteco.driver import ZkDriver
from edge.devices.zkteco.events import decode_punch_event
from edge.devices.zkteco.frames import Command, FrameStream, decode_payload, encode_payload, encode_tcp
from edge.devices.zkteco.layouts import decode_log
from edge.devices.zkteco.simulator import Simulator, SimulatorOptions
from edge.devices.zkteco.simulator.events import EventWriter
from edge.devices.zkteco.simulator.faults import Faults
from edge.devices.zkteco.simulator.model import Punch, User
from protocol.instants import pack_wall, show_wall

FOLDER = Path(__file__).parents[3] / "captures" / "zkteco"
CAPTURES = {file.stem: tomllib.loads(file.read_text(encoding="utf-8")) for file in sorted(FOLDER.glob("*.toml"))}
SAID_OF_EACH = {"model", "firmware", "date", "taken", "source", "personal_data", "payload", "kind"}


def payload_of(name):
    return bytes.fromhex(CAPTURES[name]["payload"])


def told(punch):
    return punch.user, show_wall(punch.wall), punch.verify, punch.state


def of_kind(*kinds):
    return pytest.mark.parametrize("name", [name for name, capture in CAPTURES.items() if capture["kind"] in kinds])


def test_given_the_captures_when_listed_then_each_says_where_it_is_from():
    assert len(CAPTURES) >= 5
    assert all(set(capture) >= SAID_OF_EACH for capture in CAPTURES.values())


@of_kind("event", "request", "answer")
def test_given_a_captured_packet_when_read_then_its_checksum_holds_and_we_would_write_the_same(name):
    frame = decode_payload(payload_of(name))

    assert frame.sound
    assert encode_payload(frame) == payload_of(name)
    assert FrameStream().feed(encode_tcp(frame)) == [frame]


@of_kind("request", "answer")
def test_given_a_captured_packet_when_read_then_its_fields_are_those_of_the_source(name):
    frame, packet = decode_payload(payload_of(name)), CAPTURES[name]["packet"]

    found = (frame.command, frame.session, frame.reply, frame.data.rstrip(b"\0").decode())
    assert found == (packet["command"], packet["session"], packet["reply"], packet["text"])


@of_kind("event")
def test_given_a_captured_event_when_read_then_it_is_the_punch_that_was_made_and_the_simulator_writes_the_same(name):
    punch = CAPTURES[name]["punch"]
    frame = decode_payload(payload_of(name))

    event = decode_punch_event(frame.data, {})
    made = Punch(punch["user"], pack_wall(punch["time"]), punch["verify"], punch["state"], 1)
    (written,) = EventWriter(Faults(), "40").events_of(made, 1)

    assert (frame.command, frame.session, frame.reply) == (Command.REGISTER_EVENTS, 1, 0)
    assert told(event) == tuple(punch.values())
    assert encode_payload(written) == payload_of(name)


@of_kind("rows")
def test_given_captured_rows_when_decoded_then_they_are_the_punches_that_were_made(name):
    capture = CAPTURES[name]

    decoded = decode_log(payload_of(name), {int(uid): number for uid, number in capture["users"].items()}, datetime(2026, 11, 23))

    assert (decoded.layout, decoded.doubtful) == (capture["layout"], ())
    assert [told(punch) for punch in decoded.punches] == [tuple(punch.values()) for punch in capture["punches"]]


@pytest.mark.parametrize("name", [name for name, capture in CAPTURES.items() if capture.get("layout") == "8b"])
def test_given_a_simulated_terminal_that_holds_captured_rows_when_read_then_bytes_and_punches_are_those_of_the_capture(name):
    capture = CAPTURES[name]

    async def scenario():
        async with Simulator(SimulatorOptions(users=0, record_size=capture["layout"], user_size=28)) as terminal:
            for uid, number in capture["users"].items():
                terminal.terminal.put_user(User(int(uid), number))
            for punch in capture["punches"]:
                terminal.punch(punch["user"], pack_wall(punch["time"]), punch["verify"], punch["state"])
            async with ZkDriver(TerminalAddress("127.0.0.1", terminal.port)) as driver:
                return await driver.read_log()

    read = asyncio.run(scenario())

    assert b"".join(punch.raw for punch in read.punches) == payload_of(name)
    assert [told(punch) for punch in read.punches] == [tuple(punch.values()) for punch in capture["punches"]]
