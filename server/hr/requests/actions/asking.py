"""Asking: a request is measured, judged, kept, and handed to its approvers; the same key again is the same request.

What somebody typed as a reason may be about their health: it is kept with the request and never in the trail.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import msgspec

from server.audit.actions import record
from server.audit.model import Actor
from server.errors import InvalidInputError, NotFoundError, RefusedError
from server.hr.approvals.model import Handlers
from server.hr.requests import store
from server.hr.requests.actions.attaching import NewFile, attach_files
from server.hr.requests.actions.coursing import hand_in, new_of, take_out
from server.hr.requests.actions.gathering import surroundings_of
from server.hr.requests.actions.leave_booking import release_leave
from server.hr.requests.actions.partners import require_partner
from server.hr.requests.actions.telling import tell_partner_asked
from server.hr.requests.engine.judging import judge, judge_cancellation
from server.hr.requests.engine.leniency import for_hr
from server.hr.requests.engine.measuring import minutes_of
from server.hr.requests.engine.states import state_after
from server.hr.requests.engine.surroundings import Surroundings
from server.hr.requests.engine.times import days_of
from server.hr.requests.model import (
    LONGEST_REASON,
    Finding,
    NewRequest,
    Purpose,
    Request,
    RequestEvent,
    RequestState,
    Severity,
    kind_of,
    stops,
)
from server.storage import UnitOfWork

LONGEST_KEY = 64


class StoppedError(RefusedError):
    """A request that cannot be sent like this, for each of the findings that stop it; the page and the API say them."""

    code = "request-stopped"

    def __init__(self, findings: tuple[Finding, ...]) -> None:
        self.findings = findings
        super().__init__(reason="This cannot be asked for like this. What stands in the way is said below.")


@dataclass(frozen=True, slots=True)
class Judged:
    """What is said while somebody types: findings, how long it is, and what it was judged by."""

    findings: tuple[Finding, ...]
    minutes: int | None
    around: Surroundings


def judge_request(
    uow: UnitOfWork, new: NewRequest, now: datetime, *, itself: Request | None = None, by_hr: bool = False, files: int = 0
) -> Judged:
    """Look at a request. itself: as it is kept; None for one that is new. files: that would come with it.

    Raises InvalidInputError or NotFoundError for what cannot be understood.
    """
    kept = len(store.attachments_of(uow, itself.id)) if itself else 0
    around = surroundings_of(uow, new, now, itself=itself, attachments=kept + files)
    found = judge_cancellation(new.content, around) if new.purpose is Purpose.CANCEL else judge(new.content, around)
    return Judged(for_hr(found) if by_hr else found, minutes_of(new.content, around), around)


def ask(
    uow: UnitOfWork,
    handlers: Handlers,
    new: NewRequest,
    by: Actor,
    now: datetime,
    *,
    files: tuple[NewFile, ...] = (),
    in_name: bool = False,
) -> Request:
    """Keep a request and hand it to its approvers. A key that this person sent already gives the request that it made, unchanged.

    Raises InvalidInputError, NotFoundError, StoppedError, RefusedError; then nothing is kept.
    """
    sent = store.request_by_key(uow, new.person_id, new.key)
    if sent is not None:
        return sent
    made = _keep(uow, new, files, by, now, in_name=in_name)
    return submit(uow, handlers, made.id, by, now)


def save_draft(uow: UnitOfWork, new: NewRequest, by: Actor, now: datetime, *, files: tuple[NewFile, ...] = ()) -> Request:
    """Keep a request without sending it; nobody but the person sees it."""
    sent = store.request_by_key(uow, new.person_id, new.key)
    return sent if sent is not None else _keep(uow, new, files, by, now, in_name=False)


def change(
    uow: UnitOfWork, handlers: Handlers, request_id: int, new: NewRequest, by: Actor, now: datetime, *, files: tuple[NewFile, ...] = ()
) -> Request:
    """Let a request that is not decided say something else: a draft stays one, any other goes to its approvers anew.

    For an approved one, `ask` with the purpose CHANGE.
    """
    held = find_request(uow, request_id)
    state_after(held.state, RequestEvent.EDIT)
    if held.purpose is Purpose.CANCEL:
        raise RefusedError(reason="A cancellation cannot be changed: withdraw it, and ask anew.")
    if held.kind is not kind_of(new.content):
        raise InvalidInputError(field="kind", reason="a request keeps its kind: copy it and ask for the other kind")
    new = replace(new, person_id=held.person_id, purpose=held.purpose, target_id=held.target_id)
    _check(uow, new, held)
    if held.state is RequestState.WAITING:
        take_out(uow, held, by, now)
        release_leave(uow, held, by, now)
    around = surroundings_of(uow, new, now, itself=held)
    store.set_content(uow, held.id, new, days_of(new.content, around.zone), minutes_of(new.content, around))
    attach_files(uow, held, files, by, now)
    store.add_event(uow, held.id, RequestEvent.EDIT, held.state, by.name, now)
    changed = find_request(uow, request_id)
    record(uow, by, "request.change", "request", held.number, at=now, before=shown(held), after=shown(changed), people=held.people)
    return changed if held.state is RequestState.DRAFT else _send(uow, handlers, changed, by, now)


def submit(uow: UnitOfWork, handlers: Handlers, request_id: int, by: Actor, now: datetime) -> Request:
    """Hand a draft, or one that was sent back, to its approvers. Raises StoppedError with what stands in the way."""
    held = find_request(uow, request_id)
    state_after(held.state, RequestEvent.SUBMIT)
    return _send(uow, handlers, held, by, now)


def find_request(uow: UnitOfWork, request_id: int) -> Request:
    """Raises NotFoundError."""
    found = store.request_by_id(uow, request_id)
    if found is None:
        raise NotFoundError(what="request", name=request_id)
    return found


def shown(held: Request) -> dict[str, Any]:
    """For the trail: what is asked for, without the reason."""
    return {"person": held.person_id, "purpose": held.purpose, "state": held.state, **msgspec.to_builtins(held.content)}


def _send(uow: UnitOfWork, handlers: Handlers, held: Request, by: Actor, now: datetime) -> Request:
    findings = judge_request(uow, new_of(held), now, itself=held, by_hr=held.in_name).findings
    if stops(findings):
        raise StoppedError(tuple(one for one in findings if one.severity is Severity.STOPS))
    if not store.move(uow, held.id, held.state, RequestState.WAITING, submitted_at=now, findings=findings):
        raise RefusedError(reason="This request was changed by somebody else just now: look at it again.")
    store.add_event(uow, held.id, RequestEvent.SUBMIT, RequestState.WAITING, by.name, now)
    waiting = find_request(uow, held.id)
    record(uow, by, "request.submit", "request", held.number, at=now, after=shown(waiting), people=held.people)
    hand_in(uow, handlers, waiting, by, now)
    if waiting.waits_for_partner and waiting.purpose is not Purpose.CANCEL:
        tell_partner_asked(uow, waiting, now)
    return find_request(uow, held.id)


def _keep(uow: UnitOfWork, new: NewRequest, files: tuple[NewFile, ...], by: Actor, now: datetime, *, in_name: bool) -> Request:
    if not 8 <= len(new.key) <= LONGEST_KEY:
        raise InvalidInputError(field="key", reason="use 8 to 64 characters")
    _check(uow, new)
    around = surroundings_of(uow, new, now)
    number = store.next_number(uow, kind_of(new.content), around.today.year)
    days, minutes = days_of(new.content, around.zone), minutes_of(new.content, around)
    made = find_request(uow, store.add_request(uow, new, number, days, minutes, by.name, now, in_name=in_name))
    attach_files(uow, made, files, by, now)
    return made


def _check(uow: UnitOfWork, new: NewRequest, itself: Request | None = None) -> None:
    if not new.reason.strip():
        raise InvalidInputError(field="reason", reason="say why, so that it can be understood later")
    if len(new.reason) > LONGEST_REASON:
        raise InvalidInputError(field="reason", reason="use at most {most} characters", most=LONGEST_REASON)
    require_partner(uow, new.person_id, new.content)
    if new.target_id is None:
        return
    target = find_request(uow, new.target_id)
    if target.person_id != new.person_id or target.kind is not kind_of(new.content):
        raise NotFoundError(what="request", name=new.target_id)
    state_after(target.state, RequestEvent.CANCEL)
    if target.purpose is Purpose.CANCEL:
        raise RefusedError(reason="A cancellation that is approved cannot be taken back: ask for the time anew.")
    other = store.waiting_change_of(uow, target.id)
    if other is not None and (itself is None or other.id != itself.id):
        raise RefusedError(reason="{number} asks to change or cancel it already.", number=other.number)
