"""`/imports`: hand a file in, take a template, find earlier imports again."""

from fastapi import APIRouter, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import RedirectResponse, Response

from server.errors import InvalidInputError
from server.hr.imports import actions as imports
from server.hr.imports.engine.workbook import MOST_MB
from server.hr.imports.pages.common import CHANGES, actor_of, permissions_of
from server.web.asking import database_of, now, said, shell_of, whole
from server.web.uploads import MOST_REQUEST, Upload, upload_of

router = APIRouter(include_in_schema=False)
PAGE = 30


@router.get("/imports", dependencies=CHANGES)
def imports_page(request: Request, below: str = "") -> Response:
    return _page(request, below=below)


@router.post("/imports", dependencies=CHANGES, max_body_size=MOST_REQUEST)
async def hand_in(request: Request) -> Response:
    """Take a file in; a runner looks at it, and its page shows how far that is."""
    try:
        sent = await upload_of(request, MOST_MB)
    except InvalidInputError as error:
        return await run_in_threadpool(_page, request, wrong=said(request, error), status=error.status)
    return await run_in_threadpool(_receive, request, sent)


def _receive(request: Request, sent: Upload) -> Response:
    by = actor_of(request)
    try:
        with database_of(request).writing() as uow:
            key = imports.receive(uow, sent.name, sent.data, sent.fields.get("kind", ""), permissions_of(request), by, now())
    except InvalidInputError as error:
        return _page(request, wrong=said(request, error), status=error.status)
    return RedirectResponse(f"/imports/{key}", 303)


def _page(request: Request, *, below: str = "", wrong: str = "", status: int = 200) -> Response:
    actor_of(request)
    with database_of(request).reading() as uow:
        found = imports.list_imports(uow, PAGE + 1, whole(below, "below"))
    following = found[PAGE - 1].id if len(found) > PAGE else None
    facts = {"found": found[:PAGE], "following": following, "kinds": imports.KINDS, "wrong": wrong, "most": MOST_MB, "paged": bool(below)}
    return shell_of(request).page(request, "imports/room.html", status, **facts)
