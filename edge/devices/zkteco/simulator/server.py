"""The simulated terminal as a whole: its memory, the people who punch at it, and its port.

One event loop owns everything; nothing here may be called from another thread (`thread.py` has the form for that).
"""

import asyncio
import math
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from random import Random
from typing import Self
from zoneinfo import ZoneInfo

from edge.devices.zkteco.frames import Command, Frame
from edge.devices.zkteco.simulator.answers import answer
from edge.devices.zkteco.simulator.desk import Desk, Then, say
from edge.devices.zkteco.simulator.enrolling import lay_finger
from edge.devices.zkteco.simulator.events import EventWriter
from edge.devices.zkteco.simulator.faults import Faults
from edge.devices.zkteco.simulator.furnish import empty_terminal, furnish, impossible
from edge.devices.zkteco.simulator.keep import StateFile
from edge.devices.zkteco.simulator.lines import Line
from edge.devices.zkteco.simulator.model import Log, Punch
from edge.devices.zkteco.simulator.options import SimulatorError, SimulatorOptions
from edge.devices.zkteco.simulator.port import Port
from protocol.instants import WallTime, pack_moment

TICK = 0.02
"""Seconds between two turns of live punching; the punches of one turn share one write to the state file."""
IDLE_TICK = 0.2
LONGEST_TURN = 1.0
"""A simulator that was frozen does not make up for the time: nobody could punch."""
BETWEEN_FINGERS, BETWEEN_EVENTS = 0.1, 0.02
RESTART_DELAY = 0.05
"""Seconds in which the answer to a restart can leave."""


