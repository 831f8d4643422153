"""`/edges`: line, queue, disk, certificate; `/edges/{name}`: one with its stages, alarms, epochs and keys."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from server.access.model import Permission
from server.ingest.actions import read_edge, read_fleet
from server.ingest.alarms import alarms
from server.ingest.overview import EdgeLine
from server.ingest.pages.common import export_address
from server.web.asking import database_of, now, shell_of, words
from server.web.export import table_answer
from server.web.visitor import needs

router = APIRouter()
PAGE = 100


@router.get("/edges", dependencies=[needs(Permission.SEE_FLEET)])
def edges_page(request: Request, state: str = "", after: str = "") -> Response:
    """Edges by name."""
    lines = _chosen(request, state)
    start = next((place for place, line in enumerate(lines, 1) if line.name == after), 0)
    shown = lines[start : start + PAGE]
    following = shown[-1].name if len(lines) > start + PAGE else ""
    return shell_of(request).page(
        request,
        "ingest/edges.html",
        export=export_address(request, "/edges.csv"),
        lines=shown,
        total=len(lines),
        after=following,
        paged=start > 0,
        state=state,
        trail_of=(("edge", ""),),
    )


@router.get("/edges.csv", dependencies=[needs(Permission.SEE_FLEET)])
@router.get("/edges.xlsx", dependencies=[needs(Permission.SEE_FLEET)])
def edges_file(request: Request, state: str = "") -> Response:
    """The list as seen, whole."""
    tell, moment = words(request), now()
    names = ("Edge", "Site", "State", "Last word", "Rows waiting", "Oldest row since", "Hours left", "Version", "Certificate until")
    rows = (
        [
            line.name,
            line.overview.site.name,
            tell(line.line(moment).value),
            line.heard_at,
            line.queue_depth,
            line.oldest_at,
            line.hours_left,
            line.version,
            line.certificate_ends_at,
        ]
        for line in _chosen(request, state)
    )
    return table_answer(request, tell("Edges"), [tell(name) for name in names], rows)


@router.get("/edges/{name}", dependencies=[needs(Permission.SEE_FLEET)])
def edge_page(request: Request, name: str) -> Response:
    """One edge: what it said last, its alarms and terminals, its epochs with their marks, its keys."""
    with database_of(request).reading() as uow:
        fleet, detail = read_fleet(uow), read_edge(uow, name)
    own = [line for line in fleet.terminals if line.edge is not None and line.edge.name == name]
    provisioned = {line.serial for line in fleet.terminals}
    return shell_of(request).page(
        request,
        "ingest/edge.html",
        detail=detail,
        line=detail.line,
        alarms=[alarm for alarm in alarms(fleet, now()) if alarm.href == f"/edges/{name}"],
        terminals=own,
        strangers=[one for one in detail.line.terminals if one.get("serial") and one["serial"] not in provisioned],
        trail_of=(("edge", name),),
    )


def _chosen(request: Request, state: str) -> list[EdgeLine]:
    moment = now()
    with database_of(request).reading() as uow:
        lines = read_fleet(uow).edges
    return [line for line in lines if not state or line.kind(moment) == state]
