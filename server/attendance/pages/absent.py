"""`/absent`: who has not punched on a day."""

from collections.abc import Iterator
from datetime import date
from typing import Any

from fastapi import APIRouter, Request
from sqlalchemy import Select
from starlette.responses import Response

from server.access.model import Permission
from server.access.pages.visitors import scope_of_visitor
from server.attendance import actions as attendance
from server.attendance.pages.asked import choices, export_address, name_key, today, written_name_key
from server.attendance.pages.sites import SiteState, silent_sites
from server.directory import actions as directory
from server.storage import Database
from server.web.asking import database_of, given_day, now, shell_of, whole, words
from server.web.export import table_answer
from server.web.visitor import needs

router = APIRouter()
PAGE, EXPORT_PAGE = 100, 2_000


@router.get("/absent", dependencies=[needs(Permission.SEE_PEOPLE)])
def absent_page(request: Request, site: str = "", day: str = "", after: str = "") -> Response:
    chosen, wanted = given_day(day, "day") or today(request), whole(site, "site")
    with database_of(request).reading() as uow:
        within = _within(request, chosen)
        found = attendance.not_punched(uow, chosen, site_id=wanted, after=name_key(after), limit=PAGE + 1, within=within)
        offered = choices(uow)
        silent = [one for one in silent_sites(uow, now()) if wanted in (None, one.id) and _may_lack(request, one, chosen)]
        anybody = bool(found) or bool(directory.list_people(uow, site_id=wanted, limit=1, within=within))
    shown = found[:PAGE]
    return shell_of(request).page(
        request,
        "attendance/absent.html",
        people=[person for person, _ in shown],
        following=written_name_key(shown[-1][1]) if len(found) > PAGE else "",
        paged=bool(after),
        chosen=chosen,
        today=today(request),
        site=offered.site(wanted),
        offered=offered,
        silent=silent,
        anybody=anybody,
        export=export_address(request, "/absent.csv"),
    )


@router.get("/absent.csv", dependencies=[needs(Permission.SEE_PEOPLE)])
@router.get("/absent.xlsx", dependencies=[needs(Permission.SEE_PEOPLE)])
def absent_file(request: Request, site: str = "", day: str = "") -> Response:
    chosen, wanted, tell = given_day(day, "day") or today(request), whole(site, "site"), words(request)
    heading = [tell("Employee number"), tell("Person"), tell("Department")]
    return table_answer(
        request, f"{tell('Not punched')}-{chosen}", heading, _all_rows(database_of(request), chosen, wanted, _within(request, chosen))
    )


def _all_rows(database: Database, chosen: date, site: int | None, within: Select[Any] | None) -> Iterator[tuple[object, ...]]:
    key: tuple[str, int] | None = None
    while True:
        with database.reading() as uow:
            found = attendance.not_punched(uow, chosen, site_id=site, after=key, limit=EXPORT_PAGE, within=within)
        for person, key in found:  # noqa: B007 - the last one is where the next page begins
            yield person.employee_number, person.name, person.department_name
        if len(found) < EXPORT_PAGE:
            return


def _within(request: Request, day: date) -> Select[Any] | None:
    return directory.people_within(scope_of_visitor(request, Permission.SEE_PEOPLE), day)


def _may_lack(request: Request, site: SiteState, chosen: date) -> bool:
    """Whether punches of that day may still wait at a silent site."""
    return site.heard_at is None or chosen >= site.heard_at.astimezone(shell_of(request).zone).date()
