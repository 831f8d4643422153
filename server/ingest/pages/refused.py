"""`/quarantine/refused`: messages of which nothing was taken, each once, with its bytes."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from protocol.messages import Refusal
from server.access.model import Permission
from server.ingest.actions import find_refused, list_refused
from server.ingest.actions.listing import PAGE
from server.ingest.pages.common import export_address
from server.web.asking import database_of, shell_of, whole, words
from server.web.export import table_answer
from server.web.visitor import needs

router = APIRouter()
SHOWN_BYTES = 4096
CSV_ROWS = 10_000


@router.get("/quarantine/refused", dependencies=[needs(Permission.SEE_QUARANTINE)])
def refused_page(request: Request, reason: str = "", edge: str = "", after: str = "") -> Response:
    """Refused messages, those first seen latest first."""
    start = whole(after, "after")
    with database_of(request).reading() as uow:
        found = list_refused(uow, reason=reason, edge_name=edge, before=start, limit=PAGE + 1)
    following = found[PAGE - 1].id if len(found) > PAGE else ""
    return shell_of(request).page(
        request,
        "ingest/refused.html",
        export=export_address(request, "/quarantine/refused.csv"),
        messages=found[:PAGE],
        following=following,
        paged=start is not None,
        reason=reason,
        edge=edge,
        reasons=[one for one in Refusal if one is not Refusal.OTHER],
    )


@router.get("/quarantine/refused.csv", dependencies=[needs(Permission.SEE_QUARANTINE)])
@router.get("/quarantine/refused.xlsx", dependencies=[needs(Permission.SEE_QUARANTINE)])
def refused_file(request: Request, reason: str = "", edge: str = "") -> Response:
    """The list as seen, the latest 10,000."""
    tell = words(request)
    with database_of(request).reading() as uow:
        found = list_refused(uow, reason=reason, edge_name=edge, limit=CSV_ROWS)
    heading = [tell(name) for name in ("Reason", "Edge", "First time", "Last time", "Times", "Detail", "Topic", "SHA-256")]
    rows = ([tell(one.reason), one.edge, one.at, one.last_at, one.count, one.detail, one.topic, one.content_hash.hex()] for one in found)
    return table_answer(request, tell("Refused messages"), heading, rows)


@router.get("/quarantine/refused/{message_id:int}", dependencies=[needs(Permission.SEE_QUARANTINE)])
def refused_message_page(request: Request, message_id: int) -> Response:
    """One message with the beginning of its bytes."""
    with database_of(request).reading() as uow:
        found = find_refused(uow, message_id)
    return shell_of(request).page(request, "ingest/refused_message.html", message=found, shown=found.body[:SHOWN_BYTES])


@router.get("/quarantine/refused/{message_id:int}/body", dependencies=[needs(Permission.SEE_QUARANTINE)])
def refused_body(request: Request, message_id: int) -> Response:
    """The bytes that were kept, to take away."""
    with database_of(request).reading() as uow:
        found = find_refused(uow, message_id)
    headers = {"content-disposition": f'attachment; filename="refused-{message_id}.bin"'}
    return Response(found.body, media_type="application/octet-stream", headers=headers)
