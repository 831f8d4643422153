"""Our driver against the simulator over real sockets, in every fault mode: complete and exact, or it says that it is not."""

import asyncio

import pytest

from edge.devices.driver import (
    DriverError,
    TerminalAddress,
    TerminalPunch,
    TerminalRefusedError,
    Transport,
    UnreadableEvent,
)
from edge.devices.zkteco.driver import ZkDriver
from edge.devices.zkteco.simulator import FAULTS, Simulator, SimulatorOptions

LAYOUTS = ("8a", "8b", "16", "40", "49")
TRANSPORTS = tuple(Transport)


def what_it_holds(terminal: Simulator) -> list[tuple[str, int]]:
    return [(punch.number, punch.wall) for punch in terminal.log]


def what_was_read(read) -> list[tuple[str, int]]:
    return [(punch.user, punch.wall) for punch in read.punches]


def driver_for(terminal: Simulator, transport: Transport, key: int = 0, silence: float = 60) -> ZkDriver:
    return ZkDriver(TerminalAddress("127.0.0.1", terminal.port, transport, key), silence_seconds=silence)


async def read_it(options: SimulatorOptions, transport: Transport, key: int = 0):
    async with Simulator(options) as terminal, driver_for(terminal, transport, key) as driver:
        read = await driver.read_log()
        return terminal, read


@pytest.mark.parametrize("transport", TRANSPORTS)
@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("user_size", [28, 72])
@pytest.mark.parametrize("punches", [0, 3, 700])
def test_given_a_sound_terminal_when_read_then_every_punch_comes_exactly(transport, layout, user_size, punches):
    options = SimulatorOptions(users=30, punches=punches, record_size=layout, user_size=user_size)

    terminal, read = asyncio.run(read_it(options, transport))

    assert read.receipt.complete, read.receipt.reason
    assert what_was_read(read) == what_it_holds(terminal)
    assert read.receipt.doubtful == 0


HARMLESS = (
    "coalesced per-frame fragment=7 fragment=700 split-1501=100 buffered refuse-1503 lossy-chunk wrong-count=1 wrong-count=-5 zero-count "
    "stale-count access-mode size-reply-112 checksum-off gbk-names no-options restart-silent single-client"
).split()


@pytest.mark.parametrize("fault", HARMLESS)
@pytest.mark.parametrize("layout", ["40", "8a"])
def test_given_a_fault_that_hides_nothing_when_read_over_tcp_then_every_punch_comes_exactly(fault, layout):
    options = SimulatorOptions(
        users=20, punches=1500, record_size=layout, user_size=28 if layout == "8a" else 72, faults=(fault, "fragment-delay=0")
    )

    terminal, read = asyncio.run(read_it(options, Transport.TCP))

    assert read.receipt.complete, read.receipt.reason
    assert what_was_read(read) == what_it_holds(terminal)


@pytest.mark.parametrize(
    "faults", [("udp-loss=0.03",), ("udp-duplicate=0.2",), ("udp-reorder=0.2",), ("udp-loss=0.02", "udp-duplicate=0.1", "udp-reorder=0.1")]
)
@pytest.mark.parametrize("legacy", [(), ("refuse-1503",)], ids=["buffered", "legacy"])
@pytest.mark.parametrize("seed", range(4))
def test_given_a_bad_network_when_read_over_udp_then_the_read_is_exact_or_says_that_it_is_not(faults, legacy, seed):
    options = SimulatorOptions(users=10, punches=300, faults=(*faults, *legacy), seed=seed)

    async def scenario():
        async with Simulator(options) as terminal:
            try:
                async with driver_for(terminal, Transport.UDP, silence=0.05 if legacy else 0.3) as driver:
                    return what_it_holds(terminal), await driver.read_log()
            except DriverError:
                return what_it_holds(terminal), None

    held, read = asyncio.run(scenario())

    if read is not None and read.receipt.complete:
        assert what_was_read(read) == held
    elif read is not None:
        assert read.receipt.reason
    if not legacy:
        assert read is not None
        assert read.receipt.complete


@pytest.mark.parametrize("transport", TRANSPORTS)
def test_given_rows_that_show_30_february_when_read_then_they_are_doubtful_and_the_rest_is_exact(transport):
    options = SimulatorOptions(users=5, faults=("impossible-dates=3",))

    async def scenario():
        async with Simulator(options) as terminal:
            for _ in range(30):
                terminal.punch(next(iter(terminal.log), None).number if terminal.log else "1")
            async with driver_for(terminal, transport) as driver:
                return what_it_holds(terminal), await driver.read_log()

    held, read = asyncio.run(scenario())

    assert read.receipt.complete
    assert read.receipt.decoded + read.receipt.doubtful == len(held)
    assert read.receipt.doubtful == 10
    assert all(doubt.reason == "impossible-date" and len(doubt.raw) == 40 for doubt in read.doubtful)


def test_given_junk_before_some_rows_when_read_then_the_rows_are_exact():
    terminal, read = asyncio.run(read_it(SimulatorOptions(users=20, punches=500, faults=("prefix-junk",)), Transport.TCP))

    assert what_was_read(read) == what_it_holds(terminal)
    assert read.receipt.complete


