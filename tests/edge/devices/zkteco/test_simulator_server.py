"""The simulated terminal on a real socket, seen by a client that shares no code with it."""

import asyncio
import random
import socket
import struct
import time
from contextlib import suppress
from datetime import datetime

import pytest

from edge.devices.zkteco.simulator import Simulator, SimulatorError, SimulatorOptions, simulator_in_thread
from tests.support.raw_terminal import MAGIC, RawTerminal, payload_of

both = pytest.mark.parametrize("udp", [False, True], ids=["tcp", "udp"])


@pytest.fixture
def terminal():
    """Starts terminals; all are stopped at the end."""
    running = []

    def start(*faults, **options):
        context = simulator_in_thread(SimulatorOptions(faults=faults, **options))
        running.append(context)
        return context.__enter__()

    yield start
    for context in running:
        context.__exit__(None, None, None)


def until(wanted):
    end = time.monotonic() + 60
    while not wanted():
        assert time.monotonic() < end
        time.sleep(0.01)


def body_of(running):
    return running.do(lambda simulator: simulator.log.body())


@both
def test_given_a_log_when_read_then_it_is_what_the_terminal_holds(terminal, udp):
    running = terminal(punches=3000)

    with RawTerminal(running.port, udp=udp) as client:
        client.connect()
        table = client.read_table(13)

        assert table == struct.pack("<I", 3000 * 40) + body_of(running)
        assert client.checksums_right


def test_given_one_port_when_tcp_and_udp_ask_then_both_are_answered(terminal):
    port = terminal().port

    with RawTerminal(port) as tcp, RawTerminal(port, udp=True) as udp:
        assert (tcp.connect(), udp.connect()) == (2000, 2000)


def test_given_the_reference_packet_when_connecting_then_the_reply_number_is_echoed(terminal):
    with RawTerminal(terminal().port) as client:
        client.socket.sendall(bytes.fromhex("5050827d08000000e80317fc00000000"))

        assert client.hear()[0] == 2000
        assert client.heard_reply == 0


@pytest.mark.parametrize("fault", ["coalesced", "per-frame=1", "fragment=5000", "split-1501", "fragment=3"])
def test_given_a_way_of_writing_when_read_then_every_byte_comes(terminal, fault):
    running = terminal(fault, "fragment-delay=0", punches=500)

    with RawTerminal(running.port) as client:
        client.connect()

        assert client.read_table(13)[4:] == body_of(running)


@both
def test_given_a_registered_client_when_somebody_punches_then_it_is_told(terminal, udp):
    running = terminal()
    with RawTerminal(running.port, udp=udp) as client:
        client.connect()
        client.ask(500, struct.pack("<I", 1))

        running.punch("1001", 20180625174105)
        command, code, data = client.hear()

        assert (command, code, client.heard_reply) == (500, 1, 0)
        assert data == b"1001".ljust(24, b"\0") + bytes.fromhex("0100120619112905")


def test_given_a_client_that_did_not_register_when_somebody_punches_then_it_is_not_told(terminal):
    running = terminal()
    with RawTerminal(running.port) as client:
        client.connect()

        running.punch("1001")

        client.socket.settimeout(0.2)
        with pytest.raises(TimeoutError):
            client.hear()


@pytest.mark.parametrize(
    ("size", "length"), [("10", 10), ("12", 12), ("14", 14), ("32", 32), ("36", 36), ("37", 37), ("52", 52), ("unknown", 23)]
)
def test_given_an_event_size_when_somebody_punches_then_the_event_has_it(terminal, size, length):
    running = terminal(f"event-size={size}")
    with RawTerminal(running.port) as client:
        client.connect()
        client.ask(500, struct.pack("<I", 1))

        running.punch("1001")

        assert len(client.hear()[2]) == length


def test_given_a_burst_when_five_punch_then_all_come_in_one_write(terminal):
    running = terminal("event-burst=5")
    with RawTerminal(running.port) as client:
        client.connect()
        client.ask(500, struct.pack("<I", 1))

        for number in range(5):
            running.punch(str(1001 + number))
        data = client.socket.recv(4096)

        assert data.count(MAGIC) == 5


