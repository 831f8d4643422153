"""`/calendar`: a place's holidays, year by year; edited day by day, or taken from a holiday-cn file."""

import base64
from calendar import Calendar as Weeks
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from fastapi import APIRouter, Request
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile
from starlette.responses import RedirectResponse, Response

from server.access.model import Permission
from server.access.pages.visitors import actor_of
from server.audit import store as trail
from server.audit.model import DEED
from server.errors import InvalidInputError, RefusedError, ServerError
from server.fleet import actions as fleet
from server.roster import actions
from server.roster.actions import UnusableError, sentence_of
from server.roster.engine.holidays import Reading, read_holiday_cn, with_company_days
from server.roster.engine.statutory import name_of
from server.roster.model import Calendar, CalendarDay, CalendarKind, CalendarYear, Law, YearState
from server.roster.pages.common import REFUSALS, form_of, needed_day, today_of
from server.storage import UnitOfWork
from server.web.asking import database_of, given_day, now, said, shell_of, whole, words
from server.web.export import table_answer
from server.web.visitor import needs

router = APIRouter(include_in_schema=False)
SEE, CHANGE = [needs(Permission.SEE_ROSTER)], [needs(Permission.CHANGE_ROSTER)]
KINDS = {
    CalendarKind.STATUTORY: "statutory day, 300 %",
    CalendarKind.MOVED: "moved rest day, 200 %",
    CalendarKind.SWAPPED_REST: "swapped rest day, 200 %",
    CalendarKind.WEEKEND: "weekend in a holiday",
    CalendarKind.MAKE_UP: "make-up work day",
    CalendarKind.COMPANY: "company day",
}
MOST_BYTES = 200_000
"""Of a file: a year has about 3 KB."""
EARLIEST, LATEST = 2000, 2100


@dataclass(frozen=True, slots=True)
class Month:
    """weeks: of seven (date, what the calendar says), None outside the month."""

    first: date
    weeks: list[list[tuple[date, CalendarDay | None] | None]]


@dataclass(frozen=True, slots=True)
class Difference:
    """A date that a file would change; None: nothing special."""

    day: date
    before: CalendarDay | None
    after: CalendarDay | None


@router.get("/calendar", dependencies=SEE)
def calendar_page(request: Request, calendar: str = "", year: str = "", day: str = "", entry: str = "") -> Response:
    """A year. day: the one in the form. entry: the row of the trail of a year that was stored just now, which can be undone."""
    return _page(request, whole(calendar, "calendar"), whole(year, "year"), given_day(day, "day"), entry=whole(entry, "entry"))


@router.get("/calendar.csv", dependencies=SEE)
@router.get("/calendar.xlsx", dependencies=SEE)
def calendar_file(request: Request, calendar: str = "", year: str = "") -> Response:
    tell, shown = words(request), whole(year, "year") or today_of(request).year
    with database_of(request).reading() as uow:
        held = _chosen(uow, whole(calendar, "calendar"))
        days = actions.days_of_year(uow, held.id, _checked_year(shown))
    heading = [tell(name) for name in ("Date", "Kind", "Name", "Stands for")]
    rows = ((one.day, tell(KINDS[one.kind]), tell(one.name), one.stands_for or "") for one in days)
    return table_answer(request, f"{tell('Holiday calendar')} {shown}", heading, rows)


@router.post("/calendar/day", dependencies=CHANGE)
async def set_day(request: Request) -> Response:
    """Say what a date is, or with `clear` let it be what the roster makes of it."""
    return await run_in_threadpool(_set_day, request, await form_of(request))


@router.post("/calendar/begin", dependencies=CHANGE)
async def begin(request: Request) -> Response:
    """A year that is not announced, with what the law says by itself."""
    return await run_in_threadpool(_begin, request, await form_of(request))


@router.post("/calendar/announced", dependencies=CHANGE)
async def announced(request: Request) -> Response:
    """Say that the days of a year, entered by hand, are what was announced: its days stop being provisional."""
    return await run_in_threadpool(_announced, request, await form_of(request))


@router.post("/calendar/import", dependencies=CHANGE, max_body_size=MOST_BYTES * 2)
async def import_file(request: Request) -> Response:
    """First what would change; the page that answers carries the file along, and `store` takes it."""
    async with request.form() as form:
        sent = form.get("file")
        data = await sent.read() if isinstance(sent, UploadFile) else _held(str(form.get("held", "")))
        fields = {name: value for name, value in form.items() if isinstance(value, str)}
    return await run_in_threadpool(_import, request, fields, data)


