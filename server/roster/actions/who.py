"""Whom a change of a shift, a pattern or a calendar can concern. Rather too many than too few: working a day out again changes nothing."""

from datetime import date

from server.fleet import actions as fleet
from server.roster.actions.people import people_of
from server.roster.model import Assignment, Scope
from server.roster.store import calendars, entries, patterns
from server.storage import UnitOfWork

FIRST_DAY, LAST_DAY = date(1, 1, 1), date(9999, 12, 31)


def people_on_shift(uow: UnitOfWork, shift_id: int, first: date, last: date | None) -> set[int]:
    """Who may have this shift on a day from first to last: by entries, or by a pattern that has it."""
    using = {
        pattern_id
        for pattern_id, versions in patterns.versions_that_count(uow).items()
        if any(shift_id in (*one.terms.days, one.terms.make_up_shift) for one in versions)
    }
    assigned = [one for one in patterns.assignments_between(uow, first, last or LAST_DAY) if one.pattern_id in using]
    return entries.people_with_shift(uow, shift_id, first, last) | _assigned(uow, assigned, first, last)


def people_on_pattern(uow: UnitOfWork, pattern_id: int, first: date, last: date | None) -> set[int]:
    """Who may work by this pattern on a day from first to last."""
    assigned = [one for one in patterns.assignments_between(uow, first, last or LAST_DAY) if one.pattern_id == pattern_id]
    return _assigned(uow, assigned, first, last)


def people_of_calendar(uow: UnitOfWork, calendar_id: int) -> set[int]:
    """Who may go by this calendar on any day."""
    if entries.settings(uow).calendar_id == calendar_id:
        return people_of(uow, Scope.COMPANY, 0, FIRST_DAY, None)
    sites = {one.site_id for one in calendars.site_calendars(uow) if one.calendar_id == calendar_id}
    return {person for site in fleet.list_sites(uow) if site.id in sites for person in people_of(uow, Scope.SITE, site.id, FIRST_DAY, None)}


def _assigned(uow: UnitOfWork, assignments: list[Assignment], first: date, last: date | None) -> set[int]:
    found: set[int] = set()
    for one in assignments:
        ends = [end for end in (last, one.last_day) if end is not None]
        found |= people_of(uow, one.scope, one.scope_id, max(first, one.first_day), min(ends) if ends else None)
    return found