def test_given_interleaving_when_a_part_is_read_then_the_event_stands_inside_the_answer(terminal):
    running = terminal("event-interleaved", punches=100)
    with RawTerminal(running.port) as client:
        client.connect()
        client.ask(500, struct.pack("<I", 1))
        client.ask(1503, struct.pack("<BHII", 1, 13, 0, 0))
        running.punch("1001")

        client.say(1504, struct.pack("<II", 0, 1000))

        assert [client.hear()[0] for _ in range(4)] == [1500, 500, 1501, 2000]


@both
def test_given_a_restart_when_ordered_then_sessions_are_lost_and_the_log_stays(terminal, udp):
    running = terminal(punches=5, restart_seconds=0.3)
    with RawTerminal(running.port, udp=udp) as client:
        client.connect()
        assert client.ask(1004)[0] == 2000
        until(lambda: running.do(lambda simulator: simulator.restarts == 1 and not simulator._port._is_down()))
        if udp:
            assert client.ask(50)[0] == 2005
        else:
            with pytest.raises(ConnectionError):
                client.ask(50)

    with RawTerminal(running.port, udp=udp) as client:
        assert client.connect() == 2000
        assert len(client.read_table(13)) == 4 + 200


def test_given_a_single_client_when_a_second_comes_then_it_is_turned_away(terminal):
    running = terminal("single-client")
    port = running.port
    with RawTerminal(port) as first:
        first.connect()
        with RawTerminal(port) as second, pytest.raises(ConnectionError):
            second.connect()
        assert first.ask(50)[0] == 2000
    until(lambda: not running.do(lambda simulator: simulator._port.lines()))
    with RawTerminal(port) as third:
        assert third.connect() == 2000


def test_given_a_single_client_when_a_second_comes_by_udp_then_it_is_refused(terminal):
    port = terminal("single-client").port
    with RawTerminal(port, udp=True) as first, RawTerminal(port, udp=True) as second:
        assert (first.connect(), second.connect()) == (2000, 2001)


@both
def test_given_no_answer_when_connecting_then_silence(terminal, udp):
    with RawTerminal(terminal("no-answer").port, udp=udp, timeout=0.2) as client, pytest.raises(TimeoutError):
        client.connect()


@both
def test_given_an_access_panel_when_connecting_then_a_frame_of_its_own_protocol(terminal, udp):
    with RawTerminal(terminal("access-panel").port, udp=udp) as client:
        client.say(1000)
        data = client.socket.recv(64)

        assert data[:2] == b"\xaa\x01"
        assert data[-1] == 0x55


def test_given_a_cut_when_a_part_is_read_then_half_of_it_comes_once(terminal):
    running = terminal("cut-mid-read", punches=1000)
    with RawTerminal(running.port) as client:
        client.connect()
        with pytest.raises(ConnectionResetError):
            client.read_table(13)
    with RawTerminal(running.port) as client:
        client.connect()
        assert client.read_table(13)[4:] == body_of(running)


def test_given_checksums_off_when_answering_then_each_is_wrong_by_one(terminal):
    with RawTerminal(terminal("checksum-off").port) as client:
        client.connect()

        assert not client.checksums_right


def datagrams_of_a_part(running, number):
    """So many of those that hold rows."""
    with RawTerminal(running.port, udp=True) as client:
        client.connect()
        client.ask(1503, struct.pack("<BHII", 1, 13, 0, 0))
        client.say(1504, struct.pack("<II", 0, 16_384))
        heard = []
        while len(heard) < number:
            data = client.hear()[2]
            heard += [data] if len(data) > 100 else []
        return heard


@pytest.mark.parametrize(("fault", "number"), [("udp-duplicate=1", 32), ("udp-duplicate=0", 16)])
def test_given_duplication_when_a_part_is_read_then_datagrams_repeat(terminal, fault, number):
    heard = datagrams_of_a_part(terminal(fault, punches=1000), number)

    assert len(set(heard)) == 16


