"""`/people`: who there is; `/people/{id}`: one person's punches day by day."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from server.access.model import Permission
from server.attendance import actions as attendance
from server.attendance.pages.asked import (
    choices,
    export_address,
    is_key,
    name_key,
    searched,
    today,
    written_name_key,
)
from server.audit.store import newest
from server.directory import actions as directory
from server.directory.model import Enrolment, PersonOverview
from server.errors import InvalidInputError, NotFoundError
from server.fleet import actions as fleet
from server.storage import Database, UnitOfWork
from server.web.asking import database_of, may, shell_of, whole, words
from server.web.export import table_answer
from server.web.visitor import needs

router = APIRouter()
PAGE, EXPORT_PAGE = 100, 2_000
ACTIVE = {"": True, "left": False, "all": None}
"""What `who` in the address may be, and the people it means."""
FIRST_MONTH, LAST_MONTH = date(1970, 1, 1), date(9998, 12, 1)
"""Months outside have neighbours that no calendar has."""


@dataclass(frozen=True, slots=True)
class PeopleAsked:
    """What a list of people shows; None and "" leave a question open."""

    text: str
    department_id: int | None
    site_id: int | None
    active: bool | None

    def find(self, uow: UnitOfWork, after: tuple[str, int] | None, limit: int) -> list[tuple[PersonOverview, tuple[str, int]]]:
        """By the sound of their names, each with the key of its place."""
        chosen: dict[str, Any] = {"text": self.text, "department_id": self.department_id, "site_id": self.site_id, "active": self.active}
        return directory.list_people(uow, **chosen, after=after, limit=limit)


def people_asked(request: Request) -> PeopleAsked:
    """The question in an address; raises InvalidInputError for a value that cannot be used."""
    asked = request.query_params
    who = asked.get("who", "")
    if who not in ACTIVE:
        raise InvalidInputError(field="who", reason="choose one that the list offers")
    department, site = whole(asked.get("department", ""), "department"), whole(asked.get("site", ""), "site")
    return PeopleAsked(searched(asked.get("text", "")), department, site, ACTIVE[who])


@router.get("/people", dependencies=[needs(Permission.SEE_PEOPLE)])
def people_page(request: Request, after: str = "") -> Response:
    asked = people_asked(request)
    with database_of(request).reading() as uow:
        found = asked.find(uow, name_key(after), PAGE + 1)
        offered = choices(uow)
    shown = found[:PAGE]
    return shell_of(request).page(
        request,
        "attendance/people.html",
        people=[overview for overview, _ in shown],
        following=written_name_key(shown[-1][1]) if len(found) > PAGE else "",
        paged=bool(after),
        asked=asked,
        who=request.query_params.get("who", ""),
        offered=offered,
        export=export_address(request, "/people.csv"),
    )


@router.get("/people.csv", dependencies=[needs(Permission.SEE_PEOPLE)])
@router.get("/people.xlsx", dependencies=[needs(Permission.SEE_PEOPLE)])
def people_file(request: Request) -> Response:
    tell = words(request)
    heading = [tell(name) for name in ("Employee number", "Person", "Department", "Site", "Employed")]
    states = {True: tell("yes"), False: tell("no")}
    return table_answer(request, tell("People"), heading, _all_rows(database_of(request), people_asked(request), states))


def _all_rows(database: Database, asked: PeopleAsked, states: dict[bool, str]) -> Iterator[tuple[object, ...]]:
    key: tuple[str, int] | None = None
    while True:
        with database.reading() as uow:
            found = asked.find(uow, key, EXPORT_PAGE)
        for one, key in found:  # noqa: B007 - the last one is where the next page begins
            yield one.person.employee_number, one.person.name, one.department, one.site, states[one.person.active]
        if len(found) < EXPORT_PAGE:
            return


@router.get("/people/{person_id:int}", dependencies=[needs(Permission.SEE_PEOPLE)])
def person_page(request: Request, person_id: int, month: str = "") -> Response:
    first = month_asked(month) or today(request).replace(day=1)
    following = (first + timedelta(days=32)).replace(day=1)
    with database_of(request).reading() as uow:
        overview, enrolments = known_person(uow, person_id)
        days = attendance.person_days(uow, person_id, first, following - timedelta(days=1))
        zones = {zone.id: zone.name for zone in fleet.list_zones(uow)}
        subject = ("person", overview.person.employee_number)
        trail = newest(uow, subject=subject, limit=20) if may(request, Permission.SEE_AUDIT) else []
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
        last_day=following - timedelta(days=1),
        today=today(request),
        trail=trail,
    )


def known_person(uow: UnitOfWork, person_id: int) -> tuple[PersonOverview, list[Enrolment]]:
    """Somebody with all enrolments; raises NotFoundError."""
    if not is_key(person_id):
        raise NotFoundError(what="person", name=person_id)
    return directory.see_person(uow, person_id)


def month_asked(value: str) -> date | None:
    """The first day of a month such as 2026-11, None for an empty field; raises InvalidInputError."""
    if not value:
        return None
    try:
        found = date.fromisoformat(f"{value}-01")
    except ValueError as error:
        raise InvalidInputError(field="month", reason="give a month such as 2026-11") from error
    if not FIRST_MONTH <= found <= LAST_MONTH:
        raise InvalidInputError(field="month", reason="give a month such as 2026-11")
    return found