@router.post("/calendar/undo", dependencies=CHANGE)
async def undo(request: Request) -> Response:
    """Put a year back as it was before it was stored as a whole."""
    return await run_in_threadpool(_undo, request, await form_of(request))


@router.post("/calendar/new", dependencies=CHANGE)
async def new_calendar(request: Request) -> Response:
    return await run_in_threadpool(_new, request, await form_of(request))


@router.post("/calendar/site", dependencies=CHANGE)
async def of_site(request: Request) -> Response:
    return await run_in_threadpool(_site, request, await form_of(request))


def _chosen(uow: UnitOfWork, calendar_id: int | None) -> Calendar:
    return actions.list_calendars(uow)[0] if calendar_id is None else actions.calendar_of(uow, calendar_id)


def _checked_year(year: int) -> int:
    if not EARLIEST <= year <= LATEST:
        raise InvalidInputError(field="year", reason="give a year from 2000 to 2100")
    return year


def _page(
    request: Request,
    calendar_id: int | None,
    year: int | None,
    day: date | None = None,
    *,
    entry: int | None = None,
    error: ServerError | None = None,
    reading: Reading | None = None,
    held: str = "",
) -> Response:
    today, tell = today_of(request), words(request)
    shown = _checked_year(day.year if day else year or today.year)
    with database_of(request).reading() as uow:
        chosen = _chosen(uow, calendar_id)
        days = actions.days_of_year(uow, chosen.id, shown)
        years = actions.calendar_years(uow, chosen.id)
        facts = {
            "calendars": actions.list_calendars(uow),
            "sites": fleet.list_sites(uow),
            "site_calendars": actions.list_site_calendars(uow),
        }
        stored = _stored(uow, chosen, entry)
    by_day = {one.day: one for one in days}
    findings = error.findings if isinstance(error, UnusableError) else reading.findings if reading else ()
    wrong = [sentence_of(one, tell) for one in findings] or ([said(request, error)] if error else [])
    return shell_of(request).page(
        request,
        "roster/calendar.html",
        error.status if error else 422 if findings else 200,
        calendar=chosen,
        shown=shown,
        state=next((one for one in years if one.year == shown), None),
        years=years,
        months=[_month(shown, number, by_day) for number in range(1, 13)],
        days=days,
        kinds=KINDS,
        day=day,
        chosen=by_day.get(day) if day else None,
        wrong=wrong,
        reading=reading,
        differences=_differences(days, reading.days) if reading and not findings else [],
        held=held,
        stored=stored,
        today=today,
        laws=list(Law),
        **facts,
        trail_of=(("calendar", chosen.name), (DEED, "calendar.site")),
    )


def _stored(uow: UnitOfWork, chosen: Calendar, entry: int | None) -> int | None:
    """The row of the trail that an address speaks of, when it is the last one of this calendar: an address alone could claim anything."""
    rows = trail.newest(uow, subject=("calendar", chosen.name), limit=1)
    return entry if entry is not None and rows and rows[0].id == entry and rows[0].action == "calendar.set-year" else None


def _month(year: int, number: int, by_day: Mapping[date, CalendarDay]) -> Month:
    weeks = Weeks().monthdatescalendar(year, number)
    return Month(date(year, number, 1), [[(day, by_day.get(day)) if day.month == number else None for day in week] for week in weeks])


def _differences(before: list[CalendarDay], after: tuple[CalendarDay, ...]) -> list[Difference]:
    earlier, later = {one.day: one for one in before}, {one.day: one for one in after}
    found = (Difference(day, earlier.get(day), later.get(day)) for day in sorted(earlier.keys() | later.keys()))
    return [one for one in found if one.before != one.after]


def _address(calendar_id: int, year: int, more: str = "") -> str:
    return f"/calendar?calendar={calendar_id}&year={year}{more}"


def _set_day(request: Request, form: dict[str, str]) -> Response:
    calendar_id, day = whole(form.get("calendar", ""), "calendar") or 0, None
    try:
        day = needed_day(form.get("day", ""), "day")
        reason = form.get("reason", "").strip()
        with database_of(request).writing() as uow:
            if "clear" in form:
                actions.clear_calendar_day(uow, calendar_id, day, actor_of(request), now(), reason=reason)
            else:
                wanted = CalendarDay(day, _kind(form), name_of(form.get("name", "")), given_day(form.get("stands_for", ""), "stands_for"))
                actions.set_calendar_day(uow, calendar_id, wanted, actor_of(request), now(), reason=reason)
    except REFUSALS as error:
        return _page(request, calendar_id or None, None, day, error=error)
    return RedirectResponse(_address(calendar_id, day.year), 303)


