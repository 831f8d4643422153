"""What the roster grid shows of people, and what is doubtful in it once drafts are published."""

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import date, timedelta

from server.directory.model import PersonOverview
from server.fleet import actions as fleet
from server.roster.actions.entries import roster_settings_now
from server.roster.actions.planned import roster_of
from server.roster.engine.sheet import NOT_EMPLOYED, SheetPerson, sheet_person
from server.roster.engine.warnings import ApprovedLeave, RosterLimits, RosterWarning, watch
from server.roster.model import CalendarDay
from server.roster.store import calendars
from server.storage import UnitOfWork

__all__ = ["ApprovedLeave", "LeaveOf", "days_at_site", "no_leave", "see_grid", "watch_people"]

LeaveOf = Callable[[UnitOfWork, Collection[int], date, date], Mapping[int, Mapping[date, ApprovedLeave]]]
"""Days of approved leave by person, from first to last. Grants stand above rosters, so the rim gives the function."""

LOOK_BACK = timedelta(days=7)
"""Without a setting for days in a row so many days before the first are enough to see the rest before it."""


def no_leave(uow: UnitOfWork, person_ids: Collection[int], first: date, last: date) -> Mapping[int, Mapping[date, ApprovedLeave]]:  # noqa: ARG001 - a LeaveOf
    """Where nobody says who is on leave."""
    return {}


def see_grid(
    uow: UnitOfWork, people: Sequence[PersonOverview], first: date, last: date, leave_of: LeaveOf, tell: Callable[..., str]
) -> list[SheetPerson]:
    """Rows of those who are employed on a day from first to last, or have an entry there, in the order given."""
    days_of = roster_of(uow, [one.person.id for one in people], first, last)
    leave = leave_of(uow, [one.person.id for one in people], first, last)
    rows = []
    for one in people:
        names = {day: tell(found.name) for day, found in leave.get(one.person.id, {}).items()}
        days = days_of[one.person.id]
        row = sheet_person(one.person.id, one.person.name, one.person.employee_number, one.department or "", days, names)
        if row.kinds.strip(NOT_EMPLOYED) or row.entries or row.drafts:
            rows.append(row)
    return rows


def days_at_site(uow: UnitOfWork, site_id: int | None, first: date, last: date) -> tuple[dict[date, CalendarDay], frozenset[int]]:
    """What the calendar of a site (None: of the company) says of the days from first to last, and the years that are announced in it."""
    calendar_id = roster_settings_now(uow).calendar_id
    for one in calendars.site_calendars(uow, None if site_id is None else [site_id]):
        if one.site_id == site_id and one.first_day <= first:
            calendar_id = one.calendar_id
    years = frozenset(year for calendar, year in calendars.announced_years(uow) if calendar == calendar_id)
    return calendars.days_of_all(uow, first, last).get(calendar_id, {}), years


def watch_people(
    uow: UnitOfWork, people: Sequence[PersonOverview], first: date, last: date, leave_of: LeaveOf, company_zone: str
) -> dict[int, list[RosterWarning]]:
    """By person what is doubtful on the days from first to last, as they would be with all drafts published."""
    settings = roster_settings_now(uow)
    limits = RosterLimits(rest_minutes=settings.minimum_rest_minutes, days_in_a_row=settings.most_days_in_row)
    back = timedelta(days=settings.most_days_in_row) if settings.most_days_in_row else LOOK_BACK
    since, until = first - max(back, LOOK_BACK), last + timedelta(days=1)
    ids = [one.person.id for one in people]
    days_of, leave = roster_of(uow, ids, since, until), leave_of(uow, ids, since, until)
    zones = {one.id: one.time_zone for one in fleet.list_sites(uow)}
    found = {}
    for one in people:
        zone = zones.get(one.person.site_id or 0) or company_zone
        warnings = watch([day.wanted for day in days_of[one.person.id]], leave.get(one.person.id, {}), limits, zone)
        found[one.person.id] = [warning for warning in warnings if first <= warning.work_date <= last]
    return found