@pytest.mark.parametrize("transport", TRANSPORTS)
def test_given_punches_landing_in_the_middle_of_a_read_when_read_then_what_came_is_whole_and_the_next_read_has_them(transport):
    options = SimulatorOptions(users=10, punches=4000, faults=("punch-mid-read=5",))

    async def scenario():
        async with Simulator(options) as terminal, driver_for(terminal, transport) as driver:
            first = await driver.read_log()
            for _ in range(5):
                second = await driver.read_log()
            return what_it_holds(terminal), first, second

    held, first, second = asyncio.run(scenario())

    assert first.receipt.complete
    assert second.receipt.complete
    assert what_was_read(first) == held[: len(first.punches)]
    assert what_was_read(second) == held


def test_given_a_connection_cut_in_the_middle_of_parts_when_read_then_it_goes_on_and_every_punch_comes_exactly():
    options = SimulatorOptions(users=20, punches=10_000, faults=("cut-mid-read=3",))

    terminal, read = asyncio.run(read_it(options, Transport.TCP))

    assert read.receipt.complete, read.receipt.reason
    assert what_was_read(read) == what_it_holds(terminal)


@pytest.mark.parametrize("transport", TRANSPORTS)
@pytest.mark.parametrize("key", [1, 1234, 131071, 983039, 999999])
def test_given_a_key_when_it_is_right_then_the_log_is_read(transport, key):
    terminal, read = asyncio.run(read_it(SimulatorOptions(users=3, punches=5, key=key), transport, key))

    assert what_was_read(read) == what_it_holds(terminal)


@pytest.mark.parametrize("transport", TRANSPORTS)
def test_given_a_key_when_it_is_wrong_then_the_terminal_refuses(transport):
    with pytest.raises(TerminalRefusedError, match="wrong-key"):
        asyncio.run(read_it(SimulatorOptions(users=3, punches=5, key=1234), transport, key=4321))


@pytest.mark.parametrize("size", ["10", "12", "14", "32", "36", "37", "52"])
@pytest.mark.parametrize("fault", [(), ("event-burst=5",), ("coalesced",), ("fragment=3", "fragment-delay=0")])
def test_given_live_events_of_every_length_when_listening_then_each_comes_once_and_in_order(size, fault):
    options = SimulatorOptions(users=9, punches=1, user_size=28, record_size="16", faults=(f"event-size={size}", *fault))

    async def scenario():
        async with Simulator(options) as terminal, driver_for(terminal, Transport.TCP) as driver:
            await driver.read_log()
            await driver.listen()
            number = terminal.log[0].number
            punched = [terminal.punch(number) for _ in range(20)]
            return punched, [await driver.next_event(60) for _ in punched]

    punched, heard = asyncio.run(scenario())

    assert [(event.user, event.wall) for event in heard] == [(punch.number, punch.wall) for punch in punched]


def test_given_an_event_of_unknown_length_when_listening_then_it_asks_for_a_read_and_invents_nothing():
    async def scenario():
        async with Simulator(SimulatorOptions(users=9, punches=1, faults=("event-size=unknown",))) as terminal:
            async with driver_for(terminal, Transport.TCP) as driver:
                await driver.listen()
                terminal.punch(terminal.log[0].number)
                return await driver.next_event(60)

    assert isinstance(asyncio.run(scenario()), UnreadableEvent)


@pytest.mark.parametrize("transport", TRANSPORTS)
def test_given_events_inside_the_answers_of_a_read_when_read_then_both_are_exact(transport):
    options = SimulatorOptions(users=9, punches=3000, faults=("event-interleaved",))

    async def scenario():
        async with Simulator(options) as terminal, driver_for(terminal, transport) as driver:
            await driver.listen()
            held = what_it_holds(terminal)
            punched = [terminal.punch(held[0][0]) for _ in range(5)]
            read = await driver.read_log()
            events = [await driver.next_event(60) for _ in punched]
            return what_it_holds(terminal), read, punched, events

    held, read, punched, events = asyncio.run(scenario())

    assert read.receipt.complete
    assert what_was_read(read) == held[: len(read.punches)]
    assert [event.wall for event in events if isinstance(event, TerminalPunch)] == [punch.wall for punch in punched]


def test_given_a_uid_that_nobody_has_when_an_8_byte_log_is_read_then_its_rows_are_doubtful_under_the_uid():
    async def scenario():
        async with Simulator(SimulatorOptions(users=4, punches=60, record_size="8a", user_size=28)) as terminal:
            async with driver_for(terminal, Transport.TCP) as driver:
                whole = await driver.read_log()
                driver.read_users = nobody  # as if the user table could not be read this time
                driver.users = {}
                return whole, await driver.read_log()

    async def nobody(count=None):
        return None

    whole, read = asyncio.run(scenario())

    assert all(punch.doubt is None for punch in whole.punches)
    assert all(punch.doubt == "uid-unresolved" and punch.user.startswith("uid:") for punch in read.punches)


@pytest.mark.parametrize("fault", sorted(FAULTS))
def test_given_any_fault_when_read_then_it_is_exact_or_says_so_and_the_terminal_is_left_enabled_and_uncleared(fault):
    options = SimulatorOptions(users=5, punches=40, faults=(fault,))

    async def scenario():
        async with Simulator(options) as terminal:
            held = what_it_holds(terminal)
            try:
                async with driver_for(terminal, Transport.TCP, silence=1 if fault == "no-answer" else 60) as driver:
                    await driver.describe()
                    read = await driver.read_log()
            except DriverError:
                read = None
            return held, what_it_holds(terminal), read, terminal.terminal.enabled

    before, after, read, enabled = asyncio.run(scenario())

    assert enabled
    if read is not None and read.receipt.complete and not read.receipt.doubtful:
        assert what_was_read(read) in (before, after, after[: len(read.punches)])
