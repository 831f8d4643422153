"""`/alarms`: what somebody must look at now, with what to do next."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from server.access.model import Permission
from server.ingest.actions import read_fleet
from server.ingest.alarms import Alarm, AlarmKind, alarms
from server.ingest.pages.common import export_address
from server.web.asking import database_of, now, shell_of, words
from server.web.export import table_answer
from server.web.visitor import needs

router = APIRouter()


@router.get("/alarms", dependencies=[needs(Permission.SEE_FLEET)])
def alarms_page(request: Request, kind: str = "") -> Response:
    """All alarms, the gravest first; `kind` limits them."""
    found = _found(request)
    return shell_of(request).page(
        request,
        "ingest/alarms.html",
        export=export_address(request, "/alarms.csv"),
        alarms=[alarm for alarm in found if not kind or alarm.kind == kind],
        total=len(found),
        kinds=[known for known in AlarmKind if any(alarm.kind is known for alarm in found)],
        kind=kind,
    )


@router.get("/alarms.csv", dependencies=[needs(Permission.SEE_FLEET)])
@router.get("/alarms.xlsx", dependencies=[needs(Permission.SEE_FLEET)])
def alarms_file(request: Request, kind: str = "") -> Response:
    """The list as seen."""
    tell = words(request)
    heading = [tell(name) for name in ("Weight", "About", "Since", "What happened", "What to do")]
    rows = (
        [
            tell(alarm.severity.value),
            alarm.subject,
            alarm.since,
            tell(alarm.text, **alarm.facts),
            tell(alarm.advice, **alarm.facts),
        ]
        for alarm in _found(request)
        if not kind or alarm.kind == kind
    )
    return table_answer(request, tell("Alarms"), heading, rows)


def _found(request: Request) -> list[Alarm]:
    with database_of(request).reading() as uow:
        return alarms(read_fleet(uow), now())
