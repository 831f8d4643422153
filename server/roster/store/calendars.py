"""Reading calendars, and which site goes by which."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from sqlalchemy import Row, select

from server.roster.model import Calendar, CalendarDay, CalendarKind, CalendarYear, Law, SiteCalendar, YearState
from server.roster.tables import calendar, calendar_day, calendar_year, site_calendar
from server.storage import UnitOfWork


def calendars(uow: UnitOfWork) -> list[Calendar]:
    """All calendars, the oldest first."""
    return [_calendar(row) for row in uow.fetch_all(select(calendar).order_by(calendar.c.id))]


def calendar_by_id(uow: UnitOfWork, calendar_id: int) -> Calendar | None:
    row = uow.fetch_one(select(calendar).where(calendar.c.id == calendar_id))
    return None if row is None else _calendar(row)


def years_of(uow: UnitOfWork, calendar_id: int) -> list[CalendarYear]:
    """The years that a calendar knows, in order."""
    query = select(calendar_year).where(calendar_year.c.calendar_id == calendar_id).order_by(calendar_year.c.year)
    return [CalendarYear(row.year, YearState(row.state), row.source) for row in uow.fetch_all(query)]


def days_of(uow: UnitOfWork, calendar_id: int, first: date, last: date) -> list[CalendarDay]:
    """What a calendar says of the days from first to last, in order."""
    conditions = (calendar_day.c.calendar_id == calendar_id, calendar_day.c.day >= first, calendar_day.c.day <= last)
    return [_day(row) for row in uow.fetch_all(select(calendar_day).where(*conditions).order_by(calendar_day.c.day))]


def days_of_all(uow: UnitOfWork, first: date, last: date) -> dict[int, dict[date, CalendarDay]]:
    """By calendar and day what all calendars say of the days from first to last."""
    found: dict[int, dict[date, CalendarDay]] = {one.id: {} for one in calendars(uow)}
    for row in uow.fetch_all(select(calendar_day).where(calendar_day.c.day >= first, calendar_day.c.day <= last)):
        found[row.calendar_id][row.day] = _day(row)
    return found


def days_of_kind(uow: UnitOfWork, calendar_id: int, kind: CalendarKind) -> list[CalendarDay]:
    """All days of a kind, in order."""
    conditions = (calendar_day.c.calendar_id == calendar_id, calendar_day.c.kind == kind.value)
    return [_day(row) for row in uow.fetch_all(select(calendar_day).where(*conditions).order_by(calendar_day.c.day))]


def announced_years(uow: UnitOfWork) -> frozenset[tuple[int, int]]:
    """(calendar, year) of every year whose arrangement is known."""
    query = select(calendar_year.c.calendar_id, calendar_year.c.year).where(calendar_year.c.state == YearState.ANNOUNCED.value)
    return frozenset((row.calendar_id, row.year) for row in uow.fetch_all(query))


def site_calendars(uow: UnitOfWork, site_ids: Iterable[int] | None = None) -> list[SiteCalendar]:
    """Which calendars sites go by, in the order of time."""
    query = select(site_calendar).order_by(site_calendar.c.first_day)
    if site_ids is not None:
        query = query.where(site_calendar.c.site_id.in_(list(site_ids)))
    return [SiteCalendar(row.site_id, row.first_day, row.calendar_id) for row in uow.fetch_all(query)]


def _calendar(row: Row[Any]) -> Calendar:
    return Calendar(row.id, row.name, Law(row.law))


def _day(row: Row[Any]) -> CalendarDay:
    return CalendarDay(row.day, CalendarKind(row.kind), row.name, row.stands_for)
