"""`/departments`: the tree with heads and head-counts on a day; `/departments/{id}`: one of them and what can be done with it."""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, Request
from starlette.responses import RedirectResponse, Response

from server.access.model import Permission
from server.access.pages.visitors import actor_of
from server.audit.model import Actor
from server.directory import actions as directory
from server.directory.pages.employment import REFUSALS, key_of
from server.directory.pages.gate import require_everybody
from server.directory.pages.said import manager_of_number
from server.directory.pages.staff_asked import today, within
from server.errors import InvalidInputError, NotFoundError, ServerError
from server.storage import UnitOfWork
from server.web.asking import database_of, given_day, now, said, shell_of, words
from server.web.export import table_answer
from server.web.visitor import needs

router = APIRouter()
SEES = [needs(Permission.SEE_PEOPLE)]
CHANGES = [needs(Permission.CHANGE_PEOPLE), needs(Permission.SEE_PEOPLE), Depends(require_everybody)]
Field = Annotated[str, Form()]
HEADING = ("Code", "Department", "Above it", "Head of department", "People in it", "With those below")


@dataclass(frozen=True)
class DepartmentBody:
    """A new department; above: the code of the one above it, "" at the top."""

    code: str
    name: str
    above: str = ""


@dataclass(frozen=True)
class DeedBody:
    """What a change of a department needs: a name to rename it, a code (or "") to move it, a day to close it or to give it a head.

    head: an employee number, "" for nobody.
    """

    name: str = ""
    above: str = ""
    head: str = ""
    day: date | None = None


@router.get("/departments", dependencies=SEES, include_in_schema=False)
def departments_page(request: Request, day: str = "", closed: str = "") -> Response:
    return _page(request, day=day, closed=bool(closed))


@router.get("/departments.csv", dependencies=SEES, include_in_schema=False)
@router.get("/departments.xlsx", dependencies=SEES, include_in_schema=False)
def departments_file(request: Request, day: str = "") -> Response:
    told = _listed(request, given_day(day, "day") or today(request))
    tell = words(request)
    rows = [[one["code"], one["name"], one["above"], one["head"], one["people"], one["people_below"]] for one in told]
    return table_answer(request, tell("Departments"), [tell(name) for name in HEADING], rows)


@router.get("/api/v1/departments", tags=["directory"], dependencies=SEES)
def departments(request: Request, day: str = "") -> dict[str, Any]:
    """All departments, each behind the one above it, with head and head-counts on a day, today when it is left out."""
    asked = given_day(day, "day") or today(request)
    return {"day": asked, "departments": _listed(request, asked)}


@router.post("/departments", dependencies=CHANGES, include_in_schema=False)
def add_department(request: Request, code: Field = "", name: Field = "", above: Field = "") -> Response:
    try:
        with database_of(request).writing() as uow:
            directory.add_department(uow, code, name, actor_of(request), now(), parent_id=_coded(uow, above))
    except REFUSALS as error:
        return _page(request, error=error, typed={"code": code, "name": name, "above": above})
    return RedirectResponse("/departments", 303)


@router.post("/api/v1/departments", tags=["directory"], dependencies=CHANGES)
def add_by_program(request: Request, body: DepartmentBody) -> dict[str, Any]:
    """Add a department."""
    with database_of(request).writing() as uow:
        made = directory.add_department(uow, body.code, body.name, actor_of(request), now(), parent_id=_coded(uow, body.above))
    return {"id": made.id, "code": made.code, "name": made.name}


@router.get("/departments/{department_id:int}", dependencies=SEES, include_in_schema=False)
def department_page(request: Request, department_id: int) -> Response:
    return _one(request, department_id)


@router.post("/departments/{department_id:int}/{deed}", dependencies=CHANGES, include_in_schema=False)
def change_department(
    request: Request, department_id: int, deed: str, name: Field = "", above: Field = "", head: Field = "", day: Field = ""
) -> Response:
    """deed: rename, move, close, reopen or head."""
    typed = {"deed": deed, "name": name, "above": above, "head": head, "day": day}
    try:
        with database_of(request).writing() as uow:
            asked = DeedBody(name, above, head, given_day(day, "day"))
            _do(uow, key_of(department_id, "department"), deed, asked, actor_of(request), now())
    except REFUSALS as error:
        return _one(request, department_id, error, typed)
    return RedirectResponse(f"/departments/{department_id}", 303)


