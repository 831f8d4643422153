"""`/me/requests`: what somebody asks for, made for a phone. Whose requests these are comes from the account and never from the address."""

from collections.abc import Callable
from typing import Annotated

from fastapi import APIRouter, Form as FormField, Request as Asked
from starlette.concurrency import run_in_threadpool
from starlette.responses import RedirectResponse, Response

from server.access.model import Permission
from server.access.pages.visitors import actor_of
from server.attendance import actions as attendance
from server.directory import actions as directory
from server.errors import InvalidInputError, NotFoundError, ServerError
from server.hr.approvals import actions as approvals
from server.hr.approvals.model import Handlers
from server.hr.requests import actions as requests
from server.hr.requests.engine.describing import when_of
from server.hr.requests.engine.telling import say
from server.hr.requests.engine.words import KINDS, STATES
from server.hr.requests.model import NewRequest, Purpose, Request, RequestState
from server.hr.requests.pages.form import (
    MOST_REQUEST,
    Whom,
    change_form,
    judged_part,
    kind_asked,
    new_form,
    received,
    send_form,
    typed_so_far,
)
from server.hr.requests.pages.one import given_out, page_of, why_not
from server.storage import UnitOfWork
from server.web.asking import database_of, may, now, shell_of, whole, words
from server.web.own import OwnEntry
from server.web.visitor import needs

router = APIRouter(include_in_schema=False)
ASKS = [needs(Permission.ASK), needs(Permission.SEE_OWN)]
PAGE = 30
BASE = "/me/requests"
Text = Annotated[str, FormField()]


def entries(asked: Asked, _uow: UnitOfWork) -> list[OwnEntry]:
    """One's own requests, among the pages about oneself."""
    return [OwnEntry(BASE, words(asked)("My requests"))] if may(asked, Permission.ASK) else []


@router.get("/me/requests", dependencies=ASKS)
def my_requests(asked: Asked, state: str = "", after: str = "", wrong: str = "") -> Response:
    key = own_person(asked)
    if key is None:
        return nobody(asked)
    chosen = RequestState(state) if state in set(RequestState) else None
    with database_of(asked).reading() as uow:
        found = requests.requests_of(uow, key, state=chosen, behind=whole(after, "after"), limit=PAGE + 1)
        zone = requests.zone_of(uow, key)
        names = requests.names_for(uow, found)
        waits = waiting_names(uow, found)
        swaps = requests.swaps_to_answer(uow, key)
        askers = attendance.numbers_of(uow, {one.person_id for one in swaps})
        swap_names = requests.describe_requests(uow, [one.id for one in swaps])
    tell, shown = words(asked), found[:PAGE]
    return shell_of(asked).page(
        asked,
        "requests/mine.html",
        requests=shown,
        names=names,
        when=lambda one: say(when_of(one.content, zone), tell),
        waits=waits,
        swaps=[(one, swap_names[one.id], askers[one.person_id]) for one in swaps],
        say=lambda one: say(one, tell),
        kinds=KINDS,
        states=STATES,
        chosen=chosen,
        following=str(shown[-1].id) if len(found) > PAGE else "",
        paged=bool(after),
        wrong=wrong,
    )


@router.get("/me/requests/new", dependencies=ASKS)
def choose_kind(asked: Asked) -> Response:
    if own_person(asked) is None:
        return nobody(asked)
    return shell_of(asked).page(asked, "requests/choose.html", kinds=KINDS, base=BASE)


@router.get("/me/requests/new/{kind}", dependencies=ASKS)
def my_form(asked: Asked, kind: str) -> Response:
    key = own_person(asked)
    return nobody(asked) if key is None else new_form(asked, Whom(key, BASE), kind_asked(kind))


@router.post("/me/requests/new/{kind}", dependencies=ASKS, max_body_size=MOST_REQUEST)
async def send_mine(asked: Asked, kind: str) -> Response:
    return await _sent(asked, kind, None)


@router.post("/me/requests/check/{kind}", dependencies=ASKS)
async def check_mine(asked: Asked, kind: str) -> Response:
    """A part of the form's page, asked for on every change of a field."""
    typed = await typed_so_far(asked)
    held = whole(typed.get("held", ""), "held")
    return await run_in_threadpool(judged_part, asked, Whom(_required(asked), BASE), kind_asked(kind), typed, held)


@router.get("/me/requests/{request_id:int}", dependencies=ASKS)
def my_request(asked: Asked, request_id: int, wrong: str = "") -> Response:
    with database_of(asked).reading() as uow:
        _mine(uow, asked, request_id)
        seen = requests.see_request(uow, request_id, now())
    return page_of(asked, seen, own=True, wrong=wrong)


@router.get("/me/requests/{request_id:int}/change", dependencies=ASKS)
def change_mine(asked: Asked, request_id: int) -> Response:
    with database_of(asked).reading() as uow:
        held = _mine(uow, asked, request_id)
    return change_form(asked, Whom(held.person_id, BASE), held)


