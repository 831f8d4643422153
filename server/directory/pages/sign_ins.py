"""`/people/{id}/sign-in`: an account for an employee, made or linked by somebody who manages accounts."""

from typing import Annotated

from fastapi import APIRouter, Form, Request
from starlette.responses import RedirectResponse, Response

from server.access.actions import create_account, generate_password, hash_password, link_account, unlink_account
from server.access.model import Permission, Role
from server.access.pages.visitors import actor_of
from server.directory import actions as directory
from server.directory.pages.employment import REFUSALS, page
from server.web.asking import database_of, now
from server.web.visitor import needs

router = APIRouter(include_in_schema=False)
MANAGES = [needs(Permission.MANAGE_ACCOUNTS), needs(Permission.SEE_PEOPLE)]
Field = Annotated[str, Form()]


@router.post("/people/{person_id:int}/sign-in", dependencies=MANAGES)
def give_sign_in(request: Request, person_id: int, login: Field = "") -> Response:
    """Make an account that sees this person's own days; its password is on the page that answers, and nowhere else."""
    password = generate_password()
    hashed = hash_password(password)  # before the transaction: it takes a third of a second
    try:
        with database_of(request).writing() as uow:
            overview, _ = directory.see_person(uow, person_id)
            who, by, moment = overview.person, actor_of(request), now()
            made = create_account(uow, login or who.employee_number, who.name, hashed, frozenset({Role.EMPLOYEE}), by, moment)
            link_account(uow, made.login, person_id, by, moment)
    except REFUSALS as error:
        return page(request, person_id, error=error, typed={"kind": "sign-in", "login": login})
    return page(request, person_id, password=(made.login, password))


@router.post("/people/{person_id:int}/sign-in/link", dependencies=MANAGES)
def link(request: Request, person_id: int, login: Field = "") -> Response:
    """An account that is there already becomes this person's."""
    try:
        with database_of(request).writing() as uow:
            directory.see_person(uow, person_id)
            link_account(uow, login, person_id, actor_of(request), now())
    except REFUSALS as error:
        return page(request, person_id, error=error, typed={"kind": "link", "login": login})
    return RedirectResponse(f"/people/{person_id}/employment", 303)


@router.post("/people/{person_id:int}/sign-in/unlink", dependencies=MANAGES)
def unlink(request: Request, person_id: int, login: Field = "") -> Response:
    try:
        with database_of(request).writing() as uow:
            unlink_account(uow, login, actor_of(request), now())
    except REFUSALS as error:
        return page(request, person_id, error=error, typed={"kind": "link", "login": login})
    return RedirectResponse(f"/people/{person_id}/employment", 303)
