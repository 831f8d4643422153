"""`/fleet`: every site, edge and terminal at one glance, as a table or as a map of tiles."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from server.access.model import Permission
from server.fleet import actions as fleet_actions
from server.fleet.model import Site
from server.ingest.actions import read_fleet
from server.ingest.alarms import Alarm, alarms
from server.ingest.board import (
    ORDERS,
    SIGNS,
    STANDINGS,
    Line,
    Pending,
    Wanted,
    ago,
    board,
    chosen,
    chosen_edges,
    counted,
    grouped,
    ordered,
)
from server.ingest.overview import EdgeLine, Fleet
from server.ingest.pages.common import export_address
from server.ingest.watch.actions import taken_on
from server.storage import UnitOfWork
from server.web.asking import database_of, now, shell_of, whole, words
from server.web.export import table_answer
from server.web.visitor import needs

router = APIRouter()
SEES = [needs(Permission.SEE_FLEET)]
PAGE = 50

PendingWork = Callable[[UnitOfWork], Mapping[int, Pending]]
"""What is on its way to terminals, by terminal; `app.state.pending_work` has that of the areas that send it."""


@router.get("/fleet", dependencies=SEES)
def fleet_page(request: Request) -> Response:
    """The whole page."""
    return shell_of(request).page(request, "ingest/fleet.html", **_facts(request))


@router.get("/fleet/now", dependencies=SEES)
def fleet_now(request: Request) -> Response:
    """What changes by itself; the open page asks again from time to time."""
    return shell_of(request).page(request, "ingest/fleet_now.html", **_facts(request))


@router.get("/fleet.csv", dependencies=SEES)
@router.get("/fleet.xlsx", dependencies=SEES)
def fleet_file(request: Request) -> Response:
    """The list as seen, whole."""
    tell, facts = words(request), _facts(request)
    names = (
        "Serial number", "Terminal", "Site", "Edge", "State", "Last seen", "Last punch", "Drift (s)", "Rows waiting", "Oldest row since",
        "Held", "Appended", "Admitted", "Missing", "Pending users", "Pending orders", "Fullest", "Used %", "Firmware", "What is wrong",
    )  # fmt: skip
    rows = (_cells(line, tell) for line in facts["everybody"])
    return table_answer(request, tell("Fleet"), [tell(name) for name in names], rows)


@dataclass(frozen=True, slots=True)
class Seen:
    """The board at one moment. found: alarms that nobody has taken on; lines: all terminals."""

    fleet: Fleet
    sites: list[Site]
    found: list[Alarm]
    lines: list[Line]


def seen(request: Request, moment: datetime) -> Seen:
    """Read everything once."""
    with database_of(request).reading() as uow:
        fleet, sites, pending = read_fleet(uow), fleet_actions.list_sites(uow), _pending(request, uow)
        taken = taken_on(uow, moment)
    found = [one for one in alarms(fleet, moment) if one.key not in taken]
    return Seen(fleet, sites, found, board(fleet, found, pending, moment))


def _facts(request: Request) -> dict[str, Any]:
    asked, moment = request.query_params, now()
    wanted = Wanted(
        whole(asked.get("site", ""), "site"), asked.get("edge", ""), asked.get("state", ""), bool(asked.get("needs")), asked.get("text", "")
    )
    look = seen(request, moment)
    fleet, sites, found, lines = look.fleet, look.sites, look.found, look.lines
    order, is_map = asked.get("order", ""), asked.get("view") == "map"
    everybody = ordered(chosen(lines, wanted), "" if is_map else order)
    start = next((place for place, line in enumerate(everybody, 1) if str(line.id) == asked.get("after")), 0)
    shown = everybody if is_map else everybody[start : start + PAGE]
    is_last = is_map or len(everybody) <= start + PAGE
    edges = chosen_edges(fleet, wanted, found) if is_last else []
    here = replace(wanted, standing="", needs=False)
    around, needy = chosen(lines, here), chosen_edges(fleet, replace(here, needs=True), found)
    return {
        "wanted": wanted,
        "order": order if order in ORDERS else "",
        "view": "map" if is_map else "table",
        "everybody": everybody,
        "lines": shown,
        "groups": grouped(shown, fleet, found, _unshown(edges, everybody)) if is_map or not order else [],
        "following": "" if is_last else str(shown[-1].id),
        "paged": start > 0,
        "counts": counted(around),
        "needy": sum(bool(line.alarms) for line in around) + len(needy),
        "standings": STANDINGS,
        "signs": SIGNS,
        "total": len(fleet.terminals),
        "edges": fleet.edges,
        "sites": sites,
        "site": next((one for one in sites if one.id == wanted.site), None),
        "ago": lambda at: ago(at, moment),
        "held_of": lambda one: one.held,
        "appended_of": lambda one: one.appended,
        "admitted_of": lambda one: one.admitted,
        "export": export_address(request, "/fleet.csv"),
    }


def _unshown(edges: list[EdgeLine], lines: list[Line]) -> list[EdgeLine]:
    """Of these edges those that no line stands under, on this page or an earlier one."""
    used = {line.edge for line in lines}
    return [one for one in edges if one.name not in used]


def _pending(request: Request, uow: UnitOfWork) -> dict[int, Pending]:
    """Of all areas that send something to terminals."""
    sources: tuple[PendingWork, ...] = getattr(request.app.state, "pending_work", ())
    found: dict[int, Pending] = {}
    for source in sources:
        for terminal, more in source(uow).items():
            had = found.get(terminal, Pending())
            found[terminal] = Pending(had.users + more.users, had.orders + more.orders)
    return found


def _cells(line: Line, tell: Callable[..., str]) -> list[object]:
    one, edge, full = line.terminal, line.terminal.edge, line.fullest
    return [
        one.serial,
        line.name,
        line.site,
        line.edge,
        tell(STANDINGS[line.standing]),
        one.seen_at,
        one.punched_at,
        None if one.drift_ms is None else round(one.drift_ms / 1000, 1),
        edge.queue_depth if edge else None,
        edge.oldest_at if edge else None,
        one.held,
        one.appended,
        one.admitted,
        one.missing,
        line.pending.users,
        line.pending.orders,
        tell(full.kind) if full else None,
        full.percent if full else None,
        line.firmware,
        " ".join(tell(alarm.text, **alarm.facts) for alarm in line.alarms),
    ]
