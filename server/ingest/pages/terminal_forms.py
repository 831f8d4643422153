"""Forms about terminals: add one, change one, say what one is for, put one out of service and back."""

from typing import Annotated, TypedDict
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Form, Request
from starlette.responses import RedirectResponse, Response

from protocol.identifiers import EdgeId
from server.access.model import Permission
from server.access.pages.visitors import actor_of
from server.errors import InvalidInputError, NotFoundError, RefusedError, ServerError
from server.fleet import actions as fleet_actions
from server.fleet.model import TerminalRole
from server.ingest.actions import count_rows, read_fleet, replay
from server.ingest.actions.listing import QuarantineFilter
from server.ingest.overview import TerminalLine
from server.ingest.pages.common import local_moment
from server.ingest.pages.terminals import find_line
from server.web.asking import database_of, given_day, may, now, said, shell_of
from server.web.visitor import needs

router = APIRouter()
CHANGE = [needs(Permission.CHANGE_FLEET)]
REFUSALS = (InvalidInputError, NotFoundError, RefusedError)
Field = Annotated[str, Form()]


class _Place(TypedDict):
    zone_code: str | None
    edge: EdgeId | None


@router.get("/terminals/new", dependencies=CHANGE)
def new_terminal(request: Request, serial: str = "", edge: str = "") -> Response:
    """An empty form; `serial` and `edge` come from where an unknown terminal was met."""
    return _form(request, {"serial": serial[:64], "name": "", "site": "", "zone": "", "edge": edge[:63], "role": ""})


@router.post("/terminals/new", dependencies=CHANGE)
def add_terminal(
    request: Request, serial: Field = "", name: Field = "", site: Field = "", zone: Field = "", edge: Field = "", role: Field = ""
) -> Response:
    """Add it; rows that waited for it in quarantine are tried again at once."""
    moment, by = now(), actor_of(request)
    try:
        with database_of(request).writing() as uow:
            made = fleet_actions.add_terminal(uow, serial, name, site, by, moment, role=_role(role), **_place(zone, edge))
            waiting = QuarantineFilter(terminal=str(made.serial))
            if may(request, Permission.RESOLVE_QUARANTINE) and count_rows(uow, waiting):
                replay(uow, waiting, request.app.state.limits, by, moment, reason="the terminal was added")
    except REFUSALS as error:
        return _form(request, {"serial": serial, "name": name, "site": site, "zone": zone, "edge": edge, "role": role}, error=error)
    return RedirectResponse(f"/terminals/{made.id}", 303)


@router.get("/terminals/{terminal_id:int}/change", dependencies=CHANGE)
def change_form(request: Request, terminal_id: int) -> Response:
    """The form with what the terminal is now."""
    line = _line(request, terminal_id)
    one = line.overview
    own_zone = one.zone.site_id == one.site.id
    typed = {"name": one.terminal.name, "site": one.site.code, "zone": "" if own_zone else one.zone.code, "edge": str(one.edge_name or "")}
    return _form(request, typed | {"serial": line.serial}, line)


@router.post("/terminals/{terminal_id:int}/change", dependencies=CHANGE)
def change_terminal(
    request: Request, terminal_id: int, name: Field = "", site: Field = "", zone: Field = "", edge: Field = "", reason: Field = ""
) -> Response:
    """Give it this name and place."""
    line = _line(request, terminal_id)
    serial, by = line.overview.terminal.serial, actor_of(request)
    try:
        with database_of(request).writing() as uow:
            fleet_actions.change_terminal(uow, serial, name, site, by, now(), reason=reason.strip(), **_place(zone, edge))
    except REFUSALS as error:
        typed = {"serial": line.serial, "name": name, "site": site, "zone": zone, "edge": edge, "reason": reason}
        return _form(request, typed, line, error=error)
    return RedirectResponse(f"/terminals/{terminal_id}", 303)


