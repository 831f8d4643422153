"""`/accounts`: who can sign in, and as what. Passwords are generated and shown once."""

from typing import Annotated

from fastapi import APIRouter, Form, Request
from starlette.responses import RedirectResponse, Response

from server.access import store
from server.access.actions import (
    change_roles,
    create_account,
    disable_account,
    drop_factor,
    enable_account,
    end_sessions,
    find_account,
    generate_password,
    hash_password,
    reset_password,
    sessions_of,
)
from server.access.model import Permission, Role
from server.access.pages.visitors import actor_of
from server.errors import InvalidInputError, ServerError
from server.web.asking import database_of, now, said, shell_of
from server.web.visitor import needs

router = APIRouter(dependencies=[needs(Permission.MANAGE_ACCOUNTS)])
MANAGES = needs(Permission.MANAGE_ACCOUNTS)
Text = Annotated[str, Form()]
Words = Annotated[list[str], Form()]
OF_ACCOUNT = {"end-sessions": end_sessions, "drop-second-factor": drop_factor}


@router.get("/accounts", dependencies=[MANAGES])
def accounts_page(request: Request) -> Response:
    return _page(request)


@router.post("/accounts", dependencies=[MANAGES])
def add_account(request: Request, login: Text = "", name: Text = "", role: Words = []) -> Response:  # noqa: B006 - read only
    """Make an account; its password is shown on the page that answers, and nowhere else."""
    password = generate_password()
    try:
        roles = _roles(role)
        hashed = hash_password(password)
        with database_of(request).writing() as uow:
            made = create_account(uow, login, name, hashed, roles, actor_of(request), now())
    except ServerError as error:
        return _page(request, error.status, wrong=said(request, error), typed=(login, name, role))
    return _page(request, shown=(made.login, password))


@router.post("/accounts/{login}/roles", dependencies=[MANAGES])
def change_roles_now(request: Request, login: str, role: Words = []) -> Response:  # noqa: B006 - read only
    try:
        with database_of(request).writing() as uow:
            change_roles(uow, login, _roles(role), actor_of(request), now())
    except ServerError as error:
        return _page(request, error.status, wrong=said(request, error))
    return RedirectResponse("/accounts", 303)


@router.post("/accounts/{login}/{deed}", dependencies=[MANAGES])
def change_account(request: Request, login: str, deed: str) -> Response:
    """Disable, enable, give a new password, end the sessions, or take the second factor away."""
    try:
        if deed == "reset":
            password = reset_password(database_of(request), login, actor_of(request), now())
            return _page(request, shown=(login, password))
        if deed in OF_ACCOUNT:
            with database_of(request).writing() as uow:
                OF_ACCOUNT[deed](uow, find_account(uow, login), actor_of(request), now())
            return RedirectResponse("/accounts", 303)
        deeds = {"disable": disable_account, "enable": enable_account}
        if deed not in deeds:
            raise InvalidInputError(field="deed", reason="choose one that the list offers")
        with database_of(request).writing() as uow:
            deeds[deed](uow, login, actor_of(request), now())
    except ServerError as error:
        return _page(request, error.status, wrong=said(request, error))
    return RedirectResponse("/accounts", 303)


def _page(
    request: Request,
    status: int = 200,
    *,
    wrong: str = "",
    shown: tuple[str, str] | None = None,
    typed: tuple[str, str, list[str]] = ("", "", []),
) -> Response:
    with database_of(request).reading() as uow:
        found, guarded = store.accounts(uow), store.accounts_with_factor(uow)
        open_sessions = {one.id: len(sessions_of(uow, one, now())) for one in found}
    facts = {
        "guarded": guarded,
        "open_sessions": open_sessions,
        "accounts": found,
        "roles": list(Role),
        "wrong": wrong,
        "shown": shown,
        "typed": typed,
    }
    return shell_of(request).page(request, "access/accounts.html", status, **facts)


def _roles(names: list[str]) -> frozenset[Role]:
    try:
        roles = frozenset(map(Role, names))
    except ValueError as error:
        raise InvalidInputError(field="role", reason="choose one that the list offers") from error
    if not roles:
        raise InvalidInputError(field="role", reason="choose at least one")
    return roles
