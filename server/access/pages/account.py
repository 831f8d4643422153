"""`/accounts/…`: one account, what it may do and for whom, and what an administrator does with it. Passwords are shown once."""

from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Form, Request
from starlette.responses import RedirectResponse, Response

from server.access.actions import (
    change_roles,
    disable_account,
    drop_factor,
    enable_account,
    end_sessions,
    find_account,
    has_factor,
    limit_role,
    links_of,
    reset_password,
    sessions_of,
)
from server.access.model import LIMITED_ROLES, Role
from server.access.pages.accounts import MANAGES, Text, Words, roles_of
from server.access.pages.door import ways_of
from server.access.pages.visitors import actor_of, entity_names
from server.errors import InvalidInputError, NotFoundError, ServerError
from server.web.asking import database_of, now, said, shell_of

OF_ACCOUNT = {"end-sessions": end_sessions, "drop-second-factor": drop_factor}
OF_LOGIN = {"disable": disable_account, "enable": enable_account}
Numbers = Annotated[list[int], Form()]

router = APIRouter()


@router.get("/accounts/{login}", dependencies=[MANAGES])
def account_page(request: Request, login: str) -> Response:
    return _page(request, login)


@router.post("/accounts/{login}/roles", dependencies=[MANAGES])
def change_roles_now(request: Request, login: str, role: Words = [], reason: Text = "") -> Response:  # noqa: B006 - read only
    try:
        with database_of(request).writing() as uow:
            change_roles(uow, login, roles_of(role), actor_of(request), now(), reason.strip()[:500])
    except NotFoundError:
        raise
    except ServerError as error:
        return _page(request, login, error)
    return _back(login)


@router.post("/accounts/{login}/limits", dependencies=[MANAGES])
def limit_role_now(
    request: Request,
    login: str,
    role: Text = "",
    entity: Numbers = [],  # noqa: B006 - read only
    reason: Text = "",
) -> Response:
    """Let a role be good for the people of the ticked legal entities only; none ticked: for everybody."""
    try:
        with database_of(request).writing() as uow:
            if role not in set(Role) or set(entity) - entity_names(request, uow).keys():
                raise InvalidInputError(field="role" if role not in set(Role) else "entity", reason="choose one that the list offers")
            limit_role(uow, login, Role(role), frozenset(entity), actor_of(request), now(), reason.strip()[:500])
    except NotFoundError:
        raise
    except ServerError as error:
        return _page(request, login, error)
    return _back(login)


@router.post("/accounts/{login}/{deed}", dependencies=[MANAGES])
def change_account(request: Request, login: str, deed: str) -> Response:
    """Disable, enable, give a new password, end the sessions, or take the second factor away."""
    try:
        if deed == "reset":
            return _page(request, login, password=reset_password(database_of(request), login, actor_of(request), now()))
        if deed not in OF_ACCOUNT.keys() | OF_LOGIN.keys():
            raise InvalidInputError(field="deed", reason="choose one that the list offers")
        with database_of(request).writing() as uow:
            if deed in OF_ACCOUNT:
                OF_ACCOUNT[deed](uow, find_account(uow, login), actor_of(request), now())
            else:
                OF_LOGIN[deed](uow, login, actor_of(request), now())
    except NotFoundError:
        raise
    except ServerError as error:
        return _page(request, login, error)
    return _back(login)


def _back(login: str) -> Response:
    return RedirectResponse(f"/accounts/{quote(login)}", 303)


def _page(request: Request, login: str, error: ServerError | None = None, *, password: str = "") -> Response:
    with database_of(request).reading() as uow:
        account = find_account(uow, login)
        facts = {
            "account": account,
            "sessions": len(sessions_of(uow, account, now())),
            "has_factor": has_factor(uow, account),
            "links": links_of(uow, account),
            "entities": entity_names(request, uow),
        }
    facts |= {
        "roles": list(Role),
        "limitable": [role for role in LIMITED_ROLES if role in account.roles],
        "password": password,
        "ways": ways_of(request),
        "wrong": said(request, error) if error else "",
    }
    return shell_of(request).page(
        request, "access/account.html", error.status if error else 200, **facts, trail_of=(("account", account.login),)
    )
