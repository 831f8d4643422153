"""`/api/v1/calendars`: what dates are, year by year."""

from datetime import date

import msgspec
from fastapi import APIRouter, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from server.access.model import Permission
from server.access.pages.visitors import actor_of
from server.errors import InvalidInputError, RefusedError
from server.roster import actions
from server.roster.actions import UnusableError
from server.roster.engine.holidays import read_holiday_cn, with_company_days
from server.roster.engine.statutory import name_of
from server.roster.model import CalendarDay, CalendarKind, CalendarYear, Law, YearState
from server.web.asking import database_of, now, words
from server.web.bodies import body_of, in_body, json
from server.web.visitor import needs

router = APIRouter(prefix="/api/v1/calendars", tags=["roster"])
SEE, CHANGE = [needs(Permission.SEE_ROSTER)], [needs(Permission.CHANGE_ROSTER)]


class NewDay(msgspec.Struct):
    kind: CalendarKind
    name: str
    stands_for: date | None = None
    reason: str = ""


@router.get("", dependencies=SEE)
def calendars(request: Request) -> Response:
    """All calendars with the years they know; the first is that of sites that name none."""
    with database_of(request).reading() as uow:
        found = actions.list_calendars(uow)
        return json({"calendars": [msgspec.to_builtins(one) | {"years": actions.calendar_years(uow, one.id)} for one in found]})


@router.get("/{calendar_id}/years/{year}", dependencies=SEE)
def year(request: Request, calendar_id: int, year: int) -> Response:
    """The days of a year; `state` is null where the calendar does not know it, and its days are provisional unless it is announced."""
    _checked(year)
    with database_of(request).reading() as uow:
        calendar = actions.calendar_of(uow, calendar_id)
        stated = next((one for one in actions.calendar_years(uow, calendar.id) if one.year == year), None)
        days = actions.days_of_year(uow, calendar.id, year)
    tell = words(request)
    told = [_told(one, tell(one.name)) for one in days]
    return json({"state": stated.state if stated else None, "source": stated.source if stated else "", "days": told})


@router.post(
    "/{calendar_id}/days/{day}",
    dependencies=CHANGE,
    openapi_extra=in_body(kind="what it is", name="what it is called", stands_for="?of a moved day", reason="?why"),
)
async def set_day(request: Request, calendar_id: int, day: date) -> Response:
    """Say what a date is."""
    return await run_in_threadpool(_set_day, request, calendar_id, day, await body_of(request, NewDay))


@router.post("/{calendar_id}/days/{day}/clear", dependencies=CHANGE)
def clear_day(request: Request, calendar_id: int, day: date) -> Response:
    """Let a date be what the roster makes of it."""
    with database_of(request).writing() as uow:
        actions.clear_calendar_day(uow, calendar_id, day, actor_of(request), now())
    return json({"cleared": day})


@router.post("/{calendar_id}/import", dependencies=CHANGE)
async def import_year(request: Request, calendar_id: int, dry_run: bool = False) -> Response:
    """A file of holiday-cn as the body: the whole year is taken, or nothing of it. The answer has the days as they are stored."""
    return await run_in_threadpool(_import, request, calendar_id, await request.body(), dry_run)


def _checked(year: int) -> None:
    if not 2000 <= year <= 2100:
        raise InvalidInputError(field="year", reason="give a year from 2000 to 2100")


def _told(day: CalendarDay, name: str) -> CalendarDay:
    """With its name in the caller's language."""
    return CalendarDay(day.day, day.kind, name, day.stands_for)


def _set_day(request: Request, calendar_id: int, day: date, new: NewDay) -> Response:
    _checked(day.year)
    wanted = CalendarDay(day, new.kind, name_of(new.name), new.stands_for)
    with database_of(request).writing() as uow:
        actions.set_calendar_day(uow, calendar_id, wanted, actor_of(request), now(), reason=new.reason)
    return json(wanted)


def _import(request: Request, calendar_id: int, data: bytes, dry_run: bool) -> Response:
    reading = read_holiday_cn(data)
    if reading.findings:
        raise UnusableError(reading.findings)
    with database_of(request).writing() as uow:
        calendar = actions.calendar_of(uow, calendar_id)
        if calendar.law is not Law.CHINA:
            told = "The format tells only of China's holidays; enter the days of {name} by hand."
            raise RefusedError(reason=told, name=calendar.name)
        reading = with_company_days(reading, actions.company_days(uow, calendar_id))
        if not dry_run:
            stated = CalendarYear(reading.year, YearState.ANNOUNCED, reading.source)
            actions.set_calendar_year(uow, calendar_id, stated, reading.days, actor_of(request), now(), reason="holiday-cn")
    return json({"stored": not dry_run, "year": reading.year, "days": reading.days})
