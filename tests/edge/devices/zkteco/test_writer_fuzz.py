"""Any bytes from a terminal while it is written to: never a crash, never left disabled, never success that is none, never without end."""

import asyncio
from collections import deque
from datetime import datetime
from itertools import cycle
from random import Random

from hypothesis import HealthCheck, example, given, settings, strategies as st

from edge.devices.driver import DriverError, FrameError, TerminalAddress, TerminalUnreachableError
from edge.devices.zkteco import talk as talk_module
from edge.devices.zkteco.driver import ZkDriver
from edge.devices.zkteco.frames import Command, Frame
from edge.devices.zkteco.session import Session
from edge.devices.zkteco.simulator.answers import answer
from edge.devices.zkteco.simulator.desk import Conversation, Desk
from edge.devices.zkteco.simulator.faults import Faults
from edge.devices.zkteco.simulator.furnish import empty_terminal, furnish
from edge.devices.zkteco.simulator.options import SimulatorOptions
from edge.devices.zkteco.templates import Fingerprint, decode_templates, encode_template
from edge.devices.zkteco.users import table_of
from edge.devices.zkteco.writing import read_template, write_bulk, write_template
from tests.edge.devices.zkteco.test_writer_trouble import FINGERS, NEW, write_all

NOW = datetime(2026, 11, 23, 8, 0, 0)
MOST_STEPS = 3_000
frames = st.builds(
    Frame,
    command=st.one_of(st.sampled_from([int(command) for command in Command]), st.integers(0, 65_535)),
    session=st.integers(0, 65_535),
    reply=st.integers(0, 65_535),
    data=st.binary(max_size=80),
)
prints = st.builds(Fingerprint, st.integers(1, 65_535), st.integers(0, 9), st.integers(0, 3), st.binary(min_size=1, max_size=40))


@given(st.lists(st.none() | frames, min_size=1, max_size=12), st.booleans(), st.sampled_from(["bulk", "one", "read"]))
@settings(max_examples=300)
def test_given_any_answers_when_a_dialogue_goes_on_then_it_ends_with_a_result_or_an_error_of_a_driver(answers, datagrams, which):
    session = Session(0, datagrams=datagrams)
    one = Fingerprint(1, 2, 1, bytes(3000))
    dialogue = {
        "bulk": lambda: write_bulk(session, [bytes(72)] * 20, [one]),
        "one": lambda: write_template(session, one),
        "read": lambda: read_template(session, 1, 2),
    }[which]()

    said = cycle(answers)
    steps = 0
    try:
        next(dialogue)
        while steps < MOST_STEPS:
            dialogue.send(next(said))
            steps += 1
    except StopIteration:
        pass
    except DriverError:
        pass

    assert steps < MOST_STEPS


@given(st.binary(max_size=300))
def test_given_any_bytes_when_taken_for_a_table_then_users_or_templates_come_out_or_nothing(body):
    decode_templates(body)
    table_of(body, None, 72, "utf-8")


@given(st.lists(prints, max_size=8))
def test_given_templates_when_encoded_and_decoded_then_they_are_the_same(some):
    assert decode_templates(b"".join(encode_template(one) for one in some)) == some


class Damage:
    """What happens to the answers, one after the other: None leaves it alone."""

    def __init__(self, script):
        self.script = deque(script)

    def apply(self, said):
        harm = self.script.popleft() if self.script else None
        match harm:
            case None:
                return said
            case "lost":
                return ()
            case "twice":
                return said + said
            case "cut":
                return (*said[:-1], TerminalUnreachableError("line-closed"))
            case "no frame":
                return (*said[:-1], FrameError("the stream does not begin with a frame's prefix"))
            case "short":
                return tuple(Frame(one.command, one.session, one.reply, one.data[: len(one.data) // 2]) for one in said)
        return tuple(harm)


class DeskLine:
    """A line to a terminal's protocol program in this process; silence costs no time."""

    def __init__(self, desk, damage):
        self.desk, self.damage, self.talk = desk, damage, Conversation(datagrams=False)
        self.waiting = deque()

    async def send(self, frame):
        self.waiting.extend(self.damage.apply(answer(self.desk, self.talk, frame, NOW).frames))

    async def receive(self, _seconds):
        if not self.waiting:
            return None
        said = self.waiting.popleft()
        if isinstance(said, Exception):
            raise said
        return said

    async def close(self):
        self.talk.forget()


harms = st.one_of(st.none(), st.sampled_from(["lost", "twice", "cut", "no frame", "short"]), st.lists(frames, min_size=1, max_size=3))


@example(["twice"], 43, False)  # an answer that was taken for the next one's
@given(st.lists(harms, max_size=60), st.integers(0, 80), st.booleans())
@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
def test_given_damage_anywhere_when_written_and_cleared_then_success_is_true_and_the_terminal_is_enabled_afterwards(
    monkeypatch, script, undamaged, ignores_timer
):
    options = SimulatorOptions(users=4, punches=20)
    faults = Faults(["stays-disabled"] if ignores_timer else [])
    terminal = empty_terminal(options)
    furnish(terminal, options, faults, Random(1), NOW)
    desk = Desk(terminal, faults, Random(1))
    damage = Damage([None] * undamaged + script)

    async def open_line(_address, _seconds):
        return DeskLine(desk, damage)

    monkeypatch.setattr(talk_module, "open_line", open_line)
    monkeypatch.setattr(talk_module, "RECONNECT_PAUSES", (0.0, 0.0))

    async def scenario():
        wrote = cleared = False
        try:
            async with ZkDriver(TerminalAddress("127.0.0.1"), silence_seconds=0.05) as driver:
                await write_all(driver.writer)
                wrote = True
                read = await driver.read_log()
                await driver.writer.clear_log(read)
                cleared = True
        except DriverError:
            pass
        damage.script.clear()
        async with ZkDriver(TerminalAddress("127.0.0.1"), silence_seconds=0.05):
            return wrote, cleared

    wrote, cleared = asyncio.run(scenario())

    assert terminal.enabled
    assert not wrote or _is_written(terminal)
    assert not cleared or not len(terminal.log)


def _is_written(terminal):
    by_number = {user.number: user for user in terminal.users.values()}
    uid = terminal.uid_of("1001")
    return (
        all(by_number[user.user].name == user.name for user in NEW)
        and all(terminal.prints[uid, one.finger].data == one.data for one in FINGERS)
        and "1002" not in by_number
    )
