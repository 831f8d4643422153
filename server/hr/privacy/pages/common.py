"""What the pages of personal data share."""

from datetime import date

from fastapi import Request
from sqlalchemy import Select

from server.access.model import Permission, Scope
from server.directory import actions as directory
from server.errors import InvalidInputError, NotFoundError, RefusedError
from server.hr.privacy import actions as privacy
from server.hr.privacy.model import Keep, Purpose
from server.storage import DataSubject, Holding, UnitOfWork
from server.web.asking import now, shell_of
from server.web.visitor import needs

REFUSALS = (InvalidInputError, NotFoundError, RefusedError)
OWN = [needs(Permission.SEE_OWN)]
MANAGES = [needs(Permission.MANAGE_PRIVACY), needs(Permission.SEE_PEOPLE)]
HIGHEST_ID = 2**63 - 1

PURPOSES = {
    Purpose.BIOMETRICS: "Fingerprints and faces at terminals",
    Purpose.PHOTO_PROOF: "Photos with punches",
    Purpose.LOCATION: "Location with punches",
    Purpose.HEALTH: "Health data",
    Purpose.THIRD_PARTY: "Handing data to others",
}
FOLLOWS = {
    Purpose.BIOMETRICS: "Your templates are erased from the terminals, and you punch by card, number or phone from then on.",
    Purpose.PHOTO_PROOF: "No photo is taken with your punches any more, and those that are kept are deleted.",
    Purpose.LOCATION: "No location is taken with your punches any more, and those that are kept are deleted.",
    Purpose.HEALTH: "Health data that no law asks for is deleted.",
    Purpose.THIRD_PARTY: "Nothing more is handed on, and whoever has it is asked to delete it.",
}
"""What follows a withdrawal; HR carries it out, and the register says when that was done."""
KINDS = {
    Keep.ATTENDANCE: "Punches, days, rosters, grants, periods",
    Keep.REQUESTS: "Requests, approvals, leave ledger",
    Keep.RECORD: "Personal data, contacts, own fields, service, contracts",
    Keep.DOCUMENTS: "Documents",
    Keep.NOTICES: "Notices",
    Keep.SIGN_INS: "Sessions and sign-ins",
    Keep.PERSON: "Name, number, account, terms, names on the trail",
}


def today_of(request: Request) -> date:
    """The date on the company's clock."""
    return now().astimezone(shell_of(request).zone).date()


def scope_of(request: Request) -> Scope:
    found: Scope = request.state.visitor.scope(Permission.MANAGE_PRIVACY)
    return found


def within(request: Request) -> Select[tuple[int]] | None:
    """Whose data the visitor manages; None: everybody's."""
    return directory.people_within(scope_of(request), today_of(request))


def managed(request: Request, uow: UnitOfWork, person_id: int) -> DataSubject:
    """Raises NotFoundError for nobody, and for somebody whose data is not the visitor's to manage."""
    if not 0 < person_id <= HIGHEST_ID:
        raise NotFoundError(what="person", name=person_id)
    directory.require_within(uow, scope_of(request), person_id, today_of(request))
    return privacy.subject_of(uow, person_id)


def holdings_of(request: Request) -> tuple[Holding, ...]:
    """Of all areas, from the rim."""
    found: tuple[Holding, ...] = request.app.state.holdings
    return found
