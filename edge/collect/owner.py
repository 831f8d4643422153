"""The owner of one terminal: the only one who talks to it.

    connect ► who are you ► clock ► listen ► read the log ──► live events, work for others, clock now and then ─┐
       ▲                                          ▲────────────────────── time to poll, or asked to ────────────┘
       └── pause ◄── unreachable · refused · wrong terminal · outbox full

Each (re)connect reads the log again: what was punched while nobody listened is there. Between polls the log is read only when the
terminal's count is not the one that live events explain, and every tenth time in any case, because a count may lie.
A clock is set only behind a read of the log, so that what was punched before is told with the drift that was measured before.
A full outbox stops the reading and nothing else: the terminal keeps its punches, and they are read when there is room.
"""

import asyncio
import random
import time
from concurrent.futures import Executor
from dataclasses import fields
from datetime import UTC, datetime
from functools import partial
from typing import TypeVar
from zoneinfo import ZoneInfo

import structlog

from edge.collect.discipline import Discipline, tell_drift, tell_not_set
from edge.collect.drift import DriftHistory
from edge.collect.duty import Rules
from edge.collect.intake import Taken, take_event, take_log
from edge.collect.log_room import LogRoom
from edge.collect.rows import Origin
from edge.collect.tasks import Tasks, Work
from edge.devices.driver import (
    CannotError,
    Driver,
    DriverError,
    LogRead,
    NotKeptError,
    ReadReceipt,
    TerminalFacts,
    TerminalPunch,
    TerminalRefusedError,
)
from edge.devices.registry import LIVE_SOURCES, LOG_SOURCES, address_of, open_driver, writer_of
from edge.errors import OutboxError, OutboxFullError
from edge.health import HealthBook, TerminalReport, TerminalState, plain
from edge.outbox import Outbox, Place
from edge.outbox.file import full
from edge.settings import TerminalSettings
from protocol.identifiers import TerminalSerial
from protocol.messages import LastRead, Source

SHORTEST_PAUSE, LONGEST_PAUSE = 1.0, 30.0
REFUSED_PAUSE = 20.0
FULL_PAUSE = 5.0
SLICE_SECONDS = 1.0
"""How long one wait for an event lasts; after it the owner sees whether it was asked to read."""
WORK_SLICE_SECONDS = 0.02
"""The same while somebody waits for work to be done: events that have come are taken between two pieces of it."""
CLOCK_SECONDS = 30.0
POLLS_BETWEEN_READS = 10
SERIAL_CHARACTERS = 64

log = structlog.get_logger(__name__)
T = TypeVar("T")


class WrongTerminalError(Exception):
    """Another terminal answers than the one that was expected, or one that already has an owner."""


class Claims:
    """Which terminal each owner talks to just now: two never to the same. A claim ends with the line, because terminals change places."""

    def __init__(self) -> None:
        self._owners: dict[TerminalSerial, str] = {}

    def take(self, serial: TerminalSerial, owner: str) -> None:
        """Raises WrongTerminalError when another owner has it."""
        first = self._owners.setdefault(serial, owner)
        if first != owner:
            raise WrongTerminalError(f"terminal {serial} is already read as {first!r}: remove one of the two")

    def give_back(self, owner: str) -> None:
        self._owners = {serial: name for serial, name in self._owners.items() if name != owner}


