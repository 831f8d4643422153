"""`/accounts`: who can sign in, and as what. What is done with one of them stands on its own page (`account`)."""

from collections.abc import Iterator
from typing import Annotated

from fastapi import APIRouter, Form, Request
from starlette.responses import Response

from server.access import store
from server.access.actions import create_account, generate_password, hash_password
from server.access.model import Account, AccountFilter, Permission, Role
from server.access.pages.visitors import actor_of, entity_names
from server.errors import InvalidInputError, ServerError
from server.storage import Database
from server.web.asking import database_of, now, said, shell_of, words
from server.web.export import table_answer
from server.web.visitor import needs

PAGE, EXPORT_PAGE = 100, 1_000
MANAGES = needs(Permission.MANAGE_ACCOUNTS)
Text = Annotated[str, Form()]
Words = Annotated[list[str], Form()]

router = APIRouter()


@router.get("/accounts", dependencies=[MANAGES])
def accounts_page(request: Request, search: str = "", role: str = "", after: str = "") -> Response:
    return _page(request, wanted=_wanted(search, role), after=after)


@router.post("/accounts", dependencies=[MANAGES])
def add_account(request: Request, login: Text = "", name: Text = "", role: Words = []) -> Response:  # noqa: B006 - read only
    """Make an account; its password is shown on the page that answers, and nowhere else."""
    password = generate_password()
    try:
        roles = roles_of(role)
        hashed = hash_password(password)
        with database_of(request).writing() as uow:
            made = create_account(uow, login, name, hashed, roles, actor_of(request), now())
    except ServerError as error:
        return _page(request, error.status, wrong=said(request, error), typed=(login, name, role))
    return _page(request, shown=(made.login, password))


@router.get("/accounts.csv", dependencies=[MANAGES])
@router.get("/accounts.xlsx", dependencies=[MANAGES])
def accounts_file(request: Request, search: str = "", role: str = "") -> Response:
    tell = words(request)
    heading = [tell(name) for name in ("Login", "Full name", "Roles", "Limits of roles", "State")]
    with database_of(request).reading() as uow:
        names = entity_names(request, uow)
    found = _all_accounts(database_of(request), _wanted(search, role))
    return table_answer(request, tell("Accounts"), heading, (_cells(one, names) for one in found))


def roles_of(names: list[str]) -> frozenset[Role]:
    """The roles that a form ticked; raises InvalidInputError."""
    try:
        roles = frozenset(map(Role, names))
    except ValueError as error:
        raise InvalidInputError(field="role", reason="choose one that the list offers") from error
    if not roles:
        raise InvalidInputError(field="role", reason="choose at least one")
    return roles


def _wanted(search: str, role: str) -> AccountFilter:
    if role and role not in set(Role):
        raise InvalidInputError(field="role", reason="choose one that the list offers")
    return AccountFilter(search.strip(), Role(role) if role else None)


def _page(
    request: Request,
    status: int = 200,
    *,
    wanted: AccountFilter = AccountFilter(),  # noqa: B008 - a frozen value
    after: str = "",
    wrong: str = "",
    shown: tuple[str, str] | None = None,
    typed: tuple[str, str, list[str]] = ("", "", []),
) -> Response:
    with database_of(request).reading() as uow:
        found = store.accounts(uow, wanted, after=after, limit=PAGE + 1)
        guarded, entities = store.accounts_with_factor(uow), entity_names(request, uow)
    facts = {
        "accounts": found[:PAGE],
        "following": found[PAGE - 1].login if len(found) > PAGE else "",
        "paged": bool(after),
        "wanted": wanted,
        "guarded": guarded,
        "entities": entities,
        "roles": list(Role),
        "wrong": wrong,
        "shown": shown,
        "typed": typed,
    }
    return shell_of(request).page(request, "access/accounts.html", status, **facts, trail_of=(("account", ""),))


def _all_accounts(database: Database, wanted: AccountFilter) -> Iterator[Account]:
    after = ""
    while True:
        with database.reading() as uow:
            found = store.accounts(uow, wanted, after=after, limit=EXPORT_PAGE)
        yield from found
        if len(found) < EXPORT_PAGE:
            return
        after = found[-1].login


def _cells(one: Account, names: dict[int, str]) -> tuple[object, ...]:
    limits = "; ".join(f"{role}: {', '.join(names.get(entity, '–') for entity in sorted(one.limits[role]))}" for role in sorted(one.limits))
    return one.login, one.display_name, ", ".join(sorted(one.roles)), limits, one.state.value
