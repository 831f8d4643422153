"""`POST /api/v1/imports/{kind}`: a file from a program."""

from dataclasses import dataclass

from fastapi import APIRouter, Request
from starlette.concurrency import run_in_threadpool

from server.access.model import Permission
from server.access.pages.visitors import scope_of_visitor
from server.audit.model import Actor
from server.directory.model import ImportReport
from server.directory.pages.kinds import Kind, kind_of
from server.directory.pages.received import MOST_REQUEST, body_of
from server.errors import RefusedError
from server.web.asking import database_of, now, words
from server.web.visitor import needs

router = APIRouter(prefix="/api/v1", tags=["directory"])


@dataclass(frozen=True)
class FindingAnswer:
    """Something wrong with the file, in the caller's language; `row` as a spreadsheet counts."""

    row: int
    column: str
    problem: str
    remedy: str


@dataclass(frozen=True)
class ImportAnswer:
    """What the file came to, or would come to; `stored` is false in a dry run and when there are findings."""

    new: int
    changed: int
    unchanged: int
    stored: bool
    findings: list[FindingAnswer]


@router.post("/imports/{kind}", dependencies=[needs(Permission.CHANGE_PEOPLE), needs(Permission.SEE_PEOPLE)], max_body_size=MOST_REQUEST)
async def import_by_program(request: Request, kind: str, dry_run: bool = False) -> ImportAnswer:
    """The file as the request's body; nothing is stored when there are findings."""
    wanted = kind_of(kind)
    data = await body_of(request)
    report = await run_in_threadpool(run_import, request, wanted, data, dry_run=dry_run)
    tell = words(request)
    findings = [
        FindingAnswer(one.row, one.column, tell(one.problem, **one.facts), tell(one.remedy, **one.facts)) for one in report.findings
    ]
    return ImportAnswer(report.new, report.changed, report.unchanged, report.stored, findings)


def run_import(request: Request, kind: Kind, data: bytes, *, dry_run: bool) -> ImportReport:
    """Look at a file, or take it in. A look takes no lock."""
    if not scope_of_visitor(request, Permission.CHANGE_PEOPLE).everybody:
        raise RefusedError(reason="A file may be about anybody. Ask somebody who is responsible for everybody to import it.")
    database, by = database_of(request), Actor(request.state.visitor.login)
    with database.reading() if dry_run else database.writing() as uow:
        return kind.work(uow, data, by, now(), dry_run=dry_run)
