"""`/people/{id}/record`: all that is kept about somebody beyond the employment, on one page."""

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from server.access.model import Permission
from server.audit.model import CONCERNS
from server.errors import ServerError
from server.hr.staff import actions as staff
from server.hr.staff.engine.contracts import ends_on, stage_of
from server.hr.staff.engine.masking import masked
from server.hr.staff.model import (
    PAY_FACTS,
    ContractKind,
    DocumentAccess,
    DocumentKind,
    Fact,
    IdKind,
    RetirementCategory,
    Sex,
)
from server.hr.staff.pages.common import SEES, may_open, seen_person, today_of
from server.storage import UnitOfWork
from server.web.asking import database_of, may, said, shell_of

router = APIRouter(include_in_schema=False)


@router.get("/people/{person_id:int}/record", dependencies=SEES)
def record_page(request: Request, person_id: int, done: str = "") -> Response:
    """done: the section in which something has just been stored."""
    return page(request, person_id, done=done)


def page(
    request: Request,
    person_id: int,
    *,
    error: ServerError | None = None,
    typed: Mapping[str, str] | None = None,
    full: Mapping[Fact, str] | None = None,
    done: str = "",
) -> Response:
    """The record as it may be seen, or with an error beside what was typed (which names its section as `form`), or with facts in full."""
    with database_of(request).reading() as uow:
        one = seen_person(request, uow, person_id)
        seen = _seen(request, uow, person_id)
    return shell_of(request).page(
        request,
        "staff/record.html",
        error.status if error else 200,
        **seen | {"facts": seen["facts"] | dict(full or {})},
        one=one,
        shown=full is not None,
        typed=defaultdict(str, typed or {}),
        wrong=said(request, error) if error else "",
        done=done,
        **CHOICES,
        trail_of=(("person", one.person.employee_number), (CONCERNS, str(person_id))),
    )


def back(person_id: int, section: str) -> Response:
    """After a change: to the record, at the section that it belongs to."""
    return RedirectResponse(f"/people/{person_id}/record?done={section}#{section}", 303)


CHOICES: Mapping[str, Any] = {
    "pay_facts": PAY_FACTS,
    "id_kinds": list(IdKind),
    "sexes": list(Sex),
    "categories": list(RetirementCategory),
    "document_kinds": [kind for kind in DocumentKind if kind is not DocumentKind.REQUEST],
    "accesses": list(DocumentAccess),
    "contract_kinds": list(ContractKind),
}
"""What the forms of the page offer."""


def _seen(request: Request, uow: UnitOfWork, person_id: int) -> dict[str, Any]:
    wanted = [fact for fact in Fact if fact not in PAY_FACTS or may(request, Permission.SEE_PAY)]
    today, allowed = today_of(request), may_open(request)
    contracts = staff.contracts_of(uow, person_id)
    retirement = staff.retirement_on(staff.birth_and_sex(uow, [person_id])[person_id])
    return {
        "today": today,
        "facts": staff.masked_facts(uow, person_id, wanted),
        "retirement": retirement,
        "service": staff.service_on(uow, [person_id], today)[person_id],
        "prior": staff.prior_service_of(uow, person_id),
        "documents": staff.documents_of(uow, person_id),
        "may_open": allowed,
        "most_mb": staff.settings_now(uow).most_document_mb,
        "contracts": contracts,
        "advice": staff.contract_advice(uow, person_id, today),
        "signing_order": staff.next_signing_order(contracts),
        "ends_on": lambda terms: ends_on(terms, retirement.retires_on if retirement else None),
        "stage_of": stage_of,
        "fields": [one for one in staff.own_fields(uow) if one.access in allowed and not one.archived],
        "values": staff.own_values(uow, person_id),
        "contacts": staff.contacts_of(uow, person_id),
        "masked_number": lambda number: masked(Fact.MOBILE, number),
    }
