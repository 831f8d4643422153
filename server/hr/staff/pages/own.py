"""`/me/record`: what is kept about oneself, made for a phone; a change is asked for and goes through approval."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import asdict

from fastapi import APIRouter, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import RedirectResponse, Response

from server.access.model import Permission
from server.access.pages.visitors import actor_of
from server.directory import actions as directory
from server.errors import NotFoundError, ServerError
from server.hr.staff import actions as staff
from server.hr.staff.engine.masking import masked
from server.hr.staff.model import MAY_ASK, ChangeState, DocumentAccess, Fact, OwnChange, OwnWish, WantedContact
from server.hr.staff.pages.common import REFUSALS, form_of, today_of
from server.hr.staff.pages.identity import changes_of
from server.storage import UnitOfWork
from server.web.asking import database_of, now, said, shell_of, whole, words
from server.web.downloads import file_answer
from server.web.own import OwnEntry
from server.web.visitor import needs

router = APIRouter(include_in_schema=False)
OWN = [needs(Permission.SEE_OWN)]
NO_CONTACT = "no_contact_"
ASKS = [needs(Permission.ASK), *OWN]


def entries(request: Request, _uow: UnitOfWork) -> list[OwnEntry]:
    """One's own record, among the pages about oneself."""
    return [OwnEntry("/me/record", words(request)("My data and documents"))]


@router.get("/me/record", dependencies=OWN)
def own_record(request: Request, done: str = "") -> Response:
    return _page(request, done=bool(done))


@router.post("/me/record/show", dependencies=OWN)
def show_own(request: Request) -> Response:
    """With everything in full: it is hidden until then only from those who look over a shoulder."""
    return _page(request, full=True)


@router.post("/me/record/change", dependencies=ASKS)
async def ask_for_change(request: Request) -> Response:
    """A new change, or with `change` one that was sent back, mended."""
    return await run_in_threadpool(_ask, request, await form_of(request))


@router.post("/me/record/withdraw", dependencies=ASKS)
async def withdraw_change(request: Request) -> Response:
    return await run_in_threadpool(_withdraw, request, await form_of(request))


@router.get("/me/documents/{document_id:int}", dependencies=OWN)
def own_document(request: Request, document_id: int) -> Response:
    """One of the visitor's own documents that are theirs to open."""
    with database_of(request).reading() as uow:
        found = staff.find_document(uow, document_id)
    if found.person_id != request.state.visitor.person_id or found.access is not DocumentAccess.SELF:
        raise NotFoundError(what="document", name=document_id)
    return file_answer(found.name, found.file_type.media_type, found.size, staff.document_parts(database_of(request), found))


def _ask(request: Request, form: Mapping[str, str]) -> Response:
    try:
        with database_of(request).writing() as uow:
            handlers, who = request.app.state.approval_handlers, _own_id(request)
            told = (_wish(form), form.get("reason", ""), actor_of(request), now())
            if key := whole(form.get("change", ""), "change"):
                staff.ask_again(uow, handlers, who, key, *told)
            else:
                staff.ask_for_change(uow, handlers, who, *told)
    except REFUSALS as error:
        return _page(request, error=error, typed=form)
    return RedirectResponse("/me/record?done=1", 303)


def _wish(form: Mapping[str, str]) -> OwnWish:
    name, relation, mobile = (form.get(f"contact_{part}", "").strip() for part in ("name", "relation", "mobile"))
    contact = WantedContact(name, relation, mobile) if name or relation or mobile else None
    without = tuple(
        int(key.removeprefix(NO_CONTACT)) for key in form if key.startswith(NO_CONTACT) and key.removeprefix(NO_CONTACT).isdecimal()
    )
    return OwnWish(changes_of(form, MAY_ASK), contact, without)


def _typed(held: OwnChange) -> dict[str, str]:
    """A change that was sent back, as its form."""
    wish = held.wish
    typed = {fact.value: text for fact, text in wish.facts.items() if text}
    typed |= {f"no_{fact}": "yes" for fact, text in wish.facts.items() if not text}
    typed |= {f"{NO_CONTACT}{key}": "yes" for key in wish.without}
    if wish.contact is not None:
        typed |= {f"contact_{part}": text for part, text in asdict(wish.contact).items()}
    return typed | {"reason": held.reason}


def _withdraw(request: Request, form: Mapping[str, str]) -> Response:
    try:
        with database_of(request).writing() as uow:
            key = whole(form.get("change", ""), "change") or 0
            staff.withdraw_change(uow, request.app.state.approval_handlers, _own_id(request), key, actor_of(request), now())
    except REFUSALS as error:
        return _page(request, error=error)
    return RedirectResponse("/me/record", 303)


def _own_id(request: Request) -> int:
    found: int | None = request.state.visitor.person_id
    if found is None:
        raise NotFoundError(what="person", name="")
    return found


def _page(
    request: Request, *, full: bool = False, error: ServerError | None = None, typed: Mapping[str, str] | None = None, done: bool = False
) -> Response:
    key: int | None = request.state.visitor.person_id
    if key is None:
        return shell_of(request).page(request, "attendance/no_person.html")
    today = today_of(request)
    with database_of(request).reading() as uow:
        changes = staff.own_changes(uow, key)
        back = next((each for each in changes if each.state is ChangeState.SENT_BACK), None)
        one = directory.see_person(uow, key)[0]
        known = staff.own_facts(uow, key)
        hidden = {fact: masked(fact, text) for fact, text in known.items()}
        seen = {
            "facts": known if full else hidden,
            "held": hidden,
            "contracts": [each for each in staff.contracts_of(uow, key) if each.in_force],
            "service": staff.service_on(uow, [key], today)[key],
            "retirement": staff.retirement_on(staff.birth_and_sex(uow, [key])[key]),
            "documents": [each for each in staff.documents_of(uow, key) if each.access is DocumentAccess.SELF],
            "fields": [each for each in staff.own_fields(uow) if each.access is DocumentAccess.SELF and not each.archived],
            "values": staff.own_values(uow, key),
            "contacts": staff.contacts_of(uow, key),
            "changes": changes,
            "back": back,
            "why": staff.why_sent_back(uow, back.id) if back else "",
        }
    return shell_of(request).page(
        request,
        "staff/own_record.html",
        error.status if error else 200,
        **seen,
        one=one,
        today=today,
        full=full,
        may_ask=MAY_ASK,
        typed=defaultdict(str, typed or (_typed(back) if back else {}), form="own" if typed or back else ""),
        masked=masked,
        mobile=Fact.MOBILE,
        wrong=said(request, error) if error else "",
        done=done,
    )
