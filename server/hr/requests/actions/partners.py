"""Partners of swaps: who may be one, and what they answer. A swap reaches its approvers only after the partner said yes."""

from datetime import datetime

from server.audit.actions import record
from server.audit.model import Actor
from server.directory import actions as directory
from server.directory.model import Person
from server.errors import InvalidInputError, NotFoundError, RefusedError
from server.hr.approvals.model import Handlers
from server.hr.requests import store
from server.hr.requests.actions.coursing import hand_in
from server.hr.requests.actions.telling import tell_asker_answered
from server.hr.requests.model import Content, Request, RequestEvent, RequestState, partner_of
from server.storage import UnitOfWork

MOST_OFFERED = 500


def possible_partners(uow: UnitOfWork, person_id: int) -> list[Person]:
    """Who somebody can swap with: the others of the department, by the sound of their names."""
    own, _ = directory.see_person(uow, person_id)
    if own.person.department_id is None:
        return []
    found = directory.list_people(uow, department_id=own.person.department_id, limit=MOST_OFFERED)
    return [one.person for one, _ in found if one.person.id != person_id and one.person.department_id == own.person.department_id]


def require_partner(uow: UnitOfWork, person_id: int, content: Content) -> None:
    """Raises InvalidInputError for a partner who is not one of those that are offered."""
    partner = partner_of(content)
    if partner is not None and partner not in {one.id for one in possible_partners(uow, person_id)}:
        raise InvalidInputError(field="partner", reason="choose one that the list offers")


def answer_swap(uow: UnitOfWork, handlers: Handlers, request_id: int, person_id: int, by: Actor, now: datetime, *, agrees: bool) -> Request:
    """The partner says yes, and the approvers see it; or no, and it is over. Raises NotFoundError for anybody else."""
    held = store.request_by_id(uow, request_id)
    if held is None or held.partner_id != person_id:
        raise NotFoundError(what="request", name=request_id)
    if not held.waits_for_partner:
        raise RefusedError(reason="This swap does not wait for your answer any more.")
    if agrees:
        store.set_partner_agreed(uow, held.id, now)
        record(uow, by, "request.agree", "request", held.number, at=now, people=held.people)
        hand_in(uow, handlers, held, by, now, agreed=True)
        tell_asker_answered(uow, held, now, agrees=True)
    else:
        store.move(uow, held.id, RequestState.WAITING, RequestState.REFUSED, ended_at=now)
        store.add_event(uow, held.id, RequestEvent.REFUSE, RequestState.REFUSED, by.name, now)
        record(uow, by, "request.refuse", "request", held.number, at=now, people=held.people)
        tell_asker_answered(uow, held, now, agrees=False)
    found = store.request_by_id(uow, request_id)
    assert found is not None
    return found