@router.post("/api/v1/departments/{department_id}/{deed}", tags=["directory"], dependencies=CHANGES)
def change_by_program(request: Request, department_id: int, deed: str, body: DeedBody) -> dict[str, Any]:
    """deed: rename, move, close, reopen or head."""
    with database_of(request).writing() as uow:
        _do(uow, key_of(department_id, "department"), deed, body, actor_of(request), now())
        held = directory.find_department(uow, department_id)
    return {"id": held.id, "code": held.code, "name": held.name, "closed_on": held.closed_on}


def _do(uow: UnitOfWork, department_id: int, deed: str, body: DeedBody, by: Actor, moment: datetime) -> None:
    deeds: dict[str, Callable[[], None]] = {
        "rename": lambda: directory.rename_department(uow, department_id, body.name, by, moment),
        "move": lambda: directory.move_department(uow, department_id, _coded(uow, body.above), by, moment),
        "close": lambda: directory.close_department(uow, department_id, _needed(body.day), by, moment),
        "reopen": lambda: directory.reopen_department(uow, department_id, by, moment),
        "head": lambda: directory.set_head(uow, department_id, manager_of_number(uow, body.head, "head"), _needed(body.day), by, moment),
    }
    if deed not in deeds:
        raise NotFoundError(what="page", name=deed)
    deeds[deed]()


def _needed(day: date | None) -> date:
    if day is None:
        raise InvalidInputError(field="day", reason="give a date such as 2026-11-23")
    return day


def _coded(uow: UnitOfWork, code: str) -> int | None:
    if not code:
        return None
    found = next((one.id for one in directory.list_departments(uow) if one.code == code), None)
    if found is None:
        raise InvalidInputError(field="above", reason="{code} is not there: choose one that the list offers", code=code)
    return found


def _listed(request: Request, day: date) -> list[dict[str, Any]]:
    with database_of(request).reading() as uow:
        lines = directory.department_tree(uow, day, within(request, day))
        heads = directory.heads_on(uow, day)
        names = directory.names_of(uow, directory.only_within(uow, set(heads.values()), within(request, day)))
    codes = {line.department.id: line.department.code for line in lines}
    return [
        {
            "id": one.department.id, "code": one.department.code, "name": one.department.name, "depth": one.depth,
            "above": codes.get(one.department.parent_id or 0), "head": names.get(heads.get(one.department.id, 0)),
            "head_id": heads.get(one.department.id) if heads.get(one.department.id) in names else None,
            "people": one.own, "people_below": one.below,
            "closed_on": one.department.closed_on,
        }
        for one in lines
    ]  # fmt: skip


def _page(
    request: Request, *, day: str = "", closed: bool = False, error: ServerError | None = None, typed: dict[str, str] | None = None
) -> Response:
    asked = given_day(day, "day") or today(request)
    lines = _listed(request, asked)
    open_ones = [one for one in lines if one["closed_on"] is None or one["closed_on"] >= asked]
    return shell_of(request).page(
        request,
        "directory/departments.html",
        error.status if error else 200,
        lines=lines if closed else open_ones,
        closed=closed,
        some_closed=len(open_ones) < len(lines),
        open_ones=[one for one in lines if one["closed_on"] is None],
        day=asked,
        today=today(request),
        typed=defaultdict(str, typed or {}),
        wrong=said(request, error) if error else "",
        trail_of=(("department", ""),),
    )


def _one(request: Request, department_id: int, error: ServerError | None = None, typed: dict[str, str] | None = None) -> Response:
    day = today(request)
    with database_of(request).reading() as uow:
        held = directory.find_department(uow, key_of(department_id, "department"))
        heads = directory.heads_of(uow, department_id)
        names = directory.names_of(uow, directory.only_within(uow, {one.person_id for one in heads}, within(request, day)))
    lines = _listed(request, day)
    return shell_of(request).page(
        request,
        "directory/department.html",
        error.status if error else 200,
        one=held,
        line=next(each for each in lines if each["id"] == department_id),
        below=[each for each in lines if each["above"] == held.code],
        above=next((each for each in lines if each["id"] == held.parent_id), None),
        offered=[each for each in lines if each["closed_on"] is None and each["id"] != department_id],
        heads=heads[::-1],
        names=names,
        today=day,
        typed=defaultdict(str, typed or {}),
        wrong=said(request, error) if error else "",
        trail_of=(("department", held.code),),
    )