@router.get("/terminals/{terminal_id:int}/role", dependencies=CHANGE)
def role_form(request: Request, terminal_id: int) -> Response:
    """What the terminal is for, and the day from which that shall be otherwise."""
    line, moment = _line(request, terminal_id), now()
    today = moment.astimezone(ZoneInfo(line.overview.site.time_zone)).date().isoformat()
    typed = {"role": line.role(moment) or "", "first_day": today, "reason": ""}
    return shell_of(request).page(request, "ingest/role_form.html", line=line, typed=typed, wrong="")


@router.post("/terminals/{terminal_id:int}/role", dependencies=CHANGE)
def change_role(request: Request, terminal_id: int, role: Field = "", first_day: Field = "", reason: Field = "") -> Response:
    """Let the terminal be for this from a day on."""
    line = _line(request, terminal_id)
    try:
        start = given_day(first_day, "from")
        if start is None:
            raise InvalidInputError(field="from", reason="say from which day")
        with database_of(request).writing() as uow:
            fleet_actions.change_role(uow, line.overview.terminal.serial, _role(role), start, actor_of(request), now(), reason.strip())
    except REFUSALS as error:
        wrong, typed = said(request, error), {"role": role, "first_day": first_day, "reason": reason}
        return shell_of(request).page(request, "ingest/role_form.html", error.status, line=line, typed=typed, wrong=wrong)
    return RedirectResponse(f"/terminals/{terminal_id}", 303)


@router.get("/terminals/{terminal_id:int}/service", dependencies=CHANGE)
def service_form(request: Request, terminal_id: int) -> Response:
    """From when until when the terminal is out of service, on its site's clock."""
    line = _line(request, terminal_id)
    zone, terminal = ZoneInfo(line.overview.site.time_zone), line.overview.terminal
    spans = {"start": terminal.out_of_service_from, "end": terminal.out_of_service_until}
    typed = {name: one.astimezone(zone).strftime("%Y-%m-%dT%H:%M") if one else "" for name, one in spans.items()}
    return shell_of(request).page(request, "ingest/service_form.html", line=line, typed=typed | {"reason": ""}, wrong="")


@router.post("/terminals/{terminal_id:int}/service", dependencies=CHANGE)
def put_out_of_service(request: Request, terminal_id: int, start: Field = "", end: Field = "", reason: Field = "") -> Response:
    """Both empty puts it back into service."""
    line = _line(request, terminal_id)
    zone, serial = ZoneInfo(line.overview.site.time_zone), line.overview.terminal.serial
    try:
        span = (local_moment(start, zone, "from"), local_moment(end, zone, "until"))
        with database_of(request).writing() as uow:
            fleet_actions.put_out_of_service(uow, serial, *span, actor_of(request), now(), reason.strip())
    except REFUSALS as error:
        wrong, typed = said(request, error), {"start": start, "end": end, "reason": reason}
        return shell_of(request).page(request, "ingest/service_form.html", error.status, line=line, typed=typed, wrong=wrong)
    return RedirectResponse(f"/terminals/{terminal_id}", 303)


def _line(request: Request, terminal_id: int) -> TerminalLine:
    with database_of(request).reading() as uow:
        return find_line(read_fleet(uow), terminal_id)


def _place(zone: str, edge: str) -> _Place:
    return {"zone_code": zone or None, "edge": EdgeId(edge) if edge else None}


def _role(value: str) -> TerminalRole | None:
    if value and value not in set(TerminalRole):
        raise InvalidInputError(field="role", reason="choose entrance, exit or both")
    return TerminalRole(value) if value else None


def _form(request: Request, typed: dict[str, str], line: TerminalLine | None = None, error: ServerError | None = None) -> Response:
    with database_of(request).reading() as uow:
        sites, edges = fleet_actions.list_sites(uow), fleet_actions.list_edges(uow)
        zones = [zone for zone in fleet_actions.list_zones(uow) if zone.site_id is None]
        waiting = count_rows(uow, QuarantineFilter(terminal=typed["serial"])) if typed["serial"] and line is None else 0
    return shell_of(request).page(
        request,
        "ingest/terminal_form.html",
        error.status if error else 200,
        line=line,
        typed={"reason": "", **typed},
        wrong=said(request, error) if error else "",
        sites=sites,
        zones=zones,
        edges=edges,
        waiting=waiting,
    )
