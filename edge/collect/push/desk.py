"""Who may push, what becomes of it, and what they are told. Only an approved serial number from its own address gets further than here.

No punch is acknowledged before the outbox has it. Whatever goes wrong is answered 500 or 503, and the terminal keeps its data.
"""

import asyncio
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack, contextmanager, suppress
from datetime import UTC, datetime
from typing import Any, TypeVar

import structlog

from edge.collect.duty import Rules
from edge.collect.push.approvals import Approvals
from edge.collect.push.bounds import Bounds
from edge.collect.push.clocks import Clocks
from edge.collect.push.file import push_file
from edge.collect.push.memory import Memory
from edge.collect.push.proof import Proof, Standing, ask_counts, last_days
from edge.collect.push.queue import Queue
from edge.collect.push.receipts import Receipts
from edge.collect.push.reports import ALARM_SECONDS, Reports
from edge.collect.push.shown import Shown, facts_of, facts_of_handshake
from edge.collect.push.work import UNWRITTEN, Done, Worker
from edge.collect.trust import ClockTrust
from edge.devices.iclock.limits import Limits
from edge.devices.iclock.listener import Listener
from edge.devices.iclock.protocol.answer import LATER, Answer
from edge.devices.iclock.protocol.dialect import Dialect
from edge.devices.iclock.protocol.faces import FaceAlgorithm, face_algorithm
from edge.devices.iclock.protocol.records import Told
from edge.devices.iclock.protocol.request import Request
from edge.devices.iclock.protocol.results import CommandResult
from edge.devices.iclock.protocol.zone import date_header
from edge.devices.iclock.shown import shown_answer, shown_request
from edge.devices.iclock.wake import wake
from edge.errors import OutboxError
from edge.health import HealthBook, TerminalState
from edge.outbox import Outbox
from edge.settings import EdgeSettings, PushSettings, PushTerminal
from protocol.identifiers import TerminalSerial

THREADS = 8
TICK_SECONDS = 5.0
SILENT_SECONDS = 60.0
SILENT_DELAYS = 6
AGAIN_SECONDS = 10.0
KNOCK_SECONDS = 3600.0
ENROLLED = 1000
"""Enrolments that wait to be looked at; of more the daily look learns."""
AWAITED = "awaited"
"""Purpose of commands that somebody waits for."""

log = structlog.get_logger(__name__)
T = TypeVar("T")


