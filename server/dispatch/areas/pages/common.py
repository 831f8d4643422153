"""What the pages of areas share: who may, whom the reader may know, and the words of states."""

from collections.abc import Mapping
from typing import Any

from fastapi import Request
from sqlalchemy import Select
from starlette.responses import HTMLResponse, Response

from protocol.messages import UserState
from server.access.model import Permission, Scope
from server.directory import actions as directory
from server.dispatch.areas.model import Pending
from server.errors import InvalidInputError, NotFoundError, RefusedError
from server.storage import UnitOfWork
from server.web.asking import may, now, shell_of
from server.web.visitor import needs

SEES = [needs(Permission.SEE_FLEET)]
CHANGES = [needs(Permission.CHANGE_FLEET), needs(Permission.SEE_FLEET)]
REFUSALS = (InvalidInputError, NotFoundError, RefusedError)
PAGE = 100
PENDING: Mapping[Pending, str] = {
    Pending.NO_EDGE: "no edge reads this terminal",
    Pending.NO_KEY: "the edge needs a newer release",
    Pending.EDGE_AWAY: "the edge is away; it gets it when it is back",
    Pending.ON_THE_WAY: "on its way to the edge",
    Pending.AT_EDGE: "the edge has it; the terminal does not yet",
    Pending.FAILED: "the terminal did not take it",
    Pending.REFUSED: "this terminal cannot hold it",
}
"""Why something is pending; texts of the catalogue."""
STATES: Mapping[UserState, str] = {
    UserState.WAITING: "waiting",
    UserState.THERE: "is there",
    UserState.GONE: "is gone",
    UserState.FAILED: "failed",
    UserState.REFUSED: "refused",
    UserState.STRANGER: "stranger",
    UserState.OTHER: "not known",
}


def knows_people(request: Request) -> bool:
    """Whether the reader may see names at all."""
    return may(request, Permission.SEE_PEOPLE)


def reach(request: Request, uow: UnitOfWork) -> Select[Any] | None:
    """The people whom the reader may see, None for everybody; nobody for who may see no people."""
    scope: Scope = request.state.visitor.scope(Permission.SEE_PEOPLE) if knows_people(request) else Scope()
    return directory.people_within(scope, directory.today_of(uow, now()))


def fragment(request: Request, template: str, **facts: Any) -> Response:
    """A part of a page, for what renews itself."""
    return HTMLResponse(shell_of(request).render(request, template, **facts))
