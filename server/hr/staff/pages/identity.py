"""Personal facts of a record: changed by HR, looked at in full, and people found by them."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Annotated

from fastapi import APIRouter, Form, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from server.access.model import Permission
from server.access.pages.visitors import actor_of
from server.directory.model import PersonOverview
from server.errors import NotFoundError, ServerError
from server.hr.staff import actions as staff
from server.hr.staff.model import FOUND_BY, PAY_FACTS, Fact
from server.hr.staff.pages import record
from server.hr.staff.pages.common import CHANGES, LOOKS, REFUSALS, SEES, form_of, seen_person
from server.storage import UnitOfWork
from server.web.asking import database_of, may, now, said, shell_of
from server.web.visitor import needs

router = APIRouter(include_in_schema=False)
CHANGES_PAY = [needs(Permission.CHANGE_PAY), needs(Permission.SEE_PAY), *SEES]
OWN_FACTS = tuple(fact for fact in Fact if fact not in PAY_FACTS)
Field = Annotated[str, Form()]


@router.post("/people/{person_id:int}/facts", dependencies=CHANGES)
async def change_facts(request: Request, person_id: int) -> Response:
    """A field that is left empty stays as it is; a tick takes it away."""
    return await run_in_threadpool(_change, request, person_id, await form_of(request), OWN_FACTS, "identity")


@router.post("/people/{person_id:int}/bank", dependencies=CHANGES_PAY)
async def change_bank(request: Request, person_id: int) -> Response:
    return await run_in_threadpool(_change, request, person_id, await form_of(request), PAY_FACTS, "bank")


@router.post("/people/{person_id:int}/look", dependencies=LOOKS)
def look(request: Request, person_id: int) -> Response:
    """The record with all facts in full that the visitor may see so."""
    with database_of(request).writing() as uow:
        seen_person(request, uow, person_id)
        wanted = tuple(Fact) if may(request, Permission.SEE_PAY) else OWN_FACTS
        found = staff.look_at_facts(uow, person_id, wanted, actor_of(request), now())
        staff.look_at_contacts(uow, person_id, actor_of(request), now())
    return record.page(request, person_id, full=found)


@router.get("/staff/find", dependencies=LOOKS)
def find_page(request: Request) -> Response:
    return _found(request)


@router.post("/staff/find", dependencies=LOOKS)
def find(request: Request, by: Field = "", text: Field = "") -> Response:
    """Who has exactly this number. Sent in a form, so that no address and no log has it."""
    offered = _offered(request)
    fact = next((one for one in offered if one == by), offered[0])
    try:
        with database_of(request).writing() as uow:
            keys = staff.find_by_fact(uow, fact, text, actor_of(request), now())
            people = _within(request, uow, keys)
    except REFUSALS as error:
        return _found(request, fact, error=error)
    return _found(request, fact, people=people)


def changes_of(form: Mapping[str, str], facts: Sequence[Fact]) -> dict[Fact, str]:
    """What a form changes: fields with something in them, and those whose `no_…` is ticked."""
    typed = {fact: form[fact].strip() for fact in facts if form.get(fact, "").strip()}
    return typed | {fact: "" for fact in facts if form.get(f"no_{fact}") and fact not in typed}


def _change(request: Request, person_id: int, form: dict[str, str], facts: Sequence[Fact], section: str) -> Response:
    try:
        with database_of(request).writing() as uow:
            seen_person(request, uow, person_id)
            reason = form.get("reason", "").strip()[:500]
            staff.change_facts(uow, person_id, changes_of(form, facts), actor_of(request), now(), reason=reason)
    except REFUSALS as error:
        return record.page(request, person_id, error=error, typed=form | {"form": section})
    return record.back(person_id, section)


def _within(request: Request, uow: UnitOfWork, keys: Sequence[int]) -> list[PersonOverview]:
    """Those of these people whose records the visitor may see."""
    people = []
    for key in keys:
        with suppress(NotFoundError):
            people.append(seen_person(request, uow, key))
    return people


def _offered(request: Request) -> list[Fact]:
    return [fact for fact in FOUND_BY if fact not in PAY_FACTS or may(request, Permission.SEE_PAY)]


def _found(
    request: Request,
    fact: Fact = Fact.ID_NUMBER,
    *,
    people: Sequence[PersonOverview] | None = None,
    error: ServerError | None = None,
) -> Response:
    wrong, status = (said(request, error), error.status) if error else ("", 200)
    facts = {"fact": fact, "offered": _offered(request), "people": people, "wrong": wrong}
    return shell_of(request).page(request, "staff/find.html", status, **facts)
