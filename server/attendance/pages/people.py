"""`/people`: who there is; `/people/{id}`: one person's punches day by day."""

from collections.abc import Iterator
from datetime import date, timedelta

from fastapi import APIRouter, Request
from starlette.responses import Response

from server.access.model import Permission
from server.attendance import actions as attendance
from server.attendance.pages.absent import name_key, written_name_key
from server.attendance.pages.asked import choices, export_address, today, whole
from server.directory import actions as directory
from server.errors import InvalidInputError
from server.fleet import actions as fleet
from server.web.asking import database_of, shell_of, words
from server.web.export import csv_answer
from server.web.visitor import needs

router = APIRouter()
PAGE, EXPORT_PAGE = 100, 2_000
ACTIVE = {"": True, "left": False, "all": None}


@router.get("/people", dependencies=[needs(Permission.SEE_PEOPLE)])
def people_page(request: Request, text: str = "", department: str = "", site: str = "", who: str = "", after: str = "") -> Response:
    asked = {"text": text.strip()[:64], "department_id": whole(department, "department"), "site_id": whole(site, "site")}
    with database_of(request).reading() as uow:
        found = directory.list_people(uow, **asked, active=_active(who), after=name_key(after), limit=PAGE + 1)  # type: ignore[arg-type]
        offered = choices(uow)
    shown = found[:PAGE]
    return shell_of(request).page(
        request,
        "attendance/people.html",
        people=[overview for overview, _ in shown],
        following=written_name_key(shown[-1][1]) if len(found) > PAGE else "",
        paged=bool(after),
        asked=asked,
        who=who,
        offered=offered,
        export=export_address(request, "/people.csv"),
    )


@router.get("/people.csv", dependencies=[needs(Permission.SEE_PEOPLE)])
def people_csv(request: Request, text: str = "", department: str = "", site: str = "", who: str = "") -> Response:
    asked = {"text": text.strip()[:64], "department_id": whole(department, "department"), "site_id": whole(site, "site")}
    database, tell, active = database_of(request), words(request), _active(who)

    def rows() -> Iterator[tuple[object, ...]]:
        key: tuple[str, int] | None = None
        while True:
            with database.reading() as uow:
                found = directory.list_people(uow, **asked, active=active, after=key, limit=EXPORT_PAGE)  # type: ignore[arg-type]
            for one, key in found:  # noqa: B007 - the last one is where the next page begins
                yield one.person.employee_number, one.person.name, one.department, one.site, tell("yes" if one.person.active else "no")
            if len(found) < EXPORT_PAGE:
                return

    return csv_answer("people", [tell(name) for name in ("Employee number", "Person", "Department", "Site", "Employed")], rows())


@router.get("/people/{person_id:int}", dependencies=[needs(Permission.SEE_PEOPLE)])
def person_page(request: Request, person_id: int, month: str = "") -> Response:
    first = _month(month) or today(request).replace(day=1)
    following = (first + timedelta(days=32)).replace(day=1)
    with database_of(request).reading() as uow:
        overview, enrolments = directory.see_person(uow, person_id)
        days = attendance.person_days(uow, person_id, first, following - timedelta(days=1))
        zones = {zone.id: zone.name for zone in fleet.list_zones(uow)}
    return shell_of(request).page(
        request,
        "attendance/person.html",
        one=overview,
        enrolments=enrolments,
        zones=zones,
        days=days,
        month=first,
        before=(first - timedelta(days=1)).replace(day=1),
        following=following,
        today=today(request),
    )


def _active(who: str) -> bool | None:
    if who not in ACTIVE:
        raise InvalidInputError(field="who", reason="choose one that the list offers")
    return ACTIVE[who]


def _month(value: str) -> date | None:
    if not value:
        return None
    try:
        return date.fromisoformat(f"{value}-01")
    except ValueError as error:
        raise InvalidInputError(field="month", reason="give a month such as 2026-11") from error
