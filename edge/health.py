"""How the edge and its terminals are: collected here by whoever knows, sent to the server, and written to status.json.

It goes out every few seconds, and soon after something changed. Names of people and their numbers are never in it.
"""

import asyncio
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from importlib.metadata import version
from pathlib import Path
from typing import Any

import structlog
from cryptography import x509
from msgspec import structs

from edge.errors import OutboxError
from edge.line_trouble import Trouble
from edge.link import Link
from edge.outbox import Outbox, OutboxSize
from edge.protocol_log import ProtocolLog
from edge.status import Process, write_status
from protocol import codec
from protocol.errors import DecodeError
from protocol.identifiers import EdgeId, TerminalSerial
from protocol.messages import Health, Knocking, LastRead, Pushed, TerminalHealth

VERSION = version("clockbridge")
SETTLING_SECONDS = 0.5
"""Changes often come in groups: one message tells them together."""
SETTLING_SECONDS_PER_TERMINAL = 0.002
"""Every message tells of all terminals: where people punch at a thousand of them, half of the work of edge and server would be that."""
CERTIFICATE_SECONDS = 3600
SAMPLE_SECONDS = 600
SAMPLES = 24 * 6
NOTE_CHARACTERS, NAME_CHARACTERS = 500, 200
FULL_ALARM = "outbox-full"
PROTOCOL_ENTRIES = 50
PUSHED = 500
"""Receipts of terminals that push in one message; the rest comes with the next."""
COUNTED = ("appended", "doubtful")
"""What of a terminal's health the outbox knows."""

log = structlog.get_logger(__name__)


def plain(text: str, characters: int = NOTE_CHARACTERS) -> str:
    """Text as any message and database takes it: file names in another encoding and a terminal's own words may hold anything."""
    readable = text.encode(errors="replace").decode()
    return "".join(one if one.isprintable() else "?" for one in readable)[:characters]


class TerminalState(StrEnum):
    """What a terminal's owner is doing, or what keeps it from doing it."""

    STARTING = "starting"
    READING = "reading"
    LISTENING = "listening"
    POLLING = "polling"
    UNREACHABLE = "unreachable"
    REFUSED = "refused"
    WRONG_TERMINAL = "wrong-terminal"
    OUTBOX_FULL = "outbox-full"
    FOLDER = "folder"
    FAILED = "failed"


@dataclass(slots=True)
class TerminalReport:
    """What is known of one terminal; its owner fills it in. See `protocol.messages.TerminalHealth`."""

    name: str
    address: str
    serial: str = ""
    state: TerminalState = TerminalState.STARTING
    last_read_at: datetime | None = None
    last_event_at: datetime | None = None
    complete_at: datetime | None = None
    complete_sequence: int = 0
    drift_ms: int | None = None
    held: int | None = None
    cleared: int | None = None
    last_error: str = ""
    stages: dict[str, datetime] = field(default_factory=dict)
    facts: dict[str, str] = field(default_factory=dict)
    wanted: int = 0
    wanted_digest: str = ""
    last_read: LastRead | None = None
    second_way: bool = False
    """Told only where no other report is about the same terminal: it may be read by pull and push at once."""

    def is_about(self, serial: TerminalSerial) -> None:
        """Name the terminal that answers; what is known of another one in its place is not of this one."""
        if self.serial not in ("", serial):
            self.last_read_at = self.last_event_at = self.complete_at = self.drift_ms = self.held = self.cleared = None
            self.complete_sequence, self.stages, self.facts, self.last_read = 0, {}, {}, None
        self.serial = serial

    def reached(self, stage: str) -> None:
        """A stage succeeded just now: connect, clock, read, event or append."""
        self.stages[stage] = datetime.now(UTC)

    def said(self, outbox: Outbox) -> TerminalHealth:
        appended, doubtful = outbox.counts(TerminalSerial(self.serial))
        own = {name: getattr(self, name) for name in TerminalHealth.__struct_fields__ if name not in COUNTED}
        own |= {name: plain(own[name], NAME_CHARACTERS) for name in ("serial", "name", "address")}
        own["last_error"] = plain(self.last_error)
        facts = {plain(name, NAME_CHARACTERS): plain(value, NAME_CHARACTERS) for name, value in self.facts.items()}
        return TerminalHealth(**own | {"stages": dict(self.stages), "facts": facts}, appended=appended, doubtful=doubtful)


