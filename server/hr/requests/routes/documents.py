"""`/api/v1/…/requests/{id}/documents`: the files that belong to a request. Their kind is known by their content, never by their name."""

from typing import Any

from fastapi import APIRouter, Request as Asked
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from server.access.model import Permission
from server.access.pages.visitors import actor_of
from server.hr.requests import actions as requests
from server.hr.requests.actions import NewFile
from server.hr.requests.model import Request
from server.hr.requests.pages.one import given_out
from server.hr.requests.pages.others import require_change, seen_by
from server.hr.requests.routes.common import own_person
from server.hr.staff import actions as staff
from server.storage import UnitOfWork
from server.web.asking import database_of, now
from server.web.uploads import MOST_REQUEST, Upload, upload_of
from server.web.visitor import SIGNED_IN, needs

router = APIRouter(prefix="/api/v1", tags=["requests"])
ASKS = [needs(Permission.ASK), needs(Permission.SEE_OWN)]
LOOKS = [needs(SIGNED_IN)]
CHANGES = [needs(Permission.CHANGE_REQUESTS), needs(Permission.SEE_PEOPLE)]
FORM: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {"type": "object", "properties": {"file": {"type": "string", "format": "binary"}}, "required": ["file"]}
            }
        },
    }
}


@router.get("/me/requests/{request_id}/documents", dependencies=ASKS)
def my_documents(asked: Asked, request_id: int) -> dict[str, Any]:
    """The files of one of your own requests."""
    with database_of(asked).reading() as uow:
        return _listed(uow, _mine(uow, asked, request_id))


@router.post("/me/requests/{request_id}/documents", dependencies=ASKS, max_body_size=MOST_REQUEST, openapi_extra=FORM)
async def add_mine(asked: Asked, request_id: int) -> dict[str, Any]:
    """Add a file (`file`: PDF, picture, DOCX or XLSX, at most 20 MB) to one of your own; a certificate may follow as the rules say."""
    sent = await upload_of(asked, await run_in_threadpool(_most_mb, asked))

    def add() -> dict[str, Any]:
        with database_of(asked).writing() as uow:
            return _added(uow, asked, _mine(uow, asked, request_id), sent)

    return await run_in_threadpool(add)


@router.get("/me/requests/{request_id}/documents/{document_id}", dependencies=ASKS)
def my_document(asked: Asked, request_id: int, document_id: int) -> Response:
    """A file of one of your own; the look is on the trail."""
    with database_of(asked).writing() as uow:
        held = _mine(uow, asked, request_id)
        document = requests.open_attachment(uow, held.id, document_id, actor_of(asked), now())
    return given_out(database_of(asked), document)


@router.get("/requests/{request_id}/documents", dependencies=LOOKS)
def documents(asked: Asked, request_id: int) -> dict[str, Any]:
    """The files of a request that you may see, or that you are or were asked to decide."""
    with database_of(asked).reading() as uow:
        return _listed(uow, seen_by(uow, asked, request_id))


@router.post("/requests/{request_id}/documents", dependencies=CHANGES, max_body_size=MOST_REQUEST, openapi_extra=FORM)
async def add_in_name(asked: Asked, request_id: int) -> dict[str, Any]:
    """Add a file to somebody's request in their name, also when the time for it is over."""
    sent = await upload_of(asked, await run_in_threadpool(_most_mb, asked))

    def add() -> dict[str, Any]:
        with database_of(asked).writing() as uow:
            held = seen_by(uow, asked, request_id)
            require_change(uow, asked, held)
            return _added(uow, asked, held, sent, in_name=True)

    return await run_in_threadpool(add)


@router.get("/requests/{request_id}/documents/{document_id}", dependencies=LOOKS)
def document(asked: Asked, request_id: int, document_id: int) -> Response:
    """A file of a request that you may see; the look is on the trail."""
    with database_of(asked).writing() as uow:
        held = seen_by(uow, asked, request_id)
        found = requests.open_attachment(uow, held.id, document_id, actor_of(asked), now())
    return given_out(database_of(asked), found)


def _added(uow: UnitOfWork, asked: Asked, held: Request, sent: Upload, *, in_name: bool = False) -> dict[str, Any]:
    files = (NewFile(sent.name, sent.data),) if sent.name else ()
    requests.hand_in_later(uow, held, files, actor_of(asked), now(), in_name=in_name)
    return _listed(uow, held)


def _listed(uow: UnitOfWork, held: Request) -> dict[str, Any]:
    found = [staff.find_document(uow, one.document_id) for one in requests.attachments_of(uow, held.id)]
    return {"documents": [{"id": one.id, "name": one.name, "type": one.file_type.media_type, "bytes": one.size} for one in found]}


def _mine(uow: UnitOfWork, asked: Asked, request_id: int) -> Request:
    return requests.require_own(uow, request_id, own_person(asked))


def _most_mb(asked: Asked) -> int:
    with database_of(asked).reading() as uow:
        return staff.settings_now(uow).most_document_mb
