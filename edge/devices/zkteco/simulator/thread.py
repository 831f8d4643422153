"""The simulated terminal in a thread of its own, for programs and tests that are not asynchronous."""

import asyncio
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from threading import Thread
from typing import TypeVar

from edge.devices.zkteco.simulator.model import Punch
from edge.devices.zkteco.simulator.options import SimulatorOptions
from edge.devices.zkteco.simulator.server import Simulator
from protocol.instants import WallTime

Result = TypeVar("Result")
START_LIMIT = 60.0
"""Seconds; a terminal with a million punches needs a few to come up."""


class SimulatorInThread:
    """A running simulator, safe to use from the thread that started it."""

    def __init__(self, simulator: Simulator, loop: asyncio.AbstractEventLoop) -> None:
        self._simulator = simulator
        self._loop = loop
        self.port = simulator.port

    def do(self, action: Callable[[Simulator], Result]) -> Result:
        """Run `action` in the simulator's thread and wait for its result."""

        async def act() -> Result:
            return action(self._simulator)

        return asyncio.run_coroutine_threadsafe(act(), self._loop).result(START_LIMIT)

    def punch(self, number: str, wall: WallTime | None = None) -> Punch:
        """Punch as `number`, now or at `wall`."""
        return self.do(lambda simulator: simulator.punch(number, wall))

    def punches(self) -> list[Punch]:
        """Every row of the log, oldest first."""
        return self.do(lambda simulator: list(simulator.log))

    def counts(self) -> dict[str, object]:
        """As `Simulator.counts`."""
        return self.do(lambda simulator: simulator.counts())


@contextmanager
def simulator_in_thread(options: SimulatorOptions) -> Iterator[SimulatorInThread]:
    """Start a terminal, hand it out, stop it; raises SimulatorError when it cannot start."""
    started: Future[SimulatorInThread] = Future()
    stop: Future[None] = Future()

    async def live() -> None:
        async with Simulator(options) as simulator:
            started.set_result(SimulatorInThread(simulator, asyncio.get_running_loop()))
            await asyncio.wrap_future(stop)

    def run() -> None:
        try:
            asyncio.run(live())
        except Exception as problem:  # noqa: BLE001 - top of a thread: whoever waits for the start must be told
            if not started.done():
                started.set_exception(problem)

    thread = Thread(target=run, name="zkteco-simulator", daemon=True)
    thread.start()
    try:
        yield started.result(START_LIMIT)
    finally:
        stop.set_result(None)
        thread.join()
