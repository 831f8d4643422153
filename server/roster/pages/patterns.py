"""`/patterns`: how duties repeat. A pattern is seen with its next six weeks; changing it makes a new version from a date."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from fastapi import APIRouter, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import RedirectResponse, Response

from server.access.model import Permission
from server.access.pages.visitors import actor_of
from server.errors import ServerError
from server.roster import actions
from server.roster.actions import UnusableError, sentence_of
from server.roster.engine.patterns import preview as pattern_days
from server.roster.engine.telling import cycle_changes
from server.roster.engine.versions import last_day_before_next, version_on
from server.roster.model import Anchor, CalendarDay, HolidayChoice, Pattern, PatternTerms, PatternVersion, Shift
from server.roster.pages.common import REFUSALS, form_of, needed_day, today_of
from server.roster.pages.pattern_form import fields_of, length_of, read_pattern
from server.storage import UnitOfWork
from server.web.asking import database_of, now, said, shell_of, words
from server.web.export import table_answer
from server.web.visitor import needs

router = APIRouter(include_in_schema=False)
SEE, CHANGE = [needs(Permission.SEE_ROSTER)], [needs(Permission.CHANGE_ROSTER)]
WEEKS = 6
ANCHORS = {Anchor.WEEK: "by weeks, from a Monday", Anchor.ROTATION: "rotating from a date, whatever its weekday"}
CHOICES = {
    HolidayChoice.OFF: "off on the calendar's days off, at work on make-up days",
    HolidayChoice.GO_ON: "goes on through all of them; statutory days keep their rate",
}


@dataclass(frozen=True, slots=True)
class Cell:
    """A day of the preview. shift None: rest. special: what the calendar says."""

    day: date
    shift: Shift | None
    special: CalendarDay | None


@dataclass(frozen=True, slots=True)
class PatternLine:
    """A pattern in the list, with the signs of its cycle ("" for rest)."""

    pattern: Pattern
    version: PatternVersion
    signs: list[str]
    in_words: str


@dataclass(frozen=True, slots=True)
class Told:
    """A version on the page of its pattern."""

    version: PatternVersion
    last_day: date | None
    signs: list[str]
    changes: list[str]
    holds: bool


@router.get("/patterns", dependencies=SEE)
def patterns_page(request: Request) -> Response:
    return shell_of(request).page(request, "roster/patterns.html", lines=_lines(request), anchors=ANCHORS, choices=CHOICES)


@router.get("/patterns.csv", dependencies=SEE)
@router.get("/patterns.xlsx", dependencies=SEE)
def patterns_file(request: Request) -> Response:
    tell = words(request)
    heading = [tell(name) for name in ("Pattern", "Days of the cycle", "Cycle", "Repeats", "On holidays", "In force from", "State")]
    rows = (
        (
            one.pattern.name,
            len(one.version.terms.days),
            one.in_words,
            tell(ANCHORS[one.version.terms.anchor]),
            tell(CHOICES[one.version.terms.holidays]),
            one.version.first_day,
            tell("archived") if one.pattern.archived else tell("in use"),
        )
        for one in _lines(request)
    )
    return table_answer(request, tell("Patterns"), heading, rows)


@router.get("/patterns/new", dependencies=CHANGE)
def new_pattern(request: Request, weeks: int = 1) -> Response:
    """An empty week, or two for 大小周."""
    today = today_of(request)
    monday = today - timedelta(days=today.weekday())
    days = (None,) * (7 * min(max(weeks, 1), 8))
    terms = PatternTerms(days=days, anchor=Anchor.WEEK, starts_on=monday, holidays=HolidayChoice.OFF)
    return _form(request, fields_of(terms) | {"first_day": today.isoformat()})


@router.post("/patterns/new", dependencies=CHANGE)
async def add_pattern(request: Request) -> Response:
    return await run_in_threadpool(_add, request, await form_of(request))


@router.post("/patterns/preview", dependencies=CHANGE)
async def preview(request: Request) -> Response:
    """The next six weeks of what is typed, for the form's script."""
    return await run_in_threadpool(_preview, request, await form_of(request))


@router.get("/patterns/{pattern_id:int}", dependencies=SEE)
def pattern_page(request: Request, pattern_id: int) -> Response:
    return _page(request, pattern_id)


