"""Many simulated terminals in one process of their own, and people who punch at all of them by chance."""

import asyncio
import time
from collections.abc import Iterator
from contextlib import AsyncExitStack, contextmanager
from dataclasses import dataclass, field
from multiprocessing import Pipe, get_context
from multiprocessing.connection import Connection
from random import Random

from edge.devices.iclock.simulator.options import PushOptions
from edge.devices.iclock.simulator.runner import PushSimulator
from edge.devices.zkteco.simulator.options import SimulatorOptions
from edge.devices.zkteco.simulator.server import Simulator

START_SECONDS = 120.0
FIRST_USER = 1001
USERS = "users"


@dataclass(frozen=True)
class Made:
    """A punch: where, by whom, and the instant (time.time) at which the person was done."""

    serial: str
    user: str
    at: float


@dataclass(frozen=True)
class Crowd:
    """Who is there. users: at each terminal, from 1001 on; each punches once, so that a punch is known by terminal and user."""

    pull: tuple[SimulatorOptions, ...] = ()
    push: tuple[PushOptions, ...] = ()
    users: int = 60
    seed: int = 1


@dataclass
class Handle:
    """The crowd from outside. ports: of the pull terminals, by serial number."""

    line: Connection
    pid: int
    ports: dict[str, int] = field(default_factory=dict)

    def punch(self, rate: float, seconds: float) -> None:
        """Have people punch at this rate, over all terminals, at random moments; `made` waits for the end."""
        self.line.send((rate, seconds))

    def made(self) -> list[Made]:
        return self._hear()

    def users(self) -> dict[str, int]:
        """How many users each pull terminal holds."""
        self.line.send(USERS)
        return self._hear()

    def _hear(self):
        said = self.line.recv()
        if isinstance(said, Exception):
            raise said
        return said


@contextmanager
def crowd(people: Crowd) -> Iterator[Handle]:
    """All terminals are on while this is open."""
    ours, theirs = Pipe()
    process = get_context("spawn").Process(target=_be_there, args=(people, theirs), daemon=True)
    process.start()
    theirs.close()  # should the process die, whoever waits for it is told
    assert process.pid is not None
    handle = Handle(ours, process.pid)
    try:
        assert ours.poll(START_SECONDS), "the terminals do not start"
        handle.ports = handle._hear()
        yield handle
    finally:
        process.kill()
        process.join()


# In the process of the terminals -------------------------------------------------------------------------------------------------------


def _be_there(people: Crowd, line: Connection) -> None:
    async def live() -> None:
        async with AsyncExitStack() as stack:
            pull = [await stack.enter_async_context(Simulator(options)) for options in people.pull]
            push = [await stack.enter_async_context(PushSimulator(options)) for options in people.push]
            line.send({one.options.serial: one.port for one in pull})
            chance = Random(people.seed)
            while True:
                match await asyncio.to_thread(line.recv):
                    case (rate, seconds):
                        line.send(await _punch([*pull, *push], people.users, rate, seconds, chance))
                    case _:
                        line.send({one.options.serial: len(one.terminal.users) for one in pull})

    try:
        asyncio.run(live())
    except EOFError:
        return  # whoever had us start is gone
    except Exception as problem:  # noqa: BLE001 - top of a process: whoever waits must be told
        line.send(problem)


async def _punch(terminals: list, users: int, rate: float, seconds: float, chance: Random) -> list[Made]:
    done: list[Made] = []
    turns = dict.fromkeys(range(len(terminals)), 0)
    until = time.monotonic() + seconds
    due = time.monotonic()
    while (due := due + chance.expovariate(rate)) < until:
        await asyncio.sleep(max(due - time.monotonic(), 0))
        place = chance.randrange(len(terminals))
        if turns[place] == users:
            continue  # everybody was here
        user = str(FIRST_USER + turns[place])
        turns[place] += 1
        terminals[place].punch(user)
        done.append(Made(terminals[place].options.serial, user, time.time()))
    return done
