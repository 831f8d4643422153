"""Documents of a record: handed in, opened, removed."""

from collections.abc import Mapping

from fastapi import APIRouter, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from server.access.pages.visitors import actor_of
from server.errors import InvalidInputError, NotFoundError, ServerError
from server.hr.staff import actions as staff
from server.hr.staff.model import Document, DocumentAccess, DocumentKind
from server.hr.staff.pages import record
from server.hr.staff.pages.common import CHANGES, REFUSALS, SEES, form_of, may_open, seen_person
from server.storage import UnitOfWork
from server.web.asking import database_of, given_day, now
from server.web.downloads import file_answer
from server.web.uploads import MOST_REQUEST, Upload, upload_of

router = APIRouter(include_in_schema=False)


@router.post("/people/{person_id:int}/documents", dependencies=CHANGES, max_body_size=MOST_REQUEST)
async def add_document(request: Request, person_id: int) -> Response:
    try:
        sent = await upload_of(request, await run_in_threadpool(most_mb, request))
    except InvalidInputError as error:
        return await run_in_threadpool(_refused, request, person_id, error, {})
    return await run_in_threadpool(_add, request, person_id, sent)


@router.get("/documents/{document_id:int}", dependencies=SEES)
def open_document(request: Request, document_id: int) -> Response:
    """The file, to be saved; that it was opened is on the trail."""
    with database_of(request).writing() as uow:
        _seen(request, uow, document_id)
        found = staff.open_document(uow, document_id, actor_of(request), now())
    return file_answer(found.name, found.file_type.media_type, found.size, staff.document_parts(database_of(request), found))


@router.post("/documents/{document_id:int}/remove", dependencies=CHANGES)
async def remove_document(request: Request, document_id: int) -> Response:
    return await run_in_threadpool(_remove, request, document_id, (await form_of(request)).get("reason", ""))


def said_of(sent: Upload, allowed: frozenset[DocumentAccess]) -> tuple[DocumentKind, DocumentAccess]:
    """What the form says of a file. Raises InvalidInputError."""
    kind, access = sent.fields.get("kind", ""), sent.fields.get("access", "")
    if kind not in list(DocumentKind):
        raise InvalidInputError(field="kind", reason="choose one that the list offers")
    if access not in allowed:
        raise InvalidInputError(field="access", reason="choose one that the list offers")
    return DocumentKind(kind), DocumentAccess(access)


def most_mb(request: Request) -> int:
    """The largest file that is taken."""
    with database_of(request).reading() as uow:
        return staff.settings_now(uow).most_document_mb


def _add(request: Request, person_id: int, sent: Upload) -> Response:
    try:
        kind, access = said_of(sent, may_open(request))
        expires_on = given_day(sent.fields.get("expires_on", ""), "expires_on")
        with database_of(request).writing() as uow:
            seen_person(request, uow, person_id)
            staff.add_document(uow, person_id, kind, sent.name, sent.data, access, actor_of(request), now(), expires_on)
    except REFUSALS as error:
        return _refused(request, person_id, error, sent.fields)
    return record.back(person_id, "documents")


def _remove(request: Request, document_id: int, reason: str) -> Response:
    with database_of(request).reading() as uow:
        found = _seen(request, uow, document_id)
    try:
        with database_of(request).writing() as uow:
            staff.remove_document(uow, document_id, reason, actor_of(request), now())
    except REFUSALS as error:
        return _refused(request, found.person_id, error, {"document": str(document_id)})
    return record.back(found.person_id, "documents")


def _seen(request: Request, uow: UnitOfWork, document_id: int) -> Document:
    """A document that the visitor may open; raises NotFoundError for any other, as if it were not there."""
    found = staff.find_document(uow, document_id)
    seen_person(request, uow, found.person_id)
    if found.access not in may_open(request):
        raise NotFoundError(what="document", name=document_id)
    return found


def _refused(request: Request, person_id: int, error: ServerError, typed: Mapping[str, str]) -> Response:
    return record.page(request, person_id, error=error, typed=dict(typed) | {"form": "documents"})
