"""What is known of the fleet, put together for people: states in words, and whether a terminal's counts agree. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

from server.fleet.model import EdgeKey, EdgeOverview, EdgeState, ManyFaces, TerminalOverview, TerminalRole, role_on
from server.ingest.capacity import Capacity, capacities
from server.ingest.judge import EpochCondition
from server.ingest.reconciliation.model import Gap
from server.provisioning.model import Finding, Succession

SILENT_AFTER = timedelta(minutes=3)
"""An edge says how it is every 15 seconds; twelve words missed are no chance."""
CLOCK_OFF_MS = 60_000


class Line(StrEnum):
    """How an edge is connected."""

    UP = "up"
    CUT = "cut"
    SILENT = "silent"
    NEVER = "never heard"
    QUARANTINED = "quarantined"
    REVOKED = "revoked"
    REPLACED = "replaced"


class TerminalState(StrEnum):
    """What a terminal's edge says of it (the first ones are the edge's own words), or why nobody can say."""

    STARTING = "starting"
    READING = "reading"
    LISTENING = "listening"
    POLLING = "polling"
    FOLDER = "folder"
    UNREACHABLE = "unreachable"
    REFUSED = "refused"
    WRONG_TERMINAL = "wrong-terminal"
    OUTBOX_FULL = "outbox-full"
    FAILED = "failed"
    OUT_OF_SERVICE = "out of service"
    EDGE_AWAY = "edge away"
    NEVER = "never heard"
    OTHER = "other"


BROKEN = frozenset(
    {
        TerminalState.UNREACHABLE,
        TerminalState.REFUSED,
        TerminalState.WRONG_TERMINAL,
        TerminalState.OUTBOX_FULL,
        TerminalState.FAILED,
    }
)
_GREY = frozenset({TerminalState.OUT_OF_SERVICE, TerminalState.EDGE_AWAY, TerminalState.OTHER})


class Agreement(StrEnum):
    """Whether what the edge appended is all here."""

    UNKNOWN = "unknown"
    AGREES = "agrees"
    ON_THE_WAY = "on the way"
    MISSING = "missing"


@dataclass(frozen=True, slots=True)
class EdgeLife:
    """One epoch of an edge, as people look at it."""

    id: int
    epoch: str
    mark: int
    head: bytes
    condition: EpochCondition | str
    opened_at: datetime
    moved_at: datetime


@dataclass(frozen=True, slots=True)
class LostRows:
    """Rows `first` to `last` that an edge no longer had and this server never got."""

    edge: str
    first: int
    last: int
    at: datetime
    reason: str

    @property
    def count(self) -> int:
        return self.last - self.first + 1


@dataclass(frozen=True, slots=True)
class EdgeLine:
    """An edge with the last it said of itself."""

    overview: EdgeOverview

    @property
    def name(self) -> str:
        return str(self.overview.edge.name)

    @property
    def said(self) -> Mapping[str, Any]:
        """The edge's last Health message; empty where it never said anything."""
        return self.overview.health.body if self.overview.health else {}

    def line(self, now: datetime) -> Line:
        """How it is connected; a cut is known from the broker, silence from its missing words."""
        edge, health = self.overview.edge, self.overview.health
        if edge.state is not EdgeState.ACTIVE:
            return Line(edge.state.value)
        if health is None:
            return Line.NEVER
        if health.cut_at is not None:
            return Line.CUT
        return Line.SILENT if now - health.received_at > SILENT_AFTER else Line.UP

    def kind(self, now: datetime) -> str:
        """The state's colour."""
        kinds = {Line.UP: "ok", Line.CUT: "wrong", Line.SILENT: "wrong", Line.QUARANTINED: "wrong", Line.NEVER: "attention"}
        return kinds.get(self.line(now), "off")

    @property
    def heard_at(self) -> datetime | None:
        return self.overview.health.received_at if self.overview.health else None

    @property
    def queue_depth(self) -> int | None:
        return self.said.get("queue_depth")

    @property
    def oldest_at(self) -> datetime | None:
        """When the row was received that waits longest for a receipt."""
        return instant(self.said.get("oldest_at"))

    @property
    def hours_left(self) -> float | None:
        return self.said.get("hours_left")

    @property
    def version(self) -> str:
        return str(self.said.get("version", ""))

    @property
    def certificate_ends_at(self) -> datetime | None:
        return instant(self.said.get("certificate_ends_at"))

    @property
    def clock_set_back(self) -> bool:
        return bool(self.said.get("clock_set_back", False))

    @property
    def stages(self) -> dict[str, datetime | None]:
        """The edge's own stages with the instant of their last success."""
        return {str(name): instant(value) for name, value in dict(self.said.get("stages", {})).items()}

    @property
    def alarms(self) -> list[str]:
        """Its own alarms: `code: detail`."""
        return [str(one) for one in self.said.get("alarms", [])]

    @property
    def terminals(self) -> list[Mapping[str, Any]]:
        """What it said of its terminals, also of those that are not provisioned here."""
        return list(self.said.get("terminals", []))


