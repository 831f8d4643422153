"""Service: here, and before us with proof."""

from collections.abc import Collection
from datetime import date, datetime

from server.audit.actions import record
from server.audit.model import Actor
from server.directory import actions as directory
from server.directory.model import EmploymentKind, TermsSpan
from server.errors import InvalidInputError, NotFoundError
from server.hr.staff import store
from server.hr.staff.actions.documents import find_document
from server.hr.staff.actions.identity import known_person
from server.hr.staff.engine.service import Days, counted_from, months_before
from server.hr.staff.model import PriorService, Service
from server.storage import UnitOfWork

NO_SERVICE = frozenset({EmploymentKind.INTERN, EmploymentKind.LABOUR_SERVICE})
"""Kinds that are no labour relation: their time is no service by the law of annual leave and contracts."""
LONGEST_EMPLOYER = 100


def service_on(uow: UnitOfWork, person_ids: Collection[int], day: date) -> dict[int, Service]:
    """How long each of these people has worked before a day, here and in all."""
    spans = directory.terms_of(uow, person_ids, date.min, day)
    prior = store.prior_of(uow, person_ids)
    return {person_id: _service(spans[person_id], prior[person_id], day) for person_id in person_ids}


def service_counted_from(uow: UnitOfWork, person_ids: Collection[int], day: date) -> dict[int, date | None]:
    """By person the day from which all proved service counts, as though it had no gap; years of service are full on its anniversaries."""
    spans = directory.terms_of(uow, person_ids, date.min, day)
    prior = store.prior_of(uow, person_ids)
    found = {}
    for person_id in person_ids:
        here = [_days(span, day) for span in spans[person_id] if span.terms.kind not in NO_SERVICE]
        proved = [(one.first_day, one.last_day) for one in prior[person_id] if one.document_id is not None]
        found[person_id] = counted_from([*here, *proved], day)
    return found


def prior_service_of(uow: UnitOfWork, person_id: int) -> list[PriorService]:
    """Service before us that a person claims, the earliest first."""
    return store.prior_of(uow, [person_id])[person_id]


def add_prior_service(
    uow: UnitOfWork, person_id: int, employer: str, first_day: date, last_day: date, document_id: int | None, by: Actor, now: datetime
) -> int:
    """Enter service before us; document_id is the proof. Raises NotFoundError, InvalidInputError."""
    who, employer = known_person(uow, person_id), employer.strip()
    if not 1 <= len(employer) <= LONGEST_EMPLOYER:
        raise InvalidInputError(field="employer", reason="use 1 to {most} characters", most=LONGEST_EMPLOYER)
    if not date(1950, 1, 1) <= first_day <= last_day:
        raise InvalidInputError(field="last_day", reason="the last day is not before the first")
    if last_day >= directory.today_of(uow, now):
        raise InvalidInputError(field="last_day", reason="service elsewhere counts once it is over: give a day in the past")
    if document_id is not None:
        _check_proof(uow, person_id, document_id)
    key = store.add_prior(uow, person_id, employer, first_day, last_day, document_id)
    after = {"first_day": first_day, "last_day": last_day, "document": document_id}
    record(uow, by, "service.add", "person", who.employee_number, at=now, after=after, people=(who.id,))
    return key


def prove_prior_service(uow: UnitOfWork, person_id: int, prior_id: int, document_id: int, by: Actor, now: datetime) -> None:
    """Put the proof to service that was entered before: from now on it counts. Raises NotFoundError, InvalidInputError."""
    who, held = known_person(uow, person_id), _held(uow, person_id, prior_id)
    _check_proof(uow, person_id, document_id)
    store.prove_prior(uow, held.id, document_id)
    after = {"first_day": held.first_day, "last_day": held.last_day, "document": document_id}
    record(uow, by, "service.prove", "person", who.employee_number, at=now, after=after, people=(who.id,))


def remove_prior_service(uow: UnitOfWork, person_id: int, prior_id: int, by: Actor, now: datetime) -> None:
    """Take away what was entered by mistake. Raises NotFoundError."""
    who, held = known_person(uow, person_id), _held(uow, person_id, prior_id)
    store.remove_prior(uow, held.id)
    before = {"first_day": held.first_day, "last_day": held.last_day, "document": held.document_id}
    record(uow, by, "service.remove", "person", who.employee_number, at=now, before=before, people=(who.id,))


def _service(spans: Collection[TermsSpan], prior: Collection[PriorService], day: date) -> Service:
    ours = [span for span in spans if span.terms.kind not in NO_SERVICE]
    here = [_days(span, day) for span in ours]
    present = next((span.terms.employment_id for span in spans if span.first_day <= day and (span.last_day or day) >= day), None)
    own = [_days(span, day) for span in ours if span.terms.employment_id == present]
    proved = [(one.first_day, one.last_day) for one in prior if one.document_id is not None]
    claimed = [(one.first_day, one.last_day) for one in prior]
    total = months_before([*here, *proved], day)
    since = min((first for first, _ in own), default=None)
    return Service(months_before(own, day), total, months_before([*here, *claimed], day) - total, since)


def _days(span: TermsSpan, day: date) -> Days:
    return span.first_day, day if span.last_day is None else span.last_day


def _held(uow: UnitOfWork, person_id: int, prior_id: int) -> PriorService:
    held = next((one for one in prior_service_of(uow, person_id) if one.id == prior_id), None)
    if held is None:
        raise NotFoundError(what="service", name=prior_id)
    return held


def _check_proof(uow: UnitOfWork, person_id: int, document_id: int) -> None:
    if find_document(uow, document_id).person_id != person_id:
        raise NotFoundError(what="document", name=document_id)
