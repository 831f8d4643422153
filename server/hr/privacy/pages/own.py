"""`/me/privacy`: what somebody agreed to, each purpose by itself, and everything that is held about them as a file."""

from typing import Annotated, Any

from fastapi import APIRouter, Form, Request
from starlette.responses import RedirectResponse, Response, StreamingResponse

from server.access.pages.visitors import actor_of
from server.errors import NotFoundError
from server.hr.privacy import actions as privacy
from server.hr.privacy.model import Export, Way
from server.hr.privacy.pages.common import FOLLOWS, OWN, PURPOSES
from server.storage import UnitOfWork
from server.web.asking import database_of, now, shell_of, whole, words
from server.web.downloads import file_answer
from server.web.language import language_of
from server.web.own import OwnEntry

router = APIRouter()


def entries(request: Request, uow: UnitOfWork) -> list[OwnEntry]:
    """Among the pages about oneself; says how many texts wait for an answer."""
    tell, person = words(request), request.state.visitor.person_id
    agreed = {one.text_id for one in privacy.consents_of(uow, person) if one.holds}
    said = {one.purpose for one in privacy.consents_of(uow, person)}
    waits = sum(text.id not in agreed and purpose not in said for purpose, text in privacy.latest_texts(uow).items())
    detail = tell("{n} {n:question|questions} for you", n=waits) if waits else ""
    return [OwnEntry("/me/privacy", tell("My personal data"), detail)]


@router.get("/me/privacy", dependencies=OWN)
def own_page(request: Request) -> Response:
    person: int | None = request.state.visitor.person_id
    if person is None:
        return shell_of(request).page(request, "attendance/no_person.html")
    with database_of(request).reading() as uow:
        facts: dict[str, Any] = {
            "subject": privacy.subject_of(uow, person),
            "latest": privacy.latest_texts(uow),
            "consents": privacy.consents_of(uow, person),
            "exports": privacy.exports_of(uow, person, request.state.visitor.login),
        }
    return shell_of(request).page(request, "privacy/own.html", purposes=PURPOSES, follows=FOLLOWS, **facts)


@router.post("/me/privacy/agree", dependencies=OWN)
def agree(request: Request, text: Annotated[str, Form()] = "") -> Response:
    with database_of(request).writing() as uow:
        privacy.agree(uow, _person(request), whole(text, "text") or 0, Way.SIGNED_IN, actor_of(request), now())
    return RedirectResponse("/me/privacy", 303)


@router.post("/me/privacy/withdraw", dependencies=OWN)
def withdraw(request: Request, consent: Annotated[str, Form()] = "") -> Response:
    with database_of(request).writing() as uow:
        privacy.withdraw(uow, whole(consent, "consent") or 0, actor_of(request), now(), of=_person(request))
    return RedirectResponse("/me/privacy", 303)


@router.post("/me/privacy/export", dependencies=OWN)
def ask_export(request: Request) -> Response:
    with database_of(request).writing() as uow:
        privacy.ask_export(uow, _person(request), language_of(request, shell_of(request).language), actor_of(request), now())
    return RedirectResponse("/me/privacy", 303)


@router.get("/me/privacy/exports/{export_id:int}", dependencies=OWN)
def fetch_export(request: Request, export_id: int) -> Response:
    """Only what one asked for oneself, about oneself."""
    person = _person(request)
    with database_of(request).reading() as uow:
        if privacy.find_export(uow, export_id, request.state.visitor.login).person_id != person:
            raise NotFoundError(what="export", name=export_id)
    return export_answer(request, export_id)


def export_answer(request: Request, export_id: int) -> StreamingResponse:
    """The file; the look is on the trail."""
    with database_of(request).writing() as uow:
        found, pieces = privacy.open_export(uow, export_id, actor_of(request), now())
        held = list(pieces)
    return file_answer(_name(found), "application/zip", found.size or 0, iter(held))


def _name(found: Export) -> str:
    return f"personal-data-{found.id}.zip"


def _person(request: Request) -> int:
    """Whose account it is. Raises NotFoundError for an account that is nobody's."""
    found: int | None = request.state.visitor.person_id
    if found is None:
        raise NotFoundError(what="person", name=request.state.visitor.login)
    return found
