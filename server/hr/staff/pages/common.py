"""What the pages of staff records share: who acts, what a form holds, whose record it is, what of it may be seen."""

from datetime import date

from fastapi import Request

from server.access.model import Permission
from server.directory import actions as directory
from server.directory.model import PersonOverview
from server.errors import InvalidInputError, NotFoundError, RefusedError
from server.hr.staff.model import DocumentAccess
from server.storage import UnitOfWork
from server.web.asking import given_day, may, now, shell_of
from server.web.visitor import needs

REFUSALS = (InvalidInputError, NotFoundError, RefusedError)
SEES = [needs(Permission.SEE_STAFF), needs(Permission.SEE_PEOPLE)]
CHANGES = [needs(Permission.CHANGE_STAFF), *SEES]
LOOKS = [needs(Permission.SEE_IDENTITY), *SEES]
HIGHEST_ID = 2**63 - 1


def seen_person(request: Request, uow: UnitOfWork, person_id: int) -> PersonOverview:
    """Whose record is asked for. Raises NotFoundError for nobody, and for somebody whose record is not the visitor's to see."""
    if not 0 < person_id <= HIGHEST_ID:
        raise NotFoundError(what="person", name=person_id)
    directory.require_within(uow, request.state.visitor.scope(Permission.SEE_STAFF), person_id, today_of(request))
    return directory.see_person(uow, person_id)[0]


def may_open(request: Request) -> frozenset[DocumentAccess]:
    """Which classes of documents, fields and files, the visitor, who sees staff records, may see."""
    allowed = {DocumentAccess.SELF, DocumentAccess.HR}
    if may(request, Permission.SEE_PAY):
        allowed.add(DocumentAccess.PAY)
    if may(request, Permission.SEE_IDENTITY):
        allowed.add(DocumentAccess.RESTRICTED)
    return frozenset(allowed)


async def form_of(request: Request) -> dict[str, str]:
    """The texts of a form; of several with one name the last, files left out."""
    async with request.form(max_files=0, max_fields=60) as form:
        return {name: value for name, value in form.items() if isinstance(value, str)}


def needed_day(value: str, field: str) -> date:
    """A date as browsers send it; raises InvalidInputError also for an empty one."""
    found = given_day(value, field)
    if found is None:
        raise InvalidInputError(field=field, reason="give a date such as 2026-11-23")
    return found


def today_of(request: Request) -> date:
    """The date on the company's clock."""
    return now().astimezone(shell_of(request).zone).date()