def _kind(form: Mapping[str, str]) -> CalendarKind:
    try:
        return CalendarKind(form.get("kind", ""))
    except ValueError as error:
        raise InvalidInputError(field="kind", reason="choose one that the list offers") from error


def _begin(request: Request, form: dict[str, str]) -> Response:
    calendar_id, year = whole(form.get("calendar", ""), "calendar") or 0, whole(form.get("year", ""), "year") or 0
    try:
        with database_of(request).writing() as uow:
            actions.begin_year(uow, calendar_id, _checked_year(year), actor_of(request), now())
    except REFUSALS as error:
        return _page(request, calendar_id or None, None, error=error)
    return RedirectResponse(_address(calendar_id, year), 303)


def _announced(request: Request, form: dict[str, str]) -> Response:
    calendar_id, year = whole(form.get("calendar", ""), "calendar") or 0, whole(form.get("year", ""), "year") or 0
    try:
        source = form.get("source", "").strip()
        if not source:
            raise InvalidInputError(field="source", reason="say where the arrangement was announced")
        with database_of(request).writing() as uow:
            days = actions.days_of_year(uow, calendar_id, _checked_year(year))
            stated = CalendarYear(year, YearState.ANNOUNCED, source[:500])
            entry = actions.set_calendar_year(uow, calendar_id, stated, days, actor_of(request), now())
    except REFUSALS as error:
        return _page(request, calendar_id or None, year, error=error)
    return RedirectResponse(_address(calendar_id, year, f"&entry={entry}"), 303)


def _import(request: Request, form: dict[str, str], data: bytes) -> Response:
    calendar_id = whole(form.get("calendar", ""), "calendar")
    with database_of(request).reading() as uow:
        chosen = _chosen(uow, calendar_id)
    if chosen.law is not Law.CHINA:
        told = "The format tells only of China's holidays; enter the days of {name} by hand."
        return _page(request, chosen.id, None, error=RefusedError(reason=told, name=chosen.name))
    if len(data) > MOST_BYTES:
        return _page(request, chosen.id, None, error=InvalidInputError(field="file", reason="the file is too large for a year"))
    with database_of(request).reading() as uow:
        reading = with_company_days(read_holiday_cn(data), actions.company_days(uow, chosen.id))
    year = reading.year if EARLIEST <= reading.year <= LATEST else None
    if reading.findings or "store" not in form:
        return _page(request, chosen.id, year, reading=reading, held=base64.b64encode(data).decode())
    try:
        with database_of(request).writing() as uow:
            announced_year = CalendarYear(reading.year, YearState.ANNOUNCED, reading.source)
            entry = actions.set_calendar_year(uow, chosen.id, announced_year, reading.days, actor_of(request), now(), reason="holiday-cn")
    except REFUSALS as error:
        return _page(request, chosen.id, year, error=error)
    return RedirectResponse(_address(chosen.id, reading.year, f"&entry={entry}"), 303)


def _held(text: str) -> bytes:
    """The file that a page carried along; nothing where somebody wrote something else there."""
    try:
        return base64.b64decode(text, validate=True)
    except ValueError:
        return b""


def _undo(request: Request, form: dict[str, str]) -> Response:
    calendar_id, entry = whole(form.get("calendar", ""), "calendar") or 0, whole(form.get("entry", ""), "entry") or 0
    try:
        with database_of(request).writing() as uow:
            year = actions.undo_calendar_year(uow, calendar_id, entry, actor_of(request), now())
    except REFUSALS as error:
        return _page(request, calendar_id or None, None, error=error)
    return RedirectResponse(_address(calendar_id, year), 303)


def _new(request: Request, form: dict[str, str]) -> Response:
    try:
        law = Law.CHINA if form.get("law") == Law.CHINA.value else Law.OTHER
        with database_of(request).writing() as uow:
            origin = actions.list_calendars(uow)[0]
            made = actions.add_calendar(uow, form.get("name", ""), origin.id, law, actor_of(request), now())
    except REFUSALS as error:
        return _page(request, None, None, error=error)
    return RedirectResponse(f"/calendar?calendar={made.id}", 303)


def _site(request: Request, form: dict[str, str]) -> Response:
    calendar_id = whole(form.get("calendar", ""), "calendar") or 0
    try:
        first_day = needed_day(form.get("first_day", ""), "first_day")
        with database_of(request).writing() as uow:
            site_id = whole(form.get("site", ""), "site") or 0
            actions.set_site_calendar(uow, site_id, calendar_id, first_day, actor_of(request), now())
    except REFUSALS as error:
        return _page(request, calendar_id or None, None, error=error)
    return RedirectResponse(f"/calendar?calendar={calendar_id}", 303)
