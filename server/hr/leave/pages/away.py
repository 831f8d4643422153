"""`/away`: who is away, by month or week, of the people that the reader may see. What for is shown only to those who may see leave.

Drawn by the server as a table of weeks, so that it is read aloud and on a phone as well as it is looked at; the same below as a list.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from fastapi import APIRouter, Request
from starlette.responses import Response

from server.access.model import Permission
from server.attendance.engine.wording import spoken
from server.attendance.pages.asked import choices, export_address, today
from server.attendance.pages.people import month_asked
from server.directory.model import Department
from server.errors import InvalidInputError
from server.hr.leave import actions as leave
from server.hr.leave.model import Away
from server.hr.leave.pages.asked import day_asked
from server.storage import UnitOfWork
from server.web.asking import database_of, shell_of, whole, words
from server.web.export import table_answer
from server.web.visitor import needs

router = APIRouter()
SEES = [needs(Permission.SEE_ROSTER), needs(Permission.SEE_PEOPLE)]
SHOWN_IN_CELL = 4
WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Question:
    """From a first to a last day, in whole weeks on the page. month: its first day; None: a week."""

    first: date
    last: date
    month: date | None
    department: int | None

    @property
    def weeks(self) -> list[list[date]]:
        monday = self.first - timedelta(days=self.first.weekday())
        count = ((self.last - monday).days // 7) + 1
        return [[monday + week * WEEK + timedelta(days=day) for day in range(7)] for week in range(count)]


@router.get("/away", dependencies=SEES)
def away_page(request: Request) -> Response:
    asked = _question(request)
    tell = words(request)
    with database_of(request).reading() as uow:
        found = _away(request, uow, asked)
        departments: Sequence[Department] = choices(uow).departments
    by_day = {day: [one for one in found if one.first_day <= day <= one.last_day] for week in asked.weeks for day in week}
    before, after = _neighbours(asked)
    return shell_of(request).page(
        request,
        "leave/away.html",
        asked=asked,
        found=[one for one in found if one.first_day <= asked.last and one.last_day >= asked.first],
        by_day=by_day,
        departments=departments,
        chosen=next((one for one in departments if one.id == asked.department), None),
        before=before,
        after=after,
        today=today(request),
        most=SHOWN_IN_CELL,
        said=lambda one: tell("is away") if one.what is None else spoken(tell, one.what),
        export=export_address(request, "/away.csv"),
    )


@router.get("/away.csv", dependencies=SEES)
@router.get("/away.xlsx", dependencies=SEES)
def away_file(request: Request) -> Response:
    asked, tell = _question(request), words(request)
    with database_of(request).reading() as uow:
        found = _away(request, uow, asked)
    heading = [tell(name) for name in ("Employee number", "Person", "Department", "Away for", "From", "Until", "Whole days")]
    rows = [
        [
            one.employee_number,
            one.name,
            one.department,
            tell("is away") if one.what is None else spoken(tell, one.what),
            one.first_day,
            one.last_day,
            tell("yes") if one.whole else tell("no"),
        ]
        for one in found
    ]
    return table_answer(request, tell("Who is away"), heading, rows)


def _away(request: Request, uow: UnitOfWork, asked: Question) -> list[Away]:
    visitor, weeks = request.state.visitor, asked.weeks
    scope, kinds_for = visitor.scope(Permission.SEE_ROSTER), visitor.scope(Permission.SEE_LEAVE)
    return leave.who_is_away(uow, scope, weeks[0][0], weeks[-1][-1], kinds_for=kinds_for, department_id=asked.department)


def _question(request: Request) -> Question:
    """A month such as 2026-11, or with `view=week` the week of a day; raises InvalidInputError."""
    asked = request.query_params
    department, view = whole(asked.get("department", ""), "department"), asked.get("view", "month")
    if view not in {"month", "week"}:
        raise InvalidInputError(field="view", reason="choose one that the list offers")
    if view == "week":
        day = day_asked(request)
        monday = day - timedelta(days=day.weekday())
        return Question(monday, monday + timedelta(days=6), None, department)
    first = month_asked(asked.get("month", "")) or today(request).replace(day=1)
    last = (first + timedelta(days=32)).replace(day=1) - timedelta(days=1)
    return Question(first, last, first, department)


def _neighbours(asked: Question) -> tuple[str, str]:
    """The addresses' questions of the span before and behind."""
    if asked.month is None:
        return f"view=week&day={asked.first - WEEK}", f"view=week&day={asked.first + WEEK}"
    return f"month={asked.first - timedelta(days=1):%Y-%m}", f"month={asked.last + timedelta(days=1):%Y-%m}"
