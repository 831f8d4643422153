"""`/terminals`: whether each is read and whether its counts agree; `/terminals/{id}`: one with its stages."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from json import dumps
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from server.access.model import Permission
from server.errors import NotFoundError
from server.fleet import actions as fleet_actions
from server.fleet.model import FOR_BOTH, Site
from server.ingest.actions import list_groups, read_fleet
from server.ingest.actions.listing import QuarantineFilter
from server.ingest.alarms import alarms
from server.ingest.board import board
from server.ingest.overview import Agreement, Fleet, TerminalLine, instant
from server.ingest.pages.alarms import HOURS
from server.ingest.pages.common import TABLE_WORDS, export_address
from server.ingest.reconciliation.actions import last_reconciliation
from server.ingest.watch.actions import taken_on
from server.web.asking import database_of, may, now, shell_of, whole, words
from server.web.export import table_answer
from server.web.visitor import needs

router = APIRouter()
PAGE = 100
READINGS, PUSHED_DAYS = 5, 3
"""Of the read receipts, on a terminal's page; the rest has its own."""
DRIFT_SHOWN = timedelta(days=30)
FACTS = {
    "firmware": "Firmware",
    "platform": "Platform",
    "algorithm": "Template algorithm",
    "mac": "Network card (MAC)",
    "driver": "How it is read",
}
"""Of what a terminal says of itself, in this order, with their words."""
ORDERS = ("serial", "name", "missing", "quarantined")


@router.get("/terminals", dependencies=[needs(Permission.SEE_FLEET)])
def terminals_page(request: Request, site: str = "", state: str = "", order: str = "", after: str = "") -> Response:
    """Terminals that fit, by serial number, or those that are worst first."""
    fleet, sites = _look(request)
    lines = sorted_lines(chosen_lines(fleet, whole(site, "site"), state), order)
    start = next((place for place, line in enumerate(lines, 1) if line.serial == after), 0)
    shown = lines[start : start + PAGE]
    return shell_of(request).page(
        request,
        "ingest/terminals.html",
        export=export_address(request, "/terminals.csv"),
        lines=shown,
        total=len(lines),
        after=shown[-1].serial if len(lines) > start + PAGE else "",
        paged=start > 0,
        sites=sites,
        site=next((one for one in sites if str(one.id) == site), None),
        state=state,
        order=order,
        everything=len(fleet.terminals),
        wrong=sum(line.agreement is Agreement.MISSING for line in fleet.terminals),
        trail_of=(("terminal", ""), ("site", ""), ("zone", "")),
    )


@router.get("/terminals.csv", dependencies=[needs(Permission.SEE_FLEET)])
@router.get("/terminals.xlsx", dependencies=[needs(Permission.SEE_FLEET)])
def terminals_file(request: Request, site: str = "", state: str = "", order: str = "") -> Response:
    """The list as seen, whole."""
    fleet, _ = _look(request)
    lines = sorted_lines(chosen_lines(fleet, whole(site, "site"), state), order)
    tell, moment = words(request), now()
    heading = [
        tell(name)
        for name in (
            "Serial number", "Terminal", "Site", "Edge", "What it is for", "State", "Drift (s)", "Last read", "Last punch", "Held",
            "Cleared", "Appended", "Admitted", "In quarantine", "Missing", "Counts",
        )
    ]  # fmt: skip
    rows = ([*_cells(line), line.missing, tell(line.agreement.value)] for line in lines)
    said = ((tell(line.role(moment) or FOR_BOTH), tell(line.state(moment).value)) for line in lines)
    return table_answer(
        request, tell("Terminals"), heading, ([*row[:4], *now_said, *row[4:]] for row, now_said in zip(rows, said, strict=True))
    )


@router.get("/terminals/{terminal_id:int}", dependencies=[needs(Permission.SEE_FLEET)])
def terminal_page(request: Request, terminal_id: int) -> Response:
    """One terminal: what is wrong, counts, facts, room, clock, stages, what its quarantine holds, and what was done with it."""
    moment = now()
    with database_of(request).reading() as uow:
        fleet = read_fleet(uow)
        line = find_line(fleet, terminal_id)
        groups = list_groups(uow, QuarantineFilter(terminal=line.serial), limit=10) if may(request, Permission.SEE_QUARANTINE) else []
        readings = fleet_actions.readings(uow, terminal_id, limit=READINGS)
        pushed = fleet_actions.push_receipts(uow, terminal_id, days=PUSHED_DAYS)
        drifts = fleet_actions.drift_history(uow, terminal_id, moment - DRIFT_SHOWN, moment)
        taken, compared = taken_on(uow, moment), last_reconciliation(uow, terminal_id)
    stages = {name: instant(value) for name, value in line.overview.health.stages.items()} if line.overview.health else {}
    found = alarms(fleet, moment)
    return shell_of(request).page(
        request,
        "ingest/terminal.html",
        line=line,
        stages=stages,
        set_only=_set_only(stages),
        groups=groups,
        alarms=next((one.alarms for one in board(fleet, found, {}, moment) if one.id == terminal_id), ()),
        taken=taken,
        compared=compared,
        hours=HOURS,
        readings=readings,
        pushed=pushed,
        table_words=TABLE_WORDS,
        drifts=drifts,
        points=dumps([[int(one.at.timestamp() * 1000), one.drift_ms / 1000, one.corrected] for one in drifts]),
        facts=[(words, line.facts[name]) for name, words in FACTS.items() if line.facts.get(name)],
        trail_of=(("terminal", line.serial),),
    )


def _set_only(stages: Mapping[str, datetime | None]) -> datetime | None:
    """When the clock was set, where it has not been measured since."""
    was_set, measured = stages.get("clock-set"), stages.get("clock")
    return was_set if was_set and not (measured and measured > was_set) else None


def find_line(fleet: Fleet, terminal_id: int) -> TerminalLine:
    """Raises NotFoundError."""
    found = next((one for one in fleet.terminals if one.overview.terminal.id == terminal_id), None)
    if found is None:
        raise NotFoundError(what="terminal", name=terminal_id)
    return found


def chosen_lines(fleet: Fleet, site_id: int | None, state: str) -> list[TerminalLine]:
    """Terminals of a site, and of a colour: ok, attention, wrong, off, or `missing` for counts that disagree."""
    moment = now()
    lines = [one for one in fleet.terminals if site_id is None or one.overview.site.id == site_id]
    if state == "missing":
        return [one for one in lines if one.agreement is Agreement.MISSING]
    return [one for one in lines if not state or one.kind(moment) == state]


def sorted_lines(lines: list[TerminalLine], order: str) -> list[TerminalLine]:
    """By serial number unless another order is asked for; large numbers first."""
    keys: dict[str, Any] = {
        "name": lambda one: (one.overview.terminal.name, one.serial),
        "missing": lambda one: (-one.missing, one.serial),
        "quarantined": lambda one: (-one.open, one.serial),
    }
    return sorted(lines, key=keys.get(order, lambda one: one.serial))


def _look(request: Request) -> tuple[Fleet, list[Site]]:
    with database_of(request).reading() as uow:
        return read_fleet(uow), fleet_actions.list_sites(uow)


def _cells(line: TerminalLine) -> list[object]:
    terminal, health = line.overview.terminal, line.overview.health
    drift = None if line.drift_ms is None else round(line.drift_ms / 1000, 1)
    times = (health.last_read_at, health.last_event_at) if health else (None, None)
    counts = (line.held, line.cleared, line.appended, line.admitted, line.quarantined)
    place = (line.serial, terminal.name, line.overview.site.name, line.edge.name if line.edge else "")
    return [*place, drift, *times, *counts]
