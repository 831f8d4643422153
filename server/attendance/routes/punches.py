"""The same as JSON: punches, presence, absent people. Permissions are those of the pages."""

from dataclasses import asdict
from datetime import date
from typing import Any

from fastapi import APIRouter, Request

from protocol.instants import show_wall
from server.access.model import Permission
from server.access.pages.visitors import scope_of_visitor
from server.attendance import actions as attendance
from server.attendance.model import PunchKey, PunchLine
from server.attendance.pages.asked import (
    name_key,
    punch_filter,
    punch_key,
    punch_order,
    today,
    written_key,
    written_name_key,
)
from server.attendance.pages.people import known_person
from server.attendance.pages.punches import known_line
from server.directory import actions as directory
from server.errors import InvalidInputError
from server.web.asking import database_of, given_day, whole
from server.web.visitor import needs

router = APIRouter(prefix="/api/v1", tags=["attendance"])
MOST, MOST_DAYS = 500, 366


def _questions(**meanings: str) -> dict[str, Any]:
    """For OpenAPI: what is read from the address as the pages read it."""
    return {
        "parameters": [
            {"name": name, "in": "query", "required": False, "description": meaning, "schema": {"type": "string"}}
            for name, meaning in meanings.items()
        ]
    }


OF_PUNCHES = _questions(
    person="a person's id",
    department="a department's id; those below it are included",
    site="a site's id",
    terminal="a terminal's id",
    since="the first day, as the terminals showed it",
    until="the last day",
    text="a part of a name or its sound, the beginning of an employee number, or a terminal user number",
    order="newest or oldest",
)


@router.get("/punches", dependencies=[needs(Permission.SEE_PUNCHES)], openapi_extra=OF_PUNCHES)
def list_punches(request: Request, limit: int = 50, after: str = "") -> dict[str, Any]:
    """Punches by what the page's filters ask, the newest first, or the oldest with `order=oldest`.

    `next` goes into `after` for the next page; null at the end.
    """
    limit = _checked_limit(limit)
    with database_of(request).reading() as uow:
        lines = attendance.list_punches(uow, punch_filter(request), behind=punch_key(after), limit=limit + 1, order=punch_order(request))
    shown = lines[:limit]
    following = written_key(PunchKey(shown[-1].wall, shown[-1].id)) if len(lines) > limit else None
    return {"punches": [as_json(line) for line in shown], "next": following}


@router.get("/punches/{punch_id}", dependencies=[needs(Permission.SEE_PUNCHES)])
def one_punch(request: Request, punch_id: int) -> dict[str, Any]:
    """One punch with its three times."""
    with database_of(request).reading() as uow:
        return as_json(known_line(uow, request, punch_id))


@router.get("/presence", dependencies=[needs(Permission.SEE_PUNCHES)])
def presence(request: Request, day: str = "") -> dict[str, Any]:
    """How many of the people whom you may see belong to each site, and how many punched on the day (`day`, today when left out)."""
    chosen = given_day(day, "day") or today(request)
    with database_of(request).reading() as uow:
        within = directory.people_within(scope_of_visitor(request, Permission.SEE_PUNCHES), chosen)
        return {"day": chosen, "sites": [asdict(one) for one in attendance.presence(uow, chosen, within)]}


@router.get("/absent", dependencies=[needs(Permission.SEE_PEOPLE)])
def absent(request: Request, day: str = "", site: str = "", limit: int = 100, after: str = "") -> dict[str, Any]:
    """Active people who have not punched on the day (`day`, today when left out)."""
    chosen, limit = given_day(day, "day") or today(request), _checked_limit(limit)
    with database_of(request).reading() as uow:
        within = directory.people_within(scope_of_visitor(request, Permission.SEE_PEOPLE), chosen)
        found = attendance.not_punched(uow, chosen, site_id=whole(site, "site"), after=name_key(after), limit=limit + 1, within=within)
    shown = found[:limit]
    following = written_name_key(shown[-1][1]) if len(found) > limit else None
    return {"day": chosen, "people": [asdict(person) for person, _ in shown], "next": following}


@router.get("/people/{person_id}/days", dependencies=[needs(Permission.SEE_PEOPLE)])
def days(request: Request, person_id: int, since: str, until: str) -> dict[str, Any]:
    """One person's punches by the date that the terminals showed, the latest date first; at most 366 days, both dates included."""
    first, last = _needed_day(since, "since"), _needed_day(until, "until")
    if last < first:
        raise InvalidInputError(field="until", reason="it lies before the first day")
    if (last - first).days >= MOST_DAYS:
        raise InvalidInputError(field="until", reason="ask for at most {most} days at once", most=MOST_DAYS)
    with database_of(request).reading() as uow:
        known_person(uow, person_id)
        within = directory.days_within(uow, scope_of_visitor(request, Permission.SEE_PEOPLE), first, last)
        found = [one for one in attendance.person_days(uow, person_id, first, last) if within(person_id, one.day)]
    return {"days": [{"day": one.day, "punches": [as_json(line) for line in one.punches]} for one in found]}


def as_json(line: PunchLine) -> dict[str, Any]:
    """A punch for programs; `terminal_time` is what the terminal's clock showed."""
    facts = asdict(line)
    return {"terminal_time": show_wall(facts.pop("wall")), **facts}


def _needed_day(value: str, field: str) -> date:
    found = given_day(value, field)
    if found is None:
        raise InvalidInputError(field=field, reason="give a date such as 2026-11-23")
    return found


def _checked_limit(limit: int) -> int:
    if not 1 <= limit <= MOST:
        raise InvalidInputError(field="limit", reason="give a whole number from 1 to 500")
    return limit
