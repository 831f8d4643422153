"""Contracts on a record: entered and withdrawn."""

from fastapi import APIRouter, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from server.access.pages.visitors import actor_of
from server.errors import InvalidInputError
from server.hr.staff import actions as staff
from server.hr.staff.model import ContractKind, ContractTerms
from server.hr.staff.pages import record
from server.hr.staff.pages.common import CHANGES, REFUSALS, form_of, needed_day, seen_person
from server.web.asking import database_of, given_day, now, whole

router = APIRouter(include_in_schema=False)


@router.post("/people/{person_id:int}/contracts", dependencies=CHANGES)
async def add_contract(request: Request, person_id: int) -> Response:
    return await run_in_threadpool(_add, request, person_id, await form_of(request))


@router.post("/people/{person_id:int}/contracts/{contract_id:int}/withdraw", dependencies=CHANGES)
async def withdraw_contract(request: Request, person_id: int, contract_id: int) -> Response:
    return await run_in_threadpool(_withdraw, request, person_id, contract_id, await form_of(request))


def terms_in(form: dict[str, str]) -> ContractTerms:
    """What the form says of a contract. Raises InvalidInputError."""
    kind = form.get("kind", "")
    if kind not in list(ContractKind):
        raise InvalidInputError(field="kind", reason="choose one that the list offers")
    days = {name: given_day(form.get(name, ""), name) for name in ("last_day", "probation_until", "signed_on")}
    return ContractTerms(
        kind=ContractKind(kind),
        first_day=needed_day(form.get("first_day", ""), "first_day"),
        **days,
        signing_order=whole(form.get("signing_order", "").strip(), "signing_order") or 0,
        asked_fixed=bool(form.get("asked_fixed")),
        task=form.get("task", ""),
        document_id=whole(form.get("document", ""), "document"),
    )


def _add(request: Request, person_id: int, form: dict[str, str]) -> Response:
    try:
        with database_of(request).writing() as uow:
            seen_person(request, uow, person_id)
            staff.add_contract(uow, person_id, terms_in(form), actor_of(request), now())
    except REFUSALS as error:
        return record.page(request, person_id, error=error, typed=form | {"form": "contracts"})
    return record.back(person_id, "contracts")


def _withdraw(request: Request, person_id: int, contract_id: int, form: dict[str, str]) -> Response:
    try:
        with database_of(request).writing() as uow:
            seen_person(request, uow, person_id)
            staff.withdraw_contract(uow, person_id, contract_id, form.get("reason", ""), actor_of(request), now())
    except REFUSALS as error:
        return record.page(request, person_id, error=error, typed=form | {"form": f"withdraw-{contract_id}"})
    return record.back(person_id, "contracts")
