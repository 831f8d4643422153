"""Our driver when the terminal forgets it, restarts, sends damage, falls silent, or gives a uid to somebody new."""

import asyncio
import struct

import pytest

from edge.devices.driver import TerminalAddress, TerminalPunch, TerminalUnreachableError, Transport, UnreadableEvent
from edge.devices.zkteco import driver as driver_module
from edge.devices.zkteco.driver import ZkDriver
from edge.devices.zkteco.frames import PREFIX, Command, Frame, FrameStream, encode_tcp
from edge.devices.zkteco.lines import TcpLine
from edge.devices.zkteco.simulator import Simulator, SimulatorOptions
from edge.devices.zkteco.simulator.model import User

transports = pytest.mark.parametrize("transport", list(Transport))


def held(terminal):
    return [(punch.number, punch.wall) for punch in terminal.log]


def told(read):
    return [(punch.user, punch.wall) for punch in read.punches]


def driver_for(terminal, transport=Transport.TCP):
    return ZkDriver(TerminalAddress("127.0.0.1", terminal.port, transport), silence_seconds=60)


@transports
@pytest.mark.parametrize("commands", range(1, 12))
def test_given_a_session_that_is_forgotten_after_any_command_when_read_then_a_new_one_goes_on(transport, commands):
    async def scenario():
        async with Simulator(SimulatorOptions(users=40, punches=400, faults=(f"session-reset={commands}",))) as terminal:
            async with driver_for(terminal, transport) as driver:
                await driver.describe()
                return held(terminal), await driver.read_log()

    before, read = asyncio.run(scenario())

    assert read.receipt.complete, read.receipt.reason
    assert told(read) == before


@transports
def test_given_a_restart_while_listening_when_the_line_is_quiet_then_the_keep_alive_finds_it(transport, monkeypatch):
    monkeypatch.setattr(driver_module, "KEEP_ALIVE_SECONDS", 0.05)

    async def scenario():
        async with Simulator(SimulatorOptions(punches=1, restart_seconds=0)) as terminal, driver_for(terminal, transport) as driver:
            await driver.listen()
            assert await driver.next_event(0.2) is None
            terminal.restart()
            with pytest.raises(TerminalUnreachableError):
                for _ in range(100):
                    await driver.next_event(0.02)

    asyncio.run(scenario())


@transports
def test_given_a_session_lost_unnoticed_while_listening_when_anything_is_asked_then_the_log_must_be_read_again(transport):
    async def scenario():
        async with Simulator(SimulatorOptions(punches=1)) as terminal, driver_for(terminal, transport) as driver:
            await driver.read_log()
            await driver.listen()
            for line in terminal._port.lines():
                line.talk.forget()  # as after a restart that the line did not show
            missed = terminal.punch("1001")
            await driver.read_clock()
            heard = await driver.next_event(60)
            read = await driver.read_log()
            told_again = terminal.punch("1002")
            return missed, heard, read, told_again, await driver.next_event(60)

    missed, heard, read, told_again, event = asyncio.run(scenario())

    assert heard == UnreadableEvent(b"", "line-was-renewed")
    assert (missed.number, missed.wall) in told(read)
    assert (event.user, event.wall) == (told_again.number, told_again.wall)


def test_given_many_short_waits_when_nothing_happens_then_the_terminal_is_asked_for_its_time_between_them(monkeypatch):
    monkeypatch.setattr(driver_module, "KEEP_ALIVE_SECONDS", 0.1)
    asked = []
    send = TcpLine.send

    async def note(line, frame):
        asked.append(frame.command)
        await send(line, frame)

    async def scenario():
        async with Simulator(SimulatorOptions(punches=1)) as terminal, driver_for(terminal) as driver:
            await driver.listen()
            monkeypatch.setattr(TcpLine, "send", note)
            for _ in range(30):
                await driver.next_event(0.01)

    asyncio.run(scenario())

    assert Command.GET_TIME in asked


def test_given_a_terminal_that_restarts_in_the_middle_of_a_read_when_it_is_back_then_the_read_goes_on():
    async def scenario():
        options = SimulatorOptions(users=20, punches=8000, restart_seconds=0.5, faults=("per-frame=30",))
        async with Simulator(options) as terminal, driver_for(terminal) as driver:
            reading = asyncio.create_task(driver.read_log())
            await asyncio.sleep(0.4)
            terminal.restart()
            return held(terminal), await reading

    before, read = asyncio.run(scenario())

    assert read.receipt.complete, read.receipt.reason
    assert told(read) == before