@dataclass(frozen=True, slots=True)
class TerminalLine:
    """A terminal with what its edge said and what is here. open, settled: distinct rows in quarantine that are no punches.

    gap: what its edge took and is not here, where the last comparison found something.
    """

    overview: TerminalOverview
    edge: EdgeLine | None
    admitted: int
    admitted_at: datetime | None
    open: int
    settled: int
    gap: Gap | None = None

    @property
    def serial(self) -> str:
        return str(self.overview.terminal.serial)

    def role(self, now: datetime) -> TerminalRole | None:
        """What it is for on the day that its site has."""
        return role_on(self.overview.roles, now.astimezone(ZoneInfo(self.overview.site.time_zone)).date())

    def state(self, now: datetime) -> TerminalState:
        """Its state; what an edge said before it went away is not called present."""
        terminal, health = self.overview.terminal, self.overview.health
        start, end = terminal.out_of_service_from, terminal.out_of_service_until
        if start is not None and start <= now and (end is None or now < end):
            return TerminalState.OUT_OF_SERVICE
        if health is None:
            return TerminalState.NEVER
        if self.edge is None or self.edge.line(now) is not Line.UP:
            return TerminalState.EDGE_AWAY
        try:
            return TerminalState(health.state)
        except ValueError:
            return TerminalState.OTHER

    def kind(self, now: datetime) -> str:
        """The state's colour."""
        state = self.state(now)
        if state in BROKEN:
            return "wrong"
        if state in _GREY:
            return "off"
        return "attention" if state in {TerminalState.NEVER, TerminalState.STARTING} else "ok"

    @property
    def appended(self) -> int | None:
        """Distinct identities the edge's outbox ever took, bytes that were no punches included; None where nobody said."""
        health = self.overview.health
        return None if health is None else health.appended + health.doubtful

    @property
    def held(self) -> int | None:
        return self.overview.health.held if self.overview.health else None

    @property
    def cleared(self) -> int | None:
        return self.overview.health.cleared if self.overview.health else None

    @property
    def drift_ms(self) -> int | None:
        return self.overview.health.drift_ms if self.overview.health else None

    @property
    def seen_at(self) -> datetime | None:
        """When it last answered its edge in any way."""
        health = self.overview.health
        times = [health.last_read_at, health.last_event_at, *map(instant, health.stages.values())] if health else []
        return max((one for one in times if one is not None), default=None)

    @property
    def punched_at(self) -> datetime | None:
        """When its last punch came: as its edge told, or as it was admitted here."""
        health = self.overview.health
        return max((one for one in (health.last_event_at if health else None, self.admitted_at) if one), default=None)

    @property
    def facts(self) -> Mapping[str, str]:
        """What it says of itself, see `protocol.messages.TerminalHealth`; empty where nobody told."""
        return self.overview.health.facts if self.overview.health else {}

    @property
    def capacities(self) -> list[Capacity]:
        return capacities(self.facts, self.held)

    @property
    def quarantined(self) -> int:
        """In quarantine, decided or not."""
        return self.open + self.settled

    @property
    def missing(self) -> int:
        """How many of what the edge said it holds or appended are not here; 0 where all is, or more."""
        told = max(self.appended or 0, self.held or 0)
        return max(told - self.admitted - self.quarantined, 0)

    @property
    def agreement(self) -> Agreement:
        """What is missing while the edge's queue holds as many rows is on its way."""
        if self.appended is None:
            return Agreement.UNKNOWN
        if not self.missing:
            return Agreement.AGREES
        waiting = (self.edge.queue_depth or 0) if self.edge else 0
        return Agreement.ON_THE_WAY if self.missing <= waiting else Agreement.MISSING

    @property
    def agreement_kind(self) -> str:
        kinds = {Agreement.AGREES: "ok", Agreement.ON_THE_WAY: "attention", Agreement.MISSING: "wrong"}
        return kinds.get(self.agreement, "off")


@dataclass(frozen=True, slots=True)
class DaysWaiting:
    """Attendance days that wait to be worked out again. oldest_at: since when the first of them does; failing ones are told apart."""

    marks: int = 0
    oldest_at: datetime | None = None
    failing: int = 0
    failing_since: datetime | None = None


@dataclass(frozen=True, slots=True)
class Fleet:
    """All of it at one moment."""

    edges: tuple[EdgeLine, ...]
    terminals: tuple[TerminalLine, ...]
    lost: tuple[LostRows, ...] = ()
    waiting: DaysWaiting = DaysWaiting()
    refused: tuple[Finding, ...] = ()
    """Who wanted to be an edge and may not, and edges at two places, until somebody has looked."""
    succession: Succession = field(default_factory=Succession)
    many_faces: tuple[ManyFaces, ...] = ()


@dataclass(frozen=True, slots=True)
class EdgeDetail:
    """An edge's own page: keys, epochs and holes, the latest first."""

    line: EdgeLine
    keys: tuple[EdgeKey, ...]
    lives: tuple[EdgeLife, ...]
    lost: tuple[LostRows, ...]


def instant(value: Any) -> datetime | None:
    """An instant as JSON holds it; None for none, and for what is none."""
    if value is None:
        return None
    try:
        found = datetime.fromisoformat(str(value))
    except ValueError:
        return None
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
