"""`/api/v1/areas`: areas for programs, and the users of a terminal."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from fastapi import APIRouter, Request
from pydantic import BaseModel, Field

from server.access.pages.visitors import actor_of
from server.directory import actions as directory
from server.dispatch.areas import actions
from server.dispatch.areas.model import Area, Rule
from server.dispatch.areas.pages.common import CHANGES, PENDING, SEES, knows_people, reach
from server.errors import InvalidInputError, NotFoundError
from server.fleet import actions as fleet
from server.storage import UnitOfWork
from server.web.asking import database_of, now, words

router = APIRouter(prefix="/api/v1", tags=["areas"])


class RuleBody(BaseModel):
    """A line: everybody of whom all that it gives is true. person: an employee number; the others are ids."""

    site: int | None = None
    department: int | None = None
    position: int | None = None
    legal_entity: int | None = None
    person: str | None = Field(default=None, max_length=64)


class AreaBody(BaseModel):
    """An area. code: for a new one. terminals: serial numbers. group, verify: numbers of the terminals themselves, "" to leave them."""

    code: str = ""
    name: str
    terminals: list[str] = []
    rules: list[RuleBody] = []
    group: str = ""
    verify: str = ""
    carries_faces: bool = False


@router.get("/areas", dependencies=SEES)
def list_areas(request: Request) -> dict[str, Any]:
    """All areas, with how many people belong today and how many users of their terminals are as they should be."""
    with database_of(request).reading() as uow:
        lines = actions.area_lines(uow, now())
        return {
            "areas": [
                {"id": one.area.id, "code": one.area.code, "name": one.area.name, "people": one.people, **_tally(one.tally)}
                for one in lines
            ],
            "people_being_worked_out": actions.people_waiting(uow),
        }


@router.get("/areas/{area_id}", dependencies=SEES)
def find_area(request: Request, area_id: int) -> dict[str, Any]:
    """One area with its rules and terminals; people whom you may not see are left out of its rules."""
    with database_of(request).reading() as uow:
        return _told(request, uow, actions.find_area(uow, area_id))


@router.post("/areas", dependencies=CHANGES)
def add_area(request: Request, body: AreaBody) -> dict[str, Any]:
    """Add an area."""
    with database_of(request).writing() as uow:
        return _told(request, uow, actions.add_area(uow, _wanted(request, uow, body, 0), actor_of(request), now()))


@router.post("/areas/{area_id}", dependencies=CHANGES)
def change_area(request: Request, area_id: int, body: AreaBody) -> dict[str, Any]:
    """Let an area be this; its code stays."""
    with database_of(request).writing() as uow:
        return _told(request, uow, actions.change_area(uow, _wanted(request, uow, body, area_id), actor_of(request), now()))


@router.post("/areas/{area_id}/preview", dependencies=CHANGES)
def preview(request: Request, area_id: int, body: AreaBody) -> dict[str, Any]:
    """How many people would come to which terminal and go from it if an area (0: a new one) were this; nothing is changed."""
    with database_of(request).reading() as uow:
        going = actions.preview(uow, _wanted(request, uow, body, area_id), now())
        serials = {one.terminal.id: one.terminal.serial for one in fleet.list_terminals(uow)}
    come, go = ({serials[key]: len(people) for key, people in sorted(part.items())} for part in (going.come, going.go))
    return {"come": come, "go": go}


@router.post("/areas/{area_id}/undo", dependencies=CHANGES)
def undo(request: Request, area_id: int) -> dict[str, Any]:
    """Take the last change of an area back, its removal too."""
    with database_of(request).writing() as uow:
        return _told(request, uow, actions.undo_change(uow, area_id, actor_of(request), now()))


@router.post("/areas/{area_id}/remove", dependencies=CHANGES)
def remove(request: Request, area_id: int) -> dict[str, Any]:
    """Remove an area; it can be taken back."""
    with database_of(request).writing() as uow:
        actions.remove_area(uow, area_id, actor_of(request), now())
        return _told(request, uow, actions.find_area(uow, area_id))


@router.get("/terminals/{terminal_id}/users", dependencies=SEES)
def terminal_users(request: Request, terminal_id: int) -> dict[str, Any]:
    """Users of a terminal as they should be and are; employee numbers only of people whom you may see."""
    tell = words(request)
    with database_of(request).reading() as uow:
        told = actions.terminal_users(uow, fleet.find_terminal(uow, terminal_id), reach(request, uow), names=knows_people(request))
    users = [
        {
            "user": one.row.user,
            "employee_number": one.number or None,
            "wanted": one.row.want is not None,
            "state": one.row.state,
            "pending": one.pending,
            "why": one.row.reason or (tell(PENDING[one.pending]) if one.pending else ""),
            "templates": list(one.row.there),
            "told_at": one.row.reported_at,
        }
        for one in told.users
    ]
    strangers = [{"user": one.user, "templates": list(one.templates), "told_at": one.reported_at} for one in told.strangers]
    return {**_tally(told.tally), "users": users, "strangers": strangers}


def _tally(one: Any) -> dict[str, int]:
    return asdict(one) | {"pending": one.pending}


def _wanted(request: Request, uow: UnitOfWork, body: AreaBody, area_id: int) -> Area:
    """Rules about people whom the reader may not see stay as they are. Raises NotFoundError, InvalidInputError."""
    held = actions.find_area(uow, area_id) if area_id else None
    serials = {str(one.terminal.serial): one.terminal.id for one in fleet.list_terminals(uow)}
    if unknown := sorted(set(body.terminals) - serials.keys()):
        raise NotFoundError(what="terminal", name=unknown[0])
    within = reach(request, uow)
    kept = tuple(one for one in held.rules if one.person_id and not directory.only_within(uow, {one.person_id}, within)) if held else ()
    rules = tuple(
        Rule(one.site, one.department, one.position, one.legal_entity, _person(request, uow, one.person) if one.person else None)
        for one in body.rules
    )
    terminals = frozenset(serials[one] for one in body.terminals)
    return Area(area_id, body.code, body.name, terminals, (*rules, *kept), body.verify, body.group, body.carries_faces)


def _person(request: Request, uow: UnitOfWork, number: str) -> int:
    found = directory.find_person(uow, number)
    if found is None or not directory.only_within(uow, {found.id}, reach(request, uow)):
        raise InvalidInputError(field="rules", reason="there is nobody with the employee number {number}", number=number)
    return found.id


def _told(request: Request, uow: UnitOfWork, area: Area) -> dict[str, Any]:
    serials = {one.terminal.id: one.terminal.serial for one in fleet.list_terminals(uow)}
    people = {rule.person_id for rule in area.rules if rule.person_id is not None}
    numbers = directory.numbers_of(uow, directory.only_within(uow, people, reach(request, uow))) if people else {}
    return {
        "id": area.id,
        "code": area.code,
        "name": area.name,
        "terminals": sorted(serials[key] for key in area.terminals),
        "rules": [_rule(one, numbers) for one in area.rules if one.person_id is None or one.person_id in numbers],
        "group": area.group,
        "verify": area.verify,
        "carries_faces": area.carries_faces,
        "removed_at": area.removed_at,
    }


def _rule(rule: Rule, numbers: Mapping[int, str]) -> dict[str, Any]:
    place = {"site": rule.site_id, "department": rule.department_id, "position": rule.position_id, "legal_entity": rule.legal_entity_id}
    return place | {"person": numbers.get(rule.person_id) if rule.person_id else None}
