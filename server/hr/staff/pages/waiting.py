"""`/staff/waiting`: the lists of what is waiting in staff records, for HR's morning; and how many stand in them, for the first page."""

from collections.abc import Callable, Iterator
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from server.access.model import Permission
from server.directory import actions as directory
from server.errors import InvalidInputError
from server.hr.staff import actions as staff
from server.hr.staff.model import OwnField, WaitingFilter, WaitingKind, WaitingRow
from server.hr.staff.pages.common import SEES, may_open, today_of
from server.storage import UnitOfWork
from server.web.asking import database_of, may, shell_of, whole, words
from server.web.export import table_answer
from server.web.waiting import Waiting

router = APIRouter(include_in_schema=False)
PAGE, EXPORT_PAGE, LAST_ROW = 100, 2_000, 1_000_000
GRAVE = frozenset({WaitingKind.NO_CONTRACT})


@router.get("/staff/waiting", dependencies=SEES)
def waiting_page(request: Request) -> Response:
    kind, wanted = kind_asked(request), filter_asked(request)
    behind = min(whole(request.query_params.get("behind", ""), "behind") or 0, LAST_ROW)
    scope, today = request.state.visitor.scope(Permission.SEE_STAFF), today_of(request)
    with database_of(request).reading() as uow:
        counts = staff.count_waiting(uow, scope, may_open(request), today)
        rows = staff.waiting_rows(uow, kind, wanted, scope, may_open(request), today, behind=behind, limit=PAGE + 1)
        departments = directory.list_departments(uow)
        needed = [(staff.key_of(one), one) for one in staff.needed_data(uow, may_open(request))]
        settings = staff.settings_now(uow)
    return shell_of(request).page(
        request,
        "staff/waiting.html",
        kind=kind,
        kinds=list(WaitingKind),
        counts=counts,
        rows=rows[:PAGE],
        following=str(behind + PAGE) if len(rows) > PAGE else "",
        behind=behind,
        wanted=wanted,
        departments=departments,
        needed=[(key, one.name if isinstance(one, OwnField) else one) for key, one in needed],
        settings=settings,
        today=today,
        export=f"/staff/waiting.csv?{request.url.query}",
    )


@router.get("/staff/waiting.csv", dependencies=SEES)
@router.get("/staff/waiting.xlsx", dependencies=SEES)
def waiting_file(request: Request) -> Response:
    tell, kind = words(request), kind_asked(request)
    heading = [tell(name) for name in ("Employee number", "Person", "Department", "Day", "How it stands")]
    return table_answer(request, tell(kind.value), heading, _cells(request, kind, filter_asked(request), tell))


def work_lists(request: Request, uow: UnitOfWork) -> Iterator[Waiting]:
    """What waits among staff records; birthdays are no work."""
    if not (may(request, Permission.SEE_STAFF) and may(request, Permission.SEE_PEOPLE)):
        return
    tell, scope = words(request), request.state.visitor.scope(Permission.SEE_STAFF)
    for kind, n in staff.count_waiting(uow, scope, may_open(request), today_of(request)).items():
        if n and kind is not WaitingKind.BIRTHDAYS:
            told = {
                WaitingKind.CONTRACTS: tell("Contracts that end: {n}", n=n),
                WaitingKind.NO_CONTRACT: tell("Without a written contract: {n}", n=n),
                WaitingKind.PROBATION: tell("Probation that ends: {n}", n=n),
                WaitingKind.DOCUMENTS: tell("Documents that expire: {n}", n=n),
                WaitingKind.RETIREMENT: tell("Retirement: {n}", n=n),
                WaitingKind.MISSING: tell("Records that lack something: {n}", n=n),
            }[kind]
            yield Waiting("wrong" if kind in GRAVE else "attention", told, f"/staff/waiting?kind={kind.value}")


def kind_asked(request: Request) -> WaitingKind:
    """The list in an address; raises InvalidInputError."""
    found = request.query_params.get("kind", "") or WaitingKind.CONTRACTS.value
    if found not in list(WaitingKind):
        raise InvalidInputError(field="kind", reason="choose one that the list offers")
    return WaitingKind(found)


def filter_asked(request: Request) -> WaitingFilter:
    """The question in an address; raises InvalidInputError."""
    asked = request.query_params
    text = asked.get("text", "").replace("\0", "").strip()[:64]
    return WaitingFilter(text, whole(asked.get("department", ""), "department"), asked.get("about", "")[:64])


def _cells(request: Request, kind: WaitingKind, wanted: WaitingFilter, tell: Callable[..., str]) -> Iterator[tuple[Any, ...]]:
    scope, behind = request.state.visitor.scope(Permission.SEE_STAFF), 0
    while True:
        with database_of(request).reading() as uow:
            rows = staff.waiting_rows(uow, kind, wanted, scope, may_open(request), today_of(request), behind=behind, limit=EXPORT_PAGE)
        for row in rows:
            yield row.employee_number, row.name, row.department, row.day, _about(row, tell)
        if len(rows) < EXPORT_PAGE:
            return
        behind += EXPORT_PAGE


def _about(row: WaitingRow, tell: Callable[..., str]) -> str:
    return ", ".join([*(tell(word) for word in row.about), *row.said])
