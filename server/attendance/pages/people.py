"""`/people/{id}`: everything about one person that the reader may see: terms, punches day by day, and what other areas know."""

from datetime import date, timedelta

from fastapi import APIRouter, Request
from starlette.responses import Response

from server.access.model import Permission
from server.access.pages.visitors import scope_of_visitor
from server.attendance import actions as attendance
from server.attendance.pages.asked import is_key, today
from server.audit.model import CONCERNS
from server.directory import actions as directory
from server.directory.model import Enrolment, PersonOverview
from server.errors import InvalidInputError, NotFoundError
from server.fleet import actions as fleet
from server.storage import UnitOfWork
from server.web.asking import database_of, shell_of
from server.web.page_parts import cards_of
from server.web.visitor import needs

router = APIRouter()
FIRST_MONTH, LAST_MONTH = date(1970, 1, 1), date(9998, 12, 1)
"""Months outside have neighbours that no calendar has."""


@router.get("/people/{person_id:int}", dependencies=[needs(Permission.SEE_PEOPLE)])
def person_page(request: Request, person_id: int, month: str = "") -> Response:
    first = month_asked(month) or today(request).replace(day=1)
    following = (first + timedelta(days=32)).replace(day=1)
    with database_of(request).reading() as uow:
        overview, enrolments = known_person(uow, person_id)
        within = directory.days_within(uow, scope_of_visitor(request, Permission.SEE_PEOPLE), first, following)
        days = attendance.person_days(uow, person_id, first, following - timedelta(days=1))
        zones = {zone.id: zone.name for zone in fleet.list_zones(uow)}
        line = directory.staff_line(uow, person_id, today(request))
        cards = cards_of(request, uow, person_id)
    return shell_of(request).page(
        request,
        "attendance/person.html",
        one=overview,
        enrolments=enrolments,
        zones=zones,
        days=[one for one in days if within(person_id, one.day)],
        month=first,
        before=(first - timedelta(days=1)).replace(day=1),
        following=following,
        last_day=following - timedelta(days=1),
        today=today(request),
        line=line,
        cards=cards,
        trail_of=(("person", overview.person.employee_number), (CONCERNS, str(person_id))),
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
