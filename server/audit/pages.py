"""`/audit`: who did what, and whether the trail holds."""

from collections.abc import Iterator

from fastapi import APIRouter, Request
from starlette.responses import Response

from server.audit import store
from server.audit.actions import verify
from server.audit.model import ACTIONS, AuditRow, TrailFilter
from server.storage import Database
from server.web.asking import database_of, shell_of, whole, words
from server.web.export import table_answer
from server.web.visitor import needs

SEE_AUDIT = "see-audit"  # access's word: it stands above this area
PAGE, EXPORT_PAGE = 100, 1_000

router = APIRouter(include_in_schema=False)


@router.get("/audit", dependencies=[needs(SEE_AUDIT)])
def audit_page(request: Request, actor: str = "", action: str = "", subject: str = "", after: str = "", check: str = "") -> Response:
    wanted = TrailFilter(actor.strip(), action.strip(), subject.strip())
    with database_of(request).reading() as uow:
        rows = store.page(uow, wanted, before=whole(after, "after"), limit=PAGE + 1)
        broken = verify(uow).broken if check else None
    following = str(rows[PAGE - 1].id) if len(rows) > PAGE else ""
    return shell_of(request).page(
        request,
        "audit/audit.html",
        rows=rows[:PAGE],
        following=following,
        paged=bool(after),
        wanted=wanted,
        actions=ACTIONS,
        checked=bool(check),
        broken=broken,
    )


@router.get("/audit.csv", dependencies=[needs(SEE_AUDIT)])
@router.get("/audit.xlsx", dependencies=[needs(SEE_AUDIT)])
def audit_file(request: Request, actor: str = "", action: str = "", subject: str = "") -> Response:
    tell = words(request)
    heading = [tell(name) for name in ("Number", "Time", "Who", "What", "Kind", "Object", "Before", "After", "Reason")]
    wanted = TrailFilter(actor.strip(), action.strip(), subject.strip())
    return table_answer(request, tell("Trail"), heading, map(_cells, _all_rows(database_of(request), wanted)))


def _all_rows(database: Database, wanted: TrailFilter) -> Iterator[AuditRow]:
    before: int | None = None
    while True:
        with database.reading() as uow:
            rows = store.page(uow, wanted, before=before, limit=EXPORT_PAGE)
        yield from rows
        if len(rows) < EXPORT_PAGE:
            return
        before = rows[-1].id


def _cells(row: AuditRow) -> tuple[object, ...]:
    at = row.at
    return row.id, at, row.actor, row.action, row.subject_kind, row.subject, row.before, row.after, row.reason
