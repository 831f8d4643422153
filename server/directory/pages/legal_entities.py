"""`/legal-entities`: whom contracts are with."""

from collections import defaultdict
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request
from starlette.responses import RedirectResponse, Response

from server.access.model import Permission
from server.access.pages.visitors import actor_of
from server.directory import actions as directory
from server.directory.pages.employment import REFUSALS, key_of
from server.directory.pages.gate import require_everybody
from server.directory.pages.staff_asked import within
from server.errors import ServerError
from server.fleet import actions as fleet
from server.web.asking import database_of, now, said, shell_of
from server.web.visitor import needs

router = APIRouter()
SEES = [needs(Permission.SEE_PEOPLE)]
CHANGES = [needs(Permission.CHANGE_PEOPLE), needs(Permission.SEE_PEOPLE), Depends(require_everybody)]
Field = Annotated[str, Form()]


@dataclass(frozen=True)
class LegalEntityAnswer:
    """A legal entity; people: how many have their contract with it today."""

    id: int
    code: str
    name: str
    unified_code: str | None
    people: int


@router.get("/legal-entities", dependencies=SEES, include_in_schema=False)
def legal_entities_page(request: Request) -> Response:
    return _page(request)


@router.get("/api/v1/legal-entities", tags=["directory"], dependencies=SEES)
def legal_entities(request: Request) -> list[LegalEntityAnswer]:
    """All legal entities, by code."""
    return _listed(request)


@router.post("/legal-entities", dependencies=CHANGES, include_in_schema=False)
def add_legal_entity(request: Request, code: Field = "", name: Field = "", unified_code: Field = "") -> Response:
    try:
        with database_of(request).writing() as uow:
            fleet.add_legal_entity(uow, code, name, actor_of(request), now(), unified_code=unified_code)
    except REFUSALS as error:
        return _page(request, error, {"code": code, "name": name, "unified_code": unified_code})
    return RedirectResponse("/legal-entities", 303)


@router.post("/legal-entities/{legal_entity_id:int}", dependencies=CHANGES, include_in_schema=False)
def change_legal_entity(request: Request, legal_entity_id: int, name: Field = "", unified_code: Field = "") -> Response:
    try:
        with database_of(request).writing() as uow:
            key = key_of(legal_entity_id, "legal entity")
            fleet.change_legal_entity(uow, key, name, unified_code, actor_of(request), now())
    except REFUSALS as error:
        return _page(request, error)
    return RedirectResponse("/legal-entities", 303)


def _listed(request: Request) -> list[LegalEntityAnswer]:
    with database_of(request).reading() as uow:
        today = directory.today_of(uow, now())
        counts = directory.people_by_legal_entity(uow, today, within(request, today))
        return [
            LegalEntityAnswer(one.id, one.code, one.name, one.unified_code, counts.get(one.id, 0)) for one in fleet.list_legal_entities(uow)
        ]


def _page(request: Request, error: ServerError | None = None, typed: dict[str, str] | None = None) -> Response:
    return shell_of(request).page(
        request,
        "directory/legal_entities.html",
        error.status if error else 200,
        entities=_listed(request),
        typed=defaultdict(str, typed or {}),
        wrong=said(request, error) if error else "",
        trail_of=(("legal entity", ""),),
    )
