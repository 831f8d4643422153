"""`/api/v1/me/requests`: one's own requests. Whose they are comes from the account."""

from typing import Any

from fastapi import APIRouter, Request as Asked

from server.access.model import Permission
from server.access.pages.visitors import actor_of
from server.hr.approvals.model import Handlers
from server.hr.requests import actions as requests
from server.hr.requests.actions import StoppedError
from server.hr.requests.model import NewRequest, Purpose, Request, RequestState
from server.hr.requests.routes.common import Comment, Wanted, as_json, finding_json, new_from, own_person, stopped
from server.storage import UnitOfWork
from server.web.asking import database_of, now, whole
from server.web.visitor import needs

router = APIRouter(prefix="/api/v1", tags=["requests"])
ASKS = [needs(Permission.ASK), needs(Permission.SEE_OWN)]
PAGE = 50


class OwnWanted(Wanted):
    """draft: keep it without sending it, so that documents can be added before `send`."""

    draft: bool = False


@router.get("/me/requests", dependencies=ASKS)
def my_requests(asked: Asked, state: RequestState | None = None, limit: int = PAGE, after: str = "") -> dict[str, Any]:
    """Your own requests, the latest first."""
    most = max(1, min(limit, 200))
    with database_of(asked).reading() as uow:
        found = requests.requests_of(uow, own_person(asked), state=state, behind=whole(after, "after"), limit=most + 1)
    following = str(found[most - 1].id) if len(found) > most else None
    return {"requests": [as_json(asked, one) for one in found[:most]], "next": following}


@router.post("/me/requests", dependencies=ASKS)
def ask(asked: Asked, wanted: OwnWanted) -> Any:
    """Ask for something; 409 with the findings where they stop it, and then nothing is kept."""
    new = new_from(wanted, own_person(asked))
    try:
        with database_of(asked).writing() as uow:
            if wanted.draft:
                return as_json(asked, requests.save_draft(uow, new, actor_of(asked), now()))
            return as_json(asked, requests.ask(uow, _handlers(asked), new, actor_of(asked), now()))
    except StoppedError as error:
        return stopped(asked, error)


@router.post("/me/requests/{request_id}/send", dependencies=ASKS)
def send(asked: Asked, request_id: int) -> Any:
    """Hand a draft, or what was sent back to you, to its approvers; 409 with the findings where they stop it."""
    try:
        with database_of(asked).writing() as uow:
            held = _mine(uow, asked, request_id)
            return as_json(asked, requests.submit(uow, _handlers(asked), held.id, actor_of(asked), now()))
    except StoppedError as error:
        return stopped(asked, error)


@router.post("/me/requests/check", dependencies=ASKS)
def check(asked: Asked, wanted: Wanted) -> dict[str, Any]:
    """What would stand in the way, how long it is, and what is left of the leave afterwards; nothing is kept."""
    new = new_from(wanted, own_person(asked))
    with database_of(asked).reading() as uow:
        found = requests.judge_request(uow, new, now())
    left = found.around.leave.left_after if found.around.leave else None
    return {"findings": [finding_json(asked, one) for one in found.findings], "minutes": found.minutes, "left_minutes": left}


@router.get("/me/requests/{request_id}", dependencies=ASKS)
def my_request(asked: Asked, request_id: int) -> dict[str, Any]:
    """One of your own requests."""
    with database_of(asked).reading() as uow:
        return as_json(asked, requests.require_own(uow, request_id, own_person(asked)))


@router.post("/me/requests/{request_id}/change", dependencies=ASKS)
def change(asked: Asked, request_id: int, wanted: Wanted) -> Any:
    """Let a request that is not decided say something else; its approvers begin anew. For an approved one, ask with `target_id`."""
    new = new_from(wanted, own_person(asked))
    try:
        with database_of(asked).writing() as uow:
            held = requests.require_own(uow, request_id, own_person(asked))
            return as_json(asked, requests.change(uow, _handlers(asked), held.id, new, actor_of(asked), now()))
    except StoppedError as error:
        return stopped(asked, error)


@router.post("/me/requests/{request_id}/withdraw", dependencies=ASKS)
def withdraw(asked: Asked, request_id: int, said: Comment) -> dict[str, Any]:
    """Take back what is not decided."""
    with database_of(asked).writing() as uow:
        held = _mine(uow, asked, request_id)
        return as_json(asked, requests.withdraw_request(uow, _handlers(asked), held.id, actor_of(asked), now(), said.comment))


class Cancelling(Comment):
    """key: as of asking. comment: why it is not needed any more. late: also in a closed period, as a difference to decide on."""

    key: str
    late: bool = False


@router.post("/me/requests/{request_id}/cancel", dependencies=ASKS)
def cancel(asked: Asked, request_id: int, said: Cancelling) -> Any:
    """Ask for an approved one to be taken back; gives the new request, or 409 with the findings where they stop it."""
    try:
        with database_of(asked).writing() as uow:
            held = _mine(uow, asked, request_id)
            late = held.late or said.late
            new = NewRequest(held.person_id, held.content, said.comment.strip(), said.key, Purpose.CANCEL, held.id, late)
            return as_json(asked, requests.ask(uow, _handlers(asked), new, actor_of(asked), now()))
    except StoppedError as error:
        return stopped(asked, error)


def _mine(uow: UnitOfWork, asked: Asked, request_id: int) -> Request:
    return requests.require_own(uow, request_id, own_person(asked))


def _handlers(asked: Asked) -> Handlers:
    handlers: Handlers = asked.app.state.approval_handlers
    return handlers
