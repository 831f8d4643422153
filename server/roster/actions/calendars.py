"""Holiday calendars: their days edited, whole years imported and put back, and which site goes by which."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import delete

from server.audit import store as trail
from server.audit.actions import record
from server.audit.model import Actor
from server.errors import InvalidInputError, NotFoundError, RefusedError
from server.fleet import actions as fleet
from server.roster.actions.left import leave_roster_change
from server.roster.actions.refusals import require
from server.roster.engine.holidays import check_day, check_year
from server.roster.engine.statutory import FIRST_YEAR, LAST_YEAR, statutory_days
from server.roster.model import Calendar, CalendarDay, CalendarKind, CalendarYear, Law, SiteCalendar, YearState
from server.roster.store import calendars as store, entries
from server.roster.tables import calendar, calendar_day, calendar_year, site_calendar
from server.storage import Subject, UnitOfWork, upsert

LAW = "Regulation on Public Holidays"
"""Source of a year of which only the statutory days are known."""


def add_calendar(uow: UnitOfWork, name: str, copied_from: int, law: Law, by: Actor, now: datetime) -> Calendar:
    """Make a calendar for another place; it begins as a copy. Raises InvalidInputError, NotFoundError, RefusedError."""
    name = name.strip()
    if not 1 <= len(name) <= 64:
        raise InvalidInputError(field="name", reason="use 1 to 64 characters")
    if any(one.name == name for one in store.calendars(uow)):
        raise RefusedError(reason="There is a calendar {name} already; choose another name.", name=name)
    origin = calendar_of(uow, copied_from)
    uow.execute(calendar.insert().values(name=name, law=law.value))
    made = next(one for one in store.calendars(uow) if one.name == name)
    for year in store.years_of(uow, origin.id):
        _store_year(uow, made.id, year, days_of_year(uow, origin.id, year.year))
    record(uow, by, "calendar.add", "calendar", name, at=now, after={"copied_from": origin.name, "law": law})
    return made


def set_calendar_day(uow: UnitOfWork, calendar_id: int, day: CalendarDay, by: Actor, now: datetime, *, reason: str = "") -> None:
    """Say what a date is. Raises NotFoundError; InvalidInputError for a kind that cannot be on that date, or a date of two kinds."""
    held = calendar_of(uow, calendar_id)
    there = {one.day: one for one in days_of_year(uow, calendar_id, day.day.year)}
    before = there.get(day.day)
    if before is not None and before.kind is not day.kind and CalendarKind.STATUTORY in {before.kind, day.kind}:
        told = "{day} is {name} already, a day of another kind; a date has one kind. Take that day away first."
        raise RefusedError(reason=told, day=day.day, name=before.name)
    require(check_day(day, held.law))
    if before == day:
        return
    row = {"calendar_id": calendar_id, "day": day.day, "kind": day.kind.value, "name": day.name, "stands_for": day.stands_for}
    upsert(uow, calendar_day, [row], ("calendar_id", "day"))
    leave_roster_change(uow, Subject.CALENDAR, calendar_id, day.day, day.day, "calendar")
    record(
        uow, by, "calendar.set-day", "calendar", held.name, at=now, before=before and told_day(before), after=told_day(day), reason=reason
    )


def clear_calendar_day(uow: UnitOfWork, calendar_id: int, day: date, by: Actor, now: datetime, *, reason: str = "") -> None:
    """Let a date be what the roster makes of it; raises NotFoundError."""
    held = calendar_of(uow, calendar_id)
    before = next((one for one in store.days_of(uow, calendar_id, day, day)), None)
    if before is None:
        raise NotFoundError(what="calendar day", name=day)
    uow.execute(delete(calendar_day).where(calendar_day.c.calendar_id == calendar_id, calendar_day.c.day == day))
    leave_roster_change(uow, Subject.CALENDAR, calendar_id, day, day, "calendar")
    record(uow, by, "calendar.clear-day", "calendar", held.name, at=now, before=told_day(before), reason=reason)


def set_calendar_year(
    uow: UnitOfWork, calendar_id: int, year: CalendarYear, days: Sequence[CalendarDay], by: Actor, now: datetime, *, reason: str = ""
) -> int:
    """Replace a year as a whole; returns the number of its row in the trail, with which `undo_calendar_year` puts back what was there.

    Raises NotFoundError; InvalidInputError with every finding, and then nothing is stored.
    """
    held = calendar_of(uow, calendar_id)
    require(check_year(year.year, days, held.law))
    known = {one.year: one for one in store.years_of(uow, calendar_id)}
    before = _told_year(known.get(year.year), days_of_year(uow, calendar_id, year.year))
    changed = _changed_days(days_of_year(uow, calendar_id, year.year), days)
    state_changed = known.get(year.year) is None or known[year.year].state is not year.state
    _store_year(uow, calendar_id, year, days)
    if state_changed:  # the whole year stops, or begins, to be provisional
        leave_roster_change(uow, Subject.CALENDAR, calendar_id, date(year.year, 1, 1), date(year.year, 12, 31), "calendar")
    else:
        for day in changed:
            leave_roster_change(uow, Subject.CALENDAR, calendar_id, day, day, "calendar")
    return record(uow, by, "calendar.set-year", "calendar", held.name, at=now, before=before, after=_told_year(year, days), reason=reason)


def undo_calendar_year(uow: UnitOfWork, calendar_id: int, entry: int, by: Actor, now: datetime) -> int:
    """Put a year back as it was before it was set; returns which year. entry: what setting it returned.

    Raises NotFoundError; RefusedError where the calendar was changed since.
    """
    held = calendar_of(uow, calendar_id)
    rows = trail.newest(uow, subject=("calendar", held.name), limit=1)
    if not rows or rows[0].id != entry or rows[0].action != "calendar.set-year":
        raise RefusedError(reason="The calendar was changed since; change it by hand.")
    year = int(rows[0].after["year"])
    if rows[0].before is not None:
        set_calendar_year(uow, calendar_id, *_read_year(rows[0].before), by, now)
        return year
    _clear_year(uow, calendar_id, year)
    uow.execute(delete(calendar_year).where(calendar_year.c.calendar_id == calendar_id, calendar_year.c.year == year))
    leave_roster_change(uow, Subject.CALENDAR, calendar_id, date(year, 1, 1), date(year, 12, 31), "calendar")
    record(uow, by, "calendar.clear-year", "calendar", held.name, at=now, before=rows[0].after)
    return year


def begin_year(uow: UnitOfWork, calendar_id: int, year: int, by: Actor, now: datetime) -> int:
    """Begin a year that is not announced with what the law says by itself. Raises NotFoundError, InvalidInputError, RefusedError."""
    law = calendar_of(uow, calendar_id).law
    if law is Law.CHINA and not FIRST_YEAR <= year <= LAST_YEAR:
        raise InvalidInputError(field="year", reason="the days of the law are known from 2025 to 2040; import this year from a file")
    if any(one.year == year for one in store.years_of(uow, calendar_id)):
        raise RefusedError(reason="The calendar has the year {year} already.", year=year)
    by_law = statutory_days(year) if law is Law.CHINA else {}
    days = [CalendarDay(day, CalendarKind.STATUTORY, name) for day, name in by_law.items()]
    return set_calendar_year(uow, calendar_id, CalendarYear(year, YearState.STATUTORY_ONLY, LAW), days, by, now)


def set_site_calendar(uow: UnitOfWork, site_id: int, calendar_id: int, first_day: date, by: Actor, now: datetime) -> None:
    """Let a site go by a calendar from a day on; raises NotFoundError."""
    held = calendar_of(uow, calendar_id)
    site = next((one for one in fleet.list_sites(uow) if one.id == site_id), None)
    if site is None:
        raise NotFoundError(what="site", name=site_id)
    upsert(uow, site_calendar, [{"site_id": site_id, "first_day": first_day, "calendar_id": calendar_id}], ("site_id", "first_day"))
    leave_roster_change(uow, Subject.SITE, site_id, first_day, None, "calendar")
    record(uow, by, "calendar.site", "site", site.code, at=now, after={"calendar": held.name, "first_day": first_day})


def list_calendars(uow: UnitOfWork) -> list[Calendar]:
    """All calendars; the first is the one of sites that name none."""
    own = entries.settings(uow).calendar_id
    return sorted(store.calendars(uow), key=lambda one: (one.id != own, one.id))


def calendar_of(uow: UnitOfWork, calendar_id: int) -> Calendar:
    """Raises NotFoundError."""
    found = store.calendar_by_id(uow, calendar_id)
    if found is None:
        raise NotFoundError(what="calendar", name=calendar_id)
    return found


def calendar_years(uow: UnitOfWork, calendar_id: int) -> list[CalendarYear]:
    """The years that a calendar knows, in order."""
    return store.years_of(uow, calendar_id)


def days_of_year(uow: UnitOfWork, calendar_id: int, year: int) -> list[CalendarDay]:
    """What a calendar says of a year, in the order of days."""
    return store.days_of(uow, calendar_id, date(year, 1, 1), date(year, 12, 31))


def company_days(uow: UnitOfWork, calendar_id: int) -> list[CalendarDay]:
    """The days off that the company gives, in the order of days."""
    return store.days_of_kind(uow, calendar_id, CalendarKind.COMPANY)


def list_site_calendars(uow: UnitOfWork) -> list[SiteCalendar]:
    """Which sites name a calendar, in the order of time."""
    return store.site_calendars(uow)


def told_day(day: CalendarDay) -> dict[str, object]:
    """A day as the trail holds it."""
    return {"day": day.day, "kind": day.kind, "name": day.name, "stands_for": day.stands_for}


def _read_year(told: Any) -> tuple[CalendarYear, list[CalendarDay]]:
    """A year as the trail holds it."""
    days = [
        CalendarDay(
            date.fromisoformat(one["day"]),
            CalendarKind(one["kind"]),
            one["name"],
            date.fromisoformat(one["stands_for"]) if one["stands_for"] else None,
        )
        for one in told["days"]
    ]
    return CalendarYear(told["year"], YearState(told["state"]), told["source"]), days


def _told_year(year: CalendarYear | None, days: Sequence[CalendarDay]) -> dict[str, object] | None:
    if year is None:
        return None
    return {"year": year.year, "state": year.state, "source": year.source, "days": [told_day(one) for one in days]}


def _changed_days(before: Sequence[CalendarDay], after: Sequence[CalendarDay]) -> list[date]:
    earlier, later = {one.day: one for one in before}, {one.day: one for one in after}
    return sorted(day for day in earlier.keys() | later.keys() if earlier.get(day) != later.get(day))


def _store_year(uow: UnitOfWork, calendar_id: int, year: CalendarYear, days: Sequence[CalendarDay]) -> None:
    _clear_year(uow, calendar_id, year.year)
    row = {"calendar_id": calendar_id, "year": year.year, "state": year.state.value, "source": year.source}
    upsert(uow, calendar_year, [row], ("calendar_id", "year"))
    rows = [
        {"calendar_id": calendar_id, "day": one.day, "kind": one.kind.value, "name": one.name, "stands_for": one.stands_for} for one in days
    ]
    upsert(uow, calendar_day, rows, ("calendar_id", "day"))


def _clear_year(uow: UnitOfWork, calendar_id: int, year: int) -> None:
    span = (calendar_day.c.day >= date(year, 1, 1), calendar_day.c.day <= date(year, 12, 31))
    uow.execute(delete(calendar_day).where(calendar_day.c.calendar_id == calendar_id, *span))
