"""`/punches/{id}`: one punch with its evidence and its way through the system."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from server.access.model import Permission
from server.attendance.pages.asked import see_people
from server.attendance.pages.punches import known_line
from server.ingest.actions import trace_punch
from server.web.asking import database_of, shell_of
from server.web.visitor import needs

router = APIRouter()


@router.get("/punches/{punch_id:int}", dependencies=[needs(Permission.SEE_PUNCHES)])
def punch_page(request: Request, punch_id: int) -> Response:
    """Three times, bytes, batch with its seal checked now, receipt, and what else was reported of it."""
    with database_of(request).reading() as uow:
        known_line(uow, request, punch_id)
        trace = trace_punch(uow, punch_id, see_people=see_people(request))
    return shell_of(request).page(request, "ingest/punch.html", trace=trace, punch=trace.punch, line=trace.line)