class Owner:
    """One terminal."""

    def __init__(
        self,
        terminal: TerminalSettings,
        rules: Rules,
        outbox: Outbox,
        book: HealthBook,
        claims: Claims,
        readers: Executor,
        room: LogRoom,
    ) -> None:
        self.serial = TerminalSerial(terminal.expected_serial)
        self.here = False
        """Whether the terminal answers just now, and is the one it should be."""
        self._terminal, self._rules, self._outbox, self._book, self._claims = terminal, rules, outbox, book, claims
        self.report: TerminalReport = book.report(terminal.name, str(address_of(terminal)), terminal.expected_serial)
        self._readers, self._room = readers, room
        self._rows: int | None = None  # that its log has, as it told when it was met
        self._wanted = asyncio.Event()
        self._tasks = Tasks()
        self._drifts = DriftHistory()
        self._discipline = Discipline()
        self._polls = 0
        self._expected: int | None = None
        """The terminal's count as live events explain it since the last read."""
        self._seen: Place | None = None
        """Where reading stood after the last read; another place means that somebody wants the log again."""

    def read_now(self) -> None:
        """Read the log at the next occasion."""
        self._wanted.set()

    async def do(self, serial: TerminalSerial, work: Work[T]) -> T:
        """Have something done at the terminal with this serial number; see `Tasks.do`."""
        return await self._tasks.do(serial, work)

    def leave(self) -> None:
        """It is owned no more: whoever waits for it need not."""
        self._tasks.give_up()

    async def run(self) -> None:
        """Own the terminal until cancelled."""
        pause = SHORTEST_PAUSE
        while True:
            started = time.monotonic()
            try:
                await self._until_room()
                async with open_driver(self._terminal, self._book.protocol.ring(self._terminal.name)) as driver:
                    await self._hold(driver)
            except OutboxFullError as error:
                rest = self._trouble(TerminalState.OUTBOX_FULL, error.english, FULL_PAUSE)
            except OutboxError as error:
                rest = self._trouble(TerminalState.FAILED, error.english, FULL_PAUSE)
            except WrongTerminalError as error:
                rest = self._trouble(TerminalState.WRONG_TERMINAL, str(error), REFUSED_PAUSE)
            except TerminalRefusedError as error:
                rest = self._trouble(TerminalState.REFUSED, str(error), REFUSED_PAUSE)
            except DriverError as error:
                if time.monotonic() - started > LONGEST_PAUSE:
                    pause = SHORTEST_PAUSE
                rest = self._trouble(TerminalState.UNREACHABLE, str(error), pause)
                pause = min(pause * 2, LONGEST_PAUSE)
            await asyncio.sleep(rest * random.uniform(0.7, 1.0))  # noqa: S311 - spreads reconnects, hides nothing

    async def _until_room(self) -> None:
        """A log that cannot be kept is not read: asking a terminal for all of it every few seconds would only wear it out."""
        while self._outbox.full and not await asyncio.to_thread(self._outbox.make_room):
            self._trouble(TerminalState.OUTBOX_FULL, full().english, 0)
            await asyncio.sleep(FULL_PAUSE * random.uniform(0.7, 1.0))  # noqa: S311 - spreads reconnects, hides nothing

    def _trouble(self, state: TerminalState, reason: str, pause: float) -> float:
        if self.report.state is not state:
            log.warning("terminal_lost", terminal=self._terminal.name, state=state, reason=reason)
        self._book.enter(self.report, state, reason)
        return pause

    async def _hold(self, driver: Driver) -> None:
        try:
            await self._own(driver)
        finally:
            self.here = False
            self._claims.give_back(self._terminal.name)

    async def _own(self, driver: Driver) -> None:
        self._book.enter(self.report, TerminalState.READING)
        await self._introduce(driver)
        await self.look_at_clock(driver)
        listens = self._terminal.driver in LIVE_SOURCES
        if listens:
            await driver.listen()
        await self.read(driver)
        self.here = True
        await self._set_clock(driver)
        while True:
            self._book.enter(self.report, TerminalState.LISTENING if listens else TerminalState.POLLING)
            await self._until_poll(driver, listens=listens)
            if await self._must_read(driver):
                await self.read(driver)

    async def _introduce(self, driver: Driver) -> None:
        facts = await driver.describe()
        expected = self._terminal.expected_serial
        if expected and facts.serial and facts.serial != expected:
            raise WrongTerminalError(f"terminal {facts.serial} answers, not {expected}: correct the address or expected_serial")
        serial = TerminalSerial(facts.serial or expected)
        if not serial:
            raise WrongTerminalError("this terminal tells no serial number: name one in expected_serial")
        if len(serial) > SERIAL_CHARACTERS or not (serial.isascii() and serial.isprintable()):
            # its rows would be no rows to the server, and could only be thrown away there
            raise WrongTerminalError("what this terminal tells as its serial number can be none: restart it, or look at its firmware")
        self._claims.take(serial, self._terminal.name)
        if self.report.serial != serial:
            self._drifts.forget()
        self.report.is_about(serial)
        self.report.facts = self.report.facts | _told(facts, self._terminal.driver)
        self._book.protocol.is_about(self._terminal.name, serial)
        self.serial, self._rows = serial, facts.punches
        self.report.reached("connect")

    async def look_at_clock(self, driver: Driver) -> None:
        """Measure how far it is off."""
        reading = await driver.read_clock()
        drift_ms = self.report.drift_ms = reading.drift_ms(self._rules.zone)
        if drift_ms is not None:
            self._drifts.measured(reading.at, drift_ms)
        self.report.reached("clock")
        tell_drift(self._book, self.serial, drift_ms)

    async def _set_clock(self, driver: Driver) -> None:
        """Set it where the rule says so and this machine knows better."""
        drift_ms, now = self.report.drift_ms, time.monotonic()
        if not self._discipline.wants_it_set(self._rules.clock, drift_ms, now) or not await asyncio.to_thread(self._rules.trusted):
            return
        self._discipline.tried(now)
        try:
            await set_clock(driver, self._rules.zone)
        except (CannotError, TerminalRefusedError, NotKeptError) as error:
            tell_not_set(self._book, self.serial, str(error))
            return
        log.info("clock_set", terminal=self._terminal.name, drift_ms=drift_ms)
        tell_not_set(self._book, self.serial, "")
        self.report.reached("clock-set")
        await self.look_at_clock(driver)

    async def read(self, driver: Driver) -> tuple[LogRead, Taken]:
        """Read the whole log and append what is not known; gives what the terminal holds, and what became of it."""
        self._wanted.clear()
        self._book.enter(self.report, TerminalState.READING)
        async with self._room.of(self._rows):
            found = await driver.read_log()
            origin = self._origin(LOG_SOURCES[self._terminal.driver])
            taken = await asyncio.get_running_loop().run_in_executor(self._readers, take_log, self._outbox, found, origin)
        self._rows = len(found.punches)
        receipt, report = found.receipt, self.report
        report.last_read_at, report.last_read = receipt.finished_at, _last_read(receipt, taken)
        report.reached("read")
        report.reached("append")
        code = f"read-incomplete-{self.serial}"
        if not receipt.complete:
            self._expected = None  # whatever the count says, it is read again
            self._book.alarm(code, receipt.reason or "")
            log.warning("log_not_complete", terminal=self._terminal.name, reason=receipt.reason)
            return found, taken
        self._book.clear(code)
        code = f"log-undecodable-{self.serial}"
        if receipt.reason:
            self._book.alarm(code, receipt.reason)
        else:
            self._book.clear(code)
        self._polls, self._expected = 0, receipt.declared_count
        self._seen = taken.place
        report.complete_at, report.complete_sequence, report.held = receipt.finished_at, taken.high, taken.held
        self._count_cleared()
        if taken.appended:
            log.info("log_read", terminal=self._terminal.name, new=taken.appended, held=taken.held)
        return found, taken

    async def _until_poll(self, driver: Driver, *, listens: bool) -> None:
        """Take live events until it is time to poll, or until somebody wants the log."""
        until = time.monotonic() + self._terminal.poll_seconds
        clock_at = time.monotonic() + CLOCK_SECONDS
        while (left := until - time.monotonic()) > 0 and not self._wanted.is_set():
            if time.monotonic() > clock_at:
                await self.look_at_clock(driver)  # a dead line is found by it, too
                await self._set_clock(driver)
                clock_at = time.monotonic() + CLOCK_SECONDS
            if self._tasks:
                await self._tasks.work_off_one(self.serial, driver)
            slice_seconds = min(left, WORK_SLICE_SECONDS if self._tasks else SLICE_SECONDS)
            if not listens:
                await asyncio.sleep(slice_seconds)
                continue
            event = await driver.next_event(slice_seconds)
            if isinstance(event, TerminalPunch):
                await self._take_event(event)
            elif event is not None:
                log.warning("event_not_readable", terminal=self._terminal.name, reason=event.reason, length=len(event.raw))
                self._wanted.set()  # whatever the count says: it may lie
                return

    async def _take_event(self, punch: TerminalPunch) -> None:
        origin = self._origin(LIVE_SOURCES[self._terminal.driver])
        new = await asyncio.to_thread(take_event, self._outbox, punch, origin)
        self.report.last_event_at = origin.received_at
        self.report.reached("event")
        if self._expected is not None:
            self._expected += 1
        if new and self.report.held is not None:
            self.report.held += 1
            self._count_cleared()

    async def _must_read(self, driver: Driver) -> bool:
        self._polls += 1
        if self._wanted.is_set() or self._expected is None or self._polls >= POLLS_BETWEEN_READS:
            return True
        if self._outbox.place(self.serial) != self._seen:
            return True
        facts = await driver.describe()
        return facts.punches != self._expected

    def _count_cleared(self) -> None:
        """What the outbox once took and the terminal no longer holds."""
        if self.report.held is not None:
            self.report.cleared = max(sum(self._outbox.counts(self.serial)) - self.report.held, 0)

    def _origin(self, source: Source) -> Origin:
        return Origin(self.serial, source, datetime.now(UTC), partial(self._drifts.at, zone=self._rules.zone))


