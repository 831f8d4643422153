"""`/imports/{id}`: one import, from the look at it to its undoing."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Form, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import RedirectResponse, Response

from server.audit.model import Actor
from server.directory.model import ImportFinding
from server.errors import InvalidInputError, RefusedError
from server.hr.imports import actions as imports
from server.hr.imports.model import Choice, ImportState, Outcome
from server.hr.imports.pages.common import CHANGES, actor_of, field_name
from server.storage import UnitOfWork
from server.web.asking import database_of, now, said, shell_of

router = APIRouter(include_in_schema=False)
PREFIX = "pair-"
SHOWN, SHOWN_PAIRS, OF_A_KIND = 200, 100, 25


@router.get("/imports/{import_id:int}", dependencies=CHANGES)
def import_page(request: Request, import_id: int) -> Response:
    return _page(request, import_id)


@router.post("/imports/{import_id:int}/choices", dependencies=CHANGES)
async def say_who_is_whom(request: Request, import_id: int) -> Response:
    """Fields `pair-<key>` with a choice; pairs that the form leaves open stay so."""
    form = await request.form(max_files=0, max_fields=5_000)
    choices = {name.removeprefix(PREFIX): str(word) for name, word in form.items() if name.startswith(PREFIX) and word}
    return await run_in_threadpool(_do, request, import_id, lambda uow, by: imports.choose(uow, import_id, choices, by, now()))


@router.post("/imports/{import_id:int}/store", dependencies=CHANGES)
def store(request: Request, import_id: int) -> Response:
    """Let it be stored as it was looked at."""
    return _do(request, import_id, lambda uow, by: imports.ask_to_store(uow, import_id, by, now()))


@router.post("/imports/{import_id:int}/again", dependencies=CHANGES)
def look_again(request: Request, import_id: int) -> Response:
    """Check it once more: its work came to a bad end, or what it stands on was changed."""
    return _do(request, import_id, lambda uow, by: imports.look_again(uow, import_id, by, now()))


@router.post("/imports/{import_id:int}/undo", dependencies=CHANGES)
def undo(request: Request, import_id: int, reason: Annotated[str, Form()] = "") -> Response:
    """Take it back, all of it."""
    return _do(request, import_id, lambda uow, by: imports.undo(uow, import_id, reason, by, now()))


@dataclass(frozen=True, slots=True)
class Group:
    """Findings of one kind in one sheet; only the first `shown` are listed."""

    sheet: str
    problem: str
    n: int
    findings: tuple[ImportFinding, ...]


def _do(request: Request, import_id: int, do: Callable[[UnitOfWork, Actor], Any]) -> Response:
    """Do something and come back to the page; a refusal is told on it."""
    by = actor_of(request)
    try:
        with database_of(request).writing() as uow:
            do(uow, by)
    except (InvalidInputError, RefusedError) as error:
        return _page(request, import_id, wrong=said(request, error), status=error.status)
    return RedirectResponse(f"/imports/{import_id}", 303)


def _page(request: Request, import_id: int, *, wrong: str = "", status: int = 200) -> Response:
    actor_of(request)
    in_the_way: list[imports.Hindrance] = []
    never = ""
    with database_of(request).reading() as uow:
        one = imports.find_import(uow, import_id)
        outcome = imports.outcome_of(uow, import_id) or Outcome()
        job = imports.job_of(uow, one)
        if one.state is ImportState.STORED:
            try:
                in_the_way = imports.hindrances(uow, one)
            except RefusedError as error:
                never = said(request, error)
    return shell_of(request).page(
        request,
        "imports/one.html",
        status,
        one=one,
        outcome=outcome,
        groups=_groups(outcome),
        pairs=outcome.pairs[:SHOWN_PAIRS],
        key_of=imports.key_of,
        field_name=field_name,
        choices=list(Choice),
        job=job,
        kinds=imports.KINDS,
        shown=SHOWN,
        in_the_way=in_the_way,
        never=never,
        for_good=any(not imports.KINDS[kind].undoable for kind in one.kinds),
        wrong=wrong,
        trail_of=(("import", f"{one.id}: {one.name}"),),
    )


def _groups(outcome: Outcome) -> list[Group]:
    """Findings by sheet and kind, the most frequent first."""
    found: dict[tuple[str, str], list[ImportFinding]] = {}
    for sheet in outcome.sheets:
        for one in sheet.findings:
            found.setdefault((sheet.sheet, one.problem), []).append(one)
    groups = [Group(sheet, problem, len(each), tuple(each[:OF_A_KIND])) for (sheet, problem), each in found.items()]
    return sorted(groups, key=lambda group: -group.n)
