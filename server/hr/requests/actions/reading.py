"""Requests as they are read: one with everything about it, lists of one's own and of others."""

from dataclasses import dataclass
from datetime import date, datetime

from server.access.model import Scope
from server.attendance import actions as attendance
from server.attendance.model import StoredGrant
from server.directory import actions as directory
from server.directory.model import PersonOverview
from server.errors import NotFoundError
from server.hr.approvals import actions as approvals
from server.hr.approvals.actions import CourseView
from server.hr.requests import store
from server.hr.requests.actions.asking import find_request
from server.hr.requests.actions.coursing import course_of
from server.hr.requests.actions.describing import names_for
from server.hr.requests.actions.gathering import closed_day, zone_of
from server.hr.requests.engine.describing import Line, lines_of
from server.hr.requests.model import (
    Attachment,
    Effect,
    EffectKind,
    Happened,
    Request,
    RequestFilter,
    RequestLine,
    RequestState,
)
from server.storage import UnitOfWork


@dataclass(frozen=True, slots=True)
class RequestView:
    """Everything about a request. course: None while no approver was asked. grants: what it made in attendance, withdrawn ones too.

    target: what it changes or cancels; change: the request that waits to change or cancel it. closed_day: the first of its days that is in
    a closed period.
    """

    request: Request
    person: PersonOverview
    zone: str
    lines: tuple[Line, ...]
    events: list[Happened]
    attachments: list[Attachment]
    effects: list[Effect]
    grants: list[StoredGrant]
    course: CourseView | None
    people: dict[int, str]
    target: Request | None
    change: Request | None
    closed_day: date | None


def see_request(uow: UnitOfWork, request_id: int, now: datetime) -> RequestView:
    """Raises NotFoundError. Whether the reader may see it is the caller's to ask."""
    held = find_request(uow, request_id)
    zone, names = zone_of(uow, held.person_id), names_for(uow, [held])
    course = course_of(uow, held.id)
    seen = approvals.see_course(uow, course.id, None, now) if course else None
    effects = store.effects_of(uow, held.id)
    person, _ = directory.see_person(uow, held.person_id)
    return RequestView(
        request=held,
        person=person,
        zone=zone,
        lines=lines_of(held, zone, names),
        events=store.events_of(uow, held.id),
        attachments=store.attachments_of(uow, held.id),
        effects=effects,
        grants=[attendance.find_grant(uow, one.reference) for one in effects if one.kind is EffectKind.GRANT],
        course=seen,
        people=directory.names_of(uow, _people(seen)) if seen else {},
        target=find_request(uow, held.target_id) if held.target_id is not None else None,
        change=store.waiting_change_of(uow, held.id),
        closed_day=closed_day(uow, held),
    )


def list_requests(
    uow: UnitOfWork, wanted: RequestFilter, scope: Scope, day: date, *, behind: int | None = None, limit: int = 50
) -> tuple[list[RequestLine], dict[RequestState, int]]:
    """The newest first, of those within the scope on the day, and how many there are in each state."""
    within = directory.people_within(scope, day)
    return store.list_requests(uow, wanted, within, behind=behind, limit=limit), store.count_requests(uow, wanted, within)


def requests_of(
    uow: UnitOfWork, person_id: int, *, state: RequestState | None = None, behind: int | None = None, limit: int = 50
) -> list[Request]:
    """Somebody's own, the newest first."""
    wanted = RequestFilter(person_id=person_id, state=state, drafts=True)
    return [one.request for one in store.list_requests(uow, wanted, None, behind=behind, limit=limit)]


def swaps_to_answer(uow: UnitOfWork, person_id: int) -> list[Request]:
    """Swaps that wait for this person's yes or no."""
    return store.waiting_for_partner(uow, person_id)


def require_own(uow: UnitOfWork, request_id: int, person_id: int) -> Request:
    """Raises NotFoundError for somebody else's, the same as for one that is not there."""
    held = find_request(uow, request_id)
    if held.person_id != person_id:
        raise NotFoundError(what="request", name=request_id)
    return held


def _people(seen: CourseView) -> set[int]:
    found = {one.person_id for one in seen.seats} | {one.decided_by for one in seen.seats if one.decided_by is not None}
    found |= {one.person_id for one in seen.entries if one.person_id is not None} | set(seen.delegates.values())
    return found | {asked.person_id for step in seen.ahead for asked in step.asked}
