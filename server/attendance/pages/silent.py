"""`/silent-terminals`: terminals that days wait for, accepting their silence with a reason, and taking that back."""

from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Form, Request
from starlette.responses import RedirectResponse, Response

from server.access.model import Permission
from server.access.pages.visitors import actor_of
from server.attendance import actions as attendance
from server.audit.model import DEED
from server.errors import InvalidInputError
from server.fleet import actions as fleet
from server.web.asking import database_of, may, now, shell_of
from server.web.visitor import needs

router = APIRouter()
CHANGES = [needs(Permission.CHANGE_GRANTS), needs(Permission.SEE_FLEET)]
Text = Annotated[str, Form()]


@router.get("/silent-terminals", dependencies=[needs(Permission.SEE_FLEET)])
def silent_page(request: Request) -> Response:
    """What waits, and what was accepted."""
    moment = now()
    with database_of(request).reading() as uow:
        silent = attendance.silent_terminals(uow, int(moment.timestamp()))
        accepted = attendance.silences(uow)
        terminals = {one.terminal.id: one for one in fleet.list_terminals(uow)}
    return shell_of(request).page(
        request,
        "attendance/silent.html",
        silent=silent,
        accepted=accepted,
        terminals=terminals,
        moment_of=lambda at: datetime.fromtimestamp(at, UTC),
        until=f"{moment.astimezone(shell_of(request).zone):%Y-%m-%dT%H:%M}",
        may_change=may(request, Permission.CHANGE_GRANTS),
        trail_of=((DEED, "silence.accept"), (DEED, "silence.withdraw")),
    )


@router.post("/silent-terminals/{terminal_id:int}/accept", dependencies=CHANGES)
def accept(request: Request, terminal_id: int, until: Text = "", reason: Text = "") -> Response:
    """Wait no more for what it has not reported up to a moment on the company's clock."""
    try:
        local = datetime.fromisoformat(until)
    except ValueError as error:
        raise InvalidInputError(field="until", reason="give a date and a time") from error
    with database_of(request).writing() as uow:
        told = local.replace(tzinfo=shell_of(request).zone)
        attendance.accept_silence(uow, terminal_id, told, actor_of(request), now(), reason)
    return RedirectResponse("/silent-terminals", 303)


@router.post("/silent-terminals/accepted/{silence_id:int}/withdraw", dependencies=CHANGES)
def withdraw(request: Request, silence_id: int, reason: Text = "") -> Response:
    """Wait for it after all."""
    with database_of(request).writing() as uow:
        attendance.withdraw_silence(uow, silence_id, actor_of(request), now(), reason)
    return RedirectResponse("/silent-terminals", 303)