def test_given_loss_when_a_part_is_read_then_datagrams_are_missing(terminal):
    running = terminal(punches=1000)
    with RawTerminal(running.port, udp=True) as client:
        client.connect()
        client.ask(1503, struct.pack("<BHII", 1, 13, 0, 0))
        running.do(lambda simulator: simulator.faults.switch_on("udp-loss=1"))
        client.say(1504, struct.pack("<II", 0, 16_384))

        client.socket.settimeout(0.3)
        with pytest.raises(TimeoutError):
            client.hear()


def test_given_reordering_when_a_part_is_read_then_the_same_datagrams_in_another_order(terminal):
    running = terminal("udp-reorder=0.5", punches=1000)
    table = struct.pack("<I", 40_000) + body_of(running)
    pieces = [table[start : start + 1024] for start in range(0, 16_384, 1024)]

    heard = datagrams_of_a_part(running, 16)

    assert heard != pieces
    assert sorted(heard) == sorted(pieces)


def test_given_the_same_seed_when_read_twice_by_udp_then_the_same_datagrams_are_lost():
    faults = ("udp-loss=0.2", "udp-duplicate=0.2", "udp-reorder=0.2")

    first, again, other = (datagrams_sent(faults, seed, datetime(2026, 11, 23, 8)) for seed in (3, 3, 4))

    assert first == again
    assert first != other


def datagrams_sent(faults, seed, moment):
    """What a client gets of one part, when each of its requests is said four times."""

    async def look():
        options = SimulatorOptions(punches=1000, seed=seed, faults=faults)
        async with Simulator(options, now=lambda: moment) as simulator:
            with RawTerminal(simulator.port, udp=True) as client:
                client.socket.setblocking(False)
                got = []
                for command, data in ((1000, b""), (1503, struct.pack("<BHII", 1, 13, 0, 0)), (1504, struct.pack("<II", 0, 16_384))):
                    for _ in range(4):
                        client.say(command, data)
                        got += await heard(client)
                return got

    async def heard(client):
        """All that comes; terminal and client take turns, so that nothing depends on time."""
        got = []
        for _ in range(200):
            await asyncio.sleep(0)
            with suppress(BlockingIOError):
                while True:
                    code, client.session, body = client.hear()
                    got.append((code, body))
        return got

    return asyncio.run(look())


def test_given_a_rate_when_waiting_then_punches_come_by_themselves(terminal):
    started = time.monotonic()
    running = terminal(rate=200)

    until(lambda: int(running.counts()["rows"]) >= 40)

    rows = int(running.counts()["rows"])
    assert rows <= 200 * (time.monotonic() - started)


def test_given_the_same_seed_when_started_twice_then_the_same_past():
    def past(seed):
        moment = datetime(2026, 11, 23, 8)

        async def look():
            async with Simulator(SimulatorOptions(punches=50, seed=seed), now=lambda: moment) as simulator:
                return list(simulator.log)

        return asyncio.run(look())

    assert past(7) == past(7)
    assert past(7) != past(8)


def test_given_a_taken_port_when_started_then_a_clear_error():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]

        with pytest.raises(SimulatorError, match=str(port)), simulator_in_thread(SimulatorOptions(port=port)):
            pass


@both
def test_given_fuzz_when_sent_to_the_port_then_the_next_client_is_served(terminal, udp):
    running = terminal(punches=20)
    chance = random.Random(4)
    for _ in range(150):
        with RawTerminal(running.port, udp=udp) as client:
            junk = chance.randbytes(chance.randrange(1, 300))
            if chance.random() < 0.5:
                junk = payload_of(chance.randrange(65_536), 0, 0, junk)
            if chance.random() < 0.5:
                junk = MAGIC + struct.pack("<I", chance.choice([len(junk), 0, 7, 2**32 - 1])) + junk
            client.socket.sendall(junk)

    with RawTerminal(running.port, udp=udp) as client:
        assert client.connect() == 2000
        assert client.read_table(13)[4:] == body_of(running)


def test_given_many_punches_when_read_then_fifty_thousand_come_in_a_second(terminal):
    running = terminal(punches=25_000, users=200)

    with RawTerminal(running.port) as client:
        client.connect()
        started = time.process_time()  # of terminal and client; a machine that is busy with other things does not count
        table = client.read_table(13)

        assert time.process_time() - started < 0.5
        assert len(table) == 4 + 1_000_000