async def set_clock(driver: Driver, zone: ZoneInfo) -> None:
    """Make a terminal show the time of its zone; raises DriverError."""
    await writer_of(driver).set_clock(datetime.now(zone).replace(tzinfo=None))


def _last_read(receipt: ReadReceipt, taken: Taken) -> LastRead:
    """What this read came to, for whoever compares what the terminal has with what was taken."""
    return LastRead(
        started_at=receipt.started_at,
        finished_at=receipt.finished_at,
        declared=None if receipt.declared_count is None else max(receipt.declared_count, 0),
        declared_bytes=max(receipt.declared_bytes, 0),
        received_bytes=receipt.received_bytes,
        decoded=receipt.decoded,
        doubtful=receipt.doubtful,
        repeated=receipt.repeated,
        held=taken.held,
        appended=taken.appended,
        complete=receipt.complete,
        layout=receipt.layout or "",
        reason=plain(receipt.reason or ""),
    )


def _told(facts: TerminalFacts, driver: str) -> dict[str, str]:
    """What the terminal says of itself, for people."""
    told = {"driver": driver, "model": facts.name}
    told |= {field.name: getattr(facts, field.name) for field in fields(facts) if field.name not in ("serial", "name")}
    return {name: str(value) for name, value in told.items() if value not in (None, "")}
