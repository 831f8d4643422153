"""Whom a kind of leave is for."""

from dataclasses import dataclass
from datetime import date

from server.directory.model import EmploymentKind
from server.hr.leave.engine.calendar import months_later, years_later
from server.hr.leave.model import LeaveTerms, NotFor


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody as a kind of leave looks at them on a day. What is not known is None, and no hindrance."""

    employment: EmploymentKind
    sex: str | None = None
    born_on: date | None = None
    service_from: date | None = None


def hindrance(terms: LeaveTerms, who: Candidate, day: date) -> NotFor | None:
    """Why somebody cannot have it on a day; None where they can."""
    if terms.sex is not None and who.sex not in (None, terms.sex):
        return NotFor.SEX
    if terms.employment_kinds and who.employment not in terms.employment_kinds:
        return NotFor.EMPLOYMENT
    if who.born_on is not None:
        if terms.least_age is not None and years_later(who.born_on, terms.least_age) > day:
            return NotFor.TOO_YOUNG
        if terms.most_age is not None and years_later(who.born_on, terms.most_age + 1) <= day:
            return NotFor.TOO_OLD
    if who.service_from is not None and months_later(who.service_from, terms.least_service_months) > day:
        return NotFor.SERVICE
    return None
