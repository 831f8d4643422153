"""`/people/{id}/leave`: somebody's balances, every movement with its reason, and what HR does by hand."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from fastapi import APIRouter, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import RedirectResponse, Response

from server.access.model import Permission
from server.access.pages.visitors import actor_of
from server.attendance.pages.asked import today
from server.attendance.pages.people import known_person
from server.audit.model import CONCERNS, Actor
from server.directory import actions as directory
from server.errors import InvalidInputError, NotFoundError, ServerError
from server.hr.leave import actions as leave
from server.hr.leave.model import Basis
from server.hr.leave.pages.asked import day_asked, day_typed, maybe_day, minutes_typed
from server.hr.leave.pages.told import card, movement_lines
from server.storage import UnitOfWork
from server.web.asking import database_of, now, said, shell_of, whole, words
from server.web.language import language_of
from server.web.visitor import needs

router = APIRouter()
SEES = [needs(Permission.SEE_LEAVE), needs(Permission.SEE_PEOPLE)]
CHANGES = [needs(Permission.CHANGE_LEAVE), *SEES]
Typed = dict[str, str]


@router.get("/people/{person_id:int}/leave", dependencies=SEES)
def person_leave(request: Request, person_id: int) -> Response:
    return _page(request, person_id)


@router.post("/people/{person_id:int}/leave/{deed}", dependencies=CHANGES)
async def change(request: Request, person_id: int, deed: str) -> Response:
    """adjust, undo, open, ground, end-ground, waive."""
    typed = {name: str(value) for name, value in (await request.form()).items()}
    return await run_in_threadpool(_change, request, person_id, deed, typed)


def _change(request: Request, person_id: int, deed: str, typed: Typed) -> Response:
    if deed not in DEEDS:
        raise NotFoundError(what="page", name=deed)
    try:
        with database_of(request).writing() as uow:
            _require(request, uow, person_id)
            DEEDS[deed](uow, person_id, typed, actor_of(request), now())
    except (InvalidInputError, ServerError) as error:
        return _page(request, person_id, error.status, said(request, error), typed | {"deed": deed})
    return RedirectResponse(f"/people/{person_id}/leave?kind={typed.get('kind', '')}", 303)


def _require(request: Request, uow: UnitOfWork, person_id: int) -> None:
    known_person(uow, person_id)
    directory.require_within(uow, request.state.visitor.scope(Permission.SEE_LEAVE), person_id, today(request))


def _page(request: Request, person_id: int, status: int = 200, wrong: str = "", typed: Typed | None = None) -> Response:
    day, tell, language = day_asked(request), words(request), language_of(request, shell_of(request).language)
    typed = typed or {}
    wanted = typed.get("kind") or request.query_params.get("kind", "")
    with database_of(request).reading() as uow:
        _require(request, uow, person_id)
        overview = known_person(uow, person_id)[0]
        cards = [card(one, tell, language) for one in leave.balances_of(uow, person_id, day)]
        chosen = next((one for one in cards if one.code == wanted), cards[0] if cards else None)
        lines = movement_lines(leave.movements_of(uow, person_id, chosen.code, day), chosen.balance.type.terms, tell) if chosen else []
        facts: dict[str, Any] = {"grounds": leave.grounds_of(uow, person_id), "waivers": leave.waivers_of(uow, person_id)}
    more = {"typed": typed, "wrong": wrong, "today": today(request), "basis": Basis}
    return shell_of(request).page(
        request,
        "leave/person.html",
        status,
        one=overview,
        day=day,
        cards=cards,
        chosen=chosen,
        lines=lines,
        **facts,
        **more,
        trail_of=(("person", overview.person.employee_number), (CONCERNS, str(person_id))),
    )


def _adjust(uow: UnitOfWork, person_id: int, typed: Typed, by: Actor, at: datetime) -> None:
    day = day_typed(typed, "day")
    kind = leave.find_type(uow, typed.get("kind", ""), day)
    last = maybe_day(typed, "last_day")
    leave.adjust(uow, [person_id], kind.code, minutes_typed(typed, kind), day, typed.get("reason", ""), by, at, last_day=last)


def _undo(uow: UnitOfWork, person_id: int, typed: Typed, by: Actor, at: datetime) -> None:
    found = leave.movement(uow, whole(typed.get("movement", ""), "movement") or 0)
    if found.person_id != person_id:
        raise NotFoundError(what="movement", name=found.id)
    leave.undo_adjustment(uow, found.id, typed.get("reason", ""), by, at)


def _open(uow: UnitOfWork, person_id: int, typed: Typed, by: Actor, at: datetime) -> None:
    day = day_typed(typed, "day")
    kind = leave.find_type(uow, typed.get("kind", ""), day)
    last = maybe_day(typed, "last_day")
    leave.set_opening(uow, person_id, kind.code, minutes_typed(typed, kind), day, typed.get("reason", ""), by, at, last_day=last)


def _ground(uow: UnitOfWork, person_id: int, typed: Typed, by: Actor, at: datetime) -> None:
    span = day_typed(typed, "first_day"), day_typed(typed, "last_day")
    leave.add_ground(uow, person_id, typed.get("kind", ""), typed.get("name", ""), *span, by, at)


def _end_ground(uow: UnitOfWork, person_id: int, typed: Typed, by: Actor, at: datetime) -> None:
    leave.end_ground(uow, whole(typed.get("ground", ""), "ground") or 0, person_id, typed.get("reason", ""), by, at)


def _waive(uow: UnitOfWork, person_id: int, typed: Typed, by: Actor, at: datetime) -> None:
    leave.waive(uow, person_id, typed.get("kind", ""), typed.get("lot", ""), typed.get("reason", ""), by, at)


DEEDS: dict[str, Callable[[UnitOfWork, int, Typed, Actor, datetime], None]] = {
    "adjust": _adjust,
    "undo": _undo,
    "open": _open,
    "ground": _ground,
    "end-ground": _end_ground,
    "waive": _waive,
}
"""What can be posted below somebody's page."""
