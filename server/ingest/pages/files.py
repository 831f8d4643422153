"""`/terminals/files`: logs from USB sticks, handed in here; `/terminals/files/{id}`: one, line by line, and whether it is taken."""

from typing import Annotated

from fastapi import APIRouter, Form, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import RedirectResponse, Response

from protocol.attlog.survey import odd_count, serial_named_in
from protocol.attlog.words import problem_words, refusal_words
from server.access.model import Permission
from server.access.pages.visitors import actor_of
from server.errors import InvalidInputError, NotFoundError, RefusedError
from server.fleet import actions as fleet_actions
from server.ingest.files import actions, store
from server.jobs import actions as jobs
from server.web.asking import database_of, now, said, shell_of, whole, words
from server.web.export import table_answer
from server.web.language import language_of
from server.web.uploads import MOST_REQUEST, Upload, upload_of
from server.web.visitor import needs

router = APIRouter()
CHANGE = [needs(Permission.CHANGE_FLEET)]
MOST_MB = 48
"""A million punches."""
PAGE = 30


@router.get("/terminals/files", dependencies=CHANGE)
def files_page(request: Request, terminal: str = "", below: str = "") -> Response:
    """Hand one in, and find earlier ones again."""
    return _page(request, terminal=terminal, below=below)


@router.post("/terminals/files", dependencies=CHANGE, max_body_size=MOST_REQUEST)
async def hand_in(request: Request) -> Response:
    """Keep a file; a runner looks at it, and its page shows how far that is."""
    try:
        sent = await upload_of(request, MOST_MB)
    except InvalidInputError as error:
        return await run_in_threadpool(_page, request, wrong=said(request, error), status=error.status)
    return await run_in_threadpool(_receive, request, sent)


@router.get("/terminals/files/{file_id:int}", dependencies=CHANGE)
def file_page(request: Request, file_id: int) -> Response:
    """What it holds, what would become of it, and each line with something wrong."""
    return _one(request, file_id)


@router.get("/terminals/files/{file_id:int}.csv", dependencies=CHANGE)
@router.get("/terminals/files/{file_id:int}.xlsx", dependencies=CHANGE)
def findings_file(request: Request, file_id: int) -> Response:
    """The lines with something wrong, as a table."""
    tell = words(request)
    with database_of(request).reading() as uow:
        one = actions.find_file(uow, file_id)
    findings = one.survey.findings if one.survey else []
    rows = ((found.line, *problem_words(found.problem, chinese=_chinese(request)), found.shown) for found in findings)
    heading = [tell(name) for name in ("Line", "What is wrong", "What to do", "What stands there")]
    return table_answer(request, one.name.rpartition(".")[0], heading, rows)


@router.post("/terminals/files/{file_id:int}/take", dependencies=CHANGE)
def take_file(request: Request, file_id: int) -> Response:
    """Let it be taken in."""
    return _decide(request, file_id, "take")


@router.post("/terminals/files/{file_id:int}/look", dependencies=CHANGE)
def look_again(request: Request, file_id: int, device: Annotated[str, Form()] = "") -> Response:
    """Look again with this device number, or with all of them."""
    return _decide(request, file_id, "look", device[:3])


@router.post("/terminals/files/{file_id:int}/drop", dependencies=CHANGE)
def drop_file(request: Request, file_id: int) -> Response:
    """Forget it."""
    return _decide(request, file_id, "drop")


def _decide(request: Request, file_id: int, what: str, device: str = "") -> Response:
    by, at = actor_of(request), now()
    try:
        with database_of(request).writing() as uow:
            match what:
                case "take":
                    actions.ask_to_take(uow, file_id, by, at)
                case "look":
                    actions.look_again(uow, file_id, [device] if device else [], any_device=not device, by=by, now=at)
                case _:
                    actions.drop(uow, file_id)
    except RefusedError as error:
        return _one(request, file_id, wrong=said(request, error), status=error.status)
    return RedirectResponse("/terminals/files" if what == "drop" else f"/terminals/files/{file_id}", 303)


def _receive(request: Request, sent: Upload) -> Response:
    serial = sent.fields.get("terminal", "") or serial_named_in(sent.name) or ""
    try:
        with database_of(request).writing() as uow:
            key = actions.hand_in(uow, serial, sent.name, sent.data, actor_of(request), now())
    except (InvalidInputError, RefusedError, NotFoundError) as error:
        return _page(request, terminal=serial, wrong=said(request, error), status=error.status)
    return RedirectResponse(f"/terminals/files/{key}", 303)


def _page(request: Request, *, terminal: str = "", below: str = "", wrong: str = "", status: int = 200) -> Response:
    with database_of(request).reading() as uow:
        terminals = fleet_actions.list_terminals(uow)
        found = store.newest(uow, PAGE + 1, whole(below, "below"))
    following = found[PAGE - 1].id if len(found) > PAGE else None
    facts = {"found": found[:PAGE], "following": following, "paged": bool(below), "terminals": terminals, "chosen": terminal}
    return shell_of(request).page(request, "ingest/files.html", status, **facts, wrong=wrong, most=MOST_MB)


def _one(request: Request, file_id: int, *, wrong: str = "", status: int = 200) -> Response:
    chinese = _chinese(request)
    with database_of(request).reading() as uow:
        one = actions.find_file(uow, file_id)
        job = jobs.status(uow, one.job_key)
    survey = one.survey
    facts = {
        "one": one,
        "job": job,
        "survey": survey,
        "odd": odd_count(survey) if survey else 0,
        "findings": [(found, *problem_words(found.problem, chinese=chinese)) for found in survey.findings] if survey else [],
        "refused": refusal_words(one.refusal, one.shown, chinese=chinese) if one.refusal else "",
    }
    return shell_of(request).page(request, "ingest/file.html", status, **facts, wrong=wrong, trail_of=(("terminal", one.serial),))


def _chinese(request: Request) -> bool:
    return language_of(request, shell_of(request).language) == "zh"