@router.get("/patterns/{pattern_id:int}/change", dependencies=CHANGE)
def change_form(request: Request, pattern_id: int) -> Response:
    """The form with what the pattern is today."""
    today = today_of(request)
    with database_of(request).reading() as uow:
        pattern, _ = actions.see_pattern(uow, pattern_id)
        versions = actions.pattern_versions(uow)[pattern_id]
    version = version_on(versions, today) or versions[0]
    return _form(request, fields_of(version.terms) | {"first_day": today.isoformat()}, pattern)


@router.post("/patterns/{pattern_id:int}/change", dependencies=CHANGE)
async def change_pattern(request: Request, pattern_id: int) -> Response:
    return await run_in_threadpool(_change, request, pattern_id, await form_of(request))


@router.post("/patterns/{pattern_id:int}/{deed}", dependencies=CHANGE)
async def do_with_pattern(request: Request, pattern_id: int, deed: str) -> Response:
    """Archive, restore, or withdraw a version."""
    return await run_in_threadpool(_do, request, pattern_id, deed, await form_of(request))


def weeks_of(uow: UnitOfWork, terms: PatternTerms, first: date, shifts: Mapping[int, Shift], offset_days: int = 0) -> list[list[Cell]]:
    """Six weeks from the Monday on or before a date, by the company's calendar."""
    monday = first - timedelta(days=first.weekday())
    calendar = actions.list_calendars(uow)[0]
    years = {monday.year, (monday + timedelta(weeks=WEEKS)).year}
    special = {day.day: day for year in years for day in actions.days_of_year(uow, calendar.id, year)}
    kinds = {day: one.kind for day, one in special.items()}
    found = pattern_days(terms, monday, 7 * WEEKS, kinds, offset_days)
    cells = [Cell(day := monday + timedelta(days=number), shifts.get(one or 0), special.get(day)) for number, one in enumerate(found)]
    return [cells[place : place + 7] for place in range(0, len(cells), 7)]


def _lines(request: Request) -> list[PatternLine]:
    today, rest = today_of(request), words(request)("rest")
    with database_of(request).reading() as uow:
        shifts = {one.id: one for one in actions.list_shifts(uow)}
        patterns, versions = actions.list_patterns(uow), actions.pattern_versions(uow)
    found = []
    for one in patterns:
        version = version_on(versions[one.id], today) or versions[one.id][0]
        names = [shifts[day].name if day else rest for day in version.terms.days]
        found.append(PatternLine(one, version, _signs(version.terms, shifts), " ".join(names)))
    return found


def _signs(terms: PatternTerms, shifts: Mapping[int, Shift]) -> list[str]:
    return [shifts[day].sign if day else "" for day in terms.days]


def _page(request: Request, pattern_id: int, status: int = 200, *, wrong: str = "") -> Response:
    today, tell = today_of(request), words(request)
    with database_of(request).reading() as uow:
        shifts = {one.id: one for one in actions.list_shifts(uow)}
        pattern, versions = actions.see_pattern(uow, pattern_id)
        counting = actions.pattern_versions(uow)[pattern_id]
        holding = version_on(counting, today) or counting[0]
        weeks = weeks_of(uow, holding.terms, max(today, holding.first_day), shifts)
        assigned = [one for one in actions.list_assignments(uow) if one.pattern_id == pattern_id]
    names = {None: ""} | {one.id: one.name for one in shifts.values()}
    told = []
    for one in versions:
        before = version_on([other for other in counting if (other.first_day, other.id) < (one.first_day, one.id)], one.first_day)
        changes = _changes(before.terms, one.terms, names, tell) if before else []
        told.append(Told(one, last_day_before_next(counting, one.first_day), _signs(one.terms, shifts), changes, one.id == holding.id))
    return shell_of(request).page(
        request,
        "roster/pattern.html",
        status,
        pattern=pattern,
        versions=told[::-1],
        holding=holding,
        signs=_signs(holding.terms, shifts),
        weeks=weeks,
        assigned=len(assigned),
        anchors=ANCHORS,
        choices=CHOICES,
        make_up=shifts.get(holding.terms.make_up_shift or 0),
        wrong=wrong,
        today=today,
        trail_of=(("pattern", pattern.name),),
    )