@router.post("/me/requests/{request_id:int}/change", dependencies=ASKS, max_body_size=MOST_REQUEST)
async def send_change(asked: Asked, request_id: int) -> Response:
    def look() -> Request:
        with database_of(asked).reading() as uow:
            return _mine(uow, asked, request_id)

    held = await run_in_threadpool(look)
    return await _sent(asked, held.kind, held.id)


@router.post("/me/requests/{request_id:int}/send", dependencies=ASKS)
def send_draft(asked: Asked, request_id: int) -> Response:
    return _done(asked, request_id, lambda uow, held: requests.submit(uow, _handlers(asked), held.id, actor_of(asked), now()))


@router.post("/me/requests/{request_id:int}/withdraw", dependencies=ASKS)
def withdraw_mine(asked: Asked, request_id: int, comment: Text = "") -> Response:
    def act(uow: UnitOfWork, held: Request) -> Request:
        return requests.withdraw_request(uow, _handlers(asked), held.id, actor_of(asked), now(), comment)

    return _done(asked, request_id, act)


@router.post("/me/requests/{request_id:int}/cancel", dependencies=ASKS)
def cancel_mine(asked: Asked, request_id: int, key: Text, reason: Text = "", late: Text = "") -> Response:
    """Ask for an approved one to be taken back; the new request goes to its approvers."""

    def act(uow: UnitOfWork, held: Request) -> Request:
        new = NewRequest(held.person_id, held.content, reason.strip(), key, Purpose.CANCEL, held.id, held.late or bool(late))
        return requests.ask(uow, _handlers(asked), new, actor_of(asked), now())

    return _done(asked, request_id, act)


@router.post("/me/requests/{request_id:int}/answer", dependencies=ASKS)
def answer_swap(asked: Asked, request_id: int, answer: Text = "") -> Response:
    """The partner's word on a swap."""
    with database_of(asked).writing() as uow:
        agrees = answer == "yes"
        requests.answer_swap(uow, _handlers(asked), request_id, _required(asked), actor_of(asked), now(), agrees=agrees)
    return RedirectResponse(BASE, 303)


@router.post("/me/requests/{request_id:int}/documents", dependencies=ASKS, max_body_size=MOST_REQUEST)
async def hand_in_document(asked: Asked, request_id: int) -> Response:
    """A certificate that follows."""
    sent = await received(asked)

    def act(uow: UnitOfWork, held: Request) -> Request:
        if sent.too_large:
            raise InvalidInputError(field="attachment", reason="the file {file} is larger than 20 MB", file=sent.too_large)
        requests.hand_in_later(uow, held, sent.files, actor_of(asked), now())
        return held

    return await run_in_threadpool(_done, asked, request_id, act)


@router.get("/me/requests/{request_id:int}/documents/{document_id:int}", dependencies=ASKS)
def my_attachment(asked: Asked, request_id: int, document_id: int) -> Response:
    with database_of(asked).writing() as uow:
        _mine(uow, asked, request_id)
        document = requests.open_attachment(uow, request_id, document_id, actor_of(asked), now())
    return given_out(database_of(asked), document)


def own_person(asked: Asked) -> int | None:
    found: int | None = asked.state.visitor.person_id
    return found


def nobody(asked: Asked) -> Response:
    return shell_of(asked).page(asked, "attendance/no_person.html")


def waiting_names(uow: UnitOfWork, found: list[Request]) -> dict[int, list[str]]:
    """By request the names of those whom it waits for."""
    courses = approvals.courses_of(uow, requests.SUBJECT, [one.id for one in found if one.state is RequestState.WAITING])
    waits = approvals.waiting_on(uow, list(courses.values()))
    partners = {one.id: one.partner_id for one in found if one.waits_for_partner and one.partner_id is not None}
    names = directory.names_of(uow, {person for people in waits.values() for person in people} | set(partners.values()))
    asked = {key: [names[person] for person in waits.get(course.id, ())] for key, course in courses.items()}
    return asked | {key: [names[person]] for key, person in partners.items()}


def _required(asked: Asked) -> int:
    found = own_person(asked)
    if found is None:
        raise NotFoundError(what="person", name="–")
    return found


def _mine(uow: UnitOfWork, asked: Asked, request_id: int) -> Request:
    return requests.require_own(uow, request_id, own_person(asked) or 0)


async def _sent(asked: Asked, kind: str, held_id: int | None) -> Response:
    sent = await received(asked)
    made = await run_in_threadpool(send_form, asked, Whom(_required(asked), BASE), kind_asked(kind), sent, held_id)
    return made if isinstance(made, Response) else RedirectResponse(f"{BASE}/{made.id}", 303)


def _done(asked: Asked, request_id: int, act: Callable[[UnitOfWork, Request], Request]) -> Response:
    """Do something with one of one's own; what cannot be is said on its page."""
    try:
        with database_of(asked).writing() as uow:
            made = act(uow, _mine(uow, asked, request_id))
    except NotFoundError:
        raise
    except ServerError as error:
        return my_request(asked, request_id, why_not(asked, error))
    return RedirectResponse(f"{BASE}/{made.id}", 303)


def _handlers(asked: Asked) -> Handlers:
    handlers: Handlers = asked.app.state.approval_handlers
    return handlers
