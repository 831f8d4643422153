"""Values of what IT provisions."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from protocol.identifiers import EdgeId, TerminalSerial


class EdgeState(StrEnum):
    """Whether what an edge sends is taken. QUARANTINED: it was seen at two places at once, and a person has to decide."""

    ACTIVE = "active"
    QUARANTINED = "quarantined"
    REVOKED = "revoked"
    REPLACED = "replaced"


@dataclass(frozen=True, slots=True)
class Site:
    """A place of work; `time_zone` is the name of its zone."""

    id: int
    code: str
    name: str
    time_zone: str


@dataclass(frozen=True, slots=True)
class LegalEntity:
    """Whom contracts are with: the company, or one of a group. unified_code: its 统一社会信用代码, None where it is not known."""

    id: int
    code: str
    name: str
    unified_code: str | None


@dataclass(frozen=True, slots=True)
class ManyFaces:
    """A legal entity, by name, of which more people's faces are stored than may go unnoticed. id None, name "": people of no contract."""

    legal_entity_id: int | None
    name: str
    people: int
    since: datetime


@dataclass(frozen=True, slots=True)
class Zone:
    """A group of terminals in which one user number means one person; each site has its own, `site_id` then names it."""

    id: int
    code: str
    name: str
    site_id: int | None


@dataclass(frozen=True, slots=True)
class Edge:
    """A site's gateway."""

    id: int
    name: EdgeId
    site_id: int
    state: EdgeState
    created_at: datetime


@dataclass(frozen=True, slots=True)
class EdgeKey:
    """A key an edge signs or signed with; public_key: 32 raw bytes of Ed25519. What it sealed stays good after `valid_until`."""

    key_id: str
    public_key: bytes
    valid_from: datetime
    valid_until: datetime | None


class TerminalRole(StrEnum):
    """Which way people go past a terminal; one without a role is for both."""

    ENTRANCE = "entrance"
    EXIT = "exit"


FOR_BOTH = "entrance and exit"
"""What is said of a terminal without a role."""


@dataclass(frozen=True, slots=True)
class RoleChange:
    """What a terminal is for from a date on, as its clock shows it; role None: for both. first_day date.min: since ever."""

    first_day: date
    role: TerminalRole | None


def role_on(changes: Sequence[RoleChange], day: date) -> TerminalRole | None:
    """What a terminal with these changes, in order, is for on a date."""
    return next((one.role for one in reversed(changes) if one.first_day <= day), None)


@dataclass(frozen=True, slots=True)
class Terminal:
    """A device people punch at. Out of service from (included) until (excluded); None, None while it serves."""

    id: int
    serial: TerminalSerial
    name: str
    site_id: int
    zone_id: int
    edge_id: int | None
    out_of_service_from: datetime | None
    out_of_service_until: datetime | None
    created_at: datetime


@dataclass(frozen=True, slots=True)
class KnownEdge:
    """What a message from an edge is checked against; `keys` by key id, past ones too."""

    id: int
    name: EdgeId
    state: EdgeState
    site_id: int
    keys: Mapping[str, EdgeKey]


@dataclass(frozen=True, slots=True)
class ServingTerminal:
    """What a row is admitted by: the zone its user numbers belong to, and the name of its site's time zone."""

    id: int
    serial: TerminalSerial
    zone_id: int
    time_zone: str
    out_of_service_from: datetime | None
    out_of_service_until: datetime | None


@dataclass(frozen=True, slots=True)
class EdgeHealth:
    """The last an edge said of itself. body: its Health message as JSON. cut_at: its line was cut then, and it said nothing since."""

    edge_id: int
    at: datetime
    received_at: datetime
    cut_at: datetime | None
    body: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class OpenLine:
    """An edge that can be reached now. sealing_key: what only it may read is sealed for it; None where its release has none."""

    edge_id: int
    edge: EdgeId
    sealing_key: bytes | None
    opened_at: datetime


