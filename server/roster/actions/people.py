"""Whom a roster is for: terms by day, and people by department, position, site."""

from collections.abc import Collection
from datetime import date

from server.directory import actions as directory
from server.directory.model import TermsSpan
from server.roster.model import Held, Scope
from server.roster.store import people
from server.storage import UnitOfWork


def held_by(uow: UnitOfWork, person_ids: Collection[int], first: date, last: date) -> dict[int, tuple[Held, ...]]:
    """By person the spans that share a day with first..last, cut to them; outside of them nobody is employed."""
    return {
        person_id: tuple(_held(span) for span in spans) for person_id, spans in directory.terms_of(uow, person_ids, first, last).items()
    }


def people_of(uow: UnitOfWork, scope: Scope, scope_id: int, first: date, last: date | None) -> set[int]:
    """Who belongs to this on a day from first to last."""
    match scope:
        case Scope.PERSON:
            return {scope_id}
        case Scope.POSITION:
            return directory.people_of_position(uow, scope_id, first, last)
        case Scope.DEPARTMENT:
            return directory.people_of_department(uow, scope_id, first, last)
        case Scope.SITE:
            return directory.people_of_site(uow, scope_id, first, last)
        case Scope.COMPANY:
            return people.everybody(uow)


def position_names(uow: UnitOfWork) -> dict[int, str]:
    """Positions by number."""
    return {one.id: one.name for one in directory.list_positions(uow)}


def _held(span: TermsSpan) -> Held:
    terms = span.terms
    place = (terms.department_id, terms.position_id, terms.site_id)
    return Held(span.first_day, span.last_day, *place, terms.hours_system, protected=terms.protected)
