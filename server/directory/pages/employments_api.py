"""Employments, positions and pay groups for programs. Things are named by their codes, people by their ids."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from fastapi import APIRouter, Request

from server.access.model import Permission
from server.access.pages.visitors import actor_of
from server.directory import actions as directory
from server.directory.model import Employment, EmploymentEvent
from server.directory.pages.said import LISTS, day_or_today, event_of
from server.errors import NotFoundError
from server.storage import UnitOfWork
from server.web.asking import database_of, now
from server.web.visitor import needs

router = APIRouter(prefix="/api/v1", tags=["directory"])
SEES = [needs(Permission.SEE_PEOPLE)]
CHANGES = [needs(Permission.CHANGE_PEOPLE), needs(Permission.SEE_PEOPLE)]


@dataclass(frozen=True)
class EventAnswer:
    """An event of an employment. sets: what it makes of the terms, by field, in codes; a manager by id."""

    id: int
    kind: str
    effective_on: date
    until: date | None
    sets: dict[str, Any]
    author: str
    reason: str
    recorded_at: datetime
    cancelled_at: datetime | None
    cancelled_by: str
    cancel_reason: str


@dataclass(frozen=True)
class EmploymentAnswer:
    """One employment; `left_on` is the last day of work, null while it goes on."""

    id: int
    hired_on: date | None
    hired_on_known: bool
    left_on: date | None
    events: list[EventAnswer]


@dataclass(frozen=True)
class TermsAnswer:
    """The terms on a day; nothing but the day where the person is not employed."""

    day: date
    employment: int | None = None
    department: str | None = None
    position: str | None = None
    site: str | None = None
    pay_group: str | None = None
    manager: int | None = None
    kind: str | None = None
    hours_system: str | None = None
    protected: bool = False
    legal_entity: str | None = None
    probation_until: date | None = None


@dataclass(frozen=True)
class NewEventBody:
    """An event to add. The fields of the terms are left out to keep what holds, null or "" for none. ground: a leaving needs one."""

    kind: str
    effective_on: date
    until: date | None = None
    reason: str = ""
    department: str | None = "keep"
    position: str | None = "keep"
    site: str | None = "keep"
    pay_group: str | None = "keep"
    manager: str | None = "keep"
    legal_entity: str | None = "keep"
    employment_kind: str = "keep"
    hours_system: str = "keep"
    hours_approval: str = ""
    hours_approval_until: date | None = None
    protection: str = ""
    ground: str = ""


@dataclass(frozen=True)
class CancelBody:
    reason: str


@dataclass(frozen=True)
class ListedAnswer:
    """A position."""

    id: int
    code: str
    name: str


@dataclass(frozen=True)
class PayGroupAnswer:
    """A pay group with its start day of today, and the period that goes on today."""

    id: int
    code: str
    name: str
    start_day: int
    first_day: date
    last_day: date


@router.get("/people/{person_id}/employments", dependencies=SEES)
def employments(request: Request, person_id: int) -> list[EmploymentAnswer]:
    """A person's employments in the order of their days, with all events."""
    with database_of(request).reading() as uow:
        directory.see_person(uow, person_id)
        codes = _codes(uow)
        return [_employment(one, codes) for one in directory.employments_of(uow, person_id)]


@router.get("/people/{person_id}/terms", dependencies=SEES)
def terms(request: Request, person_id: int, day: str = "") -> TermsAnswer:
    """The terms on a day, today when it is left out."""
    with database_of(request).reading() as uow:
        directory.see_person(uow, person_id)
        asked = day_or_today(day, directory.today_of(uow, now()))
        spans = directory.terms_of(uow, [person_id], asked, asked)[person_id]
        codes = _codes(uow)
    if not spans:
        return TermsAnswer(asked)
    held = spans[0].terms
    coded = {name: codes[f"{name}_id"].get(getattr(held, f"{name}_id")) for name in LISTS}
    return TermsAnswer(
        asked,
        held.employment_id,
        **coded,
        manager=held.manager_id,
        kind=held.kind,
        hours_system=held.hours_system,
        protected=held.protected,
        probation_until=held.probation_until,
    )


@router.post("/people/{person_id}/events", dependencies=CHANGES)
def add_event(request: Request, person_id: int, body: NewEventBody) -> list[EmploymentAnswer]:
    """Add an event of any kind; answers the employments as they are then."""
    said = {name: value.isoformat() if isinstance(value, date) else value for name, value in vars(body).items()}
    with database_of(request).writing() as uow:
        directory.add_event(uow, person_id, event_of(uow, said), actor_of(request), now())
        codes = _codes(uow)
        return [_employment(one, codes) for one in directory.employments_of(uow, person_id)]


@router.post("/people/{person_id}/events/{event_id}/cancel", dependencies=CHANGES)
def cancel_event(request: Request, person_id: int, event_id: int, body: CancelBody) -> list[EmploymentAnswer]:
    """Let an event count no more."""
    with database_of(request).writing() as uow:
        owner = directory.cancel_event(uow, event_id, body.reason, actor_of(request), now())
        if owner != person_id:
            raise NotFoundError(what="employment event", name=event_id)
        codes = _codes(uow)
        return [_employment(one, codes) for one in directory.employments_of(uow, person_id)]


@router.get("/positions", dependencies=SEES)
def positions(request: Request) -> list[ListedAnswer]:
    """All positions, by code."""
    with database_of(request).reading() as uow:
        return [ListedAnswer(one.id, one.code, one.name) for one in directory.list_positions(uow)]


@router.get("/pay-groups", dependencies=SEES)
def pay_groups(request: Request) -> list[PayGroupAnswer]:
    """All pay groups, by code."""
    with database_of(request).reading() as uow:
        today = directory.today_of(uow, now())
        groups = directory.pay_groups(uow)
    months = {one.id: one.month_of(today) for one in groups}
    return [PayGroupAnswer(one.id, one.code, one.name, one.start_day(months[one.id]), *one.period(months[one.id])) for one in groups]


def _codes(uow: UnitOfWork) -> dict[str, dict[Any, str]]:
    return {f"{name}_id": {one.id: one.code for one in read(uow)} for name, read in LISTS.items()}


def _employment(one: Employment, codes: dict[str, dict[Any, str]]) -> EmploymentAnswer:
    return EmploymentAnswer(one.id, one.hired_on, one.hired_on_known, one.left_on, [_event(event, codes) for event in one.events])


def _event(event: EmploymentEvent, codes: dict[str, dict[Any, str]]) -> EventAnswer:
    sets = {name.removesuffix("_id"): codes[name].get(value) if name in codes else value for name, value in event.sets.items()}
    return EventAnswer(
        event.id, event.kind, event.effective_on, event.until, sets, event.author, event.reason, event.recorded_at,
        event.cancelled_at, event.cancelled_by, event.cancel_reason,
    )  # fmt: skip