class _Spoilt:
    """Stands between driver and terminal and spoils one TCP read: a bit of the data, or the prefix of a frame."""

    def __init__(self, monkeypatch, spoil):
        feed = TcpLine.receive
        self.left = 1

        async def receive(line, seconds):
            read = line._reader.read

            async def read_spoilt(size):
                data = await read(size)
                if self.left and len(data) > 2000:
                    self.left -= 1
                    data = spoil(data)
                return data

            line._reader.read = read_spoilt
            try:
                return await feed(line, seconds)
            finally:
                line._reader.read = read

        monkeypatch.setattr(TcpLine, "receive", receive)


def flip_a_bit(data):
    return data[:1500] + bytes((data[1500] ^ 1,)) + data[1501:]


def break_a_prefix(data):
    place = data.index(PREFIX)
    return data[:place] + b"\0" + data[place + 1 :]


@pytest.mark.parametrize("spoil", [flip_a_bit, break_a_prefix])
def test_given_bytes_that_were_damaged_on_the_way_when_read_then_they_are_asked_for_again(monkeypatch, spoil):
    async def scenario():
        async with Simulator(SimulatorOptions(users=20, punches=3000)) as terminal, driver_for(terminal) as driver:
            spoilt = _Spoilt(monkeypatch, spoil)
            return held(terminal), await driver.read_log(), spoilt

    before, read, spoilt = asyncio.run(scenario())

    assert spoilt.left == 0
    assert read.receipt.complete, read.receipt.reason
    assert told(read) == before


@pytest.mark.parametrize("size", ["10", "14"])
def test_given_a_uid_that_was_given_to_somebody_new_when_an_event_names_it_then_it_is_the_new_persons_punch(size):
    async def scenario():
        options = SimulatorOptions(users=5, punches=20, record_size="8a", user_size=28, faults=(f"event-size={size}",))
        async with Simulator(options) as terminal, driver_for(terminal) as driver:
            await driver.read_log()
            await driver.listen()
            terminal.terminal.delete_user(3)
            terminal.terminal.put_user(User(3, "9003", "new"))
            terminal.punch("9003")
            return await driver.next_event(60)

    event = asyncio.run(scenario())

    assert (event.user, event.doubt) == ("9003", None)


def test_given_an_event_of_somebody_without_a_user_row_when_listening_then_it_is_not_told_under_the_uid():
    async def scenario():
        options = SimulatorOptions(users=5, punches=20, record_size="8b", user_size=28)
        async with Simulator(options) as terminal, driver_for(terminal) as driver:
            await driver.listen()
            terminal.punch("777")
            return await driver.next_event(60)

    event = asyncio.run(scenario())

    assert isinstance(event, UnreadableEvent)
    assert event.reason == "uid-unresolved"


def test_given_an_event_with_a_wrong_checksum_when_the_terminal_gets_them_right_else_then_it_asks_for_a_read():
    async def scenario():
        async with Simulator(SimulatorOptions(punches=1)) as terminal, driver_for(terminal) as driver:
            await driver.listen()
            terminal.faults.switch_on("checksum-off")
            terminal.punch("1001")
            return await driver.next_event(60)

    event = asyncio.run(scenario())

    assert isinstance(event, UnreadableEvent)
    assert event.reason == "damaged"


def test_given_events_of_every_known_kind_in_one_write_when_listening_then_only_punches_are_told_and_all_are_acknowledged():
    acknowledged = []

    async def serve(reader, writer):
        stream = FrameStream()
        while data := await reader.read(65536):
            for frame in stream.feed(data):
                if frame.command == Command.ACK_OK:
                    acknowledged.append(frame.session)
                elif frame.command == Command.REGISTER_EVENTS:
                    punch = b"1001".ljust(24, b"\0") + bytes((1, 0, 26, 11, 23, 8, 0, 0))
                    told = [(128, struct.pack("<iB", -1, 1)), (1, punch), (512, b"\x37\0\0\0"), (2, b""), (256, b"\x64"), (1, punch[:25])]
                    events = [Frame(Command.REGISTER_EVENTS, code, 0, data) for code, data in told]
                    writer.write(b"".join(map(encode_tcp, [Frame(Command.ACK_OK, 5, frame.reply), *events])))
                else:
                    writer.write(encode_tcp(Frame(Command.ACK_OK, 5, frame.reply)))
        writer.close()

    async def scenario():
        server = await asyncio.start_server(serve, "127.0.0.1", 0)
        async with server:
            address = TerminalAddress("127.0.0.1", server.sockets[0].getsockname()[1])
            async with ZkDriver(address, silence_seconds=60) as driver:
                await driver.listen()
                return [await driver.next_event(60) for _ in range(2)] + [await driver.next_event(0.1)]

    punch, unknown, nothing = asyncio.run(scenario())

    assert isinstance(punch, TerminalPunch)
    assert punch.user == "1001"
    assert (unknown.reason, nothing) == ("unknown-length", None)
    assert acknowledged == [5] * 6
