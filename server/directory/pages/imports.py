"""`/imports`: sites, departments and people from a file, looked at before anything is stored."""

from collections.abc import Iterable

from fastapi import APIRouter, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import RedirectResponse, Response

from server.access.model import Permission
from server.audit import store as trail
from server.audit.model import AuditRow
from server.directory.model import ImportFinding, ImportReport
from server.directory.pages.api import run_import
from server.directory.pages.kinds import KINDS, Kind, kind_of
from server.directory.pages.received import MOST_REQUEST, FileTooLargeError, pack, upload_of
from server.web.asking import database_of, said, shell_of, words
from server.web.export import csv_answer
from server.web.language import language_of
from server.web.visitor import needs

router = APIRouter(include_in_schema=False)
CHANGES = [needs(Permission.CHANGE_PEOPLE), needs(Permission.SEE_PEOPLE)]  # findings and changes tell of people who are there
SHOWN, LATEST = 500, 10


@router.get("/imports", dependencies=CHANGES)
def imports_page(request: Request, kind: str = "people", entry: str = "") -> Response:
    """Choose a file; `entry` is the row of the trail of an import that has just been stored."""
    return _page(request, kind_of(kind), stored=entry)


@router.get("/imports/sample/{kind}.csv", dependencies=CHANGES)
def sample(request: Request, kind: str) -> Response:
    """A file to fill in, in the reader's language."""
    wanted, language = kind_of(kind), language_of(request, shell_of(request).language)
    return csv_answer(wanted.name, wanted.heading(language), wanted.sample[language])


@router.post("/imports", dependencies=CHANGES, max_body_size=MOST_REQUEST)
async def import_now(request: Request) -> Response:
    """First what would happen; the page that answers carries the file along, and `store` takes it as it was looked at."""
    try:
        sent = await upload_of(request)
    except FileTooLargeError as error:
        return await run_in_threadpool(_page, request, KINDS["people"], error.status, wrong=said(request, error))
    return await run_in_threadpool(_answer, request, kind_of(sent.kind), sent.data, store=sent.store)


@router.post("/imports/findings.csv", dependencies=CHANGES, max_body_size=MOST_REQUEST)
async def findings_csv(request: Request) -> Response:
    """All findings of a file that was looked at, to work through beside it."""
    sent = await upload_of(request)
    return await run_in_threadpool(_findings, request, kind_of(sent.kind), sent.data)


def _answer(request: Request, kind: Kind, data: bytes, *, store: bool) -> Response:
    if not data:
        return _page(request, kind, 422, wrong=words(request)("Choose a file with something in it."))
    report = run_import(request, kind, data, dry_run=not store)
    if report.stored:
        return RedirectResponse(f"/imports?kind={kind.name}&entry={report.entry}", 303)
    return _page(request, kind, 422 if report.findings else 200, report=report, held=pack(data))


def _findings(request: Request, kind: Kind, data: bytes) -> Response:
    tell = words(request)
    report = run_import(request, kind, data, dry_run=True)

    def cells(findings: Iterable[ImportFinding]) -> Iterable[tuple[object, ...]]:
        return ((one.row, one.column, tell(one.problem, **one.facts), tell(one.remedy, **one.facts)) for one in findings)

    heading = [tell(name) for name in ("Row number", "Column", "What is wrong", "What to do")]
    return csv_answer(f"{kind.name}-findings", heading, cells(report.findings))


def _page(
    request: Request,
    kind: Kind,
    status: int = 200,
    *,
    report: ImportReport | None = None,
    held: str = "",
    wrong: str = "",
    stored: str = "",
) -> Response:
    with database_of(request).reading() as uow:
        rows = [row for one in KINDS for row in trail.newest(uow, subject=("import", one), limit=LATEST)]
    latest = sorted(rows, key=lambda row: row.id, reverse=True)[:LATEST]
    return shell_of(request).page(
        request,
        "directory/imports.html",
        status,
        kinds=KINDS,
        kind=kind,
        report=report,
        held=held,
        wrong=wrong,
        stored=_stored(latest, stored),
        latest=latest,
        shown=SHOWN,
    )


def _stored(latest: Iterable[AuditRow], entry: str) -> AuditRow | None:
    """The import that an address speaks of, from the trail: an address alone could claim anything."""
    return next((row for row in latest if str(row.id) == entry), None)
