"""`/api/v1/imports`: files from programs, taken in at once, found again, undone."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from fastapi import APIRouter, Request
from pydantic import BaseModel
from starlette.concurrency import run_in_threadpool

from server.errors import InvalidInputError
from server.hr.imports import actions as imports
from server.hr.imports.engine.workbook import MOST_MB
from server.hr.imports.model import Import, Outcome
from server.hr.imports.pages.common import CHANGES, actor_of, enrolled_of, permissions_of
from server.web.asking import database_of, now, whole, words
from server.web.uploads import MOST_REQUEST, TooLargeError

router = APIRouter(prefix="/api/v1", tags=["imports"])
PAGE = 50


@dataclass(frozen=True)
class FindingAnswer:
    """Something wrong with the file, in the caller's language; `row` as a spreadsheet counts."""

    sheet: str
    row: int
    column: str
    problem: str
    remedy: str


@dataclass(frozen=True)
class ImportAnswer:
    """What the file came to, or would come to; `stored` is false in a dry run, when there are findings, and while `unsure` is not 0.

    unsure: new people who may be here already; a person says who is whom on the page of the import.
    """

    id: int | None
    new: int
    changed: int
    unchanged: int
    unsure: int
    stored: bool
    findings: list[FindingAnswer]


class Why(BaseModel):
    """Why an import is undone."""

    reason: str


@router.post("/imports/{kind}", dependencies=CHANGES, max_body_size=MOST_REQUEST)
async def import_by_program(request: Request, kind: str, dry_run: bool = False) -> ImportAnswer:
    """The file as the request's body; nothing is stored when there are findings. kind: of a file of one sheet, or `workbook`."""
    parts, size = [], 0
    async for part in request.stream():
        parts.append(part)
        size += len(part)
        if size > MOST_MB * 1024 * 1024:
            raise TooLargeError(most=MOST_MB)
    return await run_in_threadpool(_take, request, kind, b"".join(parts), dry_run=dry_run)


@router.get("/imports", dependencies=CHANGES)
def list_imports(request: Request, limit: int = PAGE, below: str = "") -> dict[str, Any]:
    """Imports, the newest first."""
    actor_of(request)
    most = max(1, min(limit, 200))
    with database_of(request).reading() as uow:
        found = imports.list_imports(uow, most + 1, whole(below, "below"))
    return {"imports": [_as_json(one) for one in found[:most]], "next": str(found[most - 1].id) if len(found) > most else None}


@router.get("/imports/{import_id}", dependencies=CHANGES)
def one_import(request: Request, import_id: int) -> dict[str, Any]:
    """One import with its findings."""
    actor_of(request)
    with database_of(request).reading() as uow:
        one = imports.find_import(uow, import_id)
        outcome = imports.outcome_of(uow, import_id) or Outcome()
    return _as_json(one) | {"found": [vars_of(each) for each in _findings(request, outcome)]}


@router.post("/imports/{import_id}/undo", dependencies=CHANGES)
def undo_import(request: Request, import_id: int, why: Why) -> dict[str, Any]:
    """Take an import back, as long as nothing was built on it."""
    with database_of(request).writing() as uow:
        imports.undo(uow, import_id, why.reason, actor_of(request), now())
        return _as_json(imports.find_import(uow, import_id))


def _take(request: Request, kind: str, data: bytes, *, dry_run: bool) -> ImportAnswer:
    if kind != "workbook" and kind not in imports.KINDS:
        raise InvalidInputError(field="kind", reason="use workbook, or one of: {kinds}", kinds=", ".join(imports.KINDS))
    by, permissions, of = actor_of(request), permissions_of(request), "" if kind == "workbook" else kind
    key, database = None, database_of(request)
    if dry_run:
        outcome = imports.look_at_once(database, kind, data, of, permissions, by, now())
    else:
        key, outcome = imports.take_at_once(database, kind, data, of, permissions, enrolled_of(request), by, now())
    unsure = imports.open_pairs(outcome.pairs, {})
    stored = key is not None and not outcome.findings and not unsure
    return ImportAnswer(key, outcome.new, outcome.changed, outcome.unchanged, unsure, stored, _findings(request, outcome))


def _findings(request: Request, outcome: Outcome) -> list[FindingAnswer]:
    tell = words(request)
    return [
        FindingAnswer(sheet.sheet, one.row, one.column, tell(one.problem, **one.facts), tell(one.remedy, **one.facts))
        for sheet in outcome.sheets
        for one in sheet.findings
    ]


def vars_of(one: FindingAnswer) -> dict[str, Any]:
    return {"sheet": one.sheet, "row": one.row, "column": one.column, "problem": one.problem, "remedy": one.remedy}


def _as_json(one: Import) -> dict[str, Any]:
    def moment(at: datetime | None) -> str | None:
        return at.isoformat() if at else None

    return {
        "id": one.id,
        "name": one.name,
        "sha256": one.sha256,
        "state": one.state.value,
        "kinds": list(one.kinds),
        **{name: one.counts.get(name, 0) for name in ("new", "changed", "unchanged", "findings", "open")},
        "author": one.author,
        "at": moment(one.at),
        "stored_at": moment(one.stored_at),
        "undone_at": moment(one.undone_at),
        "undo_reason": one.undo_reason,
    }
