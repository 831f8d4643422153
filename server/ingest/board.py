"""The fleet at one glance: sites, their edges, their terminals, with what needs somebody. Pure."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any

from server.ingest.alarms import Alarm, Severity
from server.ingest.capacity import Capacity, fullest
from server.ingest.overview import EdgeLine, Fleet, TerminalLine

LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


class Standing(StrEnum):
    """How a terminal stands on the board; the words are those of the page."""

    WRONG = "wrong"
    ATTENTION = "attention"
    OFF = "off"
    OK = "ok"


STANDINGS = {
    Standing.WRONG: "wrong",
    Standing.ATTENTION: "needs attention",
    Standing.OFF: "away or out of service",
    Standing.OK: "in order",
}
"""In the order in which somebody wants to see them, with their words."""
SIGNS = {Standing.WRONG: "×", Standing.ATTENTION: "!", Standing.OFF: "–", Standing.OK: "✓"}
"""Beside the colour: nobody has to tell red from green."""


@dataclass(frozen=True, slots=True)
class Pending:
    """What is on its way to a terminal and not done yet. users: people who shall be there, or gone; orders: single commands."""

    users: int = 0
    orders: int = 0


@dataclass(frozen=True, slots=True)
class Line:
    """A terminal on the board. alarms: its own that nobody has taken on, the gravest first."""

    terminal: TerminalLine
    standing: Standing
    alarms: tuple[Alarm, ...]
    pending: Pending

    @property
    def id(self) -> int:
        return self.terminal.overview.terminal.id

    @property
    def name(self) -> str:
        return self.terminal.overview.terminal.name

    @property
    def site(self) -> str:
        return self.terminal.overview.site.name

    @property
    def edge(self) -> str:
        return self.terminal.edge.name if self.terminal.edge else ""

    @property
    def sign(self) -> str:
        return SIGNS[self.standing]

    @property
    def firmware(self) -> str:
        return self.terminal.facts.get("firmware", "")

    @property
    def fullest(self) -> Capacity | None:
        return fullest(self.terminal.capacities)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What of the board somebody wants to see; empty values leave a question open. text: part of a name or serial number."""

    site: int | None = None
    edge: str = ""
    standing: str = ""
    needs: bool = False
    text: str = ""


@dataclass(frozen=True, slots=True)
class EdgeGroup:
    """Lines of one edge at one site, with their sums. edge None: terminals that no edge reads."""

    site_id: int
    site: str
    edge: EdgeLine | None
    lines: tuple[Line, ...]
    alarms: int = 0

    def sum(self, value: Callable[[TerminalLine], int | None]) -> int:
        return sum(value(one.terminal) or 0 for one in self.lines)

    @property
    def standings(self) -> dict[Standing, int]:
        """How many stand how, those that are none left out."""
        found = {one: sum(line.standing is one for line in self.lines) for one in STANDINGS}
        return {one: count for one, count in found.items() if count}


def board(fleet: Fleet, alarms: Sequence[Alarm], pending: Mapping[int, Pending], now: datetime) -> list[Line]:
    """All terminals. alarms: those that nobody has taken on. pending: by terminal; one that is not there has nothing on its way."""
    of_page: dict[str, list[Alarm]] = defaultdict(list)
    of_serial: dict[object, list[Alarm]] = defaultdict(list)
    for alarm in alarms:
        of_page[alarm.href].append(alarm)
        if alarm.href.startswith("/edges/") and alarm.facts.get("terminal"):
            of_serial[alarm.facts["terminal"]].append(alarm)
    lines = []
    for one in fleet.terminals:
        own = (*of_page[f"/terminals/{one.overview.terminal.id}"], *of_serial[one.serial])
        lines.append(Line(one, _standing(one, own, now), own, pending.get(one.overview.terminal.id, Pending())))
    return lines


def chosen(lines: Iterable[Line], wanted: Wanted) -> list[Line]:
    """Those that fit, in the order given."""
    text = wanted.text.strip().casefold()
    return [
        line
        for line in lines
        if (wanted.site is None or line.terminal.overview.site.id == wanted.site)
        and (not wanted.edge or line.edge == wanted.edge)
        and (not wanted.standing or line.standing == wanted.standing)
        and (not wanted.needs or line.alarms)
        and (not text or text in line.name.casefold() or text in line.terminal.serial.casefold())
    ]