@dataclass(frozen=True, slots=True)
class TerminalHealth:
    """The last an edge said of a terminal; counts are of distinct identities, None where it is not known."""

    terminal_id: int
    edge_id: int
    address: str
    state: str
    last_read_at: datetime | None
    last_event_at: datetime | None
    complete_at: datetime | None
    complete_sequence: int
    drift_ms: int | None
    held: int | None
    appended: int
    cleared: int | None
    doubtful: int
    last_error: str
    stages: Mapping[str, str]
    reported_at: datetime
    facts: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class EdgeOverview:
    """An edge in lists."""

    edge: Edge
    site: Site
    health: EdgeHealth | None


@dataclass(frozen=True, slots=True)
class TerminalOverview:
    """A terminal in lists. roles: the changes of what it is for, in order; empty where it always was for both."""

    terminal: Terminal
    site: Site
    zone: Zone
    edge_name: EdgeId | None
    health: TerminalHealth | None
    roles: tuple[RoleChange, ...] = ()


class TerminalDriver(StrEnum):
    """How an edge reads a terminal: by our own client, by pyzk, or by what the terminal pushes."""

    ZKTECO = "zkteco"
    PYZK = "pyzk"
    PUSH = "push"


@dataclass(frozen=True, slots=True)
class TerminalSettings:
    """How its edge reaches a terminal; the fields of `protocol.wanted.TerminalSetup`. The communication key is never read back.

    host, port, transport, poll_seconds, layout: of one that is polled. source: the address that a pushing one must come from, "" for the
    first it is heard from. has_key: whether a communication key is kept for it.
    """

    driver: TerminalDriver = TerminalDriver.ZKTECO
    host: str = ""
    port: int = 4370
    transport: str = "tcp"
    poll_seconds: int = 60
    layout: str = ""
    source: str = ""
    dialect: str = ""
    has_key: bool = False


@dataclass(frozen=True, slots=True)
class DriftPoint:
    """A measurement of a terminal's clock, minus true time. corrected: it was set since the measurement before."""

    at: datetime
    drift_ms: int
    corrected: bool


@dataclass(frozen=True, slots=True)
class Reading:
    """Reads of a terminal's log, one after another, that came to the same; the counts are those of `protocol.messages.LastRead`.

    milliseconds: how long the last of them took.
    """

    first_at: datetime
    last_at: datetime
    times: int
    milliseconds: int
    declared: int | None
    declared_bytes: int
    received_bytes: int
    decoded: int
    doubtful: int
    repeated: int
    held: int
    appended: int
    complete: bool
    layout: str
    reason: str

    @property
    def differs(self) -> bool:
        """Whether the terminal said to have another number of records than came, in a read that came whole."""
        return self.complete and self.declared is not None and self.declared > self.decoded + self.doubtful


@dataclass(frozen=True, slots=True)
class PushReceipt:
    """What a terminal that pushes told on one day of one table, as its edge took it; the counts are those of `protocol.messages.Pushed`."""

    day: date
    told: str
    first_at: datetime
    last_at: datetime
    bodies: int
    refused: int
    rows: int
    punches: int
    doubtful: int
    appended: int
    stamp: str
    missing: int | None

    @property
    def counted(self) -> bool:
        """Whether it is the terminal's own count of the day's punches, and no table."""
        return self.missing is not None


@dataclass(frozen=True, slots=True)
class SetupState:
    """Which set-up an edge should have, and which one it said to have; `held` 0: none of this server's."""

    version: int
    held: int
    changed_at: datetime


UNIFIED_LETTERS = "0123456789ABCDEFGHJKLMNPQRTUWXY"
"""GB 32100-2015: the letters I, O, S, V and Z are not used."""


def is_unified_code(code: str) -> bool:
    """Whether 18 characters are a unified social credit code: the last one is the check of the others (GB 32100-2015, section 5)."""
    if len(code) != 18 or any(letter not in UNIFIED_LETTERS for letter in code):
        return False
    weighed = sum(UNIFIED_LETTERS.index(letter) * pow(3, place, 31) for place, letter in enumerate(code[:17]))
    return UNIFIED_LETTERS[-weighed % 31] == code[17]
