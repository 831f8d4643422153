"""`/people/{id}/employment`: a person's employments as a timeline of events, the terms on a day, and forms for what happens next."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Form, Request
from starlette.responses import RedirectResponse, Response

from server.access import actions as access
from server.access.model import Permission
from server.access.pages.visitors import actor_of
from server.audit.model import CONCERNS
from server.directory import actions as directory
from server.directory.model import EmploymentKind, EventKind, HoursSystem, LeavingGround, Protection
from server.directory.pages.said import KEEP, LISTS, day_or_today, event_of
from server.errors import InvalidInputError, NotFoundError, RefusedError, ServerError
from server.storage import UnitOfWork
from server.web.asking import database_of, given_day, may, now, said, shell_of
from server.web.visitor import needs

router = APIRouter(include_in_schema=False)
SEES = [needs(Permission.SEE_PEOPLE)]
CHANGES = [needs(Permission.CHANGE_PEOPLE), needs(Permission.SEE_PEOPLE)]
REFUSALS = (InvalidInputError, NotFoundError, RefusedError)
Field = Annotated[str, Form()]
HIGHEST_ID = 2**63 - 1


@router.get("/people/{person_id:int}/employment", dependencies=SEES)
def employment_page(request: Request, person_id: int, day: str = "", form: str = "") -> Response:
    """day: of which the terms are shown; today when it is left out. form: the kind of event whose form stands open."""
    return page(request, person_id, day=day, typed={"kind": form} if form else None)


@router.post("/people/{person_id:int}/events", dependencies=CHANGES)
async def add_event(request: Request, person_id: int) -> Response:
    """Add an event; a form that cannot be taken comes back as it was typed."""
    from starlette.concurrency import run_in_threadpool

    async with request.form(max_files=0, max_fields=20) as form:
        typed = {name: value for name, value in form.items() if isinstance(value, str)}
    return await run_in_threadpool(_add, request, person_id, typed)


@router.post("/people/{person_id:int}/events/{event_id:int}/cancel", dependencies=CHANGES)
def cancel_event(request: Request, person_id: int, event_id: int, reason: Field = "") -> Response:
    try:
        with database_of(request).writing() as uow:
            owner = directory.cancel_event(uow, key_of(event_id, "employment event"), reason, actor_of(request), now())
            if owner != person_id:
                raise NotFoundError(what="employment event", name=event_id)
    except REFUSALS as error:
        return page(request, person_id, error=error, typed={"kind": f"cancel-{event_id}", "reason": reason})
    return _back(person_id)


@router.post("/people/{person_id:int}/employments/{employment_id:int}/hire-date", dependencies=CHANGES)
def set_hire_date(request: Request, person_id: int, employment_id: int, hired_on: Field = "", reason: Field = "") -> Response:
    """Say on which day an employment really began."""
    try:
        day = given_day(hired_on, "hired_on")
        if day is None:
            raise InvalidInputError(field="hired_on", reason="give a date such as 2026-11-23")
        with database_of(request).writing() as uow:
            owner = directory.set_hire_date(uow, key_of(employment_id, "employment"), day, reason.strip(), actor_of(request), now())
            if owner != person_id:
                raise NotFoundError(what="employment", name=employment_id)
    except REFUSALS as error:
        return page(request, person_id, error=error, typed={"kind": "hire-date", "hired_on": hired_on, "reason": reason})
    return _back(person_id)


def page(
    request: Request,
    person_id: int,
    *,
    day: str = "",
    error: ServerError | None = None,
    typed: dict[str, str] | None = None,
    password: tuple[str, str] | None = None,
) -> Response:
    """The page as it is, or with an error beside what was typed, or with a password that is shown this once."""
    today = _today(request)
    asked = day_or_today(day, today)
    with database_of(request).reading() as uow:
        one, _ = directory.see_person(uow, key_of(person_id, "person"))
        employments = directory.employments_of(uow, person_id)
        spans = directory.terms_of(uow, [person_id], asked, asked)[person_id]
        names = names_of(uow, employments)
        offered = offered_lists(uow)
        probation = _probation(uow, person_id, today)
        manages = may(request, Permission.MANAGE_ACCOUNTS)
        accounts = access.accounts_of_person(uow, person_id) if manages else []
    return shell_of(request).page(
        request,
        "directory/employment.html",
        error.status if error else 200,
        one=one,
        employments=employments[::-1],
        terms=spans[0].terms if spans else None,
        day=asked,
        today=today,
        names=names,
        offered=offered,
        kinds=list(EmploymentKind),
        systems=list(HoursSystem),
        protections=list(Protection),
        grounds=list(LeavingGround),
        event_kinds=EventKind,
        accounts=accounts,
        probation=probation,
        after_probation=probation + timedelta(days=1) if probation else None,
        typed=defaultdict(str, typed or {}),
        wrong=said(request, error) if error else "",
        password=password,
        trail_of=(("person", one.person.employee_number), (CONCERNS, str(person_id))),
    )


def offered_lists(uow: UnitOfWork) -> dict[str, Sequence[Any]]:
    """What forms offer: every list, of departments those that are open."""
    found = {name: read(uow) for name, read in LISTS.items()}
    return found | {"department": [one for one in directory.list_departments(uow) if one.closed_on is None]}


def _probation(uow: UnitOfWork, person_id: int, today: date) -> date | None:
    """The last day of the probation that goes on today."""
    spans = directory.terms_of(uow, [person_id], today, today)[person_id]
    return spans[0].terms.probation_until if spans else None


def names_of(uow: UnitOfWork, employments: Any) -> dict[str, dict[int, str]]:
    """Names by the field that holds their ids: what a timeline needs to tell its events."""
    names = {f"{name}_id": {one.id: one.name for one in read(uow)} for name, read in LISTS.items()}
    managers = {event.sets["manager_id"] for each in employments for event in each.events if event.sets.get("manager_id")}
    return names | {"manager_id": directory.names_of(uow, managers)}


def _add(request: Request, person_id: int, typed: dict[str, str]) -> Response:
    try:
        with database_of(request).writing() as uow:
            directory.add_event(uow, key_of(person_id, "person"), event_of(uow, _with_manager(typed)), actor_of(request), now())
    except REFUSALS as error:
        return page(request, person_id, error=error, typed=typed)
    return _back(person_id)


def _with_manager(typed: dict[str, str]) -> dict[str, str]:
    """In the form an empty number leaves the manager as it is, and a tick says that there is none."""
    return typed | {"manager": "" if typed.get("no_manager") else typed.get("manager", "").strip() or KEEP}


def _today(request: Request) -> date:
    return now().astimezone(shell_of(request).zone).date()


def _back(person_id: int) -> Response:
    return RedirectResponse(f"/people/{person_id}/employment", 303)


def key_of(value: int, what: str) -> int:
    """A key that a database could have; raises NotFoundError for another."""
    if not 0 < value <= HIGHEST_ID:
        raise NotFoundError(what=what, name=value)
    return value
