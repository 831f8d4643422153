"""Leave as JSON: kinds, balances, the ledger, adjustments, who is away. Permissions and scopes are those of the pages."""

from datetime import date
from typing import Any

import msgspec
from fastapi import APIRouter, Request
from pydantic import BaseModel

from server.access.model import Permission
from server.access.pages.visitors import actor_of
from server.attendance.pages.asked import today
from server.attendance.pages.people import known_person
from server.directory import actions as directory
from server.errors import InvalidInputError
from server.hr.leave import actions as leave
from server.hr.leave.engine.describing import tell_terms
from server.hr.leave.engine.telling import tell_movement
from server.hr.leave.model import Away, Balance, LeaveType, Movement
from server.hr.leave.pages.asked import within_reach
from server.storage import UnitOfWork
from server.web.asking import database_of, now, shell_of
from server.web.language import LANGUAGES, language_of, translator
from server.web.visitor import needs

router = APIRouter(prefix="/api/v1", tags=["leave"])
OWN = [needs(Permission.SEE_OWN)]
SEES = [needs(Permission.SEE_LEAVE), needs(Permission.SEE_PEOPLE)]
CHANGES = [needs(Permission.CHANGE_LEAVE), *SEES]


class Adjusting(BaseModel):
    """So many minutes more (less: negative) of a kind from a day on, for these people; usable until `last_day` where it ends by itself."""

    people: list[int]
    minutes: int
    day: date
    reason: str
    last_day: date | None = None


@router.get("/leave/types", dependencies=[needs(Permission.SEE_LEAVE)])
def list_types(request: Request, day: date | None = None, language: str = "") -> dict[str, Any]:
    """What kinds of leave there are on a day, with their terms, and in sentences (`says`) in `language`, en or zh."""
    tell = _teller(request, language)
    with database_of(request).reading() as uow:
        found = leave.leave_types(uow, _day(request, day))
    return {"types": [_type(one) | {"says": tell_terms(one.terms, tell)} for one in found]}


@router.get("/people/{person_id}/leave", dependencies=SEES)
def balances(request: Request, person_id: int, day: date | None = None) -> dict[str, Any]:
    """A person's balances of every kind on a day, past or to come, in minutes."""
    with database_of(request).reading() as uow:
        _require(request, uow, person_id)
        found = leave.balances_of(uow, person_id, _day(request, day))
    return {"balances": [_balance(one) for one in found]}


@router.get("/people/{person_id}/leave/{code}", dependencies=SEES)
def ledger(request: Request, person_id: int, code: str, language: str = "") -> dict[str, Any]:
    """Every movement of one kind, the latest day first, each explained in `language`."""
    tell = _teller(request, language)
    with database_of(request).reading() as uow:
        _require(request, uow, person_id)
        kind = leave.find_type(uow, code, today(request))
        found = leave.movements_of(uow, person_id, code, today(request))
    return {"movements": [_movement(one) | {"says": tell_movement(one, kind.terms, tell)} for one in found]}


@router.get("/me/leave", dependencies=OWN)
def own_balances(request: Request, day: date | None = None) -> dict[str, Any]:
    """One's own balances; empty for an account that belongs to no employee."""
    key: int | None = request.state.visitor.person_id
    if key is None:
        return {"balances": []}
    with database_of(request).reading() as uow:
        return {"balances": [_balance(one) for one in leave.balances_of(uow, key, _day(request, day))]}


@router.post("/leave/{code}/adjustments", dependencies=CHANGES)
def adjust(request: Request, code: str, wish: Adjusting) -> dict[str, Any]:
    """Adjust by hand, all of these people or nobody."""
    scope = request.state.visitor.scope(Permission.CHANGE_LEAVE)
    if not wish.people:
        raise InvalidInputError(field="people", reason="choose somebody first")
    with database_of(request).writing() as uow:
        for person_id in wish.people:
            directory.require_within(uow, scope, person_id, today(request))
        what = (wish.minutes, within_reach(wish.day, "day"), wish.reason)
        count = leave.adjust(uow, wish.people, code, *what, actor_of(request), now(), last_day=wish.last_day)
    return {"adjusted": count}


@router.get("/away", dependencies=[needs(Permission.SEE_ROSTER), needs(Permission.SEE_PEOPLE)])
def away(request: Request, since: date, until: date, department: int | None = None) -> dict[str, Any]:
    """Who is away on a day from `since` to `until`; `what` is null where the reader may not know what for."""
    visitor = request.state.visitor
    scope, kinds_for = visitor.scope(Permission.SEE_ROSTER), visitor.scope(Permission.SEE_LEAVE)
    with database_of(request).reading() as uow:
        span = within_reach(since, "since"), within_reach(until, "until")
        found = leave.who_is_away(uow, scope, *span, kinds_for=kinds_for, department_id=department)
    return {"away": [_away(one) for one in found]}


def _require(request: Request, uow: UnitOfWork, person_id: int) -> None:
    known_person(uow, person_id)
    directory.require_within(uow, request.state.visitor.scope(Permission.SEE_LEAVE), person_id, today(request))


def _day(request: Request, day: date | None) -> date:
    return within_reach(day or today(request), "day")


def _teller(request: Request, language: str) -> Any:
    if language and language not in LANGUAGES:
        raise InvalidInputError(field="language", reason="choose one that the list offers")
    return translator(language or language_of(request, shell_of(request).language))


def _type(one: LeaveType) -> dict[str, Any]:
    return {"code": one.code, "first_day": one.first_day, "limited": one.limited, "terms": msgspec.to_builtins(one.terms)}


def _balance(one: Balance) -> dict[str, Any]:
    figures = ("carried", "granted", "adjusted", "taken", "pending", "expired", "paid_out", "minutes", "available", "overdraft", "ahead")
    return {
        "type": one.type.code,
        "day": one.day,
        "year": {"first_day": one.year[0], "last_day": one.year[1]},
        "standard_day_minutes": one.type.terms.standard_day_minutes,
        **{name: getattr(one, name) for name in figures},
        "lapses": [{"last_day": each.last_day, "minutes": each.minutes, "then": each.then} for each in one.lapses],
        "grants": [{"day": each.day, "minutes": each.minutes} for each in one.grants],
    }


def _movement(one: Movement) -> dict[str, Any]:
    names = ("id", "kind", "minutes", "day", "last_day", "reference", "reason", "author", "recorded_at")
    return {name: getattr(one, name) for name in names}


def _away(one: Away) -> dict[str, Any]:
    names = ("person_id", "name", "employee_number", "department", "first_day", "last_day", "whole", "what")
    return {name: getattr(one, name) for name in names}
