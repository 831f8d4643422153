"""Whom kinds of leave are for."""

from collections.abc import Iterable
from datetime import date

from server.directory import actions as directory
from server.directory.model import EmploymentKind
from server.hr.leave.engine.calendar import months_later
from server.hr.leave.engine.suiting import Candidate, hindrance
from server.hr.leave.model import Basis, LeaveType, NotFor
from server.hr.staff import actions as staff
from server.storage import UnitOfWork


def hindrances(uow: UnitOfWork, person_id: int, kinds: Iterable[LeaveType], day: date) -> dict[str, NotFor]:
    """By code of the kind why somebody cannot have it on a day; kinds that they can have are left out."""
    spans = directory.terms_of(uow, [person_id], day, day)[person_id]
    known = staff.birth_and_sex(uow, [person_id]).get(person_id)
    who = Candidate(
        employment=spans[0].terms.kind if spans else EmploymentKind.REGULAR,
        sex=known.sex if known else None,
        born_on=known.birth_date if known else None,
        service_from=staff.service_counted_from(uow, [person_id], day)[person_id],
    )
    found = {kind.code: hindrance(kind.terms, who, day) for kind in kinds}
    return {code: why for code, why in found.items() if why is not None}


def granted_from(uow: UnitOfWork, person_id: int, kind: LeaveType, day: date) -> date | None:
    """From which day on somebody has any of a kind that goes by service, where that is still to come on the day."""
    entitlement = kind.terms.entitlement
    if entitlement.basis is not Basis.SERVICE:
        return None
    since = staff.service_counted_from(uow, [person_id], day)[person_id]
    begins = None if since is None else months_later(since, entitlement.after_months)
    return begins if begins is not None and begins > day else None