class Simulator:
    """A terminal that can be punched at, read, and broken. `async with` starts and stops it; constructing it does nothing."""

    def __init__(self, options: SimulatorOptions, *, now: Callable[[], datetime] | None = None) -> None:
        """`now` gives the true naive wall time at the terminal; the clock of this machine when left out."""
        self.options = options
        self.faults = Faults(options.faults)
        self.rate = options.rate
        self.restarts = 0
        self.failure: SimulatorError | None = None
        self.failed = asyncio.Event()
        self.terminal = empty_terminal(options)
        self._zone = ZoneInfo(options.zone) if options.zone else None
        self._now = now or self._wall_clock
        self._live_chance = self._chance_of("live")
        self._desk = Desk(self.terminal, self.faults, self._chance_of("sessions"), options.user_size, options.key, self._punch_in_between)
        self._events = EventWriter(self.faults, options.record_size)
        self._port = Port(self.faults, self._chance_of("network"), self._take)
        self._state: StateFile | None = None
        self._live: asyncio.Task[None] | None = None
        self._laying: asyncio.Task[None] | None = None
        self._finger_chance = self._chance_of("fingers")
        self._unreported: list[Punch] = []
        self._made = 0
        self._next_in_turn = 0

    async def __aenter__(self) -> Self:
        """Load or make the terminal's memory and open the port; raises SimulatorError."""
        try:
            self._remember()
            await self._port.open(self.options.host, self.options.port)
        except BaseException:
            self._close_state()
            raise
        self._live = asyncio.create_task(self._punch_live())
        return self

    async def __aexit__(self, *_: object) -> None:
        """Drop every line and free the port."""
        for task in (self._live, self._laying):
            if task is not None:
                task.cancel()
        await self._port.close()
        self._close_state()

    @property
    def port(self) -> int:
        """Number of the port, for TCP and UDP; 0 before it is open."""
        return self._port.number

    # What a person does at the terminal

    @property
    def log(self) -> Log:
        """What the terminal holds."""
        return self.terminal.log

    def punch(self, number: str, wall: WallTime | None = None, verify: int = 1, state: int = 0) -> Punch:
        """Punch as `number`, now by the terminal's clock or at `wall`; in the log and the state file when this returns.

        Raises ValueError for a number or time that the terminal's records cannot carry, and while it is disabled; SimulatorError when its
        state file fails.
        """
        if not self.terminal.may_punch(self._now()):
            raise ValueError("the terminal is disabled, nobody can punch")
        made = self._make_punch(number, wall, verify, state)
        self._keep_changes()
        self._report(made)
        return made

    def clear(self) -> int:
        """Clear the log by the terminal's menu; returns how many different punches are gone."""
        gone = self.terminal.clear_log()
        self._keep_changes()
        return gone

    def restart(self) -> None:
        """Switch off and on: every line is dropped, every session lost, nobody gets in for `restart_seconds`. What it holds stays."""
        self.restarts += 1
        self._desk.enrolling = None
        self.terminal.enabled, self.terminal.enabled_again = True, None
        self._port.switch_off(self.options.restart_seconds)

    def counts(self) -> dict[str, object]:
        """What it holds: `held` counts distinct identities, `rows` all rows, `cleared` the distinct identities it once held."""
        return {
            "serial": self.terminal.serial,
            "held": self.terminal.log.distinct(),
            "rows": len(self.terminal.log),
            "cleared": self.terminal.cleared,
            "users": len(self.terminal.users),
            "fingers": len(self.terminal.prints),
            "opened": len(self.terminal.opened),
            "enabled": self.terminal.may_punch(self._now()),
        }

    # Starting

    def _remember(self) -> None:
        loaded = False
        if self.options.state is not None:
            self._state = StateFile(self.options.state)
            loaded = self._state.load(self.terminal)
            self.terminal.changes = []
        if not loaded:
            furnish(self.terminal, self.options, self.faults, self._chance_of("past"), self._now())
            self._keep_changes()
        self._made = len(self.terminal.log)

    def _chance_of(self, what: str) -> Random:
        """Chance of its own for each part: how often somebody punches does not change which datagrams are lost."""
        return Random(f"{self.options.seed} {what}")  # noqa: S311 - a failing case must replay

    def _wall_clock(self) -> datetime:
        return datetime.now(self._zone).replace(tzinfo=None)

    def _close_state(self) -> None:
        if self._state is not None:
            self._state.close()

    # Punching

    def _make_punch(self, number: str, wall: WallTime | None, verify: int, state: int) -> Punch:
        shown = pack_moment(self.terminal.clock(self._now())) if wall is None else wall
        self._made += 1
        if "impossible-dates" in self.faults and self._made % self.faults.number("impossible-dates") == 0:
            shown = impossible(shown)
        return self.terminal.punch(number, shown, verify, state)

    def _punch_in_between(self) -> None:
        """Punch in the middle of a request; told to nobody before it is kept."""
        if self.terminal.may_punch(self._now()):
            self._unreported.append(self._make_punch(self._somebody(), None, 1, 0))

    def _somebody(self) -> str:
        """Users take turns, so that up to one punch a second each stays distinct."""
        users = self.terminal.users
        if not users:
            return "1"
        self._next_in_turn += 1
        uids = self.terminal.uids()
        return users[uids[self._next_in_turn % len(uids)]].number

    async def _punch_live(self) -> None:
        loop = asyncio.get_running_loop()
        last, owed = loop.time(), 0.0
        while True:
            await asyncio.sleep(TICK if self.rate else IDLE_TICK)
            now = loop.time()
            owed += min(now - last, LONGEST_TURN) * self.rate
            last = now
            due = int(owed)
            owed -= due
            with suppress(SimulatorError):
                self._punch_many(due)
            if self.failure:
                return

    def _punch_many(self, count: int) -> None:
        made = []
        for _ in range(count if self.terminal.may_punch(self._now()) else 0):
            with suppress(ValueError):  # a clock or number that this terminal's records cannot carry
                made.append(self._make_punch(self._somebody(), None, 1, self._live_chance.randrange(2)))
        self._keep_changes()
        for punch in made:
            self._report(punch)

    def _keep_changes(self) -> None:
        """Make changes durable. A terminal that cannot keep its memory is broken: it tells nobody anything more."""
        if self._state is None:
            return
        try:
            self._state.append(self.terminal.drain_changes())
        except OSError as problem:
            self.failure = SimulatorError(f"the state file {self.options.state} cannot be written: {problem.strerror}")
            self.failed.set()
            self._port.switch_off(math.inf)
            raise self.failure from problem

    def _report(self, punch: Punch) -> None:
        for line in self._port.lines():
            for event in self._events.events_of(punch, line.talk.event_mask):
                line.report(event)

    async def _lay_fingers(self) -> None:
        """The person whom the terminal asks for a finger."""
        with suppress(SimulatorError):
            while (going := self._desk.enrolling) is not None:
                await asyncio.sleep(BETWEEN_FINGERS)
                events = lay_finger(self._desk, self._finger_chance)
                self._keep_changes()
                for event in events:
                    await asyncio.sleep(BETWEEN_EVENTS)
                    for line in self._port.lines():
                        if line.talk is going.talk or line.talk.event_mask & event.session:
                            line.report(event)
        self._laying = None

    # Requests

    def _take(self, line: Line, request: Frame) -> None:
        if self._port.is_taken(line):
            line.reply(say(line.talk, request, Command.ACK_ERROR))
            return
        given = answer(self._desk, line.talk, request, self._now())
        self._keep_changes()
        line.reply(given)
        while self._unreported:
            self._report(self._unreported.pop(0))
        if self._desk.enrolling is not None and self._laying is None:
            self._laying = asyncio.create_task(self._lay_fingers())
        if given.then is Then.RESTART:
            asyncio.get_running_loop().call_later(RESTART_DELAY, self.restart)