def _changes(before: PatternTerms, after: PatternTerms, names: Mapping[int | None, str], tell: object) -> list[str]:
    assert callable(tell)
    found = cycle_changes(tuple(names[day] for day in before.days), tuple(names[day] for day in after.days), tell)
    if before.starts_on != after.starts_on or before.anchor is not after.anchor:
        found.append(tell("begins on {day}, {anchor}", day=after.starts_on, anchor=tell(ANCHORS[after.anchor])))
    if before.holidays is not after.holidays:
        found.append(tell("on holidays: {choice}", choice=tell(CHOICES[after.holidays])))
    if before.make_up_shift != after.make_up_shift:
        found.append(tell("on make-up days: {shift}", shift=names[after.make_up_shift] or tell("as on the last working day")))
    return found


def _offered(uow: UnitOfWork, kept: Sequence[int | None] = ()) -> list[Shift]:
    return [one for one in actions.list_shifts(uow) if not one.archived or one.id in kept]


def _form(request: Request, typed: dict[str, str], pattern: Pattern | None = None, *, error: ServerError | None = None) -> Response:
    tell = words(request)
    wrong = (
        [sentence_of(one, tell) for one in error.findings] if isinstance(error, UnusableError) else [said(request, error)] if error else []
    )
    kept = [int(value) for name, value in typed.items() if name.startswith(("days.", "make_up")) and value.isdecimal()]
    with database_of(request).reading() as uow:
        shifts = _offered(uow, kept)
    return shell_of(request).page(
        request,
        "roster/pattern_form.html",
        error.status if error else 200,
        typed=typed,
        pattern=pattern,
        shifts=shifts,
        length=length_of(typed),
        anchors=ANCHORS,
        choices=CHOICES,
        wrong=wrong,
    )


def _preview(request: Request, form: dict[str, str]) -> Response:
    tell, today = words(request), today_of(request)
    with database_of(request).reading() as uow:
        shifts = {one.id: one for one in actions.list_shifts(uow)}
        typed = read_pattern(form, list(shifts))
        weeks = [] if typed.findings else weeks_of(uow, typed.terms, today, shifts)
    findings = [sentence_of(one, tell) for one in typed.findings]
    return shell_of(request).page(request, "roster/pattern_preview.html", weeks=weeks, findings=findings, today=today)


def _add(request: Request, form: dict[str, str]) -> Response:
    try:
        with database_of(request).writing() as uow:
            terms = _read(uow, form)
            first_day = needed_day(form.get("first_day", ""), "first_day")
            reason = form.get("reason", "").strip()
            made = actions.add_pattern(uow, form.get("name", ""), terms, first_day, actor_of(request), now(), reason=reason)
    except REFUSALS as error:
        return _form(request, form, error=error)
    return RedirectResponse(f"/patterns/{made.id}", 303)


def _change(request: Request, pattern_id: int, form: dict[str, str]) -> Response:
    with database_of(request).reading() as uow:
        pattern, versions = actions.see_pattern(uow, pattern_id)
    kept = [day for one in versions for day in one.terms.days]
    try:
        with database_of(request).writing() as uow:
            terms = _read(uow, form, kept)
            first_day = needed_day(form.get("first_day", ""), "first_day")
            reason = form.get("reason", "").strip()
            actions.change_pattern(uow, pattern_id, terms, first_day, actor_of(request), now(), reason=reason)
    except REFUSALS as error:
        return _form(request, form, pattern, error=error)
    return RedirectResponse(f"/patterns/{pattern_id}", 303)


def _read(uow: UnitOfWork, form: dict[str, str], kept: Sequence[int | None] = ()) -> PatternTerms:
    """Raises UnusableError."""
    typed = read_pattern(form, [one.id for one in _offered(uow, kept)])
    if typed.findings:
        raise UnusableError(typed.findings)
    return typed.terms


def _do(request: Request, pattern_id: int, deed: str, form: dict[str, str]) -> Response:
    by, moment = actor_of(request), now()
    try:
        with database_of(request).writing() as uow:
            actions.see_pattern(uow, pattern_id)
            match deed:
                case "archive":
                    actions.archive_pattern(uow, pattern_id, by, moment)
                case "restore":
                    actions.restore_pattern(uow, pattern_id, by, moment)
                case "withdraw":
                    version = form.get("version", "")
                    number = int(version) if version.isdecimal() else 0
                    actions.withdraw_pattern_version(uow, number, by, moment, reason=form.get("reason", ""))
    except REFUSALS as error:
        return _page(request, pattern_id, error.status, wrong=said(request, error))
    return RedirectResponse(f"/patterns/{pattern_id}", 303)
