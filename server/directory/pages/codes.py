"""`/sign-in-codes`: one-time codes for people who sign in for the first time or forgot their password, on a sheet to print and cut.

Somebody who has no account yet gets one that sees their own days. A code is shown on the page that answers, and nowhere else.
"""

import re
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Form, Request
from starlette.responses import Response

from server.access.actions import accounts_of_person, create_account, hash_of_no_password, issue_code, link_account
from server.access.model import Permission, Role, Scope
from server.access.pages.visitors import actor_of, scope_of_visitor
from server.audit.model import Actor
from server.directory import actions as directory
from server.directory.model import Person
from server.errors import InvalidInputError, RefusedError, ServerError
from server.fleet import actions as fleet
from server.storage import UnitOfWork
from server.web.asking import database_of, now, said, shell_of, whole
from server.web.visitor import needs

router = APIRouter(include_in_schema=False)
CHANGES = [needs(Permission.CHANGE_PEOPLE), needs(Permission.SEE_PEOPLE)]
MOST_AT_ONCE = 500
Field = Annotated[str, Form()]


@dataclass(frozen=True, slots=True)
class Slip:
    """What is cut off the sheet for one person. code "": why there is none stands in `why`."""

    person: Person
    login: str
    code: str
    until: datetime | None
    why: str = ""


@router.get("/sign-in-codes", dependencies=CHANGES)
def codes_page(request: Request) -> Response:
    return _form(request, {"department": "", "site": "", "people": "", "new_only": "1"})


@router.post("/sign-in-codes", dependencies=CHANGES)
def make_codes(request: Request, department: Field = "", site: Field = "", people: Field = "", new_only: Field = "") -> Response:
    """For everybody of a department or a site, or the people with these numbers; new_only: who has an account gets none."""
    typed = {"department": department, "site": site, "people": people, "new_only": new_only}
    try:
        with database_of(request).writing() as uow:
            chosen = _chosen(request, uow, typed)
            slips = [_slip(request, uow, one) for one in chosen if not (new_only and accounts_of_person(uow, one.id))]
        if not slips:
            raise InvalidInputError(field="people", reason="nobody of them needs a code: all have an account")
    except ServerError as error:
        return _form(request, typed, error.status, said(request, error))
    return _sheet(request, slips)


@router.post("/people/{person_id:int}/sign-in/code", dependencies=CHANGES)
def make_code(request: Request, person_id: int) -> Response:
    """For one person."""
    with database_of(request).writing() as uow:
        slip = _slip(request, uow, directory.see_person(uow, person_id)[0].person)
    return _sheet(request, [slip])


def _slip(request: Request, uow: UnitOfWork, person: Person) -> Slip:
    by, moment = actor_of(request), now()
    try:
        login = _login_of(uow, person, by, moment)
        code, until = issue_code(uow, login, by, moment)
    except RefusedError as error:
        return Slip(person, "", "", None, said(request, error))
    return Slip(person, login, code, until)


def _login_of(uow: UnitOfWork, person: Person, by: Actor, moment: datetime) -> str:
    """The account of the person, made where there is none. Raises RefusedError where the employee number is another's login."""
    there = accounts_of_person(uow, person.id)
    if there:
        return there[0].login
    employee = frozenset({Role.EMPLOYEE})
    made = create_account(uow, person.employee_number, person.name, hash_of_no_password(), employee, by, moment, must_change=False)
    return link_account(uow, made.login, person.id, by, moment).login


def _chosen(request: Request, uow: UnitOfWork, typed: dict[str, str]) -> list[Person]:
    """In the order of their names' sound, or as they were typed. Raises InvalidInputError."""
    scope, day = scope_of_visitor(request, Permission.CHANGE_PEOPLE), directory.today_of(uow, now())
    numbers = [one for one in re.split(r"[\s,，、;；]+", typed["people"].replace("\0", "")) if one]
    if len(numbers) > MOST_AT_ONCE:
        raise InvalidInputError(field="people", reason="choose 1 to {most} people at once", most=MOST_AT_ONCE)
    if numbers:
        return [_numbered(uow, scope, one, day) for one in dict.fromkeys(numbers)]
    department, site = whole(typed["department"], "department"), whole(typed["site"], "site")
    if department is None and site is None:
        raise InvalidInputError(field="people", reason="choose a department, a site, or people by their numbers")
    asked: dict[str, Any] = {"department_id": department, "site_id": site, "limit": MOST_AT_ONCE + 1}
    found = [one.person for one, _ in directory.list_people(uow, **asked, within=directory.people_within(scope, day))]
    if not 1 <= len(found) <= MOST_AT_ONCE:
        raise InvalidInputError(field="people", reason="choose 1 to {most} people at once", most=MOST_AT_ONCE)
    return found


def _numbered(uow: UnitOfWork, scope: Scope, number: str, day: date) -> Person:
    found = directory.find_person_within(uow, scope, number, day)
    if found is None:
        raise InvalidInputError(field="people", reason="there is nobody with the number {number}", number=number[:64])
    return found


def _sheet(request: Request, slips: list[Slip]) -> Response:
    address = f"{request.url.scheme}://{request.url.netloc}"
    return shell_of(request).page(request, "directory/code_sheet.html", slips=slips, address=address)


def _form(request: Request, typed: dict[str, str], status: int = 200, wrong: str = "") -> Response:
    with database_of(request).reading() as uow:
        departments, sites = directory.list_departments(uow), fleet.list_sites(uow)
    facts = {"typed": typed, "wrong": wrong, "departments": departments, "sites": sites, "most": MOST_AT_ONCE}
    return shell_of(request).page(request, "directory/codes.html", status, **facts)
