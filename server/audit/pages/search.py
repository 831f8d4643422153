"""`/audit`: who did what to what and whom, when and why; as a file; and whether the chain holds."""

from collections.abc import Iterable, Iterator
from datetime import datetime, time, timedelta

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from server.audit import store
from server.audit.actions import SEE_AUDIT, ask_check, search
from server.audit.engine import Reader, changes, sentence
from server.audit.model import ACTIONS, SUBJECT_KINDS, AuditRow, TrailFilter
from server.audit.pages.foot import Entry
from server.audit.pages.readers import people_called, reach_of, reader_of
from server.storage import UnitOfWork
from server.web.asking import database_of, given_day, now, shell_of, whole, words
from server.web.export import table_answer
from server.web.visitor import needs
from server.web.waiting import Waiting

PAGE, EXPORT_PAGE = 100, 1_000
ASKED = ("actor", "person", "since", "until", "action", "kind", "subject", "request", "text")
"""The questions of the page, as its address names them."""

router = APIRouter()


def work_lists(request: Request, uow: UnitOfWork) -> Iterable[Waiting]:
    """A chain that does not hold, for whoever reads the trail."""
    if SEE_AUDIT not in request.state.visitor.permissions:
        return
    last = store.last_check(uow)
    if last is not None and last.found.broken is not None:
        yield Waiting("wrong", words(request)("The trail does not hold at number {row}", row=last.found.broken.row), "/audit")


@router.get("/audit", dependencies=[needs(SEE_AUDIT)])
def audit_page(request: Request, after: str = "") -> Response:
    asked, reader = _asked(request), reader_of(request)
    with database_of(request).reading() as uow:
        wanted, reach = _wanted(request, uow, asked), reach_of(request, SEE_AUDIT)
        found = search(uow, wanted, reach, below=whole(after, "after"), limit=PAGE, see_pay=reader.see_pay)
        last = store.last_check(uow)
    return shell_of(request).page(
        request,
        "audit/audit.html",
        entries=[Entry(row, changes(row, reader)) for row in found.rows],
        found=found,
        paged=bool(after),
        asked=asked,
        actions=ACTIONS,
        kinds=SUBJECT_KINDS,
        last=last,
    )


@router.post("/audit/check", dependencies=[needs(SEE_AUDIT)])
def check(request: Request) -> Response:
    """Have the chain followed; the page of the job shows how far it is."""
    with database_of(request).writing() as uow:
        job = ask_check(uow, request.state.visitor.login, now())
    return RedirectResponse(f"/jobs/{job.id}", 303)


@router.get("/audit.csv", dependencies=[needs(SEE_AUDIT)])
@router.get("/audit.xlsx", dependencies=[needs(SEE_AUDIT)])
def audit_file(request: Request) -> Response:
    tell, reader = words(request), reader_of(request)
    names = ("Number", "Time", "Who", "What", "Kind", "Object", "Before and after", "Reason", "Request id")
    with database_of(request).reading() as uow:
        wanted = _wanted(request, uow, _asked(request))
    rows = (_cells(row, reader) for row in _all_rows(request, wanted))
    return table_answer(request, tell("Trail"), [tell(name) for name in names], rows)


def _asked(request: Request) -> dict[str, str]:
    return {name: request.query_params.get(name, "").strip()[:200] for name in ASKED}


def _wanted(request: Request, uow: UnitOfWork, asked: dict[str, str]) -> TrailFilter:
    """Raises InvalidInputError for a day that is none. A person whom nobody knows has no rows."""
    return TrailFilter(
        actor=asked["actor"],
        action=asked["action"],
        kind=asked["kind"],
        subject=asked["subject"],
        request_id=asked["request"],
        people=people_called(request, uow, SEE_AUDIT, asked["person"]) if asked["person"] else None,
        since=_midnight(request, asked["since"], "since", 0),
        until=_midnight(request, asked["until"], "until", 1),
        text=asked["text"],
    )


def _midnight(request: Request, value: str, field: str, later: int) -> datetime | None:
    """When a day begins on the company's clock, or one `later` days behind it."""
    day = given_day(value, field)
    return None if day is None else datetime.combine(day + timedelta(days=later), time(), shell_of(request).zone)


def _all_rows(request: Request, wanted: TrailFilter) -> Iterator[AuditRow]:
    reach, see_pay, below = reach_of(request, SEE_AUDIT), reader_of(request).see_pay, None
    while True:
        with database_of(request).reading() as uow:
            found = search(uow, wanted, reach, below=below, limit=EXPORT_PAGE, see_pay=see_pay)
        yield from found.rows
        if found.following is None:
            return
        below = found.following


def _cells(row: AuditRow, reader: Reader) -> tuple[object, ...]:
    what, kind = reader.code(row.action), reader.code(row.subject_kind)
    return row.id, row.at, row.actor, what, kind, row.subject, sentence(row, reader), row.reason, row.request_id
