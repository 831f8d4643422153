"""`/people`: the staff as it stands on a day, filtered, sorted, page by page, as a file and for programs."""

from collections.abc import Callable, Iterator
from dataclasses import asdict
from typing import Any
from urllib.parse import urlencode

from fastapi import APIRouter, Request
from starlette.responses import Response

from server.access.model import Permission
from server.directory import actions as directory
from server.directory.actions.staff import MOST_COUNTED
from server.directory.model import EmploymentKind, StaffLine, StaffOrder, StaffQuestion, StaffState
from server.directory.pages.staff_asked import QUESTIONS, offered, staff_asked, staff_key, today, written_key
from server.directory.store import StaffKey
from server.errors import InvalidInputError
from server.storage import Database
from server.web.asking import database_of, shell_of, words
from server.web.export import table_answer
from server.web.visitor import needs

router = APIRouter()
SEES = [needs(Permission.SEE_PEOPLE)]
PAGE, EXPORT_PAGE, MOST = 100, 2_000, 500
HEADING = (
    "Employee number", "Person", "Department", "Position", "Manager", "Site", "Legal entity", "Kind of employment", "Hired on",
    "Last day of work", "Probation", "State",
)  # fmt: skip
OPENAPI: dict[str, Any] = {
    "parameters": [
        {"name": name, "in": "query", "required": False, "description": meaning, "schema": {"type": "string"}}
        for name, meaning in QUESTIONS.items()
    ]
}


@router.get("/people", dependencies=SEES, include_in_schema=False)
def staff_page(request: Request, after: str = "") -> Response:
    asked = staff_asked(request)
    key = staff_key(after, asked)
    with database_of(request).reading() as uow:
        found = directory.list_staff(uow, asked, key, PAGE)
        whole = key is None and found.following is None
        count = len(found.lines) if whole else directory.count_staff(uow, asked)
        choices = offered(uow)
        manager = directory.names_of(uow, [asked.manager_id]).get(asked.manager_id, "–") if asked.manager_id else ""
    return shell_of(request).page(
        request,
        "directory/staff.html",
        lines=found.lines,
        following=written_key(found.following),
        paged=key is not None,
        asked=asked,
        filtered=any(value for name, value in request.query_params.items() if name in QUESTIONS and name not in {"order", "day"}),
        today=today(request),
        offered=choices,
        manager=manager,
        count=count,
        uncounted=count == MOST_COUNTED,
        states=list(StaffState),
        kinds=list(EmploymentKind),
        orders=StaffOrder,
        export=_export_address(request),
    )


@router.get("/people.csv", dependencies=SEES, include_in_schema=False)
@router.get("/people.xlsx", dependencies=SEES, include_in_schema=False)
def staff_file(request: Request) -> Response:
    """The list as seen, in full."""
    tell = words(request)
    rows = _all_rows(database_of(request), staff_asked(request), told_words(tell))
    return table_answer(request, tell("People"), [tell(name) for name in HEADING], rows)


@router.get("/api/v1/people", tags=["directory"], dependencies=SEES, openapi_extra=OPENAPI)
def people(request: Request, limit: int = 100, after: str = "") -> dict[str, Any]:
    """People as they stand on a day, by what the page's filters ask. `next` goes into `after` for the next page; null at the end."""
    if not 1 <= limit <= MOST:
        raise InvalidInputError(field="limit", reason="use a number from 1 to {most}", most=MOST)
    asked = staff_asked(request)
    with database_of(request).reading() as uow:
        found = directory.list_staff(uow, asked, staff_key(after, asked), limit)
    return {"day": asked.day, "people": [_as_json(line) for line in found.lines], "next": written_key(found.following) or None}


def told_words(tell: Callable[..., str]) -> dict[str, str]:
    """Kinds of employment and states as people read them."""
    return {
        "regular": tell("regular (full-time)"), "part-time": tell("part-time, by the hour"), "dispatched": tell("dispatched by an agency"),
        "intern": tell("intern"), "pensioner": tell("re-hired pensioner"), "labour-service": tell("labour service"),
        "employed": tell("employed"), "probation": tell("on probation"), "leaving": tell("leaving soon"), "to-come": tell("hired, to come"),
        "left": tell("no longer employed"),
    }  # fmt: skip


def _as_json(line: StaffLine) -> dict[str, Any]:
    facts = asdict(line)
    return {"id": facts.pop("person_id")} | facts


def _export_address(request: Request) -> str:
    asked = {name: value for name, value in request.query_params.items() if name in QUESTIONS and value}
    return f"/people.csv?{urlencode(asked)}" if asked else "/people.csv"


def _all_rows(database: Database, asked: StaffQuestion, said: dict[str, str]) -> Iterator[tuple[object, ...]]:
    key: StaffKey | None = None
    while True:
        with database.reading() as uow:
            found = directory.list_staff(uow, asked, key, EXPORT_PAGE)
        for one in found.lines:
            yield (
                one.employee_number, one.name, one.department, one.position, one.manager, one.site, one.legal_entity,
                said.get(one.kind or ""), one.hired_on, one.left_on, one.probation_until, said.get(one.state or ""),
            )  # fmt: skip
        key = found.following
        if key is None:
            return
