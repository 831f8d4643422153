"""Values of orders: what somebody asked of terminals and edges, once, with an end and a result for each."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from protocol.identifiers import EdgeId
from protocol.messages import OrderKind
from server.fleet.model import Site, TerminalDriver, TerminalOverview


class PartState(StrEnum):
    """What became of an order at one terminal or edge.

    WAITING: nobody has answered. TAKEN: the edge has it and will say more. CANCELLED: taken back before an answer came; what comes
    nevertheless is told as it is.
    """

    WAITING = "waiting"
    TAKEN = "taken"
    DONE = "done"
    FAILED = "failed"
    REFUSED = "refused"
    EXPIRED = "expired"
    CANCELLED = "cancelled"

    @property
    def ended(self) -> bool:
        return self not in {PartState.WAITING, PartState.TAKEN}

    @property
    def words(self) -> str:
        """As people read it; a text of ours."""
        return _WORDS[self]


_WORDS = {
    PartState.WAITING: "not answered yet",
    PartState.TAKEN: "under way",
    PartState.DONE: "done",
    PartState.FAILED: "failed",
    PartState.REFUSED: "not carried out",
    PartState.EXPIRED: "ran out",
    PartState.CANCELLED: "taken back",
}


@dataclass(frozen=True, slots=True)
class Terms:
    """What goes for a kind of order. grave: it may be given by fewer people, and only with a reason.

    lasts: how long it is good for unless somebody says otherwise; most: the longest. of_edge: it is for an edge, not for a terminal.
    """

    name: str
    does: str
    lasts: timedelta
    most: timedelta
    grave: bool = False
    of_edge: bool = False


MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)

TERMS: Mapping[OrderKind, Terms] = {
    OrderKind.RE_READ: Terms("Read again", "The edge reads the whole log again; what is known is not doubled.", 7 * DAY, 30 * DAY),
    OrderKind.SET_CLOCK: Terms("Set the clock", "The terminal's clock is set to the edge's, in the site's zone.", DAY, 7 * DAY),
    OrderKind.READ_OPTIONS: Terms("Read its facts", "Firmware, capacities and settings are read and shown here.", HOUR, DAY),
    OrderKind.READ_USERS: Terms("Read its users", "Who stands in the terminal is read and compared with who should.", HOUR, DAY),
    OrderKind.PROVE: Terms("Compare the counts", "The terminal's own counts are compared with the edge's, day by day.", DAY, 7 * DAY),
    OrderKind.PROTOCOL_LOG: Terms("Fetch the protocol log", "What terminal and edge said to each other is fetched.", HOUR, DAY),
    OrderKind.ENROL: Terms("Enrol a finger", "The terminal asks for a finger of one user, who must stand before it.", 10 * MINUTE, HOUR),
    OrderKind.REBOOT: Terms("Restart", "The terminal is restarted; for about a minute nobody can punch at it.", HOUR, DAY, grave=True),
    OrderKind.UNLOCK: Terms("Unlock the door", "The door opens at once for some seconds.", MINUTE, 2 * MINUTE, grave=True),
    OrderKind.CLEAR_LOG: Terms(
        "Clear the log",
        "The terminal forgets its punches, if this server has every one of them; else the edge refuses.",
        HOUR,
        DAY,
        grave=True,
    ),
    OrderKind.SCAN: Terms("Look for terminals", "The edge looks for terminals in a network.", 10 * MINUTE, HOUR, of_edge=True),
    OrderKind.SUPPORT_BUNDLE: Terms("Fetch a support bundle", "Log and state of the edge, without people.", HOUR, DAY, of_edge=True),
}
"""Every kind that can be given, in the order in which it is offered. Texts are keys of the catalogue."""


@dataclass(frozen=True, slots=True)
class Part:
    """An order at one terminal, or at one edge. name: on the wire. edge None: nobody reads the terminal, so nobody can be asked.

    found: what was asked for, by name. has_body: a file came with the answer.
    """

    id: int
    order_id: int
    name: str
    edge: EdgeId | None
    terminal_id: int | None
    serial: str
    terminal: str
    state: PartState
    taken_at: datetime | None
    ended_at: datetime | None
    detail: str
    found: Mapping[str, str] = field(default_factory=dict)
    has_body: bool = False


@dataclass(frozen=True, slots=True)
class Order:
    """What somebody gave at once to one terminal or to many. target: to whom, as it was chosen, for people to read."""

    id: int
    kind: OrderKind
    parameters: Mapping[str, str]
    target: str
    reason: str
    asked_by: str
    asked_at: datetime
    expires_at: datetime
    repeats: int | None

    @property
    def terms(self) -> Terms:
        return TERMS[self.kind]


@dataclass(frozen=True, slots=True)
class Progress:
    """How many parts of an order are in which state."""

    counts: Mapping[PartState, int]

    @property
    def total(self) -> int:
        return sum(self.counts.values())

    @property
    def open(self) -> int:
        """Those of which more may be heard."""
        return sum(count for state, count in self.counts.items() if not state.ended)

    @property
    def done(self) -> int:
        return self.counts.get(PartState.DONE, 0)

    @property
    def unhappy(self) -> int:
        """Those that ended otherwise than done, and could be tried again."""
        return self.total - self.open - self.done


@dataclass(frozen=True, slots=True)
class OrderLine:
    """An order in lists."""

    order: Order
    progress: Progress
    terminals: tuple[str, ...]
    """Names of the first few."""


@dataclass(frozen=True, slots=True)
class OrderFilter:
    """Which orders are wanted; None leaves a question open. open: with a part of which more may be heard."""

    kind: OrderKind | None = None
    terminal_id: int | None = None
    edge: EdgeId | None = None
    state: PartState | None = None


@dataclass(frozen=True, slots=True)
class Targets:
    """To whom an order goes: these terminals, or these edges for an order of an edge. told: how they were chosen."""

    told: str
    terminal_ids: tuple[int, ...] = ()
    edges: tuple[EdgeId, ...] = ()


@dataclass(frozen=True, slots=True)
class TurnedAway:
    """Who did not want a terminal, when, and why."""

    by: str
    at: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class Newcomer:
    """A terminal that an edge met and does not read.

    driver: PUSH for one that knocks, else how a scan met it. serial: "" where it told none, and `trouble` says why. known: the terminal
    of that number, where there is one elsewhere.
    """

    edge: EdgeId
    site: Site
    driver: TerminalDriver
    serial: str
    address: str
    facts: Mapping[str, str]
    seen_at: datetime
    port: int = 4370
    transport: str = "tcp"
    trouble: str = ""
    known: TerminalOverview | None = None
    turned_away: TurnedAway | None = None

    @property
    def key(self) -> str:
        """What it is found by again, beside its edge."""
        return self.serial or self.address

    @property
    def pushes(self) -> bool:
        return self.driver is TerminalDriver.PUSH
