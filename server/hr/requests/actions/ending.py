"""How a request ends: withdrawn by whoever asked, or by the word of its approvers. `RequestHandler` is what approvals call.

Approving makes what was asked for, in the transaction of the decision: where that cannot be, the decision is undone and the approver reads
why. A request that changes or cancels another one takes that one's effects back in the same step.
"""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from server.audit.actions import record
from server.audit.model import Actor
from server.errors import InvalidInputError, RefusedError
from server.hr.approvals import actions as approvals
from server.hr.approvals.model import Described, Handlers
from server.hr.requests import store
from server.hr.requests.actions.asking import find_request
from server.hr.requests.actions.coursing import UNDER_WAY, course_of
from server.hr.requests.actions.describing import describe_requests
from server.hr.requests.actions.effects import make_effects, take_back
from server.hr.requests.actions.leave_booking import release_leave
from server.hr.requests.actions.telling import tell_partner_approved, tell_partner_over, tell_taken_back, tell_withdrawn
from server.hr.requests.engine.states import ENDED, state_after
from server.hr.requests.model import LONGEST_COMMENT, Purpose, Request, RequestEvent
from server.storage import UnitOfWork


def withdraw_request(uow: UnitOfWork, handlers: Handlers, request_id: int, by: Actor, now: datetime, comment: str = "") -> Request:
    """Take back what is not decided. Raises NotFoundError, RefusedError (an approved one is cancelled by a request of its own)."""
    held = find_request(uow, request_id)
    state_after(held.state, RequestEvent.WITHDRAW)
    course = course_of(uow, request_id)
    if course is not None and course.state in UNDER_WAY:
        approvals.withdraw(uow, handlers, course.id, None, by, now, comment)
    else:
        happen(uow, held, RequestEvent.WITHDRAW, by, now, comment)
        if held.waits_for_partner:
            tell_partner_over(uow, held, now)
    return find_request(uow, request_id)


def happen(uow: UnitOfWork, held: Request, event: RequestEvent, by: Actor, now: datetime, comment: str = "") -> None:
    """Move a request and write it down. Raises RefusedError where it cannot be, or somebody else was faster."""
    after = state_after(held.state, event)
    comment = comment.replace("\0", "").strip()
    if len(comment) > LONGEST_COMMENT:
        raise InvalidInputError(field="comment", reason="use at most {most} characters", most=LONGEST_COMMENT)
    if not store.move(uow, held.id, held.state, after, ended_at=now if after in ENDED else None):
        raise RefusedError(reason="This request was changed by somebody else just now: look at it again.")
    store.add_event(uow, held.id, event, after, by.name, now, comment)
    _on_trail(uow, held, event, after, by, now)


def _on_trail(uow: UnitOfWork, held: Request, event: RequestEvent, after: str, by: Actor, now: datetime) -> None:
    facts: dict[str, Any] = {"before": {"state": held.state}, "after": {"state": after}}
    match event:
        case RequestEvent.APPROVE:
            record(uow, by, "request.approve", "request", held.number, at=now, **facts, people=held.people)
        case RequestEvent.REFUSE:
            record(uow, by, "request.refuse", "request", held.number, at=now, **facts, people=held.people)
        case RequestEvent.SEND_BACK:
            record(uow, by, "request.send-back", "request", held.number, at=now, **facts, people=held.people)
        case RequestEvent.WITHDRAW:
            record(uow, by, "request.withdraw", "request", held.number, at=now, **facts, people=held.people)
        case _:
            record(uow, by, "request.cancel", "request", held.number, at=now, **facts, people=held.people)


class RequestHandler:
    """What approvals tell requests of."""

    def approved(self, uow: UnitOfWork, subject_id: int, by: Actor, now: datetime) -> None:
        """Make what was asked for. Raises what makes it impossible: a closed period, a grant for the same time, a roster that changed."""
        held = find_request(uow, subject_id)
        happen(uow, held, RequestEvent.APPROVE, by, now)
        if held.purpose is not Purpose.NEW:
            assert held.target_id is not None, "a change or cancellation names what it is of"
            target = find_request(uow, held.target_id)
            take_back(uow, target, held, by, now)
            happen(uow, target, RequestEvent.CANCEL, by, now, held.number)
            tell_taken_back(uow, target, held, now)
        if held.purpose is not Purpose.CANCEL:
            make_effects(uow, held, by, now)
            tell_partner_approved(uow, held, now)

    def refused(self, uow: UnitOfWork, subject_id: int, by: Actor, now: datetime) -> None:
        tell_partner_over(uow, self._over(uow, subject_id, RequestEvent.REFUSE, by, now), now)

    def sent_back(self, uow: UnitOfWork, subject_id: int, by: Actor, now: datetime) -> None:
        self._over(uow, subject_id, RequestEvent.SEND_BACK, by, now)

    def withdrawn(self, uow: UnitOfWork, subject_id: int, by: Actor, now: datetime) -> None:
        tell_withdrawn(uow, self._over(uow, subject_id, RequestEvent.WITHDRAW, by, now), now)

    def describe(self, uow: UnitOfWork, subject_ids: Collection[int]) -> Mapping[int, Described]:
        return describe_requests(uow, subject_ids)

    def _over(self, uow: UnitOfWork, subject_id: int, event: RequestEvent, by: Actor, now: datetime) -> Request:
        held = find_request(uow, subject_id)
        happen(uow, held, event, by, now)
        release_leave(uow, held, by, now)
        return held
