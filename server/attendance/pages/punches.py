"""`/punches`: every punch, filtered and paged by key; `/punches.csv` the same as a file."""

from collections.abc import Iterator
from dataclasses import replace

from fastapi import APIRouter, Request
from starlette.responses import Response

from protocol.instants import show_wall
from server.access.model import Permission
from server.access.pages.visitors import scope_of_visitor
from server.attendance import actions as attendance
from server.attendance.model import PunchFilter, PunchKey, PunchLine, PunchOrder
from server.attendance.pages.asked import (
    choices,
    export_address,
    is_key,
    punch_filter,
    punch_key,
    punch_order,
    see_people,
    today,
    written_key,
)
from server.attendance.pages.people import known_person
from server.directory import actions as directory
from server.errors import NotFoundError
from server.storage import Database, UnitOfWork, unpack_date
from server.web.asking import database_of, shell_of, words
from server.web.export import table_answer
from server.web.visitor import needs

router = APIRouter()
PAGE = 50
EXPORT_PAGE, EXPORT_MOST = 2_000, 100_000
DAY_OF_WALL = 1_000_000
"""A packed wall time divided by this is its packed date."""


@router.get("/punches", dependencies=[needs(Permission.SEE_PUNCHES)])
def punches_page(request: Request, after: str = "") -> Response:
    wanted, order = punch_filter(request), punch_order(request)
    with database_of(request).reading() as uow:
        person = None if wanted.person_id is None else known_person(uow, wanted.person_id)[0].person
        if person is not None:
            directory.require_within(uow, scope_of_visitor(request, Permission.SEE_PEOPLE), person.id, today(request))
        lines = attendance.list_punches(uow, wanted, behind=punch_key(after), limit=PAGE + 1, order=order)
        count = attendance.count_punches(uow, wanted)
        offered = choices(uow)
    shown = lines[:PAGE]
    following = written_key(PunchKey(shown[-1].wall, shown[-1].id)) if len(lines) > PAGE else ""
    return shell_of(request).page(
        request,
        "attendance/punches.html",
        lines=shown,
        count=count,
        following=following,
        paged=bool(after),
        wanted=wanted,
        order=order,
        turned=PunchOrder.OLDEST if order is PunchOrder.NEWEST else None,
        filtered=wanted != PunchFilter(see_people=wanted.see_people, scope=wanted.scope),
        person=person,
        offered=offered,
        export=export_address(request, "/punches.csv"),
        export_most=EXPORT_MOST,
    )


@router.get("/punches.csv", dependencies=[needs(Permission.SEE_PUNCHES)])
@router.get("/punches.xlsx", dependencies=[needs(Permission.SEE_PUNCHES)])
def punches_file(request: Request) -> Response:
    """All that fits, at most 100,000, in the order of the page."""
    tell = words(request)
    names = (
        "Time at the terminal", "Person", "Employee number", "Department", "Terminal", "Serial number", "Terminal user", "Site",
        "Received by the edge", "Admitted at", "Drift (s)", "Verified by", "State", "Source",
    )  # fmt: skip
    rows = _all_rows(database_of(request), punch_filter(request), punch_order(request))
    hidden = set() if see_people(request) else {1, 2, 3}
    heading = [tell(name) for place, name in enumerate(names) if place not in hidden]
    return table_answer(
        request, tell("Punches"), heading, ([cell for place, cell in enumerate(row) if place not in hidden] for row in rows)
    )


def known_line(uow: UnitOfWork, request: Request, punch_id: int) -> PunchLine:
    """One punch as the reader may see it; raises NotFoundError, also for one of somebody out of their scope."""
    if not is_key(punch_id):
        raise NotFoundError(what="punch", name=punch_id)
    scope = scope_of_visitor(request, Permission.SEE_PUNCHES)
    line = attendance.find_line(uow, punch_id, see_people=not scope.everybody or see_people(request))
    if scope.everybody:
        return line
    day = unpack_date(line.wall // DAY_OF_WALL)
    if line.person_id is None or not directory.is_within(uow, scope, line.person_id, day):
        raise NotFoundError(what="punch", name=punch_id)
    return line if see_people(request) else unnamed(line)


def unnamed(line: PunchLine) -> PunchLine:
    """For readers who may not see people."""
    return replace(line, person_id=None, employee_number=None, person_name=None, department_name=None)


def _all_rows(database: Database, wanted: PunchFilter, order: PunchOrder) -> Iterator[tuple[object, ...]]:
    """Page by page, so that neither memory nor a long transaction grows with the file."""
    key: PunchKey | None = None
    left = EXPORT_MOST
    while left > 0:
        asked = min(EXPORT_PAGE, left)
        with database.reading() as uow:
            lines = attendance.list_punches(uow, wanted, behind=key, limit=asked, order=order)
        yield from map(_cells, lines)
        left -= len(lines)
        if len(lines) < asked:
            return
        key = PunchKey(lines[-1].wall, lines[-1].id)


def _cells(line: PunchLine) -> tuple[object, ...]:
    drift = "" if line.drift_ms is None else f"{line.drift_ms / 1000:.1f}"
    return (
        show_wall(line.wall), line.person_name, line.employee_number, line.department_name, line.terminal_name, line.terminal_serial,
        line.terminal_user, line.site_name, line.received_at, line.admitted_at,
        drift, line.verify, line.state, line.source,
    )  # fmt: skip
