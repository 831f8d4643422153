"""Contracts: entered, withdrawn, and what the law says about where they stand."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta

from server.audit.actions import record
from server.audit.model import Actor
from server.directory import actions as directory
from server.directory.model import Employment, EmploymentKind, TermsSpan
from server.errors import InvalidInputError, NotFoundError, RefusedError
from server.hr.staff import store
from server.hr.staff.actions.documents import find_document
from server.hr.staff.actions.identity import birth_and_sex, known_person, retirement_on
from server.hr.staff.actions.service import service_on
from server.hr.staff.engine.contracts import advice_on, check_terms, ends_on
from server.hr.staff.model import Contract, ContractAdvice, ContractTerms
from server.storage import UnitOfWork

NEEDS_CONTRACT = frozenset({EmploymentKind.REGULAR})
"""Kinds for which the law wants a written contract with us: part-time work may be agreed by word, dispatched people have the agency's."""
LONGEST_REASON = 500
LATEST = date(2200, 1, 1)


def contracts_of(uow: UnitOfWork, person_id: int) -> list[Contract]:
    """A person's contracts in the order of their days, withdrawn ones, too."""
    return store.contracts_of(uow, [person_id])[person_id]


def next_signing_order(held: Sequence[Contract]) -> int:
    """What the next contract is counted as, unless somebody knows better."""
    return max((one.terms.signing_order for one in held if one.in_force), default=0) + 1


def add_contract(uow: UnitOfWork, person_id: int, terms: ContractTerms, by: Actor, now: datetime) -> Contract:
    """Enter a contract. Raises NotFoundError; InvalidInputError for what cannot be or what the law forbids."""
    who, terms = known_person(uow, person_id), replace(terms, task=terms.task.strip())
    for name in ("first_day", "last_day", "signed_on"):
        day = getattr(terms, name)
        if day is not None and not date(1950, 1, 1) <= day < LATEST:
            raise InvalidInputError(field=name, reason="look at the year again")
    held = _of_employment_on(uow, person_id, terms.first_day)
    if terms.document_id is not None and find_document(uow, terms.document_id).person_id != person_id:
        raise NotFoundError(what="document", name=terms.document_id)
    check_terms(terms, held, service_on(uow, [person_id], terms.first_day)[person_id].own_months)
    key = store.add_contract(uow, person_id, terms, by.name, now)
    after = {"contract": key, "kind": terms.kind, "first_day": terms.first_day, "last_day": terms.last_day}
    after |= {"signing_order": terms.signing_order, "probation_until": terms.probation_until}
    record(uow, by, "contract.add", "person", who.employee_number, at=now, after=after, people=(who.id,))
    made = store.contract_by_id(uow, key)
    assert made is not None, "it was stored a moment ago"
    return made


def withdraw_contract(uow: UnitOfWork, person_id: int, contract_id: int, reason: str, by: Actor, now: datetime) -> None:
    """Let a contract count no more that was entered by mistake. Raises NotFoundError, InvalidInputError, RefusedError."""
    who, reason = known_person(uow, person_id), reason.strip()
    held = next((one for one in contracts_of(uow, person_id) if one.id == contract_id), None)
    if held is None:
        raise NotFoundError(what="contract", name=contract_id)
    if not 1 <= len(reason) <= LONGEST_REASON:
        raise InvalidInputError(field="reason", reason="say why, in at most {most} characters", most=LONGEST_REASON)
    if not held.in_force:
        raise RefusedError(reason="This contract is withdrawn already.")
    store.withdraw_contract(uow, contract_id, by.name, reason, now)
    before = {"contract": contract_id, "kind": held.terms.kind, "first_day": held.terms.first_day, "last_day": held.terms.last_day}
    record(uow, by, "contract.withdraw", "person", who.employee_number, at=now, before=before, reason=reason, people=(who.id,))


def contract_advice(uow: UnitOfWork, person_id: int, today: date) -> tuple[ContractAdvice, ...]:
    """What somebody should know about a person's contracts today; nothing about who is not employed or needs none in writing."""
    span = _span_on(uow, person_id, today)
    employment = _employment_on(uow, person_id, today)
    if span is None or employment is None or employment.hired_on is None:
        return ()
    held = _within(employment, store.contracts_of(uow, [person_id])[person_id])
    if not held and span.terms.kind not in NEEDS_CONTRACT:
        return ()
    retirement = retirement_on(birth_and_sex(uow, [person_id])[person_id])
    retires_on = retirement.retires_on if retirement and span.terms.kind in NEEDS_CONTRACT else None
    last = ends_on(held[-1].terms, retires_on) if held else None
    after = today if last is None else max(today, last + timedelta(days=1))
    return advice_on(
        held,
        employment.hired_on,
        today,
        service_months=service_on(uow, [person_id], after)[person_id].own_months,
        retires_on=retires_on,
        probation_until=span.terms.probation_until,
    )


def _span_on(uow: UnitOfWork, person_id: int, day: date) -> TermsSpan | None:
    spans = directory.terms_of(uow, [person_id], day, day)[person_id]
    return spans[0] if spans else None


def _employment_on(uow: UnitOfWork, person_id: int, day: date) -> Employment | None:
    """The employment that holds on a day."""
    several = [one for one in directory.employments_of(uow, person_id) if one.hired_on is not None]
    return next((one for one in several if one.hired_on and one.hired_on <= day <= (one.left_on or date.max)), None)


def _of_employment_on(uow: UnitOfWork, person_id: int, day: date) -> list[Contract]:
    """The contracts in force of the employment that holds on a day, of one whose first day is not known also before it."""
    held = _employment_on(uow, person_id, day)
    if held is None:
        known = [one for one in directory.employments_of(uow, person_id) if one.hired_on is not None]
        if not known or known[0].hired_on_known or (known[0].hired_on or date.min) < day:
            told = "on {day} this person is not employed: enter the hire first, or another day"
            raise InvalidInputError(field="first_day", reason=told, day=day)
        held = known[0]
    return _within(held, contracts_of(uow, person_id))


def _within(employment: Employment, contracts: Sequence[Contract]) -> list[Contract]:
    """The contracts in force that begin in an employment, in the order of their days."""
    first = employment.hired_on if employment.hired_on_known and employment.hired_on else date.min
    last = employment.left_on or date.max
    return [one for one in contracts if one.in_force and first <= one.terms.first_day <= last]
