"""`/people/new`: hiring somebody new, with a look at who is known already by this name; for a browser and for a program."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from typing import Any

from fastapi import APIRouter, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import RedirectResponse, Response

from server.access.model import Permission
from server.access.pages.visitors import actor_of, scope_of_visitor
from server.directory import actions as directory
from server.directory.actions import NewEvent
from server.directory.model import EmploymentKind, HoursSystem, Person, StaffLine
from server.directory.pages.employment import REFUSALS, offered_lists
from server.directory.pages.said import event_of
from server.directory.pages.staff_asked import today, within
from server.errors import InvalidInputError, RefusedError, ServerError
from server.storage import UnitOfWork
from server.web.asking import database_of, given_day, now, said, shell_of
from server.web.visitor import needs

router = APIRouter()
CHANGES = [needs(Permission.CHANGE_PEOPLE), needs(Permission.SEE_PEOPLE)]


@dataclass(frozen=True)
class HireBody:
    """Somebody new. Codes and numbers as everywhere; "" for none.

    another_person: true says that this is nobody of those who are known already by this name.
    """

    employee_number: str
    name: str
    effective_on: date
    department: str = ""
    position: str = ""
    site: str = ""
    legal_entity: str = ""
    pay_group: str = ""
    manager: str = ""
    employment_kind: str = "regular"
    hours_system: str = "standard"
    hours_approval: str = ""
    hours_approval_until: date | None = None
    probation_until: date | None = None
    reason: str = ""
    another_person: bool = False


class LikelySameError(RefusedError):
    """Somebody is known by this name already; `people` says who."""

    message = "{reason}"

    def __init__(self, people: list[Person]) -> None:
        self.people = people
        told = "By this name there is already: {numbers}. Hire that person again, or say that this is another person."
        super().__init__(reason=told, numbers=", ".join(f"{one.name} ({one.employee_number})" for one in people))


@router.get("/people/new", dependencies=CHANGES, include_in_schema=False)
def hire_page(request: Request) -> Response:
    return _page(request)


@router.post("/people/new", dependencies=CHANGES, include_in_schema=False)
async def hire(request: Request) -> Response:
    """Hire; a form that cannot be taken comes back as it was typed."""
    async with request.form(max_files=0, max_fields=30) as form:
        typed = {name: value for name, value in form.items() if isinstance(value, str)}
    return await run_in_threadpool(_hire_by_form, request, typed)


@router.post("/api/v1/people", tags=["directory"], dependencies=CHANGES, status_code=201)
def hire_by_program(request: Request, body: HireBody) -> dict[str, Any]:
    """Hire somebody new. Refused where somebody of this name is known, unless `another_person` says that it is somebody else."""
    told = {name: value.isoformat() if isinstance(value, date) else value for name, value in vars(body).items()}
    with database_of(request).writing() as uow:
        made = _hire(request, uow, told, another=body.another_person)
    return {"id": made.id, "employee_number": made.employee_number, "name": made.name}


def _hire(request: Request, uow: UnitOfWork, told: dict[str, Any], *, another: bool) -> Person:
    event = event_of(uow, told | {"kind": "hire"})
    _check_entity(request, event)
    known = [] if another else directory.likely_same(uow, told.get("name", ""))
    seen = directory.only_within(uow, {one.id for one in known}, within(request, today(request)))
    alike = [one for one in known if one.id in seen]
    if alike:
        raise LikelySameError(alike)
    until = given_day(told.get("probation_until") or "", "probation_until")
    number, name = told.get("employee_number", ""), told.get("name", "")
    return directory.hire_person(uow, number, name, event, actor_of(request), now(), probation_until=until)


def _check_entity(request: Request, event: NewEvent) -> None:
    """Raises InvalidInputError where somebody who is responsible for some legal entities would hire for another one."""
    scope = scope_of_visitor(request, Permission.CHANGE_PEOPLE)
    if not scope.everybody and event.sets.get("legal_entity_id") not in scope.entities:
        raise InvalidInputError(field="legal_entity", reason="choose a legal entity that you are responsible for")


def _hire_by_form(request: Request, typed: dict[str, str]) -> Response:
    try:
        with database_of(request).writing() as uow:
            made = _hire(request, uow, typed, another=bool(typed.get("another_person")))
    except LikelySameError as error:
        with database_of(request).reading() as uow:
            lines = [directory.staff_line(uow, one.id, today(request)) for one in error.people]
        return _page(request, error, typed, lines)
    except REFUSALS as error:
        return _page(request, error, typed)
    return RedirectResponse(f"/people/{made.id}/employment", 303)


def _page(
    request: Request, error: ServerError | None = None, typed: dict[str, str] | None = None, alike: list[StaffLine] | None = None
) -> Response:
    with database_of(request).reading() as uow:
        offered = offered_lists(uow)
    return shell_of(request).page(
        request,
        "directory/hire.html",
        error.status if error else 200,
        offered=offered,
        kinds=list(EmploymentKind),
        systems=list(HoursSystem),
        today=today(request),
        typed=defaultdict(str, typed or {}),
        wrong=said(request, error) if error else "",
        alike=alike or [],
    )
