"""`/positions` and `/pay-groups`: the lists that employments choose from."""

from collections import defaultdict
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request
from starlette.responses import RedirectResponse, Response

from server.access.model import Permission
from server.access.pages.visitors import actor_of
from server.directory import actions as directory
from server.directory.pages.employment import REFUSALS
from server.directory.pages.gate import require_everybody
from server.directory.pages.staff_asked import within
from server.errors import InvalidInputError, ServerError
from server.web.asking import database_of, now, said, shell_of, whole
from server.web.visitor import needs

router = APIRouter(include_in_schema=False)
SEES = [needs(Permission.SEE_PEOPLE)]
CHANGES = [needs(Permission.CHANGE_PEOPLE), needs(Permission.SEE_PEOPLE), Depends(require_everybody)]
Field = Annotated[str, Form()]


@router.get("/positions", dependencies=SEES)
def positions_page(request: Request) -> Response:
    return _positions(request)


@router.post("/positions", dependencies=CHANGES)
def add_position(request: Request, code: Field = "", name: Field = "") -> Response:
    try:
        with database_of(request).writing() as uow:
            directory.add_position(uow, code, name, actor_of(request), now())
    except REFUSALS as error:
        return _positions(request, error, {"code": code, "name": name})
    return RedirectResponse("/positions", 303)


@router.post("/positions/{position_id:int}", dependencies=CHANGES)
def rename_position(request: Request, position_id: int, name: Field = "") -> Response:
    try:
        with database_of(request).writing() as uow:
            directory.rename_position(uow, position_id, name, actor_of(request), now())
    except REFUSALS as error:
        return _positions(request, error)
    return RedirectResponse("/positions", 303)


@router.get("/pay-groups", dependencies=SEES)
def pay_groups_page(request: Request) -> Response:
    return _pay_groups(request)


@router.post("/pay-groups", dependencies=CHANGES)
def add_pay_group(request: Request, code: Field = "", name: Field = "", start_day: Field = "") -> Response:
    try:
        with database_of(request).writing() as uow:
            directory.add_pay_group(uow, code, name, _day(start_day), actor_of(request), now())
    except REFUSALS as error:
        return _pay_groups(request, error, {"code": code, "name": name, "start_day": start_day})
    return RedirectResponse("/pay-groups", 303)


@router.post("/pay-groups/{pay_group_id:int}", dependencies=CHANGES)
def change_pay_group(request: Request, pay_group_id: int, name: Field = "", start_day: Field = "") -> Response:
    """Another name, another start day from the next period on, or both."""
    try:
        with database_of(request).writing() as uow:
            by, moment = actor_of(request), now()
            there = next((one for one in directory.pay_groups(uow) if one.id == pay_group_id), None)
            if there is None or there.name != name.strip():
                directory.rename_pay_group(uow, pay_group_id, name, by, moment)
            if there is not None and there.start_days[-1].day != _day(start_day):
                directory.change_start_day(uow, pay_group_id, _day(start_day), by, moment)
    except REFUSALS as error:
        return _pay_groups(request, error)
    return RedirectResponse("/pay-groups", 303)


def _day(value: str) -> int:
    found = whole(value, "start_day")
    if found is None:
        raise InvalidInputError(field="start_day", reason="use a day from 1 to 28, which every month has")
    return found


def _positions(request: Request, error: ServerError | None = None, typed: dict[str, str] | None = None) -> Response:
    with database_of(request).reading() as uow:
        today = directory.today_of(uow, now())
        positions, counts = directory.list_positions(uow), directory.people_by_position(uow, today, within(request, today))
    facts = {
        "positions": positions,
        "counts": counts,
        "typed": defaultdict(str, typed or {}),
        "wrong": said(request, error) if error else "",
    }
    return shell_of(request).page(
        request, "directory/positions.html", error.status if error else 200, **facts, trail_of=(("position", ""),)
    )


def _pay_groups(request: Request, error: ServerError | None = None, typed: dict[str, str] | None = None) -> Response:
    with database_of(request).reading() as uow:
        today = directory.today_of(uow, now())
        groups, counts = directory.pay_groups(uow), directory.people_by_pay_group(uow, today, within(request, today))
    facts = {
        "groups": groups,
        "counts": counts,
        "today": today,
        "typed": defaultdict(str, typed or {}),
        "wrong": said(request, error) if error else "",
    }
    return shell_of(request).page(
        request, "directory/pay_groups.html", error.status if error else 200, **facts, trail_of=(("pay group", ""),)
    )
