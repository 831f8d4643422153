"""`/api/v1/roster`: what the grid shows, what is doubtful in it, and edits."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

import msgspec
from fastapi import APIRouter, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from server.access.model import Permission
from server.access.pages.visitors import actor_of, scope_of_visitor
from server.directory import actions as directory
from server.errors import InvalidInputError
from server.roster import actions as roster
from server.roster.actions import CellChange
from server.roster.engine.marks import Cell
from server.roster.engine.sheet import sheet_days
from server.roster.engine.warnings import told
from server.roster.pages.grid import leave_of, shifts_of, watched
from server.roster.pages.grid_question import days_question
from server.storage import UnitOfWork
from server.web.asking import database_of, now, whole, words
from server.web.visitor import needs

router = APIRouter(prefix="/api/v1/roster", tags=["roster"])
QUESTIONS = {
    "first": "the first day", "last": "the last day, at most 62 days", "department": "a department's id", "site": "a site's id",
    "text": "a part of a name or its sound, or the beginning of an employee number",
}  # fmt: skip
NAMED = {"people": "people's ids with commas between them; else all that are asked for"}
SEE = [needs(Permission.SEE_ROSTER), needs(Permission.SEE_PEOPLE)]
CHANGE = [needs(Permission.CHANGE_ROSTER)]


def _asked(questions: Mapping[str, str]) -> dict[str, Any]:
    """For OpenAPI: what is read from the address as the pages read it."""
    parameters = [
        {"name": name, "in": "query", "required": name in {"first", "last"}, "description": meaning, "schema": {"type": "string"}}
        for name, meaning in questions.items()
    ]
    return {"parameters": parameters}


class Edit(msgspec.Struct):
    """What a script sends. key: the same where it is sent again. cells: (person, day, mark wanted, mark it had)."""

    key: str
    cells: list[tuple[int, date, int, int]]


@router.get("", dependencies=SEE, openapi_extra=_asked(QUESTIONS))
def grid(request: Request) -> Response:
    """Who works when: `people` with a mark for each day that the pattern gives, and marks of entries and drafts by the place of their day.

    A mark is a shift's id, 0 for rest, -1 for the pattern; null: no pattern. `undo`, `redo`: how many steps the caller can take back.
    """
    asked, tell = days_question(request), words(request)
    with database_of(request).reading() as uow:
        days = [asked.first + timedelta(days=number) for number in range((asked.last - asked.first).days + 1)]
        special, known = roster.days_at_site(uow, asked.site_id, asked.first, asked.last)
        people = roster.see_grid(uow, asked.people(uow), asked.first, asked.last, leave_of(request), tell)
        steps = _steps(request, uow)
        answer = {
            "days": [msgspec.structs.replace(one, name=tell(one.name)) if one.name else one for one in sheet_days(days, special, known)],
            "shifts": shifts_of(uow),
            "people": people,
        }
    return _json(answer | steps)


@router.get("/warnings", dependencies=SEE, openapi_extra=_asked(QUESTIONS | NAMED))
def warnings(request: Request) -> Response:
    """What is doubtful on the days once all drafts are published, in the caller's language; with `blocks` it cannot be published."""
    asked, tell = days_question(request), words(request)
    named = {whole(number, "people") for number in request.query_params.get("people", "").split(",") if number}
    with database_of(request).reading() as uow:
        people = [one for one in asked.people(uow) if not named or one.person.id in named]
        found = watched(request, uow, people, asked)
    lines = [
        {"person": person_id, "date": one.work_date, "words": told(one, tell), "blocks": one.blocks}
        for person_id, ofone in found.items()
        for one in ofone
    ]
    return _json({"warnings": lines})


@router.post("/edits", dependencies=CHANGE)
async def edit(request: Request) -> Response:
    """Draft cells as one step: `key` (the same where it is sent again) and `cells` of [person, day, mark, mark before] in the body.

    Nothing is kept where one of them cannot be, or where somebody else has changed it in between (409).
    """
    try:
        sent = msgspec.json.decode(await request.body(), type=Edit)
    except msgspec.MsgspecError as error:
        raise InvalidInputError(
            field="cells", reason="send a key and cells of (person, day, mark, mark before): {detail}", detail=str(error)
        ) from error
    return await run_in_threadpool(_edit, request, sent)


@router.post("/undo", dependencies=CHANGE)
def undo(request: Request) -> Response:
    """Take the caller's last step back."""
    with database_of(request).writing() as uow:
        cells = roster.undo_edit(uow, actor_of(request), now())
        return _json(_cells(cells) | _steps(request, uow))


@router.post("/redo", dependencies=CHANGE)
def redo(request: Request) -> Response:
    """Do the caller's step again that was undone last."""
    with database_of(request).writing() as uow:
        cells = roster.redo_edit(uow, actor_of(request), now())
        return _json(_cells(cells) | _steps(request, uow))


def _edit(request: Request, sent: Edit) -> Response:
    with database_of(request).writing() as uow:
        days = [(person_id, day) for person_id, day, _, _ in sent.cells]
        directory.require_days_within(uow, scope_of_visitor(request, Permission.CHANGE_ROSTER), days, "person", days[0][0] if days else "")
        roster.edit_cells(uow, sent.key, [CellChange(*cell) for cell in sent.cells], actor_of(request), now())
        return _json(_steps(request, uow))


def _steps(request: Request, uow: UnitOfWork) -> dict[str, Any]:
    steps = roster.steps_of(uow, actor_of(request), now())
    return {"undo": steps.undo, "redo": steps.redo}


def _cells(cells: Mapping[Cell, int]) -> dict[str, Any]:
    return {"cells": [(person_id, day, mark) for (person_id, day), mark in cells.items()]}


def _json(answer: object) -> Response:
    return Response(msgspec.json.encode(answer), media_type="application/json")
