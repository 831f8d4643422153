"""How sites are today: who is there, and whether the site speaks. Figures of a silent site may lack punches, and say so."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from server.attendance import actions as attendance
from server.attendance.model import Presence
from server.fleet import actions as fleet
from server.fleet.model import EdgeOverview, EdgeState, Site
from server.storage import Database, UnitOfWork

SILENT_AFTER = timedelta(minutes=2)


class Line(StrEnum):
    """How a site's edges are heard of, the best first."""

    CONNECTED = "connected"
    SILENT = "silent"
    CUT = "cut"
    NEVER = "never"
    NONE = "none"


GRAVITY = list(Line)


@dataclass(frozen=True, slots=True)
class Figures:
    """Who is there on a day, and how the sites' edges are."""

    day: date
    sites: tuple[Site, ...]
    presence: tuple[Presence, ...]
    edges: tuple[EdgeOverview, ...]


@dataclass(frozen=True, slots=True)
class SiteState:
    """A site on the board. line: that of its worst edge, and `heard_at` when that one was last heard of (None: never)."""

    id: int
    name: str
    people: int
    punched: int
    line: Line
    heard_at: datetime | None

    @property
    def silent(self) -> bool:
        """Whether punches may wait at the site. A site without an edge has nowhere to wait."""
        return self.line not in {Line.CONNECTED, Line.NONE}


def figures_of(database: Database, day: date) -> Figures:
    """Read in a unit of work of its own."""
    with database.reading() as uow:
        return Figures(day, tuple(fleet.list_sites(uow)), tuple(attendance.presence(uow, day)), tuple(fleet.list_edges(uow)))


def site_states(figures: Figures, moment: datetime) -> list[SiteState]:
    """Sites that people belong to or an edge serves, by code."""
    counted = {one.site_id: one for one in figures.presence}
    edges = _active(figures.edges)
    return [
        _state(one, counted.get(one.id), edges.get(one.id, []), moment) for one in figures.sites if one.id in counted or one.id in edges
    ]


def silent_sites(uow: UnitOfWork, moment: datetime) -> list[SiteState]:
    """Sites at which punches may wait that are not here yet, by code."""
    edges = _active(tuple(fleet.list_edges(uow)))
    states = [_state(one, None, edges.get(one.id, []), moment) for one in fleet.list_sites(uow)]
    return [state for state in states if state.silent]


def _active(edges: tuple[EdgeOverview, ...]) -> dict[int, list[EdgeOverview]]:
    """By site. One that was revoked or replaced is not waited for."""
    found: dict[int, list[EdgeOverview]] = {}
    for one in edges:
        if one.edge.state is EdgeState.ACTIVE:
            found.setdefault(one.site.id, []).append(one)
    return found


def _state(site: Site, there: Presence | None, edges: list[EdgeOverview], moment: datetime) -> SiteState:
    people, punched = (there.people, there.punched) if there else (0, 0)
    lines = [(_line(one, moment), one.health.received_at if one.health else None) for one in edges]
    line, heard_at = max(lines, key=lambda each: GRAVITY.index(each[0]), default=(Line.NONE, None))
    return SiteState(site.id, site.name, people, punched, line, heard_at)


def _line(edge: EdgeOverview, moment: datetime) -> Line:
    if edge.health is None:
        return Line.NEVER
    if edge.health.cut_at is not None:
        return Line.CUT
    return Line.SILENT if moment - edge.health.received_at > SILENT_AFTER else Line.CONNECTED
