"""`/absent`: who has not punched on a day."""

from collections.abc import Iterator
from datetime import date

from fastapi import APIRouter, Request
from starlette.responses import Response

from server.access.model import Permission
from server.attendance import actions as attendance
from server.attendance.pages.asked import choices, day, export_address, today, whole
from server.errors import InvalidInputError
from server.storage import Database
from server.web.asking import database_of, shell_of, words
from server.web.export import csv_answer
from server.web.visitor import needs

router = APIRouter()
PAGE, EXPORT_PAGE = 100, 2_000


@router.get("/absent", dependencies=[needs(Permission.SEE_PEOPLE)])
def absent_page(request: Request, site: str = "", on: str = "", after: str = "") -> Response:
    chosen, wanted = day(on, "on") or today(request), whole(site, "site")
    with database_of(request).reading() as uow:
        found = attendance.not_punched(uow, chosen, site_id=wanted, after=name_key(after), limit=PAGE + 1)
        offered = choices(uow)
    shown = found[:PAGE]
    return shell_of(request).page(
        request,
        "attendance/absent.html",
        people=[person for person, _ in shown],
        following=written_name_key(shown[-1][1]) if len(found) > PAGE else "",
        paged=bool(after),
        on=chosen,
        today=today(request),
        site=offered.site(wanted),
        offered=offered,
        export=export_address(request, "/absent.csv"),
    )


@router.get("/absent.csv", dependencies=[needs(Permission.SEE_PEOPLE)])
def absent_csv(request: Request, site: str = "", on: str = "") -> Response:
    chosen, wanted, tell = day(on, "on") or today(request), whole(site, "site"), words(request)
    heading = [tell("Employee number"), tell("Person"), tell("Department")]
    return csv_answer(f"absent-{chosen}", heading, _all_rows(database_of(request), chosen, wanted))


def _all_rows(database: Database, chosen: date, site: int | None) -> Iterator[tuple[object, ...]]:
    key: tuple[str, int] | None = None
    while True:
        with database.reading() as uow:
            found = attendance.not_punched(uow, chosen, site_id=site, after=key, limit=EXPORT_PAGE)
        for person, key in found:  # noqa: B007 - the last one is where the next page begins
            yield person.employee_number, person.name, person.department_name
        if len(found) < EXPORT_PAGE:
            return


def name_key(value: str) -> tuple[str, int] | None:
    """The place in a list by names that `written_name_key` wrote; raises InvalidInputError."""
    if not value:
        return None
    number, _, sound = value.partition("-")
    found = whole(number, "after")
    if found is None:
        raise InvalidInputError(field="after", reason="give a whole number")
    return sound, found


def written_name_key(key: tuple[str, int]) -> str:
    return f"{key[1]}-{key[0]}"
