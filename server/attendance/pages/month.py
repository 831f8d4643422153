"""`/attendance/month`: one row a person, one cell a day."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import JSONResponse, Response

from server.access.model import Permission
from server.access.pages.visitors import scope_of_visitor
from server.attendance.engine.wording import days_of_halves, spoken
from server.attendance.pages.asked import choices, export_address, name_key, searched, today, written_name_key
from server.attendance.pages.month_rows import STATES, MonthRow, Wanted, month_page, sign_of
from server.attendance.pages.people import month_asked
from server.attendance.pages.words import SIGNS, WEEKEND_DAYS, hours
from server.directory import actions as directory
from server.directory.model import PayGroup
from server.errors import InvalidInputError, NotFoundError
from server.storage import Database, UnitOfWork
from server.web.asking import database_of, shell_of, whole, words
from server.web.export import table_answer
from server.web.language import language_of
from server.web.visitor import needs

router = APIRouter(dependencies=[needs(Permission.SEE_DAYS), needs(Permission.SEE_PEOPLE)])
SEES = [needs(Permission.SEE_DAYS), needs(Permission.SEE_PEOPLE)]
FIRST_ROWS, MORE_ROWS, EXPORT_ROWS = 60, 500, 500
TOTALS = ("Days", "Worked", "Late", "Late min", "Early", "Missing", "Absent", "Leave", "Overtime", "Open")
"""Headings of the sums at the right; what each of them is stands in the legend."""


@router.get("/attendance/month", dependencies=SEES)
def month_grid(request: Request) -> Response:
    tell, language = words(request), language_of(request, shell_of(request).language)
    with database_of(request).reading() as uow:
        wanted, month, group = asked_month(request, uow)
        rows, following = month_page(uow, wanted, None, FIRST_ROWS)
        offered, groups = choices(uow), directory.pay_groups(uow)
    facts = {
        "rows": [compact(row) for row in rows],
        "next": export_address(request, "/attendance/month/rows") + _behind(request, following) if following else None,
        "signs": [{"text": sign.zh if language == "zh" else sign.en, "word": spoken(tell, sign.code), "kind": sign.kind} for sign in SIGNS],
        "days": [{"date": day.isoformat()} for day in wanted.dates],
        "words": {
            "none": tell("not assessed yet"),
            "overtime": tell("with overtime"),
            "unsettled": tell("provisional"),
            "corrected": tell("corrected"),
            "people": tell("People: {n}"),
            "broken": tell("The rest could not be fetched. Load the page again."),
        },
    }
    return shell_of(request).page(
        request,
        "attendance/month.html",
        facts=facts,
        wanted=wanted,
        month=month,
        group=group,
        before=(month - timedelta(days=1)).replace(day=1),
        following=(month + timedelta(days=32)).replace(day=1),
        today=today(request),
        weekend=WEEKEND_DAYS,
        offered=offered,
        groups=groups,
        states=STATES,
        totals=TOTALS,
        signs=[sign for sign in SIGNS if sign.zh],
        export=export_address(request, "/attendance/month.xlsx"),
    )


@router.get("/attendance/month/rows", dependencies=SEES)
def more_rows(request: Request, after: str = "") -> JSONResponse:
    """The rest of the grid, 500 people at once."""
    with database_of(request).reading() as uow:
        wanted, _, _ = asked_month(request, uow)
        rows, following = month_page(uow, wanted, name_key(after), MORE_ROWS)
    address = export_address(request, "/attendance/month/rows") + _behind(request, following) if following else None
    return JSONResponse({"rows": [compact(row) for row in rows], "next": address})


@router.get("/attendance/month.xlsx", dependencies=SEES)
def month_file(request: Request) -> Response:
    """The grid as seen: signs as they are written, sums as numbers."""
    tell, language = words(request), language_of(request, shell_of(request).language)
    with database_of(request).reading() as uow:
        wanted, _, _ = asked_month(request, uow)
    heading = [tell("Employee number"), tell("Person"), tell("Department"), *(f"{day:%m-%d}" for day in wanted.dates)]
    sums = ("Days", "Worked (h)", "Late", "Late min", "Early", "Missing", "Absent (days)", "Leave (days)", "Overtime (h)", "Open")
    name = f"{tell('Month grid')} {wanted.first} {wanted.last}"
    return table_answer(request, name, [*heading, *map(tell, sums)], _file_rows(database_of(request), wanted, language))


def asked_month(request: Request, uow: UnitOfWork) -> tuple[Wanted, date, PayGroup | None]:
    """(what the address asks, the month it names, the pay group whose period it is); raises InvalidInputError."""
    asked = request.query_params
    month = month_asked(asked.get("month", "")) or today(request).replace(day=1)
    state, key = asked.get("state", ""), whole(asked.get("group", ""), "group")
    if state and state not in STATES:
        raise InvalidInputError(field="state", reason="choose one that the list offers")
    group = next((one for one in directory.pay_groups(uow) if one.id == key), None)
    if key is not None and group is None:
        raise NotFoundError(what="pay group", name=key)
    first, last = group.period(month) if group else (month, (month + timedelta(days=32)).replace(day=1) - timedelta(days=1))
    people = frozenset(directory.people_of_pay_group(uow, group.id, first, last)) if group else None
    department, site = whole(asked.get("department", ""), "department"), whole(asked.get("site", ""), "site")
    scope = scope_of_visitor(request, Permission.SEE_DAYS)
    return Wanted(first, last, searched(asked.get("text", "")), department, site, people, state, scope), month, group


def compact(row: MonthRow) -> list[Any]:
    """For static/month.js: [person, name, number, department, cells, sums as they are written]."""
    person, sums = row.overview.person, row.totals
    written = [
        sums.attended,
        hours(sums.worked_minutes),
        sums.late or "",
        sums.late_minutes or "",
        sums.early or "",
        sums.missing or "",
        days_of_halves(sums.absent_halves) if sums.absent_halves else "",
        days_of_halves(sums.leave_halves) if sums.leave_halves else "",
        hours(sums.overtime_minutes) if sums.overtime_minutes else "",
        row.open or "",
    ]
    return [person.id, person.name, person.employee_number, row.overview.department or "", row.cells, written]


def _behind(request: Request, key: tuple[str, int] | None) -> str:
    from urllib.parse import urlencode

    asked = any(name != "after" and value for name, value in request.query_params.items())
    return ("&" if asked else "?") + urlencode({"after": written_name_key(key)}) if key else ""


def _file_rows(database: Database, wanted: Wanted, language: str) -> Iterator[list[object]]:
    key: tuple[str, int] | None = None
    while True:
        with database.reading() as uow:
            rows, key = month_page(uow, wanted, key, EXPORT_ROWS)
        for row in rows:
            person, sums = row.overview.person, row.totals
            yield [
                person.employee_number, person.name, row.overview.department, *(sign_of(cell, language) for cell in row.cells),
                sums.attended, round(sums.worked_minutes / 60, 2), sums.late, sums.late_minutes, sums.early, sums.missing,
                sums.absent_halves / 2, sums.leave_halves / 2, round(sums.overtime_minutes / 60, 2), row.open,
            ]  # fmt: skip
        if key is None:
            return
