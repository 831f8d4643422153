"""Staff records for programs: masked as on the pages, in full only by a look that goes on the trail."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from fastapi import APIRouter, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from server.access.model import Permission
from server.access.pages.visitors import actor_of
from server.errors import InvalidInputError, NotFoundError
from server.hr.staff import actions as staff
from server.hr.staff.engine.contracts import ends_on
from server.hr.staff.model import PAY_FACTS, Contract, ContractKind, ContractTerms, Document, DocumentAccess, DocumentKind, Fact
from server.hr.staff.pages.common import CHANGES, LOOKS, SEES, may_open, seen_person, today_of
from server.hr.staff.pages.waiting import filter_asked, kind_asked
from server.web.asking import database_of, given_day, may, now, whole
from server.web.downloads import file_answer
from server.web.uploads import MOST_REQUEST, TooLargeError

router = APIRouter(prefix="/api/v1", tags=["staff"])
MOST_ROWS = 1_000


@dataclass(frozen=True)
class ContractAnswer:
    """A contract; `ends_on` is the last day by its term or by the personal retirement age, null for one that only a notice ends."""

    id: int
    kind: str
    signing_order: int
    first_day: date
    last_day: date | None
    ends_on: date | None
    probation_until: date | None
    signed_on: date | None
    withdrawn: bool


@dataclass(frozen=True)
class DocumentAnswer:
    """A document without its content."""

    id: int
    kind: str
    name: str
    size: int
    access: str
    expires_on: date | None
    added_at: datetime


@dataclass(frozen=True)
class ServiceAnswer:
    """Whole months of service that are over before the day."""

    day: date
    own_months: int
    total_months: int
    unproved_months: int


@dataclass(frozen=True)
class AdviceAnswer:
    """What somebody should know about the contracts."""

    advice: str
    grave: bool
    facts: dict[str, str]


@dataclass(frozen=True)
class RecordAnswer:
    """A record; facts are masked, and those of pay are only there for who may see pay."""

    person: int
    facts: dict[str, str]
    retires_on: date | None
    service: ServiceAnswer
    contracts: list[ContractAnswer]
    advice: list[AdviceAnswer]
    documents: list[DocumentAnswer]


@dataclass(frozen=True)
class FactsBody:
    """Facts by name; "" takes one away, what is not named stays."""

    facts: dict[str, str]
    reason: str = ""


@dataclass(frozen=True)
class ContractBody:
    """A contract to enter; kind: fixed, open-ended or task."""

    kind: str
    first_day: date
    last_day: date | None = None
    probation_until: date | None = None
    signed_on: date | None = None
    signing_order: int = 1
    asked_fixed: bool = False
    task: str = ""


@dataclass(frozen=True)
class WaitingAnswer:
    """Somebody in a list of what is waiting; about: what it is or what is missing."""

    person: int
    employee_number: str
    name: str
    department: str | None
    day: date | None
    grave: bool
    about: list[str] = field(default_factory=list)


@router.get("/people/{person_id}/record", dependencies=SEES)
def record(request: Request, person_id: int) -> RecordAnswer:
    """All that is kept about somebody beyond the employment, with masked numbers."""
    today, allowed = today_of(request), may_open(request)
    wanted = [fact for fact in Fact if fact not in PAY_FACTS or may(request, Permission.SEE_PAY)]
    with database_of(request).reading() as uow:
        seen_person(request, uow, person_id)
        retirement = staff.retirement_on(staff.birth_and_sex(uow, [person_id])[person_id])
        retires_on = retirement.retires_on if retirement else None
        served = staff.service_on(uow, [person_id], today)[person_id]
        return RecordAnswer(
            person_id,
            {fact.value: text for fact, text in staff.masked_facts(uow, person_id, wanted).items()},
            retires_on,
            ServiceAnswer(today, served.own_months, served.total_months, served.unproved_months),
            [_contract(one, retires_on) for one in staff.contracts_of(uow, person_id)],
            [
                AdviceAnswer(one.advice.value, one.grave, {name: str(value) for name, value in one.facts.items()})
                for one in staff.contract_advice(uow, person_id, today)
            ],
            [_document(one) for one in staff.documents_of(uow, person_id) if one.access in allowed],
        )


@router.post("/people/{person_id}/record/look", dependencies=LOOKS)
def look(request: Request, person_id: int) -> dict[str, str]:
    """Facts in full; that they were looked at is on the trail."""
    wanted = [fact for fact in Fact if fact not in PAY_FACTS or may(request, Permission.SEE_PAY)]
    with database_of(request).writing() as uow:
        seen_person(request, uow, person_id)
        found = staff.look_at_facts(uow, person_id, wanted, actor_of(request), now())
    return {fact.value: text for fact, text in found.items()}


@router.post("/people/{person_id}/facts", dependencies=CHANGES)
def change_facts(request: Request, person_id: int, body: FactsBody) -> dict[str, list[str]]:
    """Change what is known of somebody; answers which facts are others now. Facts of pay need the permission for them."""
    with database_of(request).writing() as uow:
        seen_person(request, uow, person_id)
        changed = staff.change_facts(uow, person_id, _facts(request, body.facts), actor_of(request), now(), reason=body.reason[:500])
    return {"changed": [fact.value for fact in changed]}


@router.get("/people/{person_id}/service", dependencies=SEES)
def service(request: Request, person_id: int, day: str = "") -> ServiceAnswer:
    """Service here and in all before a day, today when it is left out."""
    asked = given_day(day, "day") or today_of(request)
    with database_of(request).reading() as uow:
        seen_person(request, uow, person_id)
        found = staff.service_on(uow, [person_id], asked)[person_id]
    return ServiceAnswer(asked, found.own_months, found.total_months, found.unproved_months)


@router.post("/people/{person_id}/contracts", dependencies=CHANGES)
def add_contract(request: Request, person_id: int, body: ContractBody) -> ContractAnswer:
    """Enter a contract; 422 for what the law forbids, with what it allows."""
    if body.kind not in list(ContractKind):
        raise InvalidInputError(field="kind", reason="choose one that the list offers")
    terms = ContractTerms(**vars(body) | {"kind": ContractKind(body.kind)})
    with database_of(request).writing() as uow:
        seen_person(request, uow, person_id)
        made = staff.add_contract(uow, person_id, terms, actor_of(request), now())
        retirement = staff.retirement_on(staff.birth_and_sex(uow, [person_id])[person_id])
    return _contract(made, retirement.retires_on if retirement else None)


@router.post("/people/{person_id}/documents", dependencies=CHANGES, max_body_size=MOST_REQUEST)
async def add_document(
    request: Request, person_id: int, name: str, kind: str = "other", access: str = "hr", expires_on: str = ""
) -> DocumentAnswer:
    """Hand in a file, which is the request's body; refused while it comes when it is larger than the setting."""
    data = await _body(request, await run_in_threadpool(_most_mb, request))
    return await run_in_threadpool(_add, request, person_id, name, data, (kind, access, expires_on))


