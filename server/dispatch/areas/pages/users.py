"""`/terminals/{id}/users`: who a terminal should hold, who it holds, what is pending and why, and who is a stranger there."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from server.access.pages.visitors import actor_of
from server.dispatch.areas import actions
from server.dispatch.areas.actions.listing import TerminalUsers, UserLine
from server.dispatch.areas.pages.common import CHANGES, PAGE, PENDING, SEES, STATES, fragment, knows_people, reach
from server.fleet import actions as fleet
from server.storage import UnitOfWork
from server.web.asking import database_of, now, shell_of, whole, words
from server.web.export import table_answer

router = APIRouter()
PART = 20
"""Users that the part of a terminal's page shows; its own page has all."""


@router.get("/terminals/{terminal_id:int}/users", dependencies=SEES)
def users_page(request: Request, terminal_id: int, show: str = "", text: str = "", after: str = "", part: str = "") -> Response:
    """show: pending, there, or all. text: a part of a number or name. part: only what stands in a page about the terminal."""
    with database_of(request).reading() as uow:
        told = _told(request, uow, terminal_id)
    chosen = _chosen(told, show, text)
    start, limit = whole(after, "after") or 0, PART if part else PAGE
    facts: dict[str, Any] = {
        "told": told,
        "shown": chosen[start : start + limit],
        "total": len(chosen),
        "after": start + limit if len(chosen) > start + limit else 0,
        "paged": start > 0,
        "show": show,
        "text": text.strip(),
        "address": _address(terminal_id),
        "reasons": PENDING,
        "states": STATES,
        "knows": knows_people(request),
    }
    if part:
        return fragment(request, "areas/users_part.html", **facts)
    return shell_of(request).page(request, "areas/users.html", **facts)


@router.get("/terminals/{terminal_id:int}/users.csv", dependencies=SEES)
@router.get("/terminals/{terminal_id:int}/users.xlsx", dependencies=SEES)
def users_file(request: Request, terminal_id: int, show: str = "", text: str = "") -> Response:
    """As seen; names only of people whom the reader may see."""
    tell = words(request)
    with database_of(request).reading() as uow:
        told = _told(request, uow, terminal_id)
    heading = ("Terminal user", "Employee number", "Name", "Wanted", "State", "Why", "Templates", "Told")
    rows = [
        (
            one.row.user,
            one.number,
            one.name,
            tell("there") if one.row.want else tell("gone"),
            tell(STATES[one.row.state]),
            one.row.reason or (tell(PENDING[one.pending]) if one.pending else ""),
            ", ".join(one.row.there),
            one.row.reported_at,
        )
        for one in _chosen(told, show, text)
    ]
    return table_answer(request, told.overview.terminal.name, [tell(one) for one in heading], rows)


@router.post("/terminals/{terminal_id:int}/users/again", dependencies=CHANGES)
def send_again(request: Request, terminal_id: int) -> Response:
    """What the terminal did not take is tried once more."""
    with database_of(request).writing() as uow:
        actions.try_again(uow, fleet.find_terminal(uow, terminal_id), actor_of(request), now())
    return RedirectResponse(f"/terminals/{terminal_id}/users", 303)


def _address(terminal_id: int) -> Callable[..., str]:
    """Where another view of these users is: `address(".csv", show=…)`; questions that are left open are left out."""

    def address(ending: str = "", **asked: object) -> str:
        question = urlencode({name: value for name, value in asked.items() if value})
        return f"/terminals/{terminal_id}/users{ending}" + (f"?{question}" if question else "")

    return address


def _chosen(told: TerminalUsers, show: str, text: str) -> list[UserLine]:
    """Those who are not as they should be first."""
    lines = [one for one in told.users if one.row.want is not None or one.pending is not None]
    if show == "pending":
        lines = [one for one in lines if one.pending is not None]
    if show == "there":
        lines = [one for one in lines if one.pending is None]
    wanted = text.strip().casefold()
    lines = [one for one in lines if wanted in f"{one.row.user}\n{one.number}\n{one.name}".casefold()]
    return sorted(lines, key=lambda one: (one.pending is None, len(one.row.user), one.row.user))


def _told(request: Request, uow: UnitOfWork, terminal_id: int) -> TerminalUsers:
    return actions.terminal_users(uow, fleet.find_terminal(uow, terminal_id), reach(request, uow), names=knows_people(request))