class HealthBook:
    """Everything that is known, and the loop that tells it. All of it lives in the event loop."""

    def __init__(self, edge: EdgeId, outbox: Outbox, status_file: Path, certificate: Path) -> None:
        self.told_mark: Callable[[], int] = lambda: 0
        """The server's mark in the present session, ahead of the released one after a restart; set by the uplink."""
        self.line_trouble: Trouble | None = None
        """Why there is no line to the server; set by the uplink."""
        self.push_status: Callable[[], dict[str, Any] | None] = lambda: None
        """What the door for terminals that push has to show, beside the health; set by its desk."""
        self.knocking: Callable[[], list[Knocking]] = list
        """Terminals that wait for approval there; set by its desk."""
        self.pushed: Callable[[int], list[Pushed]] = lambda _: []
        """Some of what terminals that push told, as far as the server should hear of it, at most so many; set by the desk."""
        self.setup_version = 0
        """Of the server's set-up in force."""
        self.wanted_of: Callable[[TerminalSerial], tuple[int, str]] = lambda _: (0, "")
        """How many users the server wants on a terminal or gone from it, and the digest of that; set by the way down."""
        self.protocol = ProtocolLog(PROTOCOL_ENTRIES)
        """What terminals and the edge said to each other last."""
        self._edge, self._outbox, self._status_file, self._certificate = edge, outbox, status_file, certificate
        self._reports: list[TerminalReport] = []
        self._stages: dict[str, datetime] = {}
        self._alarms: dict[str, tuple[str, float]] = {}
        self._changed = asyncio.Event()
        self._samples: deque[tuple[float, int]] = deque(maxlen=SAMPLES)
        self._certificate_ends: tuple[float, datetime | None] | None = None
        self._started_at = datetime.now(UTC)

    def report(self, name: str, address: str, serial: str = "", state: TerminalState = TerminalState.STARTING) -> TerminalReport:
        """Begin the report of one terminal."""
        report = TerminalReport(name, address, serial, state)
        self._reports.append(report)
        return report

    def forget(self, report: TerminalReport) -> None:
        """A terminal is not ours any more, and no alarm is about it."""
        self._reports = [one for one in self._reports if one is not report]
        if report.serial and all(one.serial != report.serial for one in self._reports):
            self._alarms = {code: alarm for code, alarm in self._alarms.items() if not code.endswith(f"-{report.serial}")}
        self.changed()

    def enter(self, report: TerminalReport, state: TerminalState, error: str = "") -> None:
        """A terminal is in this state now."""
        if (report.state, report.last_error) != (state, error):
            report.state, report.last_error = state, error
            self.changed()

    def changed(self) -> None:
        """Something a person would want to see soon."""
        self._changed.set()

    def reached(self, stage: str) -> None:
        """A stage of the edge itself succeeded just now: line, batch, receipt or order."""
        self._stages[stage] = datetime.now(UTC)

    def alarm(self, code: str, detail: str = "", seconds: float = float("inf")) -> None:
        """Raise an alarm until it is cleared, or for some time; logged once."""
        if code not in self._alarms:
            log.error("alarm", code=code, detail=detail)
            self.changed()
        self._alarms[code] = (plain(detail), time.monotonic() + seconds)

    def clear(self, code: str) -> None:
        """Clear an alarm, and every one whose code begins with it and a hyphen."""
        for known in [one for one in self._alarms if one == code or one.startswith(f"{code}-")]:
            del self._alarms[known]
            log.info("alarm_over", code=known)
            self.changed()

    async def run(self, link: Link, seconds: float) -> None:
        """Tell the server and the status file until cancelled."""
        health = None
        try:
            while True:
                self._changed.clear()
                with suppress(OutboxError):  # it says so itself where it is used; the rest is told next time
                    health = await self.health()
                    link.publish(structs.replace(health, pushed=self.pushed(PUSHED)) if link.up else health)
                    await asyncio.to_thread(self._write_status, health, seconds, line_up=link.up)
                with suppress(TimeoutError):
                    async with asyncio.timeout(seconds):
                        await self._changed.wait()
                await asyncio.sleep(SETTLING_SECONDS + SETTLING_SECONDS_PER_TERMINAL * len(self._reports))
        finally:
            if health is not None:
                self._write_status(health, seconds, line_up=False, stopped_at=datetime.now(UTC))

    async def health(self) -> Health:
        """The message as it would be sent now; raises OutboxError."""
        size, oldest_at, clock_set_back = await asyncio.to_thread(self._look)
        return Health(
            edge=self._edge,
            at=datetime.now(UTC),
            version=VERSION,
            queue_depth=self._owed(),
            oldest_at=oldest_at,
            free_bytes=size.room,
            hours_left=self._hours_left(size),
            clock_set_back=clock_set_back,
            certificate_ends_at=self._certificate_ends_at(),
            stages=dict(self._stages),
            terminals=[self._said(report) for report in self._told()],
            alarms=self._alarm_notes(),
            knocking=self.knocking(),
            setup_version=self.setup_version,
        )

    def _said(self, report: TerminalReport) -> TerminalHealth:
        report.wanted, report.wanted_digest = self.wanted_of(TerminalSerial(report.serial))
        return report.said(self._outbox)

    @property
    def waiting(self) -> int:
        """Rows that the server does not have."""
        return self._owed()

    @property
    def alarms(self) -> int:
        """How many there are."""
        return len(self._alarms)

    def tells(self, report: TerminalReport) -> bool:
        """Whether this is the report that is told of its terminal: of one that is read and pushes, it is the reader's."""
        return not report.second_way or all(one.second_way or one.serial != report.serial for one in self._reports)

    def _told(self) -> list[TerminalReport]:
        first = {report.serial for report in self._reports if not report.second_way}
        return [report for report in self._reports if not (report.second_way and report.serial in first)]

    def _owed(self) -> int:
        return max(self._outbox.high - max(self._outbox.mark, self.told_mark()), 0)

    def _look(self) -> tuple[OutboxSize, datetime | None, bool]:
        oldest_at, first = None, max(self._outbox.mark, self.told_mark()) + 1
        if first <= self._outbox.high:
            stretch = self._outbox.read(first, 1, 1)
            with suppress(DecodeError, IndexError):
                oldest_at = codec.decode_row(stretch.bodies[0]).received_at
        return self._outbox.size(), oldest_at, self._outbox.clock_set_back()

    def _hours_left(self, size: OutboxSize) -> float | None:
        """How long the outbox could take rows at the rate of the last day if the line stayed cut; None where nothing comes.

        An edge that has run for less than an hour counts what came as an hour's: the years that a first read brings are no rate.
        """
        if self._outbox.full:
            return 0.0
        now, high = time.monotonic(), self._outbox.high
        if not self._samples or now - self._samples[-1][0] > SAMPLE_SECONDS:
            self._samples.append((now, high))
        since, before = self._samples[0]
        rows, hours, kept = high - before, max((now - since) / 3600, 1.0), high - self._outbox.low + 1
        if rows <= 0 or not high:
            return None
        return round(size.room / (size.used / kept * rows / hours), 1)

    def _certificate_ends_at(self) -> datetime | None:
        now = time.monotonic()
        if self._certificate_ends is None or now - self._certificate_ends[0] > CERTIFICATE_SECONDS:
            ends = None
            with suppress(OSError, ValueError):
                ends = x509.load_pem_x509_certificate(self._certificate.read_bytes()).not_valid_after_utc
            self._certificate_ends = (now, ends)
        return self._certificate_ends[1]

    def _alarm_notes(self) -> list[str]:
        now = time.monotonic()
        self._alarms = {code: alarm for code, alarm in self._alarms.items() if alarm[1] > now}
        if self._outbox.full:
            self.alarm(FULL_ALARM)
        else:
            self.clear(FULL_ALARM)
        alarms = sorted((plain(code), detail) for code, (detail, _) in self._alarms.items())
        return [f"{code}: {detail}" if detail else code for code, detail in alarms]

    def _write_status(self, health: Health, seconds: float, *, line_up: bool, stopped_at: datetime | None = None) -> None:
        process = Process(line_up, self.line_trouble, self._started_at, seconds, stopped_at, self.push_status())
        write_status(self._status_file, health, process)