@router.get("/documents/{document_id}", dependencies=SEES)
def document(request: Request, document_id: int) -> Response:
    """The file; that it was opened is on the trail."""
    with database_of(request).writing() as uow:
        found = staff.find_document(uow, document_id)
        seen_person(request, uow, found.person_id)
        if found.access not in may_open(request):
            raise NotFoundError(what="document", name=document_id)
        staff.open_document(uow, document_id, actor_of(request), now())
    return file_answer(found.name, found.file_type.media_type, found.size, staff.document_parts(database_of(request), found))


@router.get("/staff/waiting", dependencies=SEES)
def waiting(
    request: Request,
    kind: str = "contracts",  # noqa: ARG001 - read with the others from the address
    text: str = "",  # noqa: ARG001
    department: str = "",  # noqa: ARG001
    about: str = "",  # noqa: ARG001
    behind: str = "",
) -> list[WaitingAnswer]:
    """A list of what is waiting, 1,000 rows from `behind` on; kinds are those of the page."""
    scope, today = request.state.visitor.scope(Permission.SEE_STAFF), today_of(request)
    skipped = min(whole(behind, "behind") or 0, 1_000_000)
    with database_of(request).reading() as uow:
        rows = staff.waiting_rows(
            uow, kind_asked(request), filter_asked(request), scope, may_open(request), today, behind=skipped, limit=MOST_ROWS
        )
    return [
        WaitingAnswer(row.person_id, row.employee_number, row.name, row.department, row.day, row.grave, [*row.about, *row.said])
        for row in rows
    ]


def _facts(request: Request, named: Mapping[str, str]) -> dict[Fact, str]:
    unknown = sorted(named.keys() - {fact.value for fact in Fact})
    if unknown:
        raise InvalidInputError(field="facts", reason="there is no fact {name}", name=unknown[0])
    facts = {Fact(name): text for name, text in named.items()}
    if facts.keys() & set(PAY_FACTS) and not (may(request, Permission.CHANGE_PAY) and may(request, Permission.SEE_PAY)):
        raise InvalidInputError(field="facts", reason="facts of pay are for whoever may change pay")
    return facts


def _add(request: Request, person_id: int, name: str, data: bytes, said: tuple[str, str, str]) -> DocumentAnswer:
    kind, access, expires_on = said
    if kind not in list(DocumentKind):
        raise InvalidInputError(field="kind", reason="choose one that the list offers")
    if access not in may_open(request):
        raise InvalidInputError(field="access", reason="choose one that the list offers")
    until = given_day(expires_on, "expires_on")
    with database_of(request).writing() as uow:
        seen_person(request, uow, person_id)
        made = staff.add_document(uow, person_id, DocumentKind(kind), name, data, DocumentAccess(access), actor_of(request), now(), until)
    return _document(made)


async def _body(request: Request, most_mb: int) -> bytes:
    """The body, no longer than it may be. Raises TooLargeError as soon as it is."""
    parts, size = [], 0
    async for part in request.stream():
        size += len(part)
        if size > most_mb * 1024 * 1024:
            raise TooLargeError(most=most_mb)
        parts.append(part)
    return b"".join(parts)


def _most_mb(request: Request) -> int:
    with database_of(request).reading() as uow:
        return staff.settings_now(uow).most_document_mb


def _contract(one: Contract, retires_on: date | None) -> ContractAnswer:
    terms = one.terms
    return ContractAnswer(
        one.id,
        terms.kind.value,
        terms.signing_order,
        terms.first_day,
        terms.last_day,
        ends_on(terms, retires_on),
        terms.probation_until,
        terms.signed_on,
        not one.in_force,
    )


def _document(one: Document) -> DocumentAnswer:
    return DocumentAnswer(one.id, one.kind.value, one.name, one.size, one.access.value, one.expires_on, one.added_at)