ORDERS: Mapping[str, Callable[[Line], Any]] = {
    "": lambda one: (one.site, one.edge, one.name),
    "name": lambda one: one.name,
    "state": lambda one: list(STANDINGS).index(one.standing),
    "seen": lambda one: one.terminal.seen_at or LONG_AGO,
    "punch": lambda one: one.terminal.punched_at or LONG_AGO,
    "drift": lambda one: -abs(one.terminal.drift_ms or 0),
    "queue": lambda one: -((one.terminal.edge.queue_depth if one.terminal.edge else None) or 0),
    "held": lambda one: -(one.terminal.held or 0),
    "missing": lambda one: -one.terminal.missing,
    "pending": lambda one: -(one.pending.users + one.pending.orders),
    "full": lambda one: -(one.fullest.share if one.fullest else 0),
    "firmware": lambda one: one.firmware,
}
"""By what the board is sorted: what hurts most first; "" by place, in which edges stand above their terminals."""


def ordered(lines: Iterable[Line], order: str) -> list[Line]:
    """By this order, then by serial number; an order that is not known is the one by place."""
    key = ORDERS.get(order, ORDERS[""])
    return sorted(lines, key=lambda one: (key(one), one.terminal.serial))


def chosen_edges(fleet: Fleet, wanted: Wanted, alarms: Sequence[Alarm]) -> list[EdgeLine]:
    """Edges that are shown also without a terminal: all that fit, or those with an alarm; none where a terminal is looked for."""
    if wanted.standing or wanted.text:
        return []
    counts = alarms_of_edges(alarms)
    return [
        one
        for one in fleet.edges
        if wanted.site in {None, one.overview.site.id} and wanted.edge in {"", one.name} and (not wanted.needs or counts.get(one.name))
    ]


def alarms_of_edges(alarms: Iterable[Alarm]) -> dict[str, int]:
    """How many each edge has that are not about one of its terminals."""
    found: dict[str, int] = defaultdict(int)
    for alarm in alarms:
        if alarm.href.startswith("/edges/") and not alarm.facts.get("terminal"):
            found[alarm.href.removeprefix("/edges/")] += 1
    return found


def grouped(lines: Iterable[Line], fleet: Fleet, alarms: Sequence[Alarm], bare: Iterable[EdgeLine] = ()) -> list[EdgeGroup]:
    """Lines under their edges, in the order given; behind them the edges of `bare` that have no line."""
    edges = {one.name: one for one in fleet.edges}
    counts = alarms_of_edges(alarms)
    found: dict[tuple[int, str], list[Line]] = {}
    for line in lines:
        found.setdefault((line.terminal.overview.site.id, line.edge), []).append(line)
    groups = [EdgeGroup(site_id, own[0].site, edges.get(name), tuple(own), counts.get(name, 0)) for (site_id, name), own in found.items()]
    shown = {name for _, name in found}
    rest = [
        EdgeGroup(one.overview.site.id, one.overview.site.name, one, (), counts.get(one.name, 0)) for one in bare if one.name not in shown
    ]
    return groups + rest


def counted(lines: Iterable[Line]) -> dict[Standing, int]:
    """How many stand how."""
    found = dict.fromkeys(STANDINGS, 0)
    for line in lines:
        found[line.standing] += 1
    return found


def ago(moment: datetime | None, now: datetime) -> timedelta | None:
    """How long ago; never less than nothing, although clocks differ."""
    return None if moment is None else max(now - moment, timedelta())


def _standing(line: TerminalLine, alarms: Iterable[Alarm], now: datetime) -> Standing:
    kind = line.kind(now)
    if kind == "off":
        return Standing.OFF
    severities = {one.severity for one in alarms}
    if kind == "wrong" or Severity.WRONG in severities:
        return Standing.WRONG
    return Standing.ATTENTION if kind == "attention" or severities else Standing.OK