class PushDesk:
    """The door for terminals that push, while `run` runs."""

    def __init__(
        self, settings: EdgeSettings, push: PushSettings, rules: Rules, trust: ClockTrust, outbox: Outbox, book: HealthBook
    ) -> None:
        self.approvals = Approvals(push.terminals)
        self.port: int | None = None
        """The port that is listened on; None while there is none."""
        self._push, self._rules, self._trust, self._outbox, self._book = push, rules, trust, outbox, book
        self._shown = Shown()
        self._threads: ThreadPoolExecutor
        self._file = push_file(settings.push_file)
        self._memory, self._queue = Memory(self._file), Queue(self._file)
        self._receipts = Receipts(self._file, rules)
        self._proof = Proof(self._file, self._queue, outbox, self._receipts)
        self._reports = Reports(book, self._shown, self._memory, outbox, rules)
        self._clocks = Clocks(rules, push.delay_seconds, outbox, self._queue, self._reports.is_only_way)
        self._worker = Worker(rules, push, outbox, self._memory, self._queue, self._proof, self._trust, self._clocks, self._receipts)
        self._awaited: dict[TerminalSerial, dict[int, asyncio.Future[CommandResult]]] = {}
        self._watched: dict[TerminalSerial, tuple[Collection[str] | None, Told]] = {}
        self._turns: dict[TerminalSerial, asyncio.Lock] = {}
        self._heard: dict[TerminalSerial, float] = {}
        self._asking: set[TerminalSerial] = set()
        self._enrolled: set[tuple[TerminalSerial, str]] = set()
        self._since = time.monotonic()
        for terminal in self.approvals.all():
            self._reports.of(terminal)
        limits = Limits(body=push.max_body_kilobytes * 1024, connections=push.max_connections, per_minute=push.requests_per_minute)
        self._listener = Listener(self.answer, self._date, limits)
        self._wanted: set[TerminalSerial] = set()
        book.push_status = self._status
        book.knocking = self._shown.knocking
        book.pushed = self._receipts.due

    def admit(self, terminals: Sequence[PushTerminal]) -> None:
        """From now on the server's set-up approves these, beside those of the settings; of others nothing is taken any more."""
        self.approvals.admit(terminals)
        for serial in [serial for serial in self._reports.all() if self.approvals.find(serial) is None]:
            self._reports.forget(serial)
            self._heard.pop(serial, None)
            self._asking.discard(serial)
        for terminal in self.approvals.all():
            self._reports.of(terminal).name = terminal.name or terminal.serial
            self._shown.waits_no_more(TerminalSerial(terminal.serial))
            self._book.clear(f"push-waiting-{terminal.serial}")

    async def run(self) -> None:
        """Listen until cancelled; a port that cannot be had is tried again."""
        async with AsyncExitStack() as stack:
            self._threads = stack.enter_context(ThreadPoolExecutor(THREADS, thread_name_prefix="push"))
            stack.enter_context(self._file)
            self._memory.open()
            self._receipts.open()
            await self._open()
            stack.push_async_callback(self._close)
            while True:
                await self._tick()
                await asyncio.sleep(TICK_SECONDS)

    async def _open(self) -> None:
        """Wait for the port as long as it takes."""
        code = "push-port"
        while self.port is None:
            try:
                await self._listener.open(self._push.host, self._push.port)
                self.port = self._listener.port
            except OSError as error:
                self._book.alarm(code, f"{self._push.host}:{self._push.port}: {error.strerror or error}")
                await asyncio.sleep(AGAIN_SECONDS)
        self._book.clear(code)
        log.info("push_listens", host=self._push.host, port=self.port, terminals=len(self._reports.all()))

    async def _close(self) -> None:
        self.port = None
        await self._listener.close()
        with suppress(OutboxError):
            self._receipts.write(datetime.now(UTC))

    def read_now(self, serial: TerminalSerial | None) -> int:
        """Have a terminal send its log again, or all of them; gives how many that concerns."""
        wanted = [known for known in self._reports.all() if serial in (None, known)]
        self._wanted.update(wanted)
        return len(wanted)

    # Work for others -----------------------------------------------------------------------------------------------------------------

    def dialect_of(self, serial: TerminalSerial) -> Dialect | None:
        """Which one a terminal speaks; None for one that may not push or has never been heard."""
        terminal, remembered = self.approvals.find(serial), self._memory.of(serial)
        if terminal is None or not remembered.greeted:
            return None
        return Dialect(terminal.dialect or remembered.dialect)

    def options_of(self, serial: TerminalSerial) -> dict[str, str]:
        """What a terminal told of itself when it greeted, by names in small letters."""
        return self._memory.of(serial).options

    def algorithm_of(self, serial: TerminalSerial) -> str:
        """Of its fingers, such as "zk-10"; empty where it did not tell."""
        return facts_of(self._memory.of(serial), None).get("algorithm", "")

    @property
    def tells_time(self) -> bool:
        """Whether terminals hear the time with each answer."""
        return self._date() is not None

    def face_algorithm_of(self, serial: TerminalSerial) -> FaceAlgorithm | None:
        """Of its faces; None where it takes none, or did not tell."""
        return face_algorithm(self.options_of(serial))

    def clock_of(self, serial: TerminalSerial) -> Bounds | None:
        """How far its clock is off, as far as it has shown it since it was set last."""
        return self._clocks.bounds_of(serial)

    async def have_done(self, serial: TerminalSerial, text: str, seconds: int, secret: str = "") -> CommandResult:
        """Send a command and wait for what became of it; cancel it to give up waiting. Raises CommandError, OutboxError.

        secret: the words that are sent, where `text` only stands for them in the file and on people's screens.
        """
        loop = asyncio.get_running_loop()
        awaited = self._awaited.setdefault(serial, {})
        shown = f"{UNWRITTEN}{text}" if secret else text
        async with self._turn(serial):  # the terminal may not hear of it before its words, and who waits for it, are known
            number = await asyncio.to_thread(self._queue.add, serial, shown, int(time.time()), seconds, AWAITED)
            awaited[number] = loop.create_future()
            if secret:
                self._worker.secrets[number] = secret
        wake(self._memory.of(serial).source)
        try:
            return await awaited[number]
        finally:
            del awaited[number]
            self._worker.secrets.pop(number, None)
            await asyncio.to_thread(self._queue.give_up, serial, number, int(time.time()))

    def is_here(self, serial: TerminalSerial) -> bool:
        """Whether it was heard a moment ago, and has told what it is: what it tells first comes before it asks for commands."""
        silent = time.monotonic() - self._heard.get(serial, float("-inf"))
        return (
            silent < max(SILENT_SECONDS, SILENT_DELAYS * self._push.delay_seconds)
            and serial in self._asking
            and self.dialect_of(serial) is not None
        )

    def take_enrolled(self) -> list[tuple[TerminalSerial, str]]:
        """Who was enrolled at a terminal since this was asked last, as far as terminals tell."""
        taken, self._enrolled = self._enrolled, set()
        return sorted(taken)

    @contextmanager
    def watching(self, serial: TerminalSerial, pins: Collection[str] | None) -> Iterator[Told]:
        """Keep what the terminal tells of these users (None: of all) meanwhile; of nobody else anything is kept. One watches at a time."""
        self._watched[serial] = (pins, told := Told())
        try:
            yield told
        finally:
            del self._watched[serial]

    async def prove(self, serial: TerminalSerial, days: int) -> None:
        """Have the terminal count its punches of these days."""
        terminal, dialect = self.approvals.find(serial), self.dialect_of(serial)
        if terminal is not None and dialect is not None:
            today = datetime.now(self._rules.zone).date()
            await asyncio.to_thread(ask_counts, self._queue, serial, dialect, last_days(today, days), int(time.time()))

    def is_proving(self, serial: TerminalSerial) -> bool:
        """Whether a count or what was missing is still waited for; blocks for a moment."""
        return any(self._queue.is_open(serial, kind) for kind in ("count", "fill"))

    def standing_of(self, serial: TerminalSerial) -> Standing:
        """How its punches stand against the edge's; blocks for a moment."""
        return self._proof.standing(serial)

    # One request ---------------------------------------------------------------------------------------------------------------------

    async def answer(self, request: Request, source: str) -> Answer:
        """Answer a request; never raises."""
        self._shown.counts["requests"] += 1
        serial = request.serial
        if serial is None:
            self._shown.counts["no-serial"] += 1
            return Answer(404, b"")
        terminal = self.approvals.find(TerminalSerial(serial))
        if terminal is None:
            self._knock(TerminalSerial(serial), request, source)
            return LATER
        if not self._from_its_place(terminal, source):
            return LATER
        ring = self._book.protocol.ring(serial)
        async with self._turn(TerminalSerial(serial)):
            ring.note("in", *shown_request(request))
            answer = await self._served(request, terminal, source)
            ring.note("out", *shown_answer(answer))
            return answer

    def _turn(self, serial: TerminalSerial) -> asyncio.Lock:
        """One request of a terminal after the other, and what the desk itself remembers of it between two of them."""
        return self._turns.setdefault(serial, asyncio.Lock())

    async def _served(self, request: Request, terminal: PushTerminal, source: str) -> Answer:
        report = self._reports.of(terminal)
        try:
            done = await self._in_thread(self._worker.work, request, terminal, source)
        except OutboxError as error:
            self._shown.counts["not-taken"] += 1
            self._receipts.refused(TerminalSerial(terminal.serial), request, datetime.now(UTC))
            self._book.enter(report, TerminalState.OUTBOX_FULL if self._outbox.full else TerminalState.FAILED, error.english)
            return LATER
        except Exception as error:
            log.exception("push_failed", terminal=terminal.serial)
            self._book.alarm("owner-failed", type(error).__name__, 3600.0)
            return Answer(500, b"")
        self._tell(TerminalSerial(terminal.serial), done)
        self._reports.tell(TerminalSerial(terminal.serial), report, done, source)
        if request.what == "getrequest":
            self._asking.add(TerminalSerial(terminal.serial))
        return done.reaction.answer

    def _knock(self, serial: TerminalSerial, request: Request, source: str) -> None:
        self._shown.counts["not-approved"] += 1
        new, forgotten = self._shown.waits(serial, source, facts_of_handshake(request))
        if forgotten:
            self._book.clear(f"push-waiting-{forgotten}")
        if new:
            log.warning("push_not_approved", serial=serial, source=source)
        self._book.alarm(f"push-waiting-{serial}", source, KNOCK_SECONDS)

    def _from_its_place(self, terminal: PushTerminal, source: str) -> bool:
        serial = TerminalSerial(terminal.serial)
        pinned = self._memory.of(serial).source
        expected = pinned if terminal.source in ("", "any") else terminal.source
        code = f"push-moved-{serial}"
        if not expected or expected == source:
            return True
        self._book.alarm(code, f"{expected} -> {source}", ALARM_SECONDS)
        if terminal.source == "any":
            return True
        self._shown.counts["other-address"] += 1
        return False

    # What is told --------------------------------------------------------------------------------------------------------------------

    def _tell(self, serial: TerminalSerial, done: Done) -> None:
        """Whoever waits for something hears it."""
        self._heard[serial] = time.monotonic()
        self._tell_watching(serial, done)
        self._tell_awaited(serial, done)
        if len(self._enrolled) < ENROLLED:
            self._enrolled |= {(serial, one.enrolled) for one in done.reaction.told.operations if one.enrolled}

    def _tell_watching(self, serial: TerminalSerial, done: Done) -> None:
        if serial in self._watched:
            pins, told = self._watched[serial]
            told.users += [user for user in done.reaction.told.users if pins is None or user.pin in pins]
            if pins is not None:
                told.fingers += done.reaction.told.fingers
                told.faces += done.reaction.told.faces

    def _tell_awaited(self, serial: TerminalSerial, done: Done) -> None:
        for ended in done.ended:
            awaited = self._awaited.get(serial, {}).get(ended.number)
            if awaited is not None and not awaited.done():
                awaited.set_result(ended.result)

    async def _tick(self) -> None:
        """Now and then: who has fallen silent, what is over, and whose log is wanted."""
        silent = max(SILENT_SECONDS, SILENT_DELAYS * self._push.delay_seconds)
        for serial, report in self._reports.all().items():
            if time.monotonic() - self._heard.get(serial, self._since) > silent:
                self._book.enter(report, TerminalState.UNREACHABLE, f"nothing heard for more than {silent:.0f} seconds")
        try:
            await self._in_thread(self._look_after)
            for serial in list(self._wanted):
                terminal = self.approvals.find(serial)
                async with self._turn(serial):
                    await self._in_thread(self._worker.read_again, serial, terminal.dialect if terminal else "")
                self._wanted.discard(serial)
            for one in self.approvals.all():
                serial = TerminalSerial(one.serial)
                if serial in self._heard:
                    async with self._turn(serial):
                        await self._in_thread(self._worker.ask_for_proof, one)
        except OutboxError as error:
            log.warning("push_file_failed", error=error.english)

    def _look_after(self) -> None:
        self._trust.now()
        self._queue.tidy(int(time.time()))
        self._receipts.write(datetime.now(UTC))

    async def _in_thread(self, work: Callable[..., T], *arguments: Any) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._threads, work, *arguments)

    def _date(self) -> str | None:
        return date_header(datetime.now(UTC)) if self._push.send_date and self._trust.last else None

    def _status(self) -> dict[str, Any]:
        return self._shown.told(port=self.port, refused=self._listener.refused, clock_told=self._date() is not None)
